"""报表 with a real store behind it: figures, the names behind them, months, the report on paper, charts, keys."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from desktop.paper.document import pdf
from desktop.reports import handed_in
from desktop.reports.handed_in import PAPER, SEAL, HandedInDialog, MonthStatus, ReturnedDialog
from desktop.reports.page import build
from desktop.widgets import dialogs
from desktop.widgets.basics import Button
from desktop.widgets.figures import two_lines
from desktop.widgets.form_preview import FormPreview
from desktop.widgets.ledger_table import View
from domain.fields import KINDS
from domain.periods import add_months
from services import records
from services.forms import CATALOGUE, reports
from services.importing.tables.rosters import templates
from services.reports import sealing
from tests.pdf_text import texts
from tests.qt.village import MONTH, NUMBERS, TODAY, settle


@pytest.fixture
def empty(in_front, frame, station):
    return in_front(build(frame, station))


@pytest.fixture
def page(empty, station):
    """The page of a village with 王秀兰 in the workshop and 赵福生 in 大连."""
    empty.ids = settle(station.store)
    empty.opened()
    return empty


def cell(page, line: str, column: str) -> str:
    cells = page.monthly.grid.model()
    row = next(n for n, one in enumerate(cells.rows) if one.id == line)
    return str(cells.text(row, next(n for n, made in enumerate(cells.columns) if made.key == column)))


def names(page) -> list[str]:
    table = page.monthly.names.table
    return [table.model.row(n)["name"] for n in range(len(table.model.ids))]


def test_what_the_other_tabs_show_is_built_when_somebody_goes_to_them(page) -> None:
    assert not {"papers", "fill"} & page.__dict__.keys()  # on an old laptop the three together took half a second
    page.opened(tab="papers")
    assert "papers" in page.__dict__ and page.papers.isVisible()


def test_without_people_it_says_what_to_do_first(empty, station, frame) -> None:
    with station.store.write("清空") as session:
        for one in session.select("person"):
            records.delete(session, "person", one.id)
    empty.opened()
    tab = empty.monthly
    assert tab.stack.currentIndex() == 2
    tab.stack.currentWidget().findChildren(type(tab.print))[0].click()
    assert frame.opened[-1][0] == "importing"


def test_figures_of_the_month_and_of_those_before(page) -> None:
    assert [cell(page, MONTH, column) for column in ("working", "outside", "county", "workshop", "monitored")] == ["2", "1", "1", "1", "1"]
    assert cell(page, MONTH, "name") == f"{int(MONTH[5:])}月"
    assert page.monthly.regions.accessibleName() == "县内 1　县外市内 0　市外省内 0　省外 1"
    assert page.monthly.trend.accessibleName().endswith(f"{int(MONTH[5:])}月 2 人")


def test_a_month_in_which_nobody_was_asked_does_not_say_that_nobody_wants_work(page, station) -> None:
    assert cell(page, MONTH, "wishing") == "—"
    with station.store.read() as session:
        at = reports.MONTHLY.index("有意愿未就业")
        assert [row[at] for row in CATALOGUE["monthly"].make(session, MONTH).rows] == ["—"]  # on paper too
    with station.store.write("月监测") as session:
        records.save(session, "monthly_check", {"person_id": page.ids["王秀兰"], "month": MONTH, "status": "workshop"})
    page.refresh()
    assert cell(page, MONTH, "wishing") == "0"
    assert page.monthly.regions.accessibleName().endswith("有意愿未就业 0")


def test_the_chart_shows_the_year_before_where_anybody_worked_in_it(page) -> None:
    counts = [(f"{n % 12 + 1}月", 10 + n) for n in range(24)]
    page.monthly.model.trend = {page.monthly.model.line(MONTH).area: counts}
    page.monthly._show_line()
    assert "去年同月 21 人，+12" in page.monthly.cards[1].note.text()
    page.monthly.model.trend = {page.monthly.model.line(MONTH).area: [(word, 0) for word, _n in counts[:12]] + counts[12:]}
    page.monthly._show_line()
    assert "去年" not in page.monthly.cards[1].note.text()


def test_enter_opens_the_names_and_from_there_the_person(page, qtbot, frame) -> None:
    tab = page.monthly
    tab.grid.go_to(MONTH, "outside")
    assert "境外" in tab.meaning.text()
    qtbot.keyClick(tab.grid, Qt.Key.Key_Return)
    assert names(page) == ["赵福生"] and tab.names.title.text().endswith("省外　1")
    table = tab.names.table
    table.table.selectRow(0)
    qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert frame.opened[-1] == ("people", {"id": page.ids["赵福生"]})
    tab.names.search.setText("王")
    table.reload()
    assert names(page) == []
    tab.close_names()
    assert tab.stack.currentWidget() is tab.board and tab.grid.place() == (MONTH, "outside")


def test_a_figure_leads_to_a_person_in_the_real_window_and_back_to_its_names(app, qtbot) -> None:
    ids = settle(app.station.store)
    window = app.window
    window.open("reports")
    made = window.page("reports")
    tab = made.monthly
    tab.grid.go_to(MONTH, "county")
    qtbot.keyClick(tab.grid, Qt.Key.Key_Return)
    assert names(made) == ["王秀兰"]
    qtbot.keyClick(tab.names.table.table, Qt.Key.Key_Return)
    assert window.key == "people" and window.page("people").person.id == ids["王秀兰"]
    with app.station.store.write("离开车间") as session:
        records.save(session, "employment", {"end": f"{add_months(MONTH, -1)}-15"}, ids["务工"])
    window.records_changed()
    window.open("reports")
    assert tab.stack.currentWidget() is tab.names and names(made) == []  # counted anew, where she left off
    qtbot.keyClick(tab.names.table, Qt.Key.Key_Escape)
    assert (cell(made, MONTH, "county"), cell(made, MONTH, "returned")) == ("0", "0")
    tab.model.step(-1)  # the table holds one year: in January the month before is not in it
    assert cell(made, add_months(MONTH, -1), "returned") == "1"


def test_names_in_another_order_and_found_by_typing(page) -> None:
    tab = page.monthly
    tab.grid.go_to(MONTH, "working")
    tab.grid.asked.emit()
    assert names(page) == ["王秀兰", "赵福生"]
    tab.names.table.view = View(order="age", descending=True)
    tab.names.table.reload()
    assert names(page) == ["赵福生", "王秀兰"]
    tab.names.table.view = View(search="zfs")
    tab.names.table.reload()
    assert names(page) == ["赵福生"]


def test_months_are_turned_but_not_beyond_the_present(page, qtbot) -> None:
    tab = page.monthly
    assert not tab.month.after.isEnabled()
    tab.model.step(1)
    assert tab.model.month == MONTH
    tab.model.step(-4)
    assert tab.model.sheet.month == add_months(MONTH, -4) and tab.month.after.isEnabled()
    assert cell(page, add_months(MONTH, -4), "working") == "1"  # 赵福生 left three months ago


def test_new_facts_are_counted_when_the_page_looks_again(page, station) -> None:
    with station.store.write("务工") as session:
        records.save(
            session, "employment", {"person_id": page.ids["孙玉梅"], "channel": "migrant", "place": "230100", "start": f"{MONTH}-01"}
        )
    page.refresh()
    assert (cell(page, MONTH, "working"), cell(page, MONTH, "province"), cell(page, MONTH, "change")) == ("3", "1", "+1")


def test_a_figure_takes_no_typing(page, qtbot) -> None:
    tab = page.monthly
    tab.grid.go_to(MONTH, "working")
    qtbot.keyClick(tab.grid, Qt.Key.Key_9)
    assert cell(page, MONTH, "working") == "2"


def test_the_report_is_shown_as_it_will_be_printed(page, monkeypatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(FormPreview, "run", lambda preview: shown.append(preview.paper.form))
    page.monthly.model.step(-1)
    page.monthly.print.click()
    month = add_months(MONTH, -1)
    assert [form.title for form in shown] == [f"务工监测月报（{month[:4]}年{int(month[5:])}月）"]
    assert shown[0].rows[0][3] == 2


def test_in_a_low_window_the_table_goes_before_the_charts(page) -> None:
    tab = page.monthly
    page.resize(1218, 400)
    assert not tab.charts.isVisibleTo(page) and tab.charts_button.isVisibleTo(page)
    tab.charts_button.click()
    assert tab.charts.isVisibleTo(page)
    page.resize(1218, 1000)
    assert tab.charts.isVisibleTo(page) and not tab.charts_button.isVisibleTo(page)


@pytest.mark.parametrize(
    ("word", "broken"), [("省外", "省外"), ("县外市内", "县外\n市内"), ("At work", "At\nwork"), ("Workshop", "Workshop")]
)
def test_headings_are_broken_in_the_middle(word: str, broken: str) -> None:
    assert two_lines(word) == broken


# -- ledgers and forms --------------------------------------------------------------------------------------------------


@pytest.fixture
def papers(page, monkeypatch):
    """The second tab; previews are not waited for but kept under `previews`."""
    page.previews = []
    monkeypatch.setattr(FormPreview, "run", lambda preview: page.previews.append(preview))
    page.tabs.choose("papers")
    return page


def printed(preview: FormPreview) -> str:
    return "".join(texts(pdf(preview.paper)[0]))


def save(preview: FormPreview, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / f"a{ending}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(file), ""))
    preview.saves[ending].click()
    return file


def test_every_ledger_form_and_layout_is_offered(papers) -> None:
    offered = set(papers.papers.offers)
    assert offered == {
        *(f"form {name}" for name in CATALOGUE),
        *(f"layout {name}" for name in templates()),
        *(f"ledger {name}" for name in KINDS),
    }
    assert papers.papers.table.current_id() == "form claim_roster"
    assert papers.papers.offers["ledger person"].count == 8


def test_a_ledger_is_shown_masked_and_in_full_for_a_reason_that_is_kept(papers, frame, station, tmp_path, monkeypatch) -> None:
    papers.papers.table.select("ledger person")
    papers.papers.preview.click()
    (preview,) = papers.previews
    with station.store.read() as session:
        numbers = [one.id_number for one in session.select("person")]
    assert "王秀兰" in printed(preview) and not any(number in printed(preview) for number in numbers if len(number) == 18)
    masked = rows(save(preview, ".xlsx", tmp_path, monkeypatch))
    frame.given_reason = None
    preview.reveal.click()
    assert not preview.reveal.isHidden()
    frame.given_reason = "填报表册"
    preview.reveal.click()
    assert preview.reveal.isHidden() and NUMBERS[0] in printed(preview)
    plain = rows(save(preview, ".xlsx", tmp_path, monkeypatch))
    assert any(NUMBERS[0] in row for row in plain) and not any(NUMBERS[0] in row for row in masked)
    assert save(preview, ".pdf", tmp_path, monkeypatch).read_bytes().startswith(b"%PDF")
    with station.store.read() as session:
        logged = session.conn.execute(text("SELECT count(*) FROM view_log WHERE reason = '填报表册'")).scalar_one()
    assert logged == 2


def test_one_month_of_a_ledger_goes_to_a_workbook(papers, frame, tmp_path, monkeypatch) -> None:
    tab = papers.papers
    tab.table.select("layout wages")
    assert tab.month.isEnabled()
    tab.table.select("ledger wage")
    tab.month.setCurrentIndex(tab.month.findData(add_months(MONTH, -1)))
    file = tmp_path / "wages.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(file), ""))
    tab.export.click()
    assert len(rows(file)) == 2 and frame.messages[-1] == "已保存到 wages.xlsx"  # the heading, and one of two months
    tab.table.select("ledger visit")
    assert not tab.month.isEnabled()


def test_a_form_of_a_record_asks_for_it_first(papers, qtbot, monkeypatch) -> None:
    tab = papers.papers
    tab.table.select("form workshop_roster")

    def choose(dialog) -> bool:
        dialog.search.setText("横头山")
        dialog.table.reload()
        assert dialog.take.isEnabled()
        qtbot.keyClick(dialog.table.table, Qt.Key.Key_Return)
        return bool(dialog.result())

    monkeypatch.setattr(dialogs.Dialog, "run", choose)
    qtbot.keyClick(tab.table.table, Qt.Key.Key_Return)
    assert [one.paper.title for one in papers.previews] == ["就业帮扶车间吸纳就业花名册"]
    monkeypatch.setattr(dialogs.Dialog, "run", lambda _dialog: False)
    tab.preview.click()
    assert len(papers.previews) == 1


def test_a_form_of_a_month_is_of_this_one_unless_another_is_chosen(papers) -> None:
    tab = papers.papers
    tab.table.select("form monthly")
    for month in ("", add_months(MONTH, -2)):
        tab.month.setCurrentIndex(tab.month.findData(month))
        tab.preview.click()
    titles = [f"务工监测月报（{month[:4]}年{int(month[5:])}月）" for month in (MONTH, add_months(MONTH, -2))]
    assert [one.paper.title for one in papers.previews] == titles


def test_papers_are_found_by_name_and_tabs_by_key(papers, qtbot) -> None:
    tab = papers.papers
    tab.table.view = View(search="走访")
    tab.table.reload()
    assert [tab.table.model.row(n)["title"] for n in range(len(tab.table.model.ids))] == ["走访"]
    qtbot.keyClick(tab.table.table, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert papers.tabs.key == "monthly"


def rows(file: Path) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()]


def test_enter_hands_in_a_month_that_was_not_handed_in(page, qtbot, answers) -> None:
    """The cursor was on 关闭: Enter closed the dialog, and nothing was handed in."""
    dialog = HandedInDialog(page, MonthStatus(MONTH, "", (), 0), may_seal=True)
    qtbot.addWidget(dialog)
    dialog.show()
    focused = dialog.focusWidget()
    assert isinstance(focused, Button) and focused.text() == "报出"
    qtbot.keyClick(focused, Qt.Key.Key_Return)
    assert (dialog.result(), dialog.choice) == (1, SEAL)


def test_a_report_handed_in_is_compared_with_now(page, station, frame, monkeypatch, tmp_path) -> None:
    tab, dialogs_shown = page.monthly, []
    answer = {"choice": SEAL}

    def run(self) -> bool:
        dialogs_shown.append(self)
        self.choice = answer["choice"]
        return bool(answer["choice"])

    monkeypatch.setattr(HandedInDialog, "run", run)
    tab.hand_in.click()
    said = [one.text() for one in dialogs_shown[-1].findChildren(QLabel)]
    assert "报出" in frame.messages[-1] and any("现在报出" in text and "没核实" in text for text in said)
    with station.store.write("补记") as session:
        records.save(session, "employment", {"end": f"{add_months(MONTH, -1)}-28"}, page.ids["务工"])
    answer["choice"] = ""
    tab.hand_in.click()
    grid = dialogs_shown[-1].grid.model()
    told = {tuple(grid.text(row, n) for n in (1, 2, 3, 4)): grid.text(row, 5) for row in range(len(grid.rows))}
    assert "改了务工就业" in told["已务工", "2", "1", "-1"] and "王秀兰" in told["已务工", "2", "1", "-1"]
    answer["choice"] = PAPER
    papers: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda self: papers.append(self))
    tab.hand_in.click()
    for ending in (".xlsx", ".pdf"):
        file = tmp_path / f"报出{ending}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, file=file, **_k: (str(file), ""))
        papers[-1]._save_as(ending)
        with station.store.read() as session:
            assert sealing.prove(session, file.read_bytes()).state == "same"


def test_ctrl_p_shows_the_paper_under_the_cursor_and_not_the_list_of_their_names(papers, qtbot, frame) -> None:
    tab = papers.papers
    tab.window().activateWindow()
    for place in (tab.table.table, tab.search):
        qtbot.keyClick(place, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert [one.paper.title for one in papers.previews] == ["就业帮扶补助汇总名册"] * 2
    qtbot.keyClick(tab.table.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert "先按 Enter 预览" in frame.messages[-1]


def test_the_wages_of_a_workshop_are_of_the_period_chosen(papers, monkeypatch) -> None:
    """The sheet of the latest period alone could be had."""
    tab = papers.papers
    tab.table.select("form workshop_wages")
    assert tab.year.isVisible() and not tab.month.isVisible()
    assert tab.year.itemText(0) == "最近有工资的一期" and tab.year.count() > 5

    def choose(dialog) -> bool:
        dialog.table.reload()
        dialog.table.table.selectRow(0)
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", choose)
    tab.year.setCurrentIndex(3)
    tab.preview.click()
    start = tab.year.itemText(3)[:7]
    assert f"{int(start[:4])}年{int(start[5:])}月1日至" in printed(papers.previews[0])
    tab.table.select("form targets")
    assert [tab.year.itemText(n) for n in (0, 1)] == ["本年", f"{TODAY[:4]} 年"]
    tab.year.setCurrentIndex(2)
    tab.preview.click()
    assert f"{int(TODAY[:4]) - 1}" in papers.previews[1].paper.title


def test_what_the_villages_handed_in_is_listed_and_shown(qtbot) -> None:
    rows = [
        {"id": "r1", "village": "解放村", "at": "2026-11-02", "by": "李文书", "state": "县里已有"},
        {"id": "", "village": "日升村", "at": "没报", "by": "", "state": ""},
    ]
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ReturnedDialog(parent, MonthStatus("2026-10", "", (), 0, returned=rows))
    dialog.grid.go_to("1", "village")
    dialog.accept()
    assert dialog.result() == 0, "nothing to show"
    dialog.grid.go_to("0", "at")
    dialog.accept()
    assert (dialog.result(), dialog.chosen) == (1, "r1")


def test_after_the_report_of_a_village_the_list_is_there_again(page, frame, station, monkeypatch) -> None:
    """A township looks at fourteen of them: after each, the month and 各村报出的 had to be opened again."""
    rows = [{"id": f"r{n}", "village": f"村{n}", "at": "", "by": "", "state": ""} for n in range(3)]
    listed, previewed = [], []

    def run(dialog: ReturnedDialog) -> bool:
        listed.append(dialog.grid.place()[0])
        dialog.chosen = "r2"
        return len(listed) == 1

    monkeypatch.setattr(ReturnedDialog, "run", run)
    monkeypatch.setattr(handed_in, "paper", lambda _session, _month, id: id)
    monkeypatch.setattr(
        handed_in, "FormPreview", lambda _frame, _parent, id, *_ways, name: SimpleNamespace(run=lambda: previewed.append(id))
    )
    handed_in._show_returned(frame, page, station, MonthStatus(MONTH, "", (), 0, returned=rows))
    assert (listed, previewed) == (["0", "2"], ["r2"])
