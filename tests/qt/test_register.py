"""登记 with a real store behind it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from db import local
from desktop.register.page import build
from desktop.station import Station
from desktop.widgets import dialogs
from domain.errors import DomainError, FieldError
from domain.identity import check_digit, unnumbered
from services import records

NUMBER = "230826197805050956"
OTHER = "23082619620919350X"


@pytest.fixture
def station(make_store):
    return Station(make_store())


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


def type_number(page, number: str) -> None:
    page.form.id_editor.line.setText(number)
    page.form.id_editor.edited.emit()


def fill(page, name: str, number: str = NUMBER, **more: object) -> None:
    type_number(page, number)
    page.form.self_.editors["name"].set_value(name)
    page.form.ability.editors["labour"].set_value("ordinary")
    for field, value in more.items():
        part = next(part for part in page.form.person_parts if field in part.editors)
        part.editors[field].set_value(value)


def people(station):
    with station.store.read() as session:
        return session.select("person")


def test_a_valid_number_fills_sex_and_birth(page) -> None:
    type_number(page, NUMBER)
    assert page.form.self_.editors["sex"].value() == "male"
    assert page.form.self_.editors["birth"].value() == "1978-05-05"
    assert "1978-05-05" in page.form.strip.sentence.text()


def test_the_first_person_of_a_new_station_begins_a_household(page, station) -> None:
    """已有的户 was chosen, of which there was none."""
    page.opened()
    assert page.form.house.way == "new" and page.form.relation.editors["relation"].value() == "户主"
    assert not page.form.started  # what is proposed is nothing typed: no draft is kept of it
    fill(page, "赵福生")
    page.save(then_next=True)
    assert page.form.house.way == "existing" and page.form.house.household_id()
    page.opened()
    assert page.form.house.household_id() and page.form.relation.editors["relation"].value() is None
    page.clear()
    assert page.form.house.way == "existing"


def test_a_slip_is_put_right_by_a_key(qtbot, page) -> None:
    type_number(page, "230826197805050965")
    place = [made.text() for made in page.form.strip.suggestions].index(NUMBER) + 1
    qtbot.keyClick(page.form.id_editor.line, Qt.Key(Qt.Key.Key_0 + place), Qt.KeyboardModifier.AltModifier)
    assert page.form.id_editor.line.text() == NUMBER
    assert page.form.self_.editors["sex"].value() == "male"
    assert QApplication.focusWidget() is page.form.self_.editors["name"].input


def test_the_down_arrow_goes_to_the_suggestions_and_enter_takes_one(qtbot, page) -> None:
    type_number(page, "230826197805050965")
    qtbot.keyClick(page.form.id_editor.line, Qt.Key.Key_Down)
    first = page.form.strip.suggestions[0]
    wanted = first.text()
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert page.form.id_editor.line.text() == wanted


def test_enter_goes_from_the_number_through_every_card(qtbot, page) -> None:
    """Without a mouse: from the number by Enter alone to the last field, and no field is met twice."""
    form = page.form
    form.id_editor.line.setFocus()
    met = []
    for _step in range(60):
        focus = QApplication.focusWidget()
        met.append(focus)
        if focus is form.other.editors["residence"].input:
            break
        qtbot.keyClick(focus, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda before=focus: QApplication.focusWidget() is not before)
    assert met[-1] is form.other.editors["residence"].input
    assert len(met) == len(set(map(id, met)))
    for editor in (form.self_.editors["name"], form.span.editors["category"], form.ability.editors["labour"]):
        assert any(editor.isAncestorOf(widget) for widget in met)


def test_enter_that_picks_a_household_goes_on(qtbot, page, station) -> None:
    """The cursor stayed before the name of the household, and the next word was typed into it."""
    fill(page, "王秀兰", relation="户主")
    page.form.house.chips.choose("new")
    page.save(then_next=True)
    picker = page.form.house.picker
    picker.set_choice("", "")
    picker.setFocus()
    picker.setText("王秀兰")
    picker.find_now()
    qtbot.waitUntil(lambda: picker.drop.isVisible())
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not picker.hasFocus())
    assert picker.text() == "王秀兰 户" and page.form.relation.isAncestorOf(QApplication.focusWidget())


def test_enter_passes_over_what_the_number_told(qtbot, page) -> None:
    """Document, sex and birth were gone through for every person, and a telephone typed after the name stood under 证件类型."""
    editors = page.form.self_.editors
    type_number(page, NUMBER)
    editors["name"].input.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(editors["phone"].input.hasFocus)
    editors["name"].input.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert editors["document"].isAncestorOf(QApplication.focusWidget())  # by Tab it can be reached
    editors["sex"].set_value(None)
    editors["name"].input.setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: editors["document"].isAncestorOf(QApplication.focusWidget()))


def test_person_household_and_category_are_saved_in_one_act(page, frame, station) -> None:
    fill(page, "王秀兰", relation="户主")
    page.form.house.chips.choose("new")
    page.form.house.form.editors["group"].set_value("3组")
    page.form.span.editors["category"].set_value("lifted")
    page.save()
    (person,) = people(station)
    with station.store.read() as session:
        household = session.get("household", person.household_id)
        (span,) = session.select("category_span")
    assert (person.name, person.sex, household.group, household.head_id) == ("王秀兰", "male", "3组", person.id)
    assert (span.person_id, span.category, span.source) == (person.id, "lifted", "village")
    assert frame.messages == ["王秀兰 已登记"]
    assert frame.opened == [("people", {"id": person.id, "registered": True})]
    with station.store.write("撤销") as session:
        taken = records.undo_last(session)
    assert taken is not None
    assert (taken[0], taken[1].removed) == ("登记 王秀兰", 3)


def test_the_next_person_of_the_household_follows(page, station) -> None:
    fill(page, "王秀兰", relation="户主")
    page.form.house.chips.choose("new")
    page.save(then_next=True)
    assert page.form.id_editor.line.text() == ""
    assert page.form.house.picker.text() == "王秀兰 户"
    fill(page, "赵福生", OTHER, relation="配偶")
    page.save(then_next=True)
    assert len({person.household_id for person in people(station)}) == 1


def test_a_number_that_is_taken_is_told_while_typing_and_not_saved(page, frame, station) -> None:
    fill(page, "王秀兰")
    page.form.house.chips.choose("none")
    page.save()
    fill(page, "别人")
    assert [twin.name for twin in page.model.twins] == ["王秀兰"]
    page.form.strip.opened.emit(page.model.twins[0].id)
    assert frame.opened[-1] == ("people", {"id": people(station)[0].id})
    page.form.house.chips.choose("none")
    page.save()
    assert len(people(station)) == 1
    assert "王秀兰" in page.form.id_editor.message.text()


def test_whose_number_differs_in_nothing_but_its_own_digits_is_looked_for(page, station) -> None:
    """Twins: the same sex and birth."""
    fill(page, "王秀兰")
    page.form.house.chips.choose("none")
    page.save()
    twin = NUMBER[:14] + f"{int(NUMBER[14:17]) + 2:03}"
    type_number(page, twin + check_digit(twin))
    assert not page.model.twins
    type_number(page, NUMBER)
    assert [one.name for one in page.model.twins] == ["王秀兰"]


def test_what_is_missing_is_said_beneath_the_fields(page, station) -> None:
    page.form.house.chips.choose("existing")
    page.form.id_editor.line.setFocus()
    page.save()
    assert "必填" in page.form.self_.editors["name"].message.text()
    assert "必填" in page.form.ability.editors["labour"].message.text()
    assert page.form.house.message.text()
    assert QApplication.focusWidget() is page.form.id_editor.line
    fill(page, "王秀兰")
    page.save()
    assert page.form.house.message.text()
    assert people(station) == []


def test_a_number_too_short_is_said_with_all_else_that_is_missing(page, station) -> None:
    """17 digits were only 「17 位」 in grey; the number, the name and the household were each refused by a save of their own."""
    page.form.house.chips.choose("existing")
    fill(page, "", number=NUMBER[:17], labour=None)
    page.form.id_editor.line.setFocus()
    page.save()
    assert "17" in page.form.id_editor.message.text() and page.form.id_editor.message.property("role") == "bad"
    assert "必填" in page.form.self_.editors["name"].message.text()
    assert "必填" in page.form.ability.editors["labour"].message.text()
    assert page.form.house.message.text()
    assert QApplication.focusWidget() is page.form.id_editor.line
    assert people(station) == []


def test_a_half_filled_form_is_offered_back_after_a_power_cut(qtbot, page, frame, station, monkeypatch) -> None:
    fill(page, "王秀兰", number="2308261978")
    page.form.house.chips.choose("new")
    page.form.house.form.editors["group"].set_value("3组")
    page.draft.keep()  # as it does within a second
    again = build(frame, station)  # the program was started again; nothing of the old page is left
    qtbot.addWidget(again)
    monkeypatch.setattr(dialogs, "ask", lambda *args, **words: False)  # as Esc answers
    again.opened()
    assert again.form.id_editor.line.text() == "2308261978"
    assert again.form.self_.editors["name"].value() == "王秀兰"
    assert again.form.house.form.editors["group"].value() == "3组"
    assert people(station) == []


def test_a_draft_that_is_not_wanted_is_not_offered_again(qtbot, page, frame, station, monkeypatch) -> None:
    fill(page, "王秀兰")
    assert page.can_leave()
    asked: list[object] = []

    def decline(*args: object, **words: object) -> bool:
        asked.append(args)
        return True

    monkeypatch.setattr(dialogs, "ask", decline)
    for _start in range(2):
        again = build(frame, station)
        qtbot.addWidget(again)
        again.opened()
        assert again.form.id_editor.line.text() == ""
    assert len(asked) == 1


def test_what_was_typed_and_taken_away_again_is_no_draft(qtbot, page, frame, station, unasked) -> None:
    for number in ("23", ""):
        type_number(page, number)
        page.draft.keep()
    again = build(frame, station)
    qtbot.addWidget(again)
    again.opened()


def test_saving_forgets_the_draft(qtbot, page, frame, station, unasked) -> None:
    fill(page, "王秀兰")
    page.form.house.chips.choose("none")
    assert page.can_leave()
    page.save()
    again = build(frame, station)
    qtbot.addWidget(again)
    again.opened()


def test_a_draft_that_cannot_be_deleted_fails_no_registration(page, frame, station, monkeypatch) -> None:
    """The person was saved, yet the clerk read that it had failed, and a second try was refused as a duplicate."""

    def broken(*_args: object) -> None:
        raise FieldError("草稿删不掉")

    fill(page, "王秀兰")
    page.form.house.chips.choose("none")
    assert page.can_leave()
    monkeypatch.setattr(local, "clear_draft", broken)
    page.save()
    assert [person.name for person in people(station)] == ["王秀兰"]
    assert frame.opened[-1][0] == "people" and "王秀兰 已登记" in frame.messages


def test_a_draft_that_cannot_be_stored_is_told_of_once_and_interrupts_nobody(page, frame, station, monkeypatch) -> None:
    """On a full disk a dialog came up every second over the field being typed in, and took the keys."""
    stored = local.save_draft

    def full(*_args: object) -> None:
        raise DomainError("磁盘满了")

    for times, act in ((1, full), (1, full), (1, stored), (2, full)):
        monkeypatch.setattr(local, "save_draft", act)
        page.form.self_.editors["name"].line.setText(f"王秀兰{times}")
        page.draft.keep()
        assert sum("没有存成草稿，先别关窗口" in message for message in frame.messages) == times
    assert frame.errors == []


def test_risks_are_asked_for_where_somebody_is_watched(page) -> None:
    assert page.form.risks.isHidden()
    page.form.span.editors["category"].set_value("marginal")
    page.form._on_edit()
    assert not page.form.risks.isHidden()


def test_a_township_says_which_village(qtbot, frame, make_store) -> None:
    station = Station(make_store(scope="230826101", user="镇里"))
    page = build(frame, station)
    qtbot.addWidget(page)
    fill(page, "王秀兰")
    page.form.house.chips.choose("none")
    page.save()
    assert page.form.house.message.text() == "请选是哪个村"
    (found,) = [one for one in page.form.house.village._find("jiefang") if one.id == "230826101202"]
    page.form.house.village.set_choice(found.id, found.title)
    page.save()
    (person,) = people(station)
    assert person.village == "230826101202"
    assert page.form.house.village.id == ""  # the next person may be of another village


def test_the_draft_of_a_township_keeps_the_village(qtbot, frame, make_store, monkeypatch) -> None:
    station = Station(make_store(scope="230826101", user="镇里"))
    page = build(frame, station)
    qtbot.addWidget(page)
    page.opened()
    fill(page, "王秀兰")
    page.form.house.chips.choose("new")
    page.form.house.village.set_choice("230826101202", "解放村")
    page.draft.keep()
    again = build(frame, station)
    qtbot.addWidget(again)
    monkeypatch.setattr(dialogs, "ask", lambda *args, **words: False)
    again.opened()
    assert (again.form.house.village.id, again.form.house.village.text()) == ("230826101202", "解放村")


def test_ctrl_s_saves_wherever_the_cursor_stands(qtbot, page, station) -> None:
    fill(page, "王秀兰")
    page.form.house.chips.choose("none")
    chip = page.form.house.chips.buttons["none"]
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert [person.name for person in people(station)] == ["王秀兰"]
    fill(page, "赵福生", OTHER)
    page.form.house.chips.choose("none")
    name = page.form.self_.editors["name"].input
    name.setFocus()
    qtbot.keyClick(name, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert len(people(station)) == 2


def test_what_is_missing_comes_in_sight_in_a_low_window(qtbot, page) -> None:
    page.resize(876, 480)
    fill(page, "王秀兰")
    page.form.ability.editors["labour"].set_value(None)
    page.save()
    labour = page.form.ability.editors["labour"]
    assert labour.isAncestorOf(QApplication.focusWidget()) or labour.hasFocus()
    qtbot.waitUntil(lambda: labour.visibleRegion().boundingRect().height() >= labour.height())


def test_what_is_typed_over_a_household_is_not_that_household(page) -> None:
    house = page.form.house
    house.set_household("h1", "赵福生")
    assert house.household_id() == "h1"
    house.picker.setText("王")
    assert house.household_id() is None
    assert not house.check()


def test_enter_in_a_new_household_skips_no_field(qtbot, page) -> None:
    """The form went on by itself, and what is around it once more: 村民小组 was jumped over."""
    house = page.form.house
    house.chips.choose("new")
    editors = list(house.form.editors.values())
    editors[0].input.setFocus()
    for following in editors[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        QApplication.processEvents()
        assert following.input.hasFocus()


def test_a_household_that_is_missing_has_its_whole_frame(qtbot, page) -> None:
    house = page.form.house
    house.chips.choose("existing")
    assert not house.check()
    qtbot.waitUntil(lambda: house.picker.sizeHint().height() <= house.picker.height() <= house.picker.parentWidget().height())


def test_escape_goes_back(page, frame, qtbot) -> None:
    qtbot.keyClick(page.form.id_editor.line, Qt.Key.Key_Escape)
    assert frame.opened[-1] == ("back", {})


def test_somebody_alike_is_told_of_while_one_types(qtbot, page, station) -> None:
    with station.store.write("登记") as session:
        slipped = NUMBER[:14] + str((int(NUMBER[14]) + 1) % 10) + NUMBER[15:]
        person = {"name": "王叔珍", "document": "other", "id_number": slipped, "birth": "1978-05-05", "labour": "ordinary"}
        id = records.save(session, "person", person)
    fill(page, "王淑珍")
    with qtbot.waitSignal(page.model.twins_changed):
        page.model.person_typed(page.form.identity_values())
    (twin,) = page.model.alike
    assert twin.id == id and twin.reasons.startswith("证件号码差一位 · 姓名同音 · 同一出生日期") and slipped not in str(twin)
    assert not page.model.twins
    page.form.clear()
    page.model.person_typed({})
    assert not page.model.alike


def test_the_first_of_a_new_household_is_proposed_as_its_head(page) -> None:
    relation = page.form.relation.editors["relation"]
    page.form.house.chips.choose("new")
    assert relation.value() == "户主"
    page.form.house.chips.choose("existing")
    assert relation.value() is None
    relation.box.setEditText("配偶v")
    page.form.house.chips.choose("new")  # half typed, it was a fault of the program
    assert relation.box.currentText() == "配偶v"
    relation.set_value("配偶")
    page.form.house.chips.choose("new")
    assert relation.value() == "配偶"


def test_the_topmost_invalid_field_has_the_focus(page) -> None:
    fill(page, "单长河", labour=None)
    page.form.span.editors["category"].set_value("lifted")
    page.form.span.editors["start"].input.setText("普通")
    assert not page.form.check()
    assert QApplication.focusWidget() is page.form.span.editors["start"].input


def test_the_number_of_another_document_is_no_wrong_id_number(qtbot, show, page, frame, station, monkeypatch) -> None:
    fill(page, "谢尔盖", number="G12345678", sex="male")
    assert page.form.id_editor.message.text()
    document = page.form.self_.editors["document"]
    document.set_value("other")
    document.edited.emit()
    assert page.form.id_editor.message.text() == ""
    page.form.house.chips.choose("none")
    page.draft.keep()
    monkeypatch.setattr(dialogs, "ask", lambda *args, **words: False)
    again = show(build(frame, station))  # the program was killed and started again
    assert again.form.id_editor.message.text() == ""
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    (person,) = people(station)
    assert (person.document, person.id_number) == ("other", "G12345678")


def test_a_word_for_no_number_is_no_number(page, station) -> None:
    fill(page, "李无证", number="无", sex="female")
    page.form.house.chips.choose("none")
    page.save()
    assert "程序给他编一个" in page.form.id_editor.message.text()
    assert people(station) == []


@pytest.mark.parametrize("typed", ["", "无"])
def test_whoever_has_no_document_gets_a_number(page, station, typed: str) -> None:
    """Clerks had to invent one."""
    fill(page, "李无证", number=typed, sex="female")
    document = page.form.self_.editors["document"]
    document.set_value("other")
    document.edited.emit()
    number = page.form.id_editor.line.text()
    assert unnumbered(number) and page.form.id_editor.message.text() == ""
    assert "没有证件的，程序编了这个号" in page.form.strip.sentence.text() and page.form.strip.isVisibleTo(page)
    document.set_value("resident_id")
    document.edited.emit()
    assert page.form.id_editor.line.text() == ""
    document.set_value("other")
    document.edited.emit()
    page.form.house.chips.choose("none")
    page.save()
    (person,) = people(station)
    assert unnumbered(person.id_number) and person.document == "other"
