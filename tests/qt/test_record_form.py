"""Forms made from declarations: what clerks type is understood, what is wrong stands beneath, only changes are saved."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

import domain.records  # noqa: F401  (declares the kinds)
from desktop.draft import Draft, Drafts
from desktop.jobs import InlineJobs
from desktop.widgets.editors import ChoiceEditor, MultilineEditor, PickEditor, SetEditor, Tools, editor_for
from desktop.widgets.form_panel import FormPanel, FormStack
from desktop.widgets.inputs import Number, choices
from desktop.widgets.layout import scrolled
from desktop.widgets.line_editors import LineEditor, SecretEditor
from desktop.widgets.picker import Option
from desktop.widgets.record_form import RecordForm
from domain import clock
from domain.errors import FieldError
from domain.fields import KINDS
from domain.values import Type
from domain.words import set_language

ROOT = Path(__file__).parents[2]
PEOPLE_ADDED: list[str] = []
PEOPLE = {"p1": "赵福生", "p2": "赵志强"}


@pytest.fixture
def tools(frame) -> Tools:
    def find(kind: str, text: str) -> list[Option]:
        return [Option(id, name, kind) for id, name in PEOPLE.items() if text in name]

    def add(name: str) -> str:
        PEOPLE_ADDED.append(name)
        return "new"

    def title_of(_kind: str, id: str) -> str:
        return {**PEOPLE, "new": "鑫达电子厂"}[id]

    PEOPLE_ADDED.clear()
    return Tools(frame.jobs, find, title_of, lambda: frame.given_reason is not None, "230826101202", add={"employer": add})


@pytest.fixture
def form(qtbot, tools) -> RecordForm:
    made = RecordForm(KINDS["employment"], tools)
    qtbot.addWidget(made)
    made.resize(600, 800)
    made.show()
    return made


def test_two_columns_are_one_where_they_would_be_narrow(qtbot, tools, qapp) -> None:
    """1024 × 600 at 150 % text: of a name and a number half could be seen."""
    form = RecordForm(KINDS["employment"], tools, columns=2)
    qtbot.addWidget(form)
    first, second = list(form.editors.values())[:2]
    form.show()
    heights = set()
    for _time in range(2):
        form.resize(800, 600)
        qapp.processEvents()
        assert first.y() == second.y()
        heights.add(form.sizeHint().height())
        form.resize(440, 600)
        qapp.processEvents()
        assert second.y() > first.y() and second.x() == first.x()
        assert second.width() == first.width() > 300
    assert len(heights) == 1


def test_the_sentence_beneath_a_field_at_the_edge_is_in_sight(qtbot, tools) -> None:
    """Ctrl+S with the cursor in the field: it has the focus already, and of what is wrong with it a line was seen."""
    form = RecordForm(KINDS["person"], tools, columns=2)
    area = scrolled(form)
    qtbot.addWidget(area)
    area.resize(700, 300)
    area.show()
    editor = form.editors["died_on"]
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)

    def seen(part) -> bool:
        return area.viewport().rect().contains(part.mapTo(area.viewport(), part.rect().bottomLeft()))

    editor.setFocus()
    qtbot.waitUntil(lambda: seen(editor))
    editor.fail("看不出是哪一天，请写成 2023-06-05。" * 6)
    qtbot.waitUntil(lambda: editor.message.height() > 60)
    qtbot.waitUntil(lambda: seen(editor.message))


def test_an_empty_day_shows_an_example_that_nobody_takes_for_a_day(tools) -> None:
    lines = {name: editor_for(KINDS["person"].by_name[name], tools) for name in ("died_on", "name")}
    shown = {name: editor.line.placeholderText() for name, editor in lines.items() if isinstance(editor, LineEditor)}
    assert shown == {"died_on": "如 2023-06-05", "name": ""}


def test_each_item_of_a_set_is_completed(qtbot, tools) -> None:
    editor = editor_for(KINDS["job_wish"].by_name["skills"], tools)
    assert isinstance(editor, LineEditor)
    qtbot.addWidget(editor)
    editor.line.setText("缝纫、驾")
    completer = editor.line.completer()
    completer.setCompletionPrefix(editor.line.text())
    assert [completer.completionCount(), completer.currentCompletion()] == [1, "缝纫、驾驶证"]
    editor.line.setText(completer.currentCompletion())
    assert editor.value() == {"缝纫", "驾驶证"}


@pytest.mark.parametrize(("name", "kind"), [("bank_account", "person"), ("person_id", "employment")])
def test_what_was_looked_up_for_a_form_that_is_left_disturbs_nobody(tools, name, kind) -> None:
    """Saving and leaving take the cursor out of the field, which asks once more; the answer comes when the form is gone."""
    late: list[Callable[[], None]] = []
    jobs = SimpleNamespace(run=lambda work, done, **_how: late.append(lambda: done(work())))
    editor = editor_for(KINDS[kind].by_name[name], replace(tools, jobs=jobs, doubts={name: lambda typed: f"{typed} 也有人用"}))
    assert isinstance(editor.input, QLineEdit)
    editor.input.setText("6210123456786620")
    if isinstance(editor, PickEditor):
        editor.picker.find_now()
    else:
        editor.input.editingFinished.emit()
    shiboken6.delete(editor)
    assert len(late) == 1
    late[0]()


def test_every_field_of_every_kind_has_an_editor(qtbot, tools) -> None:
    for kind in KINDS.values():
        form = RecordForm(kind, tools)
        qtbot.addWidget(form)
        assert list(form.editors) == [f.name for f in kind.fields if f.type is not Type.JSON]
        for name, editor in form.editors.items():
            assert editor.input.accessibleName().startswith(form.declared[name].label)
        form.set_values({})
        assert form.changes() == {}
        assert not form.dirty


def test_the_editor_follows_the_declaration(tools) -> None:
    person = KINDS["person"].by_name
    kinds = {
        "name": LineEditor,
        "id_number": SecretEditor,
        "sex": ChoiceEditor,
        "health": SetEditor,
        "residence": PickEditor,
        "note": MultilineEditor,
    }
    assert {name: type(editor_for(person[name], tools)) for name in kinds} == kinds


@pytest.mark.parametrize(
    ("kind", "name", "typed", "value", "shown"),
    [
        ("employment", "start", "2023年6月", "2023-06", "2023-06"),
        ("employment", "start", "2023.6.5", "2023-06-05", "2023-06-05"),
        ("wage", "amount", "3,800", 380000, "3800"),
        ("wage", "amount", "￥12.5", 1250, "12.50"),
        ("wage", "month", "202306", "2023-06", "2023-06"),
        ("post", "quota", "3", 3, "3"),
    ],
)
def test_what_clerks_type_is_understood_and_written_in_its_own_form(qtbot, tools, kind, name, typed, value, shown) -> None:
    editor = editor_for(KINDS[kind].by_name[name], tools)
    qtbot.addWidget(editor)
    assert isinstance(editor, LineEditor)
    editor.line.setText(typed)
    editor.line.editingFinished.emit()
    assert editor.value() == value
    assert editor.line.text() == shown
    assert editor.message.isHidden()


def test_what_cannot_be_read_is_said_beneath_in_chinese(qtbot, form) -> None:
    start = form.editors["start"]
    start.line.setText("去年夏天")
    start.line.editingFinished.emit()
    assert not start.message.isHidden()
    assert start.message.text().startswith("开始")
    assert start.input.property("bad") == "true"
    assert start.input.accessibleDescription() == start.message.text()
    start.line.setText("2023-6")
    start.line.editingFinished.emit()
    assert start.message.isHidden()


def test_required_fields_are_asked_for_and_the_first_has_the_focus(qtbot, form) -> None:
    form.set_values({})
    assert not form.check()
    wrong = [name for name, editor in form.editors.items() if not editor.message.isHidden()]
    assert wrong == [f.name for f in KINDS["employment"].fields if f.required]
    assert form.editors[wrong[0]].message.text().endswith("必填")


def test_only_what_was_changed_is_reported(form) -> None:
    form.set_values({"person_id": "p1", "start": "2023-06", "channel": "workshop"})
    assert form.changes() == {}
    form.editors["start"].line.setText("2023.7")
    assert form.changes() == {"start": "2023-07"}
    form.editors["start"].line.setText("2023-06")
    assert not form.dirty


def test_a_doubtful_number_is_a_warning_not_a_bar(qtbot, tools) -> None:
    form = RecordForm(KINDS["person"], tools, fields=("name", "phone"))
    qtbot.addWidget(form)
    form.set_values({"name": "王秀兰"})
    phone: Any = form.editors["phone"]
    phone.line.setText("123")
    phone.line.editingFinished.emit()
    assert form.editors["phone"].input.property("doubt") == "true"
    assert phone.message.text() == "请核对：联系电话的位数不对"
    assert form.check()
    assert form.changes() == {"phone": "123"}


@pytest.mark.parametrize(
    ("kind", "name", "typed", "said"),
    [
        ("employment", "monthly_wage", "50", "请核对：月工资应在 100 至 30,000 之间"),
        ("employment", "monthly_wage", "4500", ""),
        ("vacancy", "headcount", "0", "请核对：招聘人数不应小于 1"),
        ("enrolment", "score", "150", "请核对：考核成绩应在 0 至 100 之间"),
        ("travel", "year", "1999", "请核对：年度应在 2000 至"),
        ("person", "birth", "2090-01-01", "请核对：出生日期应在 1900-01-01 至"),
    ],
)
def test_a_value_out_of_the_bounds_of_its_field_is_a_warning_too(qtbot, tools, kind: str, name: str, typed: str, said: str) -> None:
    form = RecordForm(KINDS[kind], tools, fields=(name,))
    qtbot.addWidget(form)
    editor: Any = form.editors[name]
    editor.line.setText(typed)
    editor.line.editingFinished.emit()
    assert editor.message.text().startswith(said) and bool(editor.message.text()) == bool(said)
    assert form.check()


def test_a_choice_by_typing_a_part_or_a_synonym(qtbot, tools) -> None:
    editor: Any = editor_for(KINDS["category_span"].by_name["category"], tools)
    qtbot.addWidget(editor)
    editor.box.setEditText("脱贫户")
    editor.box.lineEdit().editingFinished.emit()
    assert editor.value() == "lifted"
    assert editor.box.currentText() == "脱贫人口"
    editor.box.setEditText("突发")
    assert editor.value() == "sudden_hardship"
    for letters in ("tufa", "TFYZ"):  # as people and places are found
        editor.box.setEditText(letters)
        assert editor.value() == "sudden_hardship"
    for text in ("脱贫", "tuopin", "不是这个"):  # which of two, and none
        editor.box.setEditText(text)
        with pytest.raises(FieldError):
            editor.value()
    editor.box.setEditText("不是这个")
    with pytest.raises(FieldError):
        editor.value()
    editor.set_value("a code of later days")
    assert editor.box.currentText() == "a code of later days"


def test_yes_and_no_and_several_choices(qtbot, tools) -> None:
    yes = next(f for kind in KINDS.values() for f in kind.fields if f.type is Type.BOOL)
    editor: Any = editor_for(yes, tools)
    editor.set_value(True)
    assert editor.value() is True
    editor.set_value(None)
    assert editor.value() is None
    health: Any = editor_for(KINDS["person"].by_name["health"], tools)
    codes = list(health.boxes)
    health.set_value(frozenset(codes[1:3]))
    assert health.value() == frozenset(codes[1:3])
    health.boxes[codes[0]].click()
    assert health.value() == frozenset(codes[:3])


def test_choosing_one_of_several_keeps_those_before_it(qtbot, tools) -> None:
    """Enter sorts the items of the line before the one marked in the list is taken, which then replaced another: 驾驶证 was gone."""
    editor: Any = editor_for(KINDS["vacancy"].by_name["requires"], tools)
    qtbot.addWidget(editor)
    names = editor.line.completer()

    def chosen(n: int) -> Any:
        editor.normalise()
        editor.line.setText(names.pathFromIndex(names.completionModel().index(n, 0)))
        return editor.value()

    editor.line.setText("驾驶证，")
    qtbot.keyClicks(editor.line, "d")
    editor.line.setText("驾驶证，电工证")  # marked in the list
    assert chosen(0) == {"驾驶证", "电工证"}
    editor.line.setText("驾驶证、")
    QTest.keyClick(editor.line, Qt.Key.Key_Down)
    assert chosen(1) == {"驾驶证", "叉车证"}


@pytest.mark.parametrize("typed", ["大连", "dlian", "dalian"])
def test_a_place_by_name_or_pinyin(qtbot, form, typed) -> None:
    picker = form.editors["place"].picker
    picker.setFocus()
    picker.setText(typed)
    picker.find_now()
    assert picker.drop.isVisible()
    assert picker.drop.marked().id == "210200"
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert form.editors["place"].value() == "210200"
    assert picker.text() == "辽宁省大连市"
    assert not picker.drop.isVisible()
    qtbot.waitUntil(lambda: form.focusWidget() is form.editors["address"].focusWidget() and form.focusWidget() is not picker)


def test_long_suggestions_are_read_whole_where_the_field_is_at_the_right(qtbot, tools) -> None:
    """Villages of one township differ at the end of their full name, which lay outside the window."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 400)
    editor: Any = editor_for(KINDS["employer"].by_name["place"], tools)
    editor.setParent(window)
    editor.setGeometry(600, 20, 280, 40)
    window.show()
    editor.picker.setText("横头山")
    editor.picker.find_now()
    drop = editor.picker.drop
    assert drop.isVisible() and drop.sizeHintForColumn(0) > 280
    assert drop.geometry().right() < window.width() and not drop.horizontalScrollBar().isVisible()


@pytest.mark.parametrize("down", [0, 1])
def test_an_enter_in_the_list_of_a_choice_goes_on_as_everywhere(qtbot, form, down) -> None:
    box = form.editors["channel"].box
    line = box.lineEdit()
    line.setFocus()
    line.setText("帮扶车间")
    box.completer().setCompletionPrefix("帮扶车间")
    box.completer().complete()
    popup = box.completer().popup()
    assert popup.isVisible()
    for _n in range(down):
        qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert not popup.isVisible()
    qtbot.waitUntil(lambda: not box.hasFocus() and not line.hasFocus())
    assert form.editors["channel"].value() == "workshop"


def test_nothing_found_is_said_and_nothing_hangs_under_a_line_somebody_left(qtbot, form) -> None:
    picker = form.editors["place"].picker
    picker.setText("没有这个地方")
    picker.find_now()
    assert picker.drop.isVisible()
    assert picker.drop.item(0).text().startswith("没有找到")
    assert "登记" not in picker.drop.item(0).text()
    whom = form.editors["person_id"].picker
    whom.setText("没有登记过的人")
    whom.find_now()
    assert "Ctrl+N" in whom.drop.item(0).text(), "who is not registered yet is not to be looked for by other words"
    whom.drop.hide()
    assert picker.drop.marked() is None
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert not picker.drop.isVisible()
    assert picker.unresolved
    picker.setText("大连")
    QApplication.sendEvent(picker, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    picker.find_now()  # the answer comes when the person has gone on
    assert not picker.drop.isVisible()


def test_an_employer_that_is_not_found_is_added_by_enter_but_not_by_going_on(qtbot, form, tools) -> None:
    """A vacancy needs an employer, and the form did not say where to enter a new one. A name typed into a work record, which may be
    any firm, goes to the field beside it instead."""
    assert not form.editors["employer_id"].picker.adds("鑫达电子厂")
    form = RecordForm(KINDS["vacancy"], tools)
    qtbot.addWidget(form)
    form.show()
    editor = form.editors["employer_id"]
    picker = editor.picker
    picker.setFocus()
    for text in ("xinda", "鑫"):
        picker.setText(text)
        picker.find_now()
        assert picker.drop.marked() is None
    picker.setText("鑫达电子厂")
    picker.find_now()
    assert "新增单位「鑫达电子厂」" in picker.drop.item(0).text()
    qtbot.keyClick(picker, Qt.Key.Key_Tab)
    assert PEOPLE_ADDED == [] and picker.unresolved
    with pytest.raises(FieldError, match="新增单位「鑫达电子厂」"):
        editor.value()
    picker.setFocus()
    picker.find_now()
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert PEOPLE_ADDED == ["鑫达电子厂"] and editor.value() == "new"
    picker.setText("赵福生")
    picker.find_now()
    assert picker.drop.count() == 1  # found by its whole name


@pytest.mark.parametrize("on", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_what_was_typed_on_is_not_the_first_of_an_older_list(qtbot, form, on) -> None:
    picker = form.editors["place"].picker
    picker.setFocus()
    picker.setText("大")
    picker.find_now()
    assert picker.drop.marked() is not None
    picker.setText("大连市甘井子")  # its list is not there yet
    qtbot.keyClick(picker, on)
    qtbot.waitUntil(lambda: not picker.hasFocus())
    assert not picker.drop.isVisible()
    assert picker.id == ""
    picker.find_now()
    assert picker.id == "210211"  # the only one


def test_another_record_by_typing(qtbot, form) -> None:
    picker = form.editors["person_id"].picker
    form.set_values({"person_id": "p1"})
    assert picker.text() == "赵福生"
    picker.setText("赵")
    picker.find_now()
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert form.changes() == {"person_id": "p2"}
    picker.setText("没有")
    with pytest.raises(FieldError):
        form.editors["person_id"].value()
    qtbot.keyClick(picker, Qt.Key.Key_Escape)
    picker.setText("")
    picker.find_now()
    assert form.editors["person_id"].value() is None


def test_secrets_stay_masked_until_a_reason_is_given(qtbot, frame, tools) -> None:
    editor: Any = editor_for(KINDS["person"].by_name["phone"], tools)
    qtbot.addWidget(editor)
    editor.set_value("13800000217")
    assert editor.line.text() == "138****0217"
    assert editor.line.isReadOnly()
    assert editor.value() == "13800000217"
    frame.given_reason = None
    editor.eye.click()
    assert editor.masked
    frame.given_reason = "发放补助"
    editor.eye.click()
    assert editor.line.text() == "13800000217"
    editor.line.setText("13900000217")
    assert editor.value() == "13900000217"


def test_a_new_number_is_typed_over_a_masked_one(qtbot, tools) -> None:
    editor: Any = editor_for(KINDS["person"].by_name["bank_account"], tools)
    qtbot.addWidget(editor)
    editor.set_value("6228631706690743919")
    QTest.keyClicks(editor.line, "62287")
    assert editor.line.text() == "62287"
    assert editor.value() == "62287"


def test_a_masked_number_stays_where_nothing_was_typed_over_it(qtbot, tools) -> None:
    editor: Any = editor_for(KINDS["person"].by_name["bank_account"], tools)
    qtbot.addWidget(editor)
    editor.set_value("6228631706690743919")
    qtbot.keyClick(editor.line, Qt.Key.Key_Backspace)
    assert editor.masked, "no key but those that write begins a new number"
    qtbot.keyClick(editor.line, Qt.Key.Key_6)
    qtbot.keyClick(editor.line, Qt.Key.Key_Backspace)
    assert editor.value() == "6228631706690743919"
    editor.normalise()
    assert editor.line.text() == "****3919"
    assert editor.line.isReadOnly()


def test_enter_goes_past_the_eye_of_a_masked_number(qtbot, tools) -> None:
    """One more Enter pressed it, and the next answered why the number was to be seen."""
    form = RecordForm(KINDS["person"], tools, fields=["id_number", "sex"])
    qtbot.addWidget(form)
    form.set_values({"id_number": "230826196005018005", "sex": "男"})
    form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    masked: Any = form.editors["id_number"]
    masked.line.setFocus()
    qtbot.keyClick(masked.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.editors["sex"].isAncestorOf(form.focusWidget()))


def test_enter_goes_on_and_ctrl_s_saves(qtbot, form) -> None:
    form.set_values({})
    form.activateWindow()
    form.editors["start"].setFocus()
    before = form.focusWidget()
    qtbot.keyClick(before, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.focusWidget() is not before)
    with qtbot.waitSignal(form.saved):
        qtbot.keyClick(form.focusWidget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)


def test_a_draft_is_not_put_off_by_who_types_without_a_rest(qtbot) -> None:
    kept: list[object] = []
    parent = QObject()
    draft = Draft(InlineJobs(), Drafts(lambda _name: None, lambda name, values: kept.append((name, values))), lambda: {"a": 1}, parent)
    draft.begin("x")
    draft._timer.setInterval(30)
    for _key in range(20):
        draft.changed()
        qtbot.wait(5)
    assert kept.count(("x", {"a": 1})) >= 2
    draft.forget()
    draft.forget()
    assert kept.count(("x", {})) == 1


def test_what_is_half_typed_is_put_back(qtbot, form, tools) -> None:
    form.set_values({"start": "2023-06"})
    QTest.keyClicks(form.editors["end"].line, "2023-08")
    kept = form.draft()
    assert kept == {"end": "2023-08"}
    again = RecordForm(KINDS["employment"], tools)
    qtbot.addWidget(again)
    again.set_values({"start": "2023-06"})
    again.restore({**kept, "no such field": 1})
    assert again.changes() == {"end": "2023-08"}
    form.editors["start"].line.setText("读不懂")
    assert form.draft() == {"end": "2023-08"}


def test_a_choice_is_filtered_by_pinyin_while_it_is_typed(qtbot, tools) -> None:
    """Pinyin listed nothing, and only the beginning of a choice was taken: 车间 could not be typed for 就业帮扶车间."""
    editor = editor_for(KINDS["recognition"].by_name["type"], tools)
    assert isinstance(editor, ChoiceEditor)
    qtbot.addWidget(editor)
    editor.show()
    line = editor.box.lineEdit()
    assert line is not None
    names: Any = line.completer()
    for typed, shown in (
        ("cheji", ["就业帮扶车间"]),
        ("JYBF", ["就业帮扶车间", "就业帮扶基地"]),
        ("工", ["社区工厂", "卫星工厂", "非遗工坊"]),
        ("f", ["非遗工坊", "就业帮扶车间", "就业帮扶基地", "人力资源服务许可", "创业园/孵化基地"]),  # the beginning first
        ("jy", ["就业帮扶车间", "就业帮扶基地"]),
        ("", ["", *(KINDS["recognition"].by_name["type"].choices or {}).values()]),
    ):
        names.setCompletionPrefix(typed)
        model = names.completionModel()
        assert [str(model.index(n, 0).data()) for n in range(model.rowCount())] == shown, typed
    qtbot.keyClicks(line, "cheji")
    assert line.text() == "cheji"  # the list of a combo box, changed meanwhile, had put its own text there
    assert names.pathFromIndex(names.completionModel().index(0, 0)) == "就业帮扶车间"
    names.activated[QModelIndex].emit(names.completionModel().index(0, 0))
    assert editor.box.currentText() == "就业帮扶车间"
    for typed, code in (("chejian", "workshop"), ("jybfcj", "workshop"), ("wxgc", "satellite")):
        editor.box.setEditText(typed)
        assert KINDS["recognition"].by_name["type"].show(editor.value()) == {"workshop": "就业帮扶车间"}.get(code, "卫星工厂")
    editor.box.setEditText("bangfu")  # which of two
    with pytest.raises(FieldError):
        editor.value()


@pytest.mark.parametrize("typed", ["zhinv", "zhinu", "ZHINV", "zn"])
def test_the_choice_that_is_spelled_as_typed_is_taken_before_those_that_only_hold_it(qtbot, tools, typed: str) -> None:
    """之女 could not be chosen by its letters, which 之女婿 and 之侄女 hold as well."""
    editor = editor_for(KINDS["person"].by_name["relation"], tools)
    assert isinstance(editor, ChoiceEditor)
    qtbot.addWidget(editor)
    editor.box.setEditText(typed)
    assert editor.declared.show(editor.value()) == "之女"
    names: Any = editor.box.completer()
    names.setCompletionPrefix(typed)
    assert names.completionModel().index(0, 0).data() == "之女"


def test_suggestions_are_found_by_pinyin(qtbot, tools) -> None:
    editor: Any = editor_for(KINDS["service_station"].by_name["type"], tools)
    qtbot.addWidget(editor)
    names = editor.line.completer()
    names.setCompletionPrefix("linggong")
    assert names.currentCompletion() == "零工市场"


def test_a_word_longer_than_its_box_is_read_from_its_beginning(tools) -> None:
    editor = editor_for(KINDS["person"].by_name["document"], tools)
    assert isinstance(editor, ChoiceEditor)
    editor.set_value("resident_id")
    line = editor.box.lineEdit()
    assert line is not None and line.cursorPosition() == 0


def test_a_turning_wheel_scrolls_and_changes_nothing(tools) -> None:
    editor = editor_for(KINDS["person"].by_name["document"], tools)
    assert isinstance(editor, ChoiceEditor)
    editor.set_value("resident_id")
    filters, number = choices("渠道", {"": "全部渠道", "migrant": "外出"}), Number()
    for watched in (editor.box, editor.box.lineEdit(), filters, number):
        turned = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        assert watched is not None
        QApplication.sendEvent(watched, turned)
    assert (editor.value(), filters.currentIndex(), number.value()) == ("resident_id", 0, 0)


@pytest.mark.parametrize("key", [Qt.Key.Key_PageUp, Qt.Key.Key_PageDown])
@pytest.mark.parametrize("held", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier])
def test_a_key_that_turns_pages_changes_no_choice(qtbot, tools, key, held) -> None:
    """Ctrl+PageUp, by habit for the tab before, emptied the category of a recognition."""
    editor = editor_for(KINDS["person"].by_name["document"], tools)
    assert isinstance(editor, ChoiceEditor)
    qtbot.addWidget(editor)
    editor.set_value("resident_id")
    qtbot.keyClick(editor.box, key, held)
    qtbot.keyClick(editor.box.lineEdit(), key, held)
    assert editor.value() == "resident_id"


def test_every_box_of_choices_and_number_is_one_a_wheel_leaves_alone() -> None:
    plain = re.compile(r"\b(QComboBox|QSpinBox|QDoubleSpinBox|QDateEdit|QSlider)\(\)")
    found = [path.name for path in (ROOT / "desktop").rglob("*.py") if plain.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_down_shows_all_a_line_suggests_before_anything_is_typed(qtbot) -> None:
    """Which indicators of a year's target are counted nobody knows by heart."""
    editor = LineEditor(KINDS["target"].by_name["indicator"])
    qtbot.addWidget(editor)
    editor.show()
    qtbot.keyClick(editor.line, Qt.Key.Key_Down)
    popup = editor.line.completer().popup()
    assert popup.isVisible() and popup.model().rowCount() == len(editor.declared.suggestions)
    popup.hide()


def test_a_day_of_the_traditional_calendar_is_written_as_the_day_it_was_and_told(qtbot) -> None:
    editor = LineEditor(KINDS["employment"].by_name["start"])
    qtbot.addWidget(editor)
    for typed, shown, said in (
        ("2023年正月十六", "2023-02-06", "2023年正月十六（农历）是公历 2023-02-06"),
        ("2023年2月8日", "2023-02-08", ""),
        ("正月十六", "正月十六", "开始时间：“正月十六”是农历，要写上年份，例如 2023年正月十六"),
    ):
        editor.line.setText(typed)
        for _reading in range(2):  # at Enter, and where Enter goes on
            editor.normalise()
            assert (editor.line.text(), editor.message.text()) == (shown, said)


def test_another_of_the_same_name_is_chosen_by_typing_the_name_again(qtbot, form, monkeypatch) -> None:
    """The list did not come while the name stood as before: who had the wrong one of two could not be put right."""
    monkeypatch.setattr("tests.qt.test_record_form.PEOPLE", {"p1": "邵涛", "p2": "邵涛"})
    form.set_values({"person_id": "p2"})
    picker = form.editors["person_id"].picker
    picker.setFocus()
    for keys, chosen in (((), "p2"), ((Qt.Key.Key_Up,), "p1")):
        picker.setText("邵涛")
        picker.textEdited.emit("邵涛")
        picker.find_now()
        assert picker.drop.marked().id == "p2"  # who goes on keeps the one that stood
        for key in (*keys, Qt.Key.Key_Return):
            qtbot.keyClick(picker, key)
        assert form.editors["person_id"].value() == chosen


def test_a_form_that_comes_under_the_lock_has_its_cursor_in_the_first_field(qtbot, frame, tools) -> None:
    """Every field is switched off with the window, and there was no first one."""
    stack = FormStack(frame, QWidget())
    qtbot.addWidget(stack)
    stack.setEnabled(False)
    panel = FormPanel(frame, "新增人员", RecordForm(KINDS["person"], tools, fields=("name",)))
    stack.show_form(panel)
    assert stack.form is panel


def test_a_form_asked_for_twice_is_open_once_and_nothing_typed_gives_way(qtbot, frame, tools) -> None:
    """The second lay over the first; once both were closed the page could not be left any more."""
    under = QWidget()
    stack = FormStack(frame, under)
    qtbot.addWidget(stack)
    stack.show()

    def panel() -> FormPanel:
        return FormPanel(frame, "新增人员", RecordForm(KINDS["person"], tools, fields=("name",)))

    stack.show_form(panel())
    second = panel()
    stack.show_form(second)
    assert (stack.form, stack.count()) == (second, 2)
    second.forms[0].editors["name"].input.setProperty("text", "张三")
    second.forms[0].edited.emit()
    assert second.dirty
    stack.show_form(panel())
    assert (stack.form, stack.count()) == (second, 2)
    stack.close_form()
    assert (stack.currentWidget(), stack.count(), stack.may_leave()) == (under, 1, True)


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [("post_pay", "paid_on", True), ("employment", "end", True), ("agreement", "end", False), ("person", "birth", False)],
)
def test_a_day_without_its_year_is_read_and_told_where_it_is_past(qtbot, monkeypatch, kind: str, name: str, shown: bool) -> None:
    """`10.8` was refused as no date."""
    monkeypatch.setattr(clock, "today", lambda: "2023-10-25")
    editor = LineEditor(KINDS[kind].by_name[name])
    qtbot.addWidget(editor)
    editor.line.setText("10.8")
    for _reading in range(2):
        editor.normalise()
        if shown:
            assert (editor.line.text(), editor.message.text()) == ("2023-10-08", "10.8 没有写年份，读作 2023-10-08；不对请改")
            assert editor.value() == "2023-10-08"
        else:
            assert editor.line.text() == "10.8" and editor.message.property("role") == "bad"
    editor.line.setText("2023-10-09")
    editor.normalise()
    assert editor.message.text() == ""


def test_a_death_to_come_is_refused(qtbot, monkeypatch) -> None:
    """A year too late, it was saved in silence: the person counted as dead at once."""
    monkeypatch.setattr(clock, "today", lambda: "2026-11-29")
    editor = LineEditor(KINDS["person"].by_name["died_on"])
    qtbot.addWidget(editor)
    editor.line.setText("2027-1-1")
    with pytest.raises(FieldError, match="2027-01-01 还没有到"):
        editor.value()
    for typed, value in (("2026.11.29", "2026-11-29"), ("", None)):
        editor.line.setText(typed)
        assert editor.value() == value


def test_a_month_to_come_is_questioned(qtbot, monkeypatch) -> None:
    """The grid of wages refused it, and the ledger's form took it silently."""
    monkeypatch.setattr(clock, "this_month", lambda: "2023-10")
    editor = LineEditor(KINDS["wage"].by_name["month"])
    qtbot.addWidget(editor)
    for typed, said in (("2023年11月", "2023-11 还没有到，请核对"), ("2023-10", "")):
        editor.line.setText(typed)
        editor.normalise()
        assert editor.message.text() == said
    assert editor.value() == "2023-10"


def test_down_in_an_empty_field_lists_what_can_be_picked(qtbot, form, monkeypatch) -> None:
    """A village has three posts, and their names had to be known by heart to appoint somebody."""
    picker = form.editors["person_id"].picker
    monkeypatch.setattr(picker, "_find", lambda text: [] if text else [Option("p1", "邵涛"), Option("p2", "赵福生")])
    picker.setFocus()
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert picker.drop.isVisible() and picker.drop.marked().id == "p1"
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert (picker.id, picker.text()) == ("p2", "赵福生")
    picker.setText("")
    picker.find_now()
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    qtbot.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.drop.isVisible() and picker.id == ""
    monkeypatch.setattr(picker, "_find", lambda _text: [])
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert not picker.drop.isVisible()


def test_a_remark_below_the_suggestions_is_never_picked(qtbot, form, monkeypatch) -> None:
    """Of nine people of one name eight were listed, as if there were no more."""
    monkeypatch.setattr(
        form.editors["person_id"].picker, "_find", lambda _text: [Option("p1", "邵涛"), Option("p2", "邵涛"), Option("", "还有")]
    )
    picker = form.editors["person_id"].picker
    picker.setFocus()
    picker.setText("邵涛")
    picker.textEdited.emit("邵涛")
    picker.find_now()
    assert picker.drop.count() == 3
    for expected in ("p2", "p1", "p2"):
        qtbot.keyClick(picker, Qt.Key.Key_Down)
        assert picker.drop.marked().id == expected
    picker.drop.itemClicked.emit(picker.drop.item(2))
    assert picker.drop.isVisible() or picker.id == "p2"


def test_a_proposed_text_is_selected_so_that_typing_replaces_it(qtbot, frame, tools) -> None:
    stack = FormStack(frame, QWidget())
    qtbot.addWidget(stack)
    stack.show()
    stack.activateWindow()
    qtbot.waitUntil(stack.isActiveWindow)
    form = RecordForm(KINDS["employment"], tools, fields=("end", "end_reason"))
    form.set_values({"end": "2026-11-28"})
    stack.show_form(FormPanel(frame, "退岗", form))
    qtbot.keyClicks(form.editors["end"].input, "2026-11-20")
    assert form.values()["end"] == "2026-11-20"


def test_money_has_its_unit_in_the_caption(tools) -> None:
    form = RecordForm(KINDS["employment"], tools, fields=("job", "monthly_wage"))
    assert [one.text() for one in form.captions.values()] == ["工种", "月工资（元）"]


@pytest.mark.parametrize("leave", [True, False])
def test_an_employer_that_is_not_registered_is_taken_by_its_name(qtbot, form, leave: bool) -> None:
    """It was refused with 请从列出的里面选一个 by who did not know of the other field."""
    picker, name = form.editors["employer_id"].picker, form.editors["employer_name"]
    picker.setFocus()
    picker.setText("大连某服装厂")
    picker.textEdited.emit("大连某服装厂")
    picker.find_now()
    if leave:
        name.setFocus()
    else:
        form.check()
    assert (form.values()["employer_id"], form.values()["employer_name"]) == (None, "大连某服装厂")
    assert form.dirty


def test_typing_replaces_a_text_put_back_under_the_cursor(qtbot, frame, tools) -> None:
    stack = FormStack(frame, QWidget())
    qtbot.addWidget(stack)
    stack.show()
    stack.activateWindow()
    qtbot.waitUntil(stack.isActiveWindow)
    panel = FormPanel(frame, "修改", RecordForm(KINDS["employment"], tools, fields=("end",)))
    stack.show_form(panel)
    panel.draft.found.emit({"0": {"end": "2023-08"}})
    qtbot.keyClicks(panel.forms[0].editors["end"].input, "2023-09")
    assert panel.forms[0].values()["end"] == "2023-09"


@pytest.mark.parametrize(("typed", "chosen"), [("job s", "skills"), ("on-the", "upgrade"), ("upgr", "upgrade"), ("JOB SK", "skills")])
def test_an_english_choice_that_begins_as_typed_wins_over_one_that_contains_it(qtbot, typed: str, chosen: str) -> None:
    """ "job s" became "On-the-job skills upgrade", as "Job skills" has a capital letter."""
    set_language("en")
    editor = ChoiceEditor(KINDS["course"].by_name["type"])
    qtbot.addWidget(editor)
    editor.box.setEditText(typed)
    assert editor.value() == chosen
