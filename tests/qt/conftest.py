"""A program without a screen, jobs that are done at once, and a frame that remembers what pages asked of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop import theme
from desktop.jobs import InlineJobs
from desktop.preferences import Preferences


class FakeFrame:
    """What a page asks of its window, remembered; see `desktop.page.Frame`."""

    def __init__(self) -> None:
        self.jobs = InlineJobs()
        self.preferences = Preferences()
        self.opened: list[tuple[str, dict[str, Any]]] = []
        self.messages: list[str] = []
        self.errors: list[Exception] = []
        self.badges: dict[str, int] = {}
        self.changes = 0
        self.given_reason: str | None = "核对本人信息"
        self.jobs.failed.connect(self.errors.append)

    def open(self, page: str, **args: object) -> None:
        self.opened.append((page, args))

    def message(self, text: str, *, undo: bool = False) -> None:
        self.messages.append(text)

    def show_error(self, error: Exception) -> None:
        self.errors.append(error)

    def run_long(self, what, work, done, failed=None, *, lane="db") -> None:
        self.jobs.run_long(work, done, failed or self.show_error, report=lambda report: None, lane=lane)

    def reason(self) -> str | None:
        return self.given_reason

    def set_badge(self, page: str, count: int) -> None:
        self.badges[page] = count

    def records_changed(self) -> None:
        self.changes += 1


@pytest.fixture(scope="session", autouse=True)
def _look(qapp: QApplication) -> None:
    theme.apply(qapp)


@pytest.fixture
def light(qapp: QApplication) -> Iterator[None]:
    """Whatever a test does to the theme, the next one starts with the light one at 100 %."""
    yield
    theme.apply(qapp)


@pytest.fixture
def frame() -> Iterator[FakeFrame]:
    made = FakeFrame()
    yield made
    made.jobs.close()
