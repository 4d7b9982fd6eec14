"""培训 with a real store behind it: courses, people several at once, sign-in by Space, results, certificates, schooling."""

from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QShortcut

from desktop.paper import lists
from desktop.training import view_model
from desktop.training.page import build
from desktop.widgets.basics import Button
from domain.progress import unwatched
from services import records, training
from services.training import ABSENT

DAYS = ("2023-03-06", "2023-03-07", "2023-03-08", "2023-03-09")


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


@pytest.fixture
def course(page, station):
    """A course of four days with two people in sight."""
    with station.store.write("准备") as session:
        values = {"title": "缝纫工培训班", "type": "skills", "trade": "缝纫工", "start": DAYS[0], "end": DAYS[-1]}
        id = records.save(session, "course", values)
        known = {one.name: one.id for one in session.select("person")}
        training.enrol(session, id, [known["王秀兰"], known["赵志强"]])
    page.opened(id=id)
    return page


def enrolments(station) -> dict[str, Any]:
    with station.store.read() as session:
        named = {one.id: one.name for one in session.select("person")}
        return {named[one.person_id]: one for one in session.select("enrolment")}


def row_of(page, name: str) -> int:
    return next(n for n, row in enumerate(page.roster.grid.model().rows) if row.fixed["name"] == name)


def put(page, name: str, column: str, text: str) -> None:
    cells = page.roster.grid.model()
    cells.put([(row_of(page, name), next(n for n, made in enumerate(cells.columns) if made.key == column), text)])


def go(page, name: str, day: str) -> None:
    grid = page.sign_in.grid
    section = next(n for n, made in enumerate(grid.model().columns) if made.key == day)
    grid.selectionModel().setCurrentIndex(grid.model().index(row_of(page, name), section), QItemSelectionModel.SelectionFlag.ClearAndSelect)


def marks(page, name: str) -> list[str]:
    cells = page.sign_in.grid.model()
    return [cells.text(row_of(page, name), n) for n, made in enumerate(cells.columns) if made.key in DAYS]


def test_a_course_is_made_and_opened(page, station, frame) -> None:
    assert page.table.stack.currentIndex() == 1
    page.new()
    form = page.stack.form.forms[0]
    for name, text in (("title", "养老护理员培训班"), ("trade", "养老护理员"), ("start", "2023.7.3"), ("end", "2023年7月14日")):
        form.editors[name].line.setText(text)
    page.stack.form.ask()
    assert page.model.course.title == "养老护理员培训班"
    assert page.header.subtitle.text() == "2023-07-03 至 2023-07-14　养老护理员"
    assert page.roster.stack.currentIndex() == 1
    with station.store.read() as session:
        (made,) = session.select("course")
    assert (made.type, made.free) == ("skills", True)


def test_an_end_before_the_start_is_refused_in_the_form(page, station) -> None:
    page.new()
    form = page.stack.form.forms[0]
    for name, text in (("title", "班"), ("trade", "缝纫工"), ("start", "2023-07-14"), ("end", "2023-07-03")):
        form.editors[name].line.setText(text)
    page.stack.form.ask()
    assert "不能晚于" in form.editors["end"].message.text()
    with station.store.read() as session:
        assert session.count("course") == 0


def test_people_are_found_and_added_several_at_once(qtbot, course, station, frame) -> None:
    course.add_people()
    adding = course.adding
    for text in ("zfs", "单", "zfs"):
        adding.picker.setText(text)
        adding.picker.find_now()
        qtbot.keyClick(adding.picker, Qt.Key.Key_Return)
    assert len(adding.chosen()) == 2  # the same person is not taken twice
    assert adding.done_button.text() == "添加 2 人"
    adding.done_button.click()
    assert frame.messages[-1] == "已添加学员 2 人"
    assert set(enrolments(station)) == {"王秀兰", "赵志强", "赵福生", "单桂英"}
    assert course.roster.figures.text() == "学员 4　结业 0　发证 0"


def test_days_and_results_half_typed_are_there_again_after_a_power_cut(course, show, frame, station) -> None:
    first, second = course.roster_model.students
    course.roster_model.all_present([first])
    course.roster_model.typed(second, "outcome", "结业")
    course.roster_model.toggle_day(DAYS[1])
    course.roster_model.draft.keep()  # as it does within a second
    again = show(build(frame, station))
    again.opened(id=course.model.course.id)
    found = again.roster_model
    assert (found.marks[first], found.results, found.off) == ("1111", {second: {"outcome": "completed"}}, {DAYS[1]})
    assert "放回来" in frame.messages[-1]
    found.save_results()
    found.save_sheet()
    third = show(build(frame, station))
    third.opened(id=course.model.course.id)
    assert not third.roster_model.dirty and third.roster_model.marks[first] == "1111"


def test_space_goes_round_the_marks_and_days_are_kept(qtbot, course, station, frame) -> None:
    course.one.tabs.choose("sign_in")
    go(course, "王秀兰", DAYS[0])
    grid = course.sign_in.grid
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert marks(course, "王秀兰") == ["✓", "", "", ""]
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert marks(course, "王秀兰") == ["缺", "", "", ""]
    course.sign_in.line.click()  # 全勤: every day nothing else is said about
    assert marks(course, "王秀兰") == ["缺", "✓", "✓", "✓"]
    assert course.sign_in.save_button.text() == "保存 1 人"
    course.sign_in.save_button.click()
    held = enrolments(station)
    assert (held["王秀兰"].days_present, held["王秀兰"].days_total) == (3, 4)
    assert held["赵志强"].days_present is None
    assert frame.messages[-1] == "已保存 1 人的出勤"
    course.roster_model.open(course.model.course_id)
    assert marks(course, "王秀兰") == ["缺", "✓", "✓", "✓"]


def test_a_day_without_a_lesson_counts_for_nobody(course, station) -> None:
    course.one.tabs.choose("sign_in")
    course.sign_in.everyone.click()
    go(course, "王秀兰", DAYS[2])
    course.sign_in.off.click()
    assert marks(course, "赵志强") == ["✓", "✓", "休", "✓"]
    assert course.sign_in.figures.text() == "上课 3 天　不上课 1 天"
    course.sign_in.save_button.click()
    assert {(one.days_present, one.days_total) for one in enrolments(station).values()} == {(3, 3)}
    cells = course.sign_in.grid.model()
    assert cells.put([(0, next(n for n, made in enumerate(cells.columns) if made.key == DAYS[2]), "1")]) == []


def test_the_record_is_right_when_the_marks_no_longer_add_up(course, station) -> None:
    course.one.tabs.choose("sign_in")
    go(course, "王秀兰", DAYS[0])
    course.roster_model.mark(next(iter(course.roster_model.students)), DAYS[0], "✓")
    course.roster_model.save_sheet()
    with station.store.write("别处") as session:
        training.set_attendance(session, {next(iter(course.roster_model.students)): 2}, 4)
    course.roster_model.open(course.model.course_id)
    first = next(iter(course.roster_model.students))
    assert set(course.roster_model.marks[first]) == {"."}
    assert course.roster_model.attendance(first) == "2/4"


def test_days_of_lessons_that_nobody_recorded_are_not_guessed(course, station) -> None:
    first = next(iter(course.roster_model.students))
    with station.store.write("导入") as session:
        records.save(session, "enrolment", {"days_present": 3, "days_total": None}, first)
    course.roster_model.open(course.model.course_id)
    assert course.roster_model.attendance(first) == "3/—"


@pytest.mark.parametrize(("answer", "days"), [(True, 1), (False, 3)])
def test_days_of_a_roster_do_not_become_fewer_unasked(course, station, answers, answer: bool, days: int) -> None:
    with station.store.write("导入") as session:
        training.set_attendance(session, {next(iter(course.roster_model.students)): 3}, 4)
    course.roster_model.open(course.model.course_id)
    first, second = course.roster_model.students.values()
    for one in (first, second):
        course.roster_model.mark(one.enrolment.id, DAYS[0], "✓")
    answers["ask"] = answer
    course.sign_in.save()
    held = enrolments(station)
    assert (held[first.person.name].days_present, held[second.person.name].days_present) == (days, 1)
    assert not course.roster_model.dirty
    for day in DAYS:  # a line that is whole needs no question
        course.roster_model.mark(first.enrolment.id, day, "缺")
    answers["ask"] = False
    course.sign_in.save()
    assert enrolments(station)[first.person.name].days_present == 0


def test_undoing_a_sign_in_takes_the_days_back(course, station) -> None:
    course.roster_model.all_present()
    course.roster_model.save_sheet()
    assert {one.days_present for one in enrolments(station).values()} == {4}
    with station.store.write("撤销") as session:
        records.undo_last(session)
    course.refresh()
    assert {one.days_present for one in enrolments(station).values()} == {None}
    assert marks(course, "王秀兰") == ["", "", "", ""]


def test_results_are_typed_and_saved_in_one_act(qtbot, course, station, frame) -> None:
    put(course, "王秀兰", "score", "88")
    put(course, "王秀兰", "certificate", "23088635492146")
    put(course, "王秀兰", "certified_on", "2023.3.20")
    course.roster.complete_button.click()
    assert course.roster.figures.text() == "学员 2　结业 2　发证 1"
    assert course.roster.save_button.text() == "保存 2 人"
    course.roster.save_button.click()
    first = enrolments(station)["王秀兰"]
    assert (first.score, first.outcome, first.certificate, first.certified_on) == (88, "completed", "23088635492146", "2023-03-20")
    assert frame.messages[-1] == "已保存 2 人的成绩和结果"
    assert not course.roster_model.dirty
    grid = course.roster.grid
    section = next(n for n, made in enumerate(grid.model().columns) if made.key == "outcome")
    grid.setCurrentIndex(grid.model().index(0, section))
    qtbot.keyClick(grid, Qt.Key.Key_3)
    assert grid.model().text(0, section) == "中途退出"
    assert grid.currentIndex().row() == 1


def test_a_certificate_number_is_given_once(course, station, frame) -> None:
    put(course, "王秀兰", "certificate", "1")
    put(course, "赵志强", "certificate", "1")
    course.roster.save_button.click()
    assert "重复" in str(frame.errors[-1])
    assert {one.certificate for one in enrolments(station).values()} == {None}
    assert course.roster_model.dirty


def test_a_score_that_is_no_number_stays_in_its_cell_with_the_reason(course, answers) -> None:
    put(course, "王秀兰", "score", "优")
    ((typed, reason),) = course.roster.grid.model().wrong.values()
    assert typed == "优"
    assert "不是数字" in reason
    course.roster.grid.setCurrentIndex(course.roster.grid.model().index(0, 0))
    course.roster.save_button.click()  # nothing to save: what is wrong is shown
    assert course.roster.grid.place()[1] == "score"
    answers["ask"] = False
    assert not course.can_leave()
    answers["ask"] = True
    assert course.can_leave()
    assert course.roster.grid.model().wrong == {}


def test_people_are_taken_off_the_roster(course, station, answers) -> None:
    course.roster.grid.selectRow(row_of(course, "赵志强"))
    course.roster.remove_button.click()
    assert set(enrolments(station)) == {"王秀兰"}


def test_what_is_typed_for_who_is_no_longer_on_the_roster_is_passed_over(course) -> None:
    """The cell was still open when the line was taken off, and closing it brought up the crash dialog."""
    course.roster_model.typed("gone", "score", "90")
    course.roster_model.mark("gone", "2023-05-06", "1")
    assert not course.roster_model.results


def test_unsaved_marks_are_asked_about(course, answers) -> None:
    course.roster_model.all_present()
    answers["ask"] = False
    assert not course.can_leave()
    answers["ask"] = True
    course.close_one()
    assert course.model.course_id == ""
    assert course.table.model.row(0)["enrolled"] == "2"
    assert course.totals.text() == "共 1 个班　参训 2 人次　结业 0 人次　发证 0 人次"


def test_schooling_goes_on_to_the_next_term(page, station, frame) -> None:
    with station.store.read() as session:
        person = next(one.id for one in session.select("person") if one.name == "赵志强")
    page.lists.tabs.choose("schooling")
    assert page.schooling.table.stack.currentIndex() == 1
    acting = [made for made in page.schooling.findChildren(Button) if made.text() in ("记下一学期", "修改")]
    assert len(acting) == 2 and not any(made.isEnabled() for made in acting)  # there is nothing to act on
    page.schooling.new()
    form = page.stack.form.forms[0]
    values = {"person_id": person, "school": "桦川县职教中心", "stage": "secondary_vocational", "grade": 1, "term": "2023-spring"}
    for name, value in {**values, "term_start": "2023-03-01"}.items():
        form.editors[name].set_value(value)
    page.stack.form.ask()
    assert page.schooling.table.model.row(0)["term"] == "2023 年春季"
    assert all(made.isEnabled() for made in acting)
    page.schooling.table.table.selectRow(0)
    page.schooling._next()
    assert frame.messages[-1] == "已记下一学期 1 人"
    assert [page.schooling.table.model.row(n)["term"] for n in (0, 1)] == ["2023 年秋季", "2023 年春季"]
    assert page.schooling.table.model.row(0)["grade"] == "2"
    page.schooling.term.setCurrentIndex(page.schooling.term.findData("2023-spring"))
    assert len(page.schooling.table.model.ids) == 1


def test_what_is_typed_while_the_course_is_read_again_stays(course, monkeypatch) -> None:
    """After 保存 and after an exchange it is read again by itself; on an old laptop somebody types meanwhile."""
    model = course.roster_model
    first, second = model.students
    as_before = view_model._roster

    def read(session, course_id: str):
        model.typed(first, "score", "88")
        model.mark(second, DAYS[1], "缺")
        model.toggle_day(DAYS[3])
        return as_before(session, course_id)

    monkeypatch.setattr(view_model, "_roster", read)
    model.reload()
    assert model.result(first, "score") == 88
    assert (model.marks[second][1], model.off) == (ABSENT, {DAYS[3]})
    assert model.dirty


def test_an_empty_list_has_one_primary_button(page, frame, qtbot) -> None:
    page.lists.tabs.choose("schooling")
    table = page.schooling.table
    qtbot.waitUntil(lambda: table.stack.currentIndex() == 1)

    def primary() -> list[Button]:
        return [made for made in table.findChildren(Button) if made.text() == "新增学籍" and made.kind == "primary"]

    assert len(primary()) == 1 and table.stack.isAncestorOf(primary()[0])


def test_roster_and_sign_in_sheet_are_printed(course, monkeypatch) -> None:
    """Ctrl+P did nothing: there was no sheet to sign."""
    printed: list[lists.Listing] = []
    monkeypatch.setattr(lists, "show", lambda _frame, _parent, listing: printed.append(listing))
    bound = {made.key().toString(): made for made in course.one.findChildren(QShortcut)}
    put(course, "王秀兰", "score", "88")
    bound["Ctrl+P"].activated.emit()
    course.one.tabs.choose("sign_in")
    course.print_button.click()
    roster, sheet = ((listing.title, list(listing.read(unwatched))) for listing in printed)
    assert roster[0] == "缝纫工培训班花名册" and sheet[0] == "缝纫工培训班签到表"
    assert any({"王秀兰", "88"} <= set(line) for line in roster[1])
    assert [len(line) for line in sheet[1]] == [3 + len(DAYS)] * 2


def test_whoever_has_a_certificate_has_completed_the_course(course, station) -> None:
    """Lists of certificates name no outcome: 发证 14, 结业 0."""
    with station.store.write("证书") as session:
        for n, id in enumerate(course.roster_model.students):
            records.save(session, "enrolment", {"outcome": None, "certificate": f"2308{n}"}, id)
    course.roster_model.reload()
    everybody = len(course.roster_model.students)
    assert f"结业 {everybody}　" in course.roster.figures.text()
    cells = course.roster.grid.model()
    outcome = next(n for n, made in enumerate(cells.columns) if made.key == "outcome")
    assert [cells.text(n, outcome) for n in range(everybody)] == ["结业"] * everybody
    put(course, "王秀兰", "outcome", "中途退出")  # what is entered counts
    assert cells.text(row_of(course, "王秀兰"), outcome) == "中途退出"
    with station.store.read() as session:
        assert training.course(session, course.model.course_id).outcomes == {"completed": everybody}
