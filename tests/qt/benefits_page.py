"""The page 补助 of a village in which two people were away for nine months, and its previews."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from desktop.benefits.page import build
from desktop.paper.document import Paper
from desktop.widgets.form_preview import FormPreview
from domain import clock
from services import records
from services.claims import claims
from services.forms import Form

TODAY = clock.today()
AWAY = {"channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20", "employer_name": "大连港"}


@pytest.fixture
def station(settled):
    return settled[0]


@pytest.fixture
def ids(station, settled):
    """孙玉梅 and 王秀兰 were away for nine months of 2023."""
    found = settled[1]
    with station.store.write("准备") as session:
        for name in ("孙玉梅", "王秀兰"):
            records.save(session, "employment", {"person_id": found[name], **AWAY})
    return found


@pytest.fixture
def page(show, frame, station, ids):
    return show(build(frame, station))


def listed(table) -> list[dict[str, str]]:
    return [table.model.row(n) for n in range(table.model.rowCount())]


def states(station) -> dict[str, str]:
    with station.store.read() as session:
        names = {one.id: one.name for one in session.select("person")}
        return {names[each.claim.person_id]: each.state for each in claims.listing(session)}


def file_all(page) -> None:
    page.screening.table.table.selectAll()
    page.screening.go.click()


def to_review(page) -> None:
    """Both claims reviewed in the village."""
    file_all(page)
    page.tabs.choose("path")
    page.path.table.table.selectAll()
    page.path.step_buttons["village_reviewed"].click()


def form_of(preview: FormPreview) -> Form:
    assert isinstance(preview.paper, Paper)
    return preview.paper.form


@pytest.fixture
def previews(monkeypatch) -> list[FormPreview]:
    """Previews are not waited for but remembered."""
    seen: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda preview: seen.append(preview))
    return seen


@pytest.fixture
def saved(tmp_path, monkeypatch) -> Callable[[FormPreview, str], Path]:
    """Presses a button of a preview that saves a file."""

    def press(preview, ending) -> Path:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(tmp_path / f"a{ending}"), ""))
        preview.saves[ending].click()
        return Path(tmp_path, f"a{ending}")

    return press
