"""车间 with a real store behind it: founding, hiring, wages by typing and by pasting, corrections, undo, export."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from python_calamine import CalamineWorkbook

from db.mapping import table
from desktop.widgets import dialogs
from desktop.widgets.form_preview import FormPreview
from desktop.widgets.grid_model import TONE
from desktop.workshop.page import build
from domain import clock
from domain.errors import FieldError
from domain.periods import income_year
from services import records
from services.workshop import workshop

MONTHS = ("2022-10", "2022-11")


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


def found(page, name: str = "横头山服装车间", recognised: str = "桦人社〔2020〕8号") -> None:
    """Fill the form of a new workshop and save it."""
    page.new()
    form, document = page.stack.form.forms
    form.editors["name"].set_value(name)
    if recognised:
        for field, value in (("type", "workshop"), ("number", recognised), ("start", "2020-06-01")):
            document.editors[field].set_value(value)
    page.stack.form.ask()


def people(station) -> dict[str, str]:
    with station.store.read() as session:
        return {one.name: one.id for one in session.select("person")}


def hire(page, station, name: str, start: str = "2022-10-01") -> None:
    page.roster.hire()
    form = page.stack.form.forms[0]
    form.editors["person_id"].set_value(people(station)[name])
    form.editors["start"].set_value(start)
    page.stack.form.ask()
    assert page.stack.form is None


@pytest.fixture
def working(page, station):
    """A workshop with two people, its income period 2023 in sight."""
    known = people(station)
    with station.store.write("准备") as session:
        id = workshop.found(session, {"name": "横头山服装车间"}, {})
        for name in ("王秀兰", "赵志强"):
            workshop.hire(session, id, known[name], {"start": "2022-10-01"})
    page.opened(id=id)
    page.wages_model.open(id, 2023)
    return page


def wages(station) -> list[tuple[str, int]]:
    with station.store.read() as session:
        return [(one.month, one.amount) for one in session.select("wage", order=(table("wage").c.id,))]


def cell(page, name: str, month: str) -> tuple[int, int]:
    cells = page.wages.grid.model()
    line = next(n for n, one in enumerate(cells.rows) if one.fixed["name"] == name)
    return line, next(n for n, made in enumerate(cells.columns) if made.key == month)


def type_in(page, name: str, month: str, text: str) -> None:
    page.wages.grid.model().put([(*cell(page, name, month), text)])


def test_a_workshop_is_founded_with_its_recognition(page, station, frame) -> None:
    assert page.table.stack.currentIndex() == 1  # the empty page offers the first step
    found(page)
    assert page.model.facts.name == "横头山服装车间"
    assert page.state_chip.text() == "认定 桦人社〔2020〕8号"
    assert frame.messages[-1] == "已新增车间"
    with station.store.read() as session:
        (document,) = session.select("recognition")
    assert (document.employer_id, document.start) == (page.model.employer_id, "2020-06-01")
    page.close_one()
    assert page.table.model.row(0)["recognition"] == "有效"


def test_recognition_may_be_left_empty_but_not_half(page, station) -> None:
    page.new()
    form, document = page.stack.form.forms
    form.editors["name"].set_value("新车间")
    document.editors["number"].set_value("一号")
    page.stack.form.ask()
    assert "必填" in document.editors["start"].message.text()
    document.set_values({})
    page.stack.form.ask()
    assert page.model.facts.recognition == "未认定"


def test_a_refused_form_stays_as_it_was_filled(page, station, frame) -> None:
    found(page)
    hire(page, station, "王秀兰")
    page.roster.hire()
    form = page.stack.form.forms[0]
    form.editors["person_id"].set_value(people(station)["王秀兰"])
    page.stack.form.ask()
    assert "已在这个车间的用工名册" in page.stack.form.error.text()
    assert page.stack.form.save_button.isEnabled()
    assert not frame.errors


def test_hiring_and_leaving(working, station, frame) -> None:
    assert working.header.subtitle.text().startswith("用工 2")
    working.roster.reload()
    assert len(working.roster.table.model.ids) == 2
    working.roster.table.table.selectRow(0)
    working.roster.leave()
    working.stack.form.forms[0].editors["end"].set_value("2023-05-31")
    working.stack.form.ask()
    assert frame.messages[-1] == "已办离职 1 人"
    assert len(working.roster.table.model.ids) == 1
    working.roster.state.choose("left")
    assert working.roster.table.model.row(0)["end"] == "2023-05-31"


def test_leaving_needs_a_day(working) -> None:
    working.roster.reload()
    working.roster.table.table.selectRow(0)
    working.roster.leave()
    form = working.stack.form.forms[0]
    form.editors["end"].set_value(None)
    working.stack.form.ask()
    assert form.editors["end"].message.text() == "请填离职日期"
    assert working.stack.form.save_button.isEnabled()


def test_wages_are_typed_and_saved_in_one_act(working, station, frame) -> None:
    type_in(working, "王秀兰", "2022-10", "498")
    type_in(working, "赵志强", "2022-10", "602.5")
    assert working.wages.save_button.text() == "保存 2 格"
    assert wages(station) == []
    working.wages.save_button.click()
    assert sorted(wages(station)) == [("2022-10", 49800), ("2022-10", 60250)]
    assert frame.messages[-1] == "已保存 2 格工资"
    type_in(working, "王秀兰", "2022-11", "56000")
    working.wages.save_button.click()
    assert frame.messages[-1] == "已保存 1 格工资；请核对：王秀兰 11 月 56,000 元"
    with station.store.write("撤销") as session:
        records.undo_last(session)
    working.refresh()
    assert not working.wages.save_button.isEnabled()
    with station.store.write("撤销") as session:
        records.undo_last(session)
    working.refresh()
    assert wages(station) == []
    assert working.wages_model.texts() == {}


def test_the_original_payment_is_never_altered(working, station) -> None:
    type_in(working, "王秀兰", "2022-10", "520")
    working.wages_model.save()
    type_in(working, "王秀兰", "2022-10", "500")
    working.wages_model.save()
    assert sorted(wages(station)) == [("2022-10", -2000), ("2022-10", 52000)]
    type_in(working, "王秀兰", "2022-10", "-100")  # takes off a hundred
    assert working.wages.grid.model().text(*cell(working, "王秀兰", "2022-10")) == "400"
    type_in(working, "王秀兰", "2022-11", "-1")
    assert "更正后会成负数" in working.wages.grid.model().wrong[working.wages_model.sheet.lines[0].employment_id, "2022-11"][1]


def test_typing_goes_down_by_enter(qtbot, working) -> None:
    grid = working.wages.grid
    grid.setCurrentIndex(grid.model().index(*cell(working, "王秀兰", "2022-10")))
    qtbot.keyClick(grid, Qt.Key.Key_4)
    editor = grid.viewport().focusWidget() or grid.indexWidget(grid.currentIndex()) or grid.findChild(type(working.search), "")
    qtbot.keyClicks(editor, "98")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert grid.model().text(*cell(working, "王秀兰", "2022-10")) == "498"
    assert grid.currentIndex().row() == cell(working, "赵志强", "2022-10")[0]


def test_what_is_being_typed_survives_a_refresh(qtbot, working, station) -> None:
    """Other pages' savings make the page look again 150 ms later, in the middle of somebody's figure."""
    grid = working.wages.grid
    index = grid.model().index(*cell(working, "王秀兰", "2022-10"))
    grid.setCurrentIndex(index)
    grid.edit(index)
    editor = next(one for one in grid.viewport().findChildren(type(working.search)))
    editor.setText("49")
    working.refresh()
    assert editor.text() == "49"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert grid.model().text(*cell(working, "王秀兰", "2022-10")) == "49"


def test_a_block_is_pasted_by_name_after_its_differences_were_shown(working, station, monkeypatch) -> None:
    shown = []

    def confirm(parent, title, table, **words):
        shown.append((table.rowCount(), words["text"]))
        return True

    monkeypatch.setattr(dialogs, "confirm", confirm)
    QGuiApplication.clipboard().setText("序号\t姓名\t11月\t10月\n1\t赵志强\t610\t602\n2\t王 秀兰\t\t498\n3\t李四\t1\t2\n")
    working.wages.paste_button.click()
    model = working.wages_model
    assert {(model.sheet.lines[0].name, month): working.wages.grid.model().text(*cell(working, "王秀兰", month)) for month in MONTHS} == {
        ("王秀兰", "2022-10"): "498",
        ("王秀兰", "2022-11"): "",
    }
    assert working.wages.grid.model().text(*cell(working, "赵志强", "2022-11")) == "610"
    assert shown == [(3, "会改 3 格，合计增减 +1,710。填入后还要按保存。\n名单里没有：李四。请先办入职。")]
    assert wages(station) == []


def test_a_block_declined_or_unreadable_changes_nothing(working, frame, monkeypatch) -> None:
    monkeypatch.setattr(dialogs, "confirm", lambda *_args, **_words: False)
    grid = working.wages.grid
    grid.setCurrentIndex(grid.model().index(*cell(working, "王秀兰", "2022-10")))
    grid.paste("498\t473\n602\t597")
    assert working.wages_model.pending == {}
    grid.paste("498\tabc")
    assert "abc" in frame.messages[-1]
    assert working.wages_model.pending == {}


def test_the_line_is_told_of_or_asked_for(working, station, frame) -> None:
    type_in(working, "王秀兰", "2022-10", "5200")
    assert working.wages.no_line.isVisibleTo(working)
    working.wages.no_line.click()
    proposed = {"area": "230826", "year": 2023}
    assert frame.opened[-1] == ("ledgers", {"kind": "monitor_line", "new": True, "values": proposed})
    working.wages_model.save()
    with station.store.write("监测线") as session:
        records.save(session, "monitor_line", {"area": "230826", "year": 2023, "amount": 630000})
    working.refresh()
    assert working.wages.line.text() == "监测线 6,300 元（县 2023 年）"
    id = working.wages_model.sheet.lines[0].employment_id
    assert working.wages_model.to_line(id) == (pytest.approx(5200 / 6300), "差 1,100")
    type_in(working, "王秀兰", "2022-11", "1100")
    assert working.wages_model.to_line(id) == (1.0, "已达标")
    assert working.wages.grid.model().text(2, len(working.wages.grid.model().columns) - 1) == "1 人已达标"


def test_others_entering_meanwhile_is_noticed_and_can_be_gone_on_with(working, station, frame) -> None:
    id = working.wages_model.sheet.lines[0].employment_id
    type_in(working, "王秀兰", "2022-10", "500")
    with station.store.write("别处") as session:
        records.save(session, "wage", {"employment_id": id, "month": "2022-10", "paid_on": "2022-10", "amount": 30000})
    working.wages_model.save()
    assert "别处又录了" in str(frame.errors[-1])
    assert working.wages_model.pending == {(id, "2022-10"): 50000}
    working.wages_model.save()
    assert sorted(wages(station)) == [("2022-10", 20000), ("2022-10", 30000)]


def test_unsaved_wages_are_asked_about(working, answers) -> None:
    type_in(working, "王秀兰", "2022-10", "498")
    answers["ask"] = False
    assert not working.can_leave()
    working.close_one()
    assert working.model.employer_id
    answers["ask"] = True
    working.close_one()
    assert not working.model.employer_id


def test_wages_half_typed_are_there_again_after_a_power_cut(working, show, frame, station) -> None:
    type_in(working, "王秀兰", "2022-10", "498")
    type_in(working, "赵志强", "2022-11", "500")
    working.wages_model.draft.keep()  # as it does within a second
    again = show(build(frame, station))
    again.opened(id=working.model.employer_id, year="2023", tab="wages")  # as 今日 leads there
    assert sorted(again.wages_model.pending.values()) == [49_800, 50_000]
    assert "放回来" in frame.messages[-1]
    again.wages.save_button.click()
    assert len(wages(station)) == 2
    third = show(build(frame, station))
    third.opened(id=working.model.employer_id)
    third.wages_model.open(working.model.employer_id, 2023)
    assert third.wages_model.pending == {}


def test_periods_go_by_the_year(working) -> None:
    working.wages_model.step(-1)
    assert (working.wages_model.sheet.start, working.wages_model.sheet.end) == ("2021-10-01", "2022-09-30")
    assert working.wages.stack.currentIndex() == 1  # nobody was hired then


def test_facts_are_changed_in_place(working, station) -> None:
    card = working.basics
    assert not card.save_button.isEnabled()
    card.form.editors["head"].line.setText("孙国强")
    card.form.edited.emit()
    card.save()
    with station.store.read() as session:
        assert session.get("employer", working.model.employer_id).head == "孙国强"


def test_rosters_are_exported_masked_unless_asked(working, station, tmp_path: Path) -> None:
    type_in(working, "王秀兰", "2022-10", "498")
    working.wages_model.save()
    export = working.model.export
    file = tmp_path / "工资表.xlsx"
    assert export(working.model.employer_id, file, 2023, None) == 2
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "横头山服装车间 2022年10月—2023年9月 工资发放表"
    assert rows[2][1:4] == ["王秀兰", "****", 498.0]
    assert rows[-1][1] == "合计"
    roster = tmp_path / "花名册.xlsx"
    assert export(working.model.employer_id, roster, None, "填报表册") == 2
    rows = CalamineWorkbook.from_path(str(roster)).get_sheet_by_index(0).to_python()
    assert "X00001" in rows[2]
    with station.store.read() as session:
        from db.capture import view_log

        assert [row.reason for row in session.conn.execute(view_log.select())] == ["填报表册"]


def test_a_month_that_has_not_begun_takes_no_wages(working, frame) -> None:
    grid, model = working.wages.grid, working.wages_model
    model.open(model.employer_id, income_year(clock.today(), "10-01") + 1)
    month = model.sheet.months[-1]
    type_in(working, "王秀兰", month, "600")
    assert model.pending == {} and "还没有到" in frame.messages[-1]
    assert grid.model().index(*cell(working, "赵志强", month)).data(TONE) == "plain"
    grid.model().forget_wrong()
    id = model.sheet.lines[0].employment_id
    model._paid[id, month] = 60000  # entered by mistake before: it can be taken off, but not made more
    assert model.read(id, month, "0") == "0"
    with pytest.raises(FieldError):
        model.read(id, month, "601")


def test_the_cursor_starts_in_the_month_to_be_filled(working, station) -> None:
    grid, model = working.wages.grid, working.wages_model
    assert model.sheet.year == 2023 and grid.place()[1] == "2022-10"
    for name, month in (("王秀兰", "2022-10"), ("赵志强", "2022-11")):
        type_in(working, name, month, "500")
    model.save()
    model.step(-1)
    model.step(1)
    assert grid.place() == (model.sheet.lines[0].employment_id, "2022-12")
    grid.go_to(model.sheet.lines[1].employment_id, "2023-01")
    model.reload()
    assert grid.place() == (model.sheet.lines[1].employment_id, "2023-01")  # where it was left


def test_the_wage_sheet_is_printed_and_written_by_its_keys(working, qtbot, frame, monkeypatch) -> None:
    shown, files = [], []
    monkeypatch.setattr(FormPreview, "run", lambda preview: shown.append(preview.paper.form))
    monkeypatch.setattr(dialogs, "save_as", lambda *given: files.append(given[-1]))
    working.window().activateWindow()
    for key in (Qt.Key.Key_P, Qt.Key.Key_E):
        qtbot.keyClick(working.wages.grid, key, Qt.KeyboardModifier.ControlModifier)
    assert [form.heads["核算期"] for form in shown] == ["2022年10月1日至2023年9月30日"]
    assert files == ["横头山服装车间工资表.xlsx"]
    type_in(working, "王秀兰", "2022-10", "498")
    for key in (Qt.Key.Key_P, Qt.Key.Key_E):
        qtbot.keyClick(working.wages.grid, key, Qt.KeyboardModifier.ControlModifier)
    assert len(shown) == len(files) == 1 and "还有工资没有保存" in frame.messages[-1]


def test_the_cursor_is_on_who_was_just_taken_on(page, station) -> None:
    found(page)
    page.tabs.tabs.choose("roster")
    for name in ("赵志强", "王秀兰"):
        hire(page, station, name)
        table = page.roster.table
        assert table.model.row(table.table.currentIndex().row())["name"] == name


@pytest.mark.parametrize(
    ("birth", "said"), [("1947-01-01", "已经 75 岁"), ("2007-01-01", "不满 16 周岁，依法不得招用"), ("1980-01-01", "")]
)
def test_hiring_somebody_very_old_or_too_young_is_asked_about(page, station, monkeypatch, birth: str, said: str) -> None:
    id = people(station)["王秀兰"]
    with station.store.write("准备") as session:
        records.save(session, "person", {"birth": birth}, id)
    asked: list[str] = []

    def ask(_parent: object, words: str, *_more: object, **_named: object) -> bool:
        asked.append(words)
        return len(asked) > 1

    monkeypatch.setattr(dialogs, "ask", ask)
    found(page)
    page.roster.hire()
    form = page.stack.form.forms[0]
    form.editors["person_id"].set_value(id)
    form.editors["start"].set_value("2022-10-01")
    page.stack.form.ask()
    if said:
        assert said in asked[0] and page.stack.form is not None, "nothing is lost by no"
        page.stack.form.ask()
    assert page.stack.form is None and len(asked) == 2 * bool(said)
