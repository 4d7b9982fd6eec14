"""A program without a screen, jobs that are done at once, and a frame that remembers what pages asked of it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from db.store import Store
from desktop import theme
from desktop.app import App
from desktop.jobs import InlineJobs
from desktop.page import Page
from desktop.preferences import Preferences
from desktop.station import Station
from desktop.widgets import dialogs, writing
from domain import words
from services import records
from tests.fresh import give_back, lend_new, lent, new_store
from tests.qt.village import settle


class FakeFrame:
    """What a page asks of its window, remembered; see `desktop.page.Frame`."""

    def __init__(self) -> None:
        self.jobs = InlineJobs()
        self.preferences = Preferences()
        self.opened: list[tuple[str, dict[str, Any]]] = []
        self.messages: list[str] = []
        self.undo = False
        """Whether the last message offered to undo what it tells."""
        self.errors: list[Exception] = []
        self.badges: dict[str, int] = {}
        self.changes = 0
        self.place = "横头山镇 · 解放村"
        self.given_reason: str | None = "核对本人信息"
        self.proposed = ""
        """The reason that the last question proposed."""
        self.jobs.failed.connect(self.errors.append)
        self.jobs.noted.connect(self.messages.append)

    def open(self, page: str, **args: object) -> None:
        self.opened.append((page, args))

    def back(self) -> None:
        self.opened.append(("back", {}))

    def message(self, text: str, *, undo: bool = False) -> None:
        self.messages.append(text)
        self.undo = undo

    def show_error(self, error: Exception) -> None:
        self.errors.append(error)

    def run_long(self, what, work, done, failed=None, *, lane="db") -> None:
        self.jobs.run_long(work, done, failed or self.show_error, report=lambda report: None, lane=lane)

    def reason(self, usual: str = "核对本人信息") -> str | None:
        self.proposed = usual
        return self.given_reason

    def practise(self) -> None:
        self.opened.append(("practice", {}))

    def set_badge(self, page: str, count: int) -> None:
        self.badges[page] = count

    def records_changed(self) -> None:
        self.changes += 1

    def change_look(self, name: str, value: str | float) -> None:
        self.preferences.keep(name, value)


@pytest.fixture
def qtbot(qtbot):
    """pytest-qt's own, with patience for a busy machine: its five seconds are no rule of the program's."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=60_000))
    return qtbot


@pytest.fixture(scope="session", autouse=True)
def _look(qapp: QApplication) -> None:
    theme.apply(qapp)


@pytest.fixture
def frame() -> Iterator[FakeFrame]:
    made = FakeFrame()
    yield made
    made.jobs.close()


VILLAGE = "230826101202"
PASSWORD = "long enough"


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A village's store with a handful of people, made once; tests work on copies."""
    home = tmp_path_factory.mktemp("template")
    store, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=PASSWORD)
    with store.write("登记") as session:
        for number, name in enumerate(("王秀兰", "赵福生", "赵志强", "单桂英"), 1):
            house = records.save(session, "household", {"number": f"23082600{number:04d}", "group": f"{number}组"})
            person = {"name": name, "document": "other", "id_number": f"X{number:05d}", "labour": "ordinary", "household_id": house}
            records.save(session, "person", {**person, "phone": f"1380000{number:04d}"})
    store.close()
    return home


@dataclass(frozen=True)
class Settled:
    """The data folder of a village with the people of `tests.qt.village`, and the ids of their records."""

    home: Path
    ids: dict[str, str]


@pytest.fixture(scope="session")
def _settled_once(tmp_path_factory: pytest.TempPathFactory) -> Settled:
    home = tmp_path_factory.mktemp("settled") / "home"
    with closing(new_store(home)) as store:
        return Settled(home, settle(store))


@pytest.fixture
def settled(_settled_once: Settled) -> Iterator[tuple[Station, dict[str, str]]]:
    """The open store of a village with the people of `tests.qt.village`, and the ids of their records."""
    with lent(_settled_once.home) as store:
        yield Station(store), dict(_settled_once.ids)


@pytest.fixture
def home(store_template: Path, tmp_path: Path) -> Path:
    """A copy of the template's data folder."""
    return Path(shutil.copytree(store_template, tmp_path / "home"))


@pytest.fixture
def station(request: pytest.FixtureRequest) -> Iterator[Station]:
    """The open store as view models see it, in `home` where that is asked for as well."""
    if "home" in request.fixturenames:
        with closing(Store.open(request.getfixturevalue("home"), user="李文书", password=PASSWORD)) as store:
            yield Station(store)
    else:
        with lent(request.getfixturevalue("store_template"), PASSWORD) as store:
            yield Station(store)


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """As that of every test, but with stores that are lent."""
    made: list[Store] = []

    def make(scope: str = VILLAGE, user: str = "李文书") -> Store:
        made.append(lend_new(tmp_path / f"station-{len(made)}", scope, user))
        return made[-1]

    yield make
    for store in made:
        give_back(store)


@pytest.fixture
def empty_station(make_store) -> Station:
    """The open store of a village in which nobody is registered."""
    return Station(make_store())


@pytest.fixture
def app(home: Path, qtbot) -> Iterator[App]:
    """The whole program with the village open, its jobs done at once."""
    made = App(home, jobs=InlineJobs())
    made.start("李文书", PASSWORD)
    yield made
    made.close()


@pytest.fixture
def in_front(qtbot) -> Callable[[Page], Page]:
    """Shows a page as large as in a window of 1366 × 768; keys go to the window that is active."""

    def shown(page: Page) -> Page:
        qtbot.addWidget(page)
        page.resize(1218, 686)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        return page

    return shown


@pytest.fixture
def show(in_front) -> Callable[..., Page]:
    """Shows a page and opens it, with the arguments given."""

    def opened(page: Page, **args: object) -> Page:
        in_front(page).opened(**args)
        return page

    return opened


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers dialogs in a person's place: `ask`, `ask_text`, `ask_reason`, `confirm`; what was told is kept under `told`."""
    given: dict[str, Any] = {"ask": True, "ask_text": "", "ask_reason": "核对本人信息", "confirm": True, "told": []}
    for name in ("ask", "ask_text", "ask_reason", "confirm"):
        monkeypatch.setattr(dialogs, name, lambda *_args, name=name, **_words: given[name])
    monkeypatch.setattr(dialogs.Dialog, "run", lambda dialog: given["told"].append(dialog.windowTitle()) or given["ask"])
    monkeypatch.setattr(dialogs, "show_message", lambda _parent, title, text: given["told"].append(text))
    monkeypatch.setattr(dialogs, "show_error", lambda _parent, error: given["told"].append(str(error)))
    return given


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody is asked anything. What is raised inside a slot would only be printed."""
    asked: list[object] = []

    def ask(*args: object, **_words: object) -> bool:
        asked.append(args[1:])
        return False

    monkeypatch.setattr(dialogs, "ask", ask)
    yield
    assert asked == []


@pytest.fixture(autouse=True)
def _nothing_is_left(qapp: QApplication) -> Iterator[None]:
    """Widgets of a test go now, also those that only wait for Python's collector: each would be styled anew by every later window.

    The next test starts in Chinese, with the light theme at 100 %, as somebody who may save, nothing to paste and no key held, whatever
    this one chose, copied and pressed.
    """
    yield
    qapp.clipboard().clear()
    if qapp.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:  # a Ctrl+P at its end would be held for good
        QTest.keyRelease(QWidget(), Qt.Key.Key_Control)
    for widget in qapp.topLevelWidgets():
        if widget.parent() is None:
            widget.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    words.set_language("zh")
    writing.forbid("")
    if (theme.current(), theme.scale()) != (theme.LIGHT, 1.0):
        theme.apply(qapp)


@pytest.fixture(autouse=True)
def _no_dialog_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog nobody answers closes after a while, so that the test fails instead of hanging."""
    run = dialogs.Dialog.run

    def run_for_a_while(dialog: dialogs.Dialog) -> bool:
        QTimer.singleShot(30_000, dialog, dialog.reject)
        return run(dialog)

    monkeypatch.setattr(dialogs.Dialog, "run", run_for_a_while)
