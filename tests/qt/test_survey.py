"""摸排 with a real store behind it: a sheet is made by its form, filled by single keys and by paste, followed, ended and taken back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop import theme
from desktop.paper.forms import FormPrinter
from desktop.people.page import build as people_page
from desktop.survey import fill_tab
from desktop.survey.page import build
from desktop.survey.view_model import DONE, OPEN
from domain.records import SurveyItem
from services import records
from services.surveys import design, surveys
from services.surveys.design import Question

QUESTIONS = (Question("还出去吗", "yes_no"), Question("想去哪", "choice", "南方、本县"), Question("几人", "number", optional=True))


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


@pytest.fixture
def papers(page, monkeypatch):
    """What was asked to be printed."""
    asked = []
    monkeypatch.setattr(FormPrinter, "show", lambda _self, _parent, _form, id: asked.append(id))
    return asked


@pytest.fixture
def sheet(page, station):
    """A sheet for everybody in sight."""
    with station.store.write("准备") as session:
        id = design.save(session, {"title": "返乡意愿", "about": "everyone"}, QUESTIONS)
    page.opened(id=id)
    return page


def said(station) -> dict[str, dict[str, str]]:
    with station.store.read() as session:
        (survey,) = session.select("survey")
        found = surveys.open_sheet(session, survey.id)
        label = {item.id: item.label for item in found.items}
        return {one.name: {label[item]: text for item, text in one.answers.items()} for one in found.people if one.answers}


def first(page) -> str:
    return str(page.fill.grid.model().rows[0].fixed["name"])


def fill(form, **values) -> None:
    for name, value in values.items():
        form.editors[name].set_value(value)
        form.editors[name].edited.emit()


def test_a_sheet_is_made_by_its_form_and_opened(page, station) -> None:
    assert page.table.stack.currentIndex() == 1
    page.new()
    panel = page.stack.form
    fill(panel.forms[0], title="返乡意愿")
    fill(panel.forms[1], label="还出去吗", type="yes_no")
    fill(panel.forms[3], label="想去哪", type="choice", choices="南方，本县")
    panel.ask()
    assert page.stack.form is None
    assert page.model.survey_id
    assert [(item.label, item.choices) for item in page.model.sheet.items] == [("还出去吗", None), ("想去哪", "南方、本县")]
    assert "返乡意愿" in page.header.title.text()


def test_a_question_that_the_ledgers_answer_is_named(page, frame) -> None:
    page.new()
    panel = page.stack.form
    fill(panel.forms[0], title="核对")
    fill(panel.forms[1], label="联系电话", type="text")
    panel.ask()
    assert "「联系电话」台账里已经有" in frame.messages[-1]
    page.model.change(page.model.survey_id)
    fill(page.stack.form.forms[2], label="明年还出去吗", type="yes_no")
    page.stack.form.ask()
    assert frame.messages[-1] == "已保存"  # it was named before, and is asked on purpose


def test_what_the_form_lacks_is_said_and_nothing_is_saved(page, station) -> None:
    page.new()
    panel = page.stack.form
    fill(panel.forms[0], title="返乡意愿")
    panel.ask()  # without a question
    assert "1 到" in panel.error.text()
    fill(panel.forms[1], label="想去哪", type="choice")
    panel.ask()
    assert "可选的答案" in panel.error.text()
    with station.store.read() as session:
        assert session.count("survey") == 0


def test_an_emptied_question_goes_and_the_others_keep_their_answers(sheet, station) -> None:
    person, (item, *_others) = sheet.model.people()[0], sheet.model.sheet.items
    sheet.model.typed(person.id, item.id, "是")
    sheet.model.change(sheet.model.survey_id)
    panel = sheet.stack.form
    fill(panel.forms[2], label=None, type=None, choices=None)
    fill(panel.forms[1], label="明年还出去吗")
    panel.ask()
    assert sheet.stack.form is None
    assert [one.label for one in sheet.model.sheet.items] == ["明年还出去吗", "几人"]
    assert list(said(station).values()) == [{"明年还出去吗": "是"}]


def test_a_question_another_added_meanwhile_stays_and_what_both_changed_is_asked_about(sheet, station, monkeypatch) -> None:
    id = sheet.model.survey_id
    sheet.model.change(id)
    panel = sheet.stack.form
    kept = [Question(one.label, one.type, one.choices or "", bool(one.optional), one.id) for one in sheet.model.sheet.items]
    with station.store.write("别人") as session:
        design.save(session, {"title": "别人改的"}, [*kept, Question("有车吗", "yes_no")], id)
    monkeypatch.setattr("desktop.widgets.form_panel.settle", lambda _parent, _kind, _mine, theirs: set(theirs))
    fill(panel.forms[0], title="我改的")
    fill(panel.forms[1], label="明年还出去吗")
    panel.ask()
    assert sheet.stack.form is None
    assert sheet.model.sheet.survey.title == "我改的"
    assert [one.label for one in sheet.model.sheet.items] == ["明年还出去吗", "想去哪", "几人", "有车吗"]


def test_a_digit_answers_and_goes_on(sheet, station, qtbot) -> None:
    grid, name = sheet.fill.grid, first(sheet)
    QTest.keyClicks(grid, "12")
    qtbot.waitUntil(lambda: said(station) == {name: {"还出去吗": "是", "想去哪": "本县"}})
    assert grid.place()[1] == sheet.model.sheet.items[2].id
    assert sheet.model.counts()[DONE] == 1
    assert grid.model().text(0, 1) == "✓"
    with station.store.write("撤销") as session:
        records.undo_last(session)
    station.changed.emit()
    qtbot.waitUntil(lambda: len(said(station).get(name, {})) < 2)


def test_a_sheet_that_is_opened_takes_the_keys_at_once(page, station) -> None:
    with station.store.write("准备") as session:
        id = design.save(session, {"title": "返乡意愿", "about": "everyone"}, QUESTIONS)
    for _again in range(2):
        page.opened(id=id)
        assert page.fill.grid.hasFocus()
        page.close_one()


def test_ctrl_p_prints_the_sheet_that_is_filled(sheet, papers) -> None:
    QTest.keyClick(sheet.fill.grid, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert papers == [sheet.model.survey_id]


def test_f8_copies_what_is_put_into_a_chat(sheet, frame) -> None:
    QTest.keyClick(sheet.fill.grid, Qt.Key.Key_F8)
    assert QGuiApplication.clipboard().text().startswith("#接龙\n返乡意愿\n请写：姓名、")
    assert "Ctrl+V" in frame.messages[-1]


def test_a_pasted_block_is_one_act(sheet, station, qtbot) -> None:
    grid, names = sheet.fill.grid, [row.fixed["name"] for row in sheet.fill.grid.model().rows[:2]]
    QGuiApplication.clipboard().setText("否\t南方\t3\n是\t本县\t2.5\n")
    grid.go_to(grid.model().rows[0].id, sheet.model.sheet.items[0].id)
    QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    both = {names[0]: {"还出去吗": "否", "想去哪": "南方", "几人": "3"}, names[1]: {"还出去吗": "是", "想去哪": "本县", "几人": "2.5"}}
    qtbot.waitUntil(lambda: said(station) == both)
    with station.store.write("撤销") as session:
        records.undo_last(session)
    assert said(station) == {}


def test_what_is_no_answer_stays_red_and_is_asked_about(sheet, station, answers) -> None:
    cells = sheet.fill.grid.model()
    column = next(n for n, made in enumerate(cells.columns) if made.title == "想去哪")
    cells.put([(0, column, "火星")])
    assert sheet.fill.grid.unread() == 1
    assert said(station) == {}
    answers["ask"] = False
    assert not sheet.can_leave()
    answers["ask"] = True
    assert sheet.can_leave()
    assert sheet.fill.grid.unread() == 0


def test_the_lines_that_are_left(sheet, qtbot) -> None:
    person, items = sheet.model.people()[0], sheet.model.sheet.items
    sheet.fill.only.choose(OPEN)
    whole = len(sheet.fill.grid.model().rows)
    for item, text in zip(items, ("是", "南方"), strict=False):
        sheet.model.typed(person.id, item.id, text)
    assert len(sheet.model.people()) == whole  # who was just filled stays to be looked at
    sheet.fill.only.choose(OPEN)
    assert len(sheet.fill.grid.model().rows) == whole - 1
    sheet.fill.search.setText(person.name)
    assert sheet.fill.stack.currentIndex() == 1


def test_a_closed_sheet_takes_nothing_till_it_is_opened_again(sheet, station, frame) -> None:
    sheet.end_button.click()
    assert sheet.state_chip.isVisibleTo(sheet)
    cells = sheet.fill.grid.model()
    assert not any(cells.editable(0, n) for n in range(len(cells.columns)))
    QTest.keyClicks(sheet.fill.grid, "1")
    assert "重新开始" in frame.messages[-1]  # a key that does nothing and says nothing is pressed again
    sheet.end_button.click()
    assert any(cells.editable(0, n) for n in range(len(cells.columns)))


@pytest.mark.parametrize("with_form", [False, True])
def test_a_sheet_that_was_taken_away_meanwhile_gives_way_to_the_list(sheet, station, frame, with_form) -> None:
    if with_form:
        sheet.model.change(sheet.model.survey_id)
    with station.store.write("别处删除") as session:
        design.delete(session, sheet.model.survey_id)
    sheet.refresh()
    if with_form:
        assert sheet.stack.form is not None  # what was typed in it is not lost unasked
        sheet.stack.close_form()
    assert sheet.stack.currentWidget() is sheet.table
    assert not sheet.back.isVisibleTo(sheet)
    sheet.refresh()
    assert len(frame.errors) + len(frame.messages) <= 1


def test_an_answer_to_a_question_that_went_meanwhile_is_refused_in_words(sheet, station, frame, qtbot) -> None:
    """The grid waits with the new questions while somebody types in it."""
    person, (first, *others) = sheet.model.people()[0], sheet.model.sheet.items
    with station.store.write("别处改") as session:
        design.save(session, {}, [Question(one.label, one.type, one.choices or "", id=one.id) for one in others], sheet.model.survey_id)
    sheet.model.reload()
    sheet.model.typed(person.id, first.id, sheet.model.read(person.id, first.id, "是"))
    qtbot.waitUntil(lambda: "不在了" in str(frame.errors + frame.messages))


def test_figures_follow_what_is_typed(sheet) -> None:
    person, items = sheet.model.people()[0], sheet.model.sheet.items
    sheet.one.tabs.choose("tally")
    sheet.one.tabs.choose("fill")
    sheet.model.typed(person.id, items[0].id, "是")
    sheet.one.tabs.choose("tally")
    rows = [sheet.tally.model.row(n) for n in range(len(sheet.tally.model.ids))]
    assert [(row["label"], row["told"], row["people"]) for row in rows[:3]] == [("还出去吗", "已答", "1"), ("", "是", "1"), ("", "否", "0")]


def test_the_people_behind_an_answer_open_in_the_list_of_people(sheet, station, frame, show, qtbot) -> None:
    people, items = sheet.model.people(), sheet.model.sheet.items
    sheet.model.typed(people[1].id, items[1].id, "南方")
    sheet.model.typed(people[2].id, items[1].id, "本县")
    sheet.one.tabs.choose("tally")
    assert sheet.tally.isVisibleTo(sheet)
    sheet.tally.select(f"{items[1].id}=南方")
    sheet.tally.table.setFocus()
    QTest.keyClick(sheet.tally.table, Qt.Key.Key_Return)
    (opened, args) = frame.opened[-1]
    assert opened == "people"

    listed = show(people_page(frame, station), **args).list
    assert listed.table.model.ids == [people[1].id]
    assert listed.answer.text() == listed._describe_filters() == "「想去哪」答南方"
    listed.answer.click()
    assert len(listed.table.model.ids) == len(people)
    assert not listed.answer.isVisibleTo(listed)


def test_a_sheet_is_deleted_from_the_list(sheet, station, answers) -> None:
    sheet.close_one()
    answers["ask"] = True
    sheet.table.delete_asked.emit([sheet.table.model.ids[0]])
    with station.store.read() as session:
        assert not session.count("survey")
    assert sheet.table.stack.currentIndex() == 1


def test_a_long_title_leaves_the_buttons_whole(sheet, station) -> None:
    with station.store.write("改名") as session:
        records.save(session, "survey", {"title": "解放村劳动力就业意愿和家庭情况摸底调查" * 4}, sheet.model.survey_id)
    sheet.model.reload()
    sheet.resize(820, 520)
    QTest.qWait(0)
    assert all(one.width() >= one.sizeHint().width() for one in (sheet.back, sheet.edit_button, sheet.end_button))
    assert sheet.header.title.width() >= theme.px(220)


def test_the_badge_says_how_many_are_left(sheet, frame) -> None:
    assert frame.badges["survey"] == 1


def test_a_day_is_not_cut_off_under_a_short_question(sheet) -> None:
    wide = fill_tab._width(SurveyItem(id="i", survey_id="s", village="v", position=1, type="date", label="哪天走"))
    assert wide * theme.scale() >= QFontMetrics(theme.font(14)).horizontalAdvance("2026-10-30") + 20


DEPENDENT = (Question("还出去吗", "yes_no"), Question("去哪里", "choice", "南方、本县", asked_if="1=是"), Question("几人", "number"))


def test_a_question_that_somebody_is_not_asked_is_grey_and_passed_over(page, station) -> None:
    with station.store.write("准备") as session:
        id = design.save(session, {"title": "返乡意愿", "about": "everyone"}, DEPENDENT)
    page.opened(id=id)
    grid, (out, where, how_many) = page.fill.grid, [one.id for one in page.model.sheet.items]
    who = grid.model().rows[0].id
    assert grid.model().tones[who, where] == "plain"
    grid.go_to(who, out)
    QTest.keyClick(grid, Qt.Key.Key_2)
    assert grid.place() == (who, how_many)
    grid.go_to(who, where)
    assert "「还出去吗」答是的才问" in page.fill.asked.text() and "不用答" in page.fill.asked.text()
    grid.go_to(who, out)
    QTest.keyClick(grid, Qt.Key.Key_1)
    assert grid.place() == (who, where) and (who, where) not in grid.model().tones
    assert "不用答" not in page.fill.asked.text()
    QTest.keyClick(grid, Qt.Key.Key_2)
    grid.model().put([(0, [made.key for made in grid.model().columns].index(how_many), "3")])
    assert page.model.complete(page.model.person(who))


@pytest.mark.parametrize("typed", ["2=1", "２＝1", "还出去吗=是"])
def test_a_condition_is_given_by_the_number_of_a_form(page, typed) -> None:
    page.new()
    panel = page.stack.form
    fill(panel.forms[0], title="返乡意愿")
    fill(panel.forms[2], label="还出去吗", type="yes_no")
    fill(panel.forms[4], label="去哪里", type="choice", choices="南方、本县", asked_if=typed)
    panel.ask()
    assert page.stack.form is None
    assert [item.asked_if for item in page.model.sheet.items] == [None, "还出去吗=是"]


def test_a_condition_on_an_empty_form_is_refused(page) -> None:
    """The number of the empty form was taken for a place among those that are filled in: another question."""
    page.new()
    panel = page.stack.form
    fill(panel.forms[0], title="返乡意愿")
    fill(panel.forms[2], label="还出去吗", type="yes_no")
    fill(panel.forms[4], label="去哪里", type="choice", choices="南方、本县", asked_if="1=是")
    panel.ask()
    assert page.stack.form is panel and "什么人才问" in panel.error.text()


def test_a_condition_that_cannot_be_met_is_refused_and_the_form_stays(page) -> None:
    page.new()
    panel = page.stack.form
    fill(panel.forms[0], title="返乡意愿")
    fill(panel.forms[1], label="去哪里", type="choice", choices="南方、本县", asked_if="2=是")
    panel.ask()
    assert page.stack.form is panel
    assert "「去哪里」的「什么人才问」" in panel.error.text()


def test_enter_behind_several_answers_goes_on_to_the_next_question_too(sheet, station, qtbot) -> None:
    """It went down: the next person's first answer was written under the last question."""
    grid = sheet.fill.grid
    last = len(grid.model().columns) - 1
    grid.setCurrentIndex(grid.model().index(0, last))
    QTest.keyClicks(grid, "x")
    line = grid.viewport().findChild(QLineEdit)
    line.setText("1")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (grid.currentIndex().row(), grid.place()[1]) == (1, sheet.model.sheet.items[0].id)


def test_enter_after_the_answers_of_one_person_goes_to_the_first_of_the_next(sheet, qtbot) -> None:
    """It went straight down: the answers of the next person began under the wrong question."""
    grid, items = sheet.fill.grid, sheet.model.sheet.items
    people = [row.id for row in grid.model().rows]
    grid.go_to(people[0], items[0].id)
    QTest.keyClicks(grid, "1")
    assert grid.place() == (people[0], items[1].id)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert grid.place() == (people[1], items[0].id)


def test_a_sheet_is_opened_at_the_first_person_who_has_not_answered(sheet, station) -> None:
    model, (first, second, *_others), items = sheet.model, sheet.model.people(), sheet.model.sheet.items
    for person, answers in ((first, ("是", "南方", "2")), (second, ("是",))):
        for item, answer in zip(items, answers, strict=False):
            model.typed(person.id, item.id, answer)
    sheet.close_one()
    sheet.opened(id=model.survey_id or sheet.table.model.ids[0])
    assert sheet.fill.grid.place() == (second.id, items[1].id)
    model.typed(second.id, items[1].id, "南方")
    model.shown.emit()
    assert sheet.fill.grid.place() == (second.id, items[1].id)  # only when it is opened


def test_the_figures_on_paper_say_of_which_sheet_they_are(sheet) -> None:
    assert sheet.tally.describe_filters() == "返乡意愿"
