"""乡镇 at a township with two villages: figures, what is behind them, who has not sent for long."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from db import changes
from db.capture import op
from db.exchange import entry
from desktop import theme
from desktop.station import Station
from desktop.today.page import build as build_today
from desktop.township.page import build
from desktop.widgets import dialogs
from desktop.widgets.ledger_table import View
from domain import words
from domain.periods import add_days
from services import villages
from services.claims import claims, steps
from tests.fresh import new_store
from tests.qt.village import TODAY

TOWN, NEAR, FAR = "230826101", "230826101202", "230826101203"


@pytest.fixture
def township(tmp_path) -> Iterator[Station]:
    """王芳 of one village with a claim that waits for the township, 李强 of another that has not sent for long."""
    store = new_store(tmp_path / "township", scope=TOWN)
    with store.write("准备") as session:
        blank = {"incarnation": 1, "sha256": b"", "body": b"", "refused": "[]", "signature": b"", "seq": 1, "number": 1}
        for village, name, days in ((NEAR, "王芳", 0), (FAR, "李强", villages.SILENT_DAYS + 5)):
            row = {"name": name, "document": "other", "id_number": name, "labour": "ordinary", "birth": "1980-05-01"}
            changes.insert(session, "person", [{"id": session.new_id(), "village": village, **row}])
            at = f"{add_days(TODAY, -days)}T08:00:00Z"
            session.conn.execute(entry.insert().values(scope=village, station=f"{village}-0a1b", at=at, **blank))
        person = next(one.id for one in session.select("person") if one.name == "王芳")
        verdict = {"rule": "R03", "year": 2023, "person_id": person, "employer_id": None, "record_id": None, "outcome": "eligible"}
        claim = claims.file(session, verdict | {"amount": "500.00", "pack": "P", "version": "1", "missing": [], "reasons": []})
        for state in ("village_reviewed", "village_notice"):
            steps.step(session, claim, state)
    yield Station(store)
    store.close()


@pytest.fixture
def page(show, frame, township):
    return show(build(frame, township))


def shown(page, area: str) -> dict[str, str]:
    cells = page.grid.model()
    row = next(n for n, one in enumerate(cells.rows) if one.id == area)
    return {made.key: cells.text(row, n) for n, made in enumerate(cells.columns)}


def names(page, column: str) -> list[str]:
    return [page.behind.table.model.row(n)[column] for n in range(len(page.behind.table.model.ids))]


def test_each_village_has_its_line_and_long_silence_is_said(page) -> None:
    near, far = shown(page, NEAR), shown(page, FAR)
    assert (near["people"], near["asked"], near["unchecked"], near["due"], near["note"]) == ("1", "1", "1", "1", "没报月报")
    assert (far["people"], far["due"], far["note"]) == ("1", "0", "很久没有报来，没报月报")
    assert page.grid.model().tones[FAR, "note"] == "warn" and (NEAR, "note") not in page.grid.model().tones
    other = next(one.id for one in page.grid.model().rows if one.id not in (NEAR, FAR))
    assert (shown(page, other)["sent"], shown(page, other)["note"]) == ("—", "没有收到过")
    every = len(page.grid.model().rows)
    assert page.summary.text().startswith(f"{every} 个村，{every - 1} 个村 {villages.SILENT_DAYS} 天内没有报来。")
    assert " 月报：应报 2 个村，已报 0 个。没报：" in page.summary.text()


def test_enter_shows_who_is_behind_a_figure_and_opens_them(page, qtbot, frame) -> None:
    page.grid.go_to(FAR, "unchecked")
    assert "还没有填" in page.meaning.text()
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    assert names(page, "name") == ["李强"]
    page.behind.table.view = View(search="wf")
    page.behind.table.reload()
    assert names(page, "name") == []
    page.close_list()
    assert page.grid.place() == (FAR, "unchecked")
    for silent in ("name", "sent", "note"):  # without a list of its own: who lives there
        page.grid.go_to(FAR, silent)
        qtbot.keyClick(page.grid, Qt.Key.Key_Return)
        assert page.stack.currentWidget() is page.behind and names(page, "name") == ["李强"]
        page.close_list()
    page.grid.go_to(NEAR, "due")
    page.grid.asked.emit()
    table = page.behind.table
    assert len(table.model.ids) == 1
    table.table.selectRow(0)
    qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert frame.opened[-1] == ("benefits", {"claim": table.model.ids[0]})
    page.close_list()
    page.grid.go_to(NEAR, "disputed")
    page.grid.asked.emit()
    assert frame.opened[-1] == ("sync", {"tab": "conflicts", "back": True})


def test_home_and_end_go_to_the_first_figure_and_the_last(page, qtbot) -> None:
    """They go to cells that take typing, and none of these does."""
    grid, last = page.grid, page.grid.model().columnCount() - 1
    for key, modifier, place in (
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, (0, last)),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, (0, 1)),
        (Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier, (grid.model().rowCount() - 1, last)),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier, (0, 1)),
    ):
        qtbot.keyClick(grid, key, modifier)
        assert (grid.currentIndex().row(), grid.currentIndex().column()) == place


def test_what_arrives_is_shown_when_the_page_looks_again(page, township) -> None:
    with township.store.write("来") as session:
        session.conn.execute(entry.update().where(entry.c.scope == FAR).values(at=f"{TODAY}T09:00:00Z"))
    page.refresh()
    assert shown(page, FAR)["note"] == "没报月报"


def renamed(township) -> None:
    """王芳 was called otherwise until somebody of her village wrote it."""
    with township.store.write("改名") as session:
        person = next(one.id for one in session.select("person") if one.name == "王芳")
        old = {"kind": 2, "row_id": person, "what": "U", "mask": 1 << 3 | 1 << 2, "by": f"张@{NEAR}-0a1b", "at": f"{TODAY}T08:00:00Z"}
        session.conn.execute(op.insert().values(old='{"3": "王小芳", "4": "other"}', author="x", entry=1, **old))


def test_the_first_page_says_what_waits_and_leads_to_that_of_all_villages(show, township, frame) -> None:
    renamed(township)
    first = show(build_today(frame, township))
    line = next(one for section in first.model.day.sections for one in section.lines if one.title == "待确认的变更")
    assert line.text.startswith("1 处")
    first.do(line.actions[0])
    to, args = frame.opened[-1]
    page = show(build(frame, township))
    page.opened(**args)
    assert to == "township" and page.stack.currentWidget() is page.changes
    assert len(page.changes.table.model.ids) == 1


def test_doubts_about_the_data_name_their_village(show, township, frame) -> None:
    first = show(build_today(frame, township))
    first.model.list_doubts()
    lines = [first.matters.table.model.row(n)["text"] for n in range(len(first.matters.table.model.ids))]
    assert {line.partition("　")[0] for line in lines} == {"解放村", "日升村"}
    assert any(line.startswith("解放村　王芳") for line in lines)


def test_what_waits_to_be_confirmed_is_listed_masked_and_confirmed_by_key(page, township, frame, answers, qtbot, monkeypatch) -> None:
    renamed(township)
    page.model.load()
    assert shown(page, NEAR)["changes"] == "1"
    page.grid.go_to(NEAR, "changes")
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    line = page.changes.table.model.row(0)
    assert (line["field"], line["old"], line["new"], line["who"], line["device"]) == ("姓名", "王小芳", "王芳", "张", "解放村-0A1B")
    told: list[str] = []

    def answer(_parent: object, _title: str, question: str) -> str:
        told.append(question)
        return "电话打不通"

    monkeypatch.setattr(dialogs, "ask_text", answer)
    page.changes._dispute()  # of the line the cursor is on, though nothing is marked
    assert "王芳　姓名：王小芳 → 王芳" in told[0]
    assert page.changes.table.model.row(0)["note"].endswith("电话打不通")
    page.changes.table.table.selectAll()
    qtbot.keyClick(page.changes, Qt.Key.Key_F7)
    page.changes.table.opened.emit("decided meanwhile")
    assert page.changes.table.model.ids == [] and shown(page, NEAR)["changes"] == "0"


def test_in_english_at_125_percent_nothing_is_scrolled_sideways(in_front, frame, township, qapp) -> None:
    words.set_language("en")
    theme.apply(qapp, "light", 1.25)
    page = in_front(build(frame, township))
    page.resize(1366 - theme.px(190), 650)  # beside the navigation
    qapp.processEvents()
    page.opened()
    assert page.grid.horizontalScrollBar().maximum() == 0
