"""台账 with a real store: every kind, its list, its form, its bin, its history."""

import json
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QScrollArea

from db import local
from desktop.ledgers.page import BIN, build, history_table
from desktop.widgets.basics import Button
from desktop.widgets.dialogs import Dialog
from domain.authors import laptop
from domain.errors import ChangedUnderneath
from domain.fields import KINDS
from domain.records import Person
from domain.words import lazy
from services import history, records
from services.person import person_page


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


def ids(station, kind: str) -> list[str]:
    with station.store.read() as session:
        return [record.id for record in session.select(kind)]


def test_every_kind_has_its_place_and_opens(page, frame) -> None:
    names = [page.kinds.item(n).data(Qt.ItemDataRole.UserRole) for n in range(page.kinds.count())]
    assert page.kinds.currentItem().data(Qt.ItemDataRole.UserRole) == next(filter(None, names))  # it opens at the top
    assert sorted(name for name in names if name and name != BIN) == sorted(KINDS)
    for kind in KINDS.values():
        page.opened(kind=kind.name)
        assert page.header.title.text() == kind.label
        page.new()
        assert page.new_button.isVisible() == kind.by_hand
        if not kind.by_hand:  # a signed pack, a file's entry: the form would make what nobody can use
            assert page.first_button.isHidden()
            assert page.panel is None
            continue
        assert page.panel.isVisible()
        QApplication.processEvents()  # the layout takes its place
        assert page.panel.findChild(QScrollArea).horizontalScrollBar().maximum() == 0, kind.name
        page.panel.close_asked()
        assert page.panel is None
    assert frame.errors == []


def test_a_form_in_which_nothing_was_filled_in_is_not_saved(qtbot, page, frame, station) -> None:
    """No field of a household is required: an empty one was saved, and counted among the households of the month."""
    before = ids(station, "household")
    page.opened(kind="household")
    qtbot.keyClick(page.table.table, Qt.Key.Key_Insert)
    qtbot.keyClick(page.panel.forms[0].editors["number"].line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert ids(station, "household") == before
    assert any("什么都没有填" in one.text() for one in page.panel.findChildren(QLabel))


def test_adding_editing_deleting_and_finding_again(qtbot, page, frame, station, answers) -> None:
    page.opened(kind="person")
    assert page.table.model.rowCount() == 4
    qtbot.keyClick(page.table.table, Qt.Key.Key_Insert)
    form = page.panel.forms[0]
    form.editors["name"].line.setText("孙玉梅")
    form.editors["document"].box.setEditText("其他")
    form.editors["id_number"].line.setText("X777")
    form.editors["labour"].box.setEditText("普通劳动力")
    form.editors["name"].edited.emit()
    qtbot.keyClick(form.editors["name"].line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert frame.errors == []
    assert frame.messages[-1] == "已保存"
    assert page.table.model.rowCount() == 5
    new = page.table.current_id()
    assert new in ids(station, "person")

    qtbot.keyClick(page.table.table, Qt.Key.Key_F2)
    page.panel.forms[0].editors["phone"].line.setText("13812345678")
    page.panel.ask()
    with station.store.read() as session:
        assert session.get(Person, new).phone == "13812345678"
    page.model.ask_history(new)

    page.table.select(new)
    qtbot.keyClick(page.table.table, Qt.Key.Key_F2)
    page.panel.ask()
    assert frame.messages[-1] == "没有改动"
    assert page.table.table.hasFocus()

    page.table.select(new)
    qtbot.keyClick(page.table.table, Qt.Key.Key_F2)
    page.panel.delete_asked.emit()
    assert page.table.table.hasFocus()
    assert new not in ids(station, "person")
    page._choose(BIN)
    assert page.header.title.text() == "回收站"
    assert page.bin.model.rowCount() == 1
    page.bin.select(f"person {new}")
    page.restore_button.click()
    assert new in ids(station, "person")
    assert page.bin.model.rowCount() == 0


def test_a_deletion_is_asked_about(qtbot, page, station, answers) -> None:
    answers["ask"] = False
    page.opened(kind="person")
    page.table.select(page.table.model.ids[0])
    qtbot.keyClick(page.table.table, Qt.Key.Key_Delete)
    assert len(ids(station, "person")) == 4


def test_a_new_record_takes_what_is_proposed(page, station) -> None:
    """The line of a workshop's wages is asked for with county and year: a clerk did not know which 地区 was meant."""
    page.opened(kind="monitor_line", new=True, values={"area": "230826", "year": 2026})
    form = page.panel.forms[0]
    assert form.editors["amount"].line.hasFocus()
    assert not form.dirty
    form.editors["amount"].line.setText("8500")
    page.panel.ask()
    with station.store.read() as session:
        (line,) = session.select("monitor_line")
    assert (line.area, line.year, line.amount) == ("230826", 2026, 850000)


def test_what_is_missing_is_said_beneath_and_nothing_is_saved(page, station) -> None:
    page.opened(kind="visit", new=True)
    page.panel.ask()
    assert page.panel.isVisible()
    assert page.panel.forms[0].editors["content"].message.text().endswith("必填")
    assert ids(station, "visit") == []


def test_an_end_before_the_start_is_said_at_the_end(page, station) -> None:
    house = ids(station, "household")[0]
    page.opened(kind="household_business", new=True)
    form = page.panel.forms[0]
    form.editors["household_id"].set_value(house)
    for name, text in {"business": "养鹅", "start": "2023-06", "end": "2022-01"}.items():
        form.editors[name].line.setText(text)
    page.panel.ask()
    assert page.panel.isVisible()
    assert "不能晚于" in form.editors["end"].message.text()
    assert ids(station, "household_business") == []


def test_a_number_that_cannot_be_is_said_at_its_field(page, station) -> None:
    page.opened(kind="person", new=True)
    form = page.panel.forms[0]
    for name, value in {"name": "王芳", "document": "resident_id", "labour": "ordinary"}.items():
        form.editors[name].set_value(value)
    form.editors["id_number"].line.setText("123")
    page.panel.ask()
    assert "只有 3 位" in form.editors["id_number"].message.text()


def test_somebody_else_changed_it_meanwhile(page, station, monkeypatch) -> None:
    page.opened(kind="person")
    id = page.table.model.ids[0]
    page._edit(id)
    station.writing(lazy("改"), records.save)("person", {"note": "别人写的"}, id)
    page.panel.forms[0].editors["note"].text.setPlainText("我写的")
    asked = []

    def settle(_parent, _kind, mine, theirs):
        asked.append((mine, theirs))
        return {"note"}

    monkeypatch.setattr("desktop.widgets.form_panel.settle", settle)
    page.panel.ask()
    assert asked == [({"note": "我写的"}, {"note": "别人写的"})]
    with station.store.read() as session:
        assert session.get(Person, id).note == "我写的"


def test_a_clash_waits_until_what_was_typed_meanwhile_can_be_read(page, monkeypatch) -> None:
    page.opened(kind="person")
    page._edit(page.table.model.ids[0])
    form = page.panel.forms[0]
    form.editors["note"].text.setPlainText("我写的")
    form.editors["birth"].line.setText("19")
    monkeypatch.setattr("desktop.widgets.form_panel.settle", None)
    page.panel.failed(ChangedUnderneath("改了", {"note": "别人写的"}))
    assert "19" in form.editors["birth"].message.text()
    assert page.panel.save_button.isEnabled()


def test_a_half_filled_form_is_there_again_after_a_power_cut(qtbot, frame, station, page) -> None:
    page.opened(kind="visit", new=True)
    page.panel.forms[0].editors["content"].text.setPlainText("腰疼减活")
    assert page.can_leave()
    again: Any = build(frame, station)
    qtbot.addWidget(again)
    again.opened(kind="visit", new=True)
    assert again.panel.forms[0].editors["content"].value() == "腰疼减活"
    assert again.panel.found.isVisibleTo(again)


def test_a_form_of_several_parts_keeps_what_is_half_filled_from_the_ledgers(page, station) -> None:
    """A workshop with its document is one form on its own page; the ledger has the workshop alone, and saves and forgets that alone."""
    with station.store.applying() as session:
        local.save_draft(session, "form:employer:", {"0": {"name": "解放村车间"}, "1": {"number": "双县农〔2023〕3 号"}})
    page.opened(kind="employer", new=True)
    page.panel.forms[0].editors["name"].line.setText("另一家")
    page.panel.draft.keep()
    page.panel.delete_draft()
    with station.store.read() as session:
        assert local.load_draft(session, "form:employer:") == {"0": {"name": "解放村车间"}, "1": {"number": "双县农〔2023〕3 号"}}


def test_leaving_half_filled_is_asked_about(page, answers) -> None:
    page.opened(kind="visit", new=True)
    page.panel.forms[0].editors["content"].text.setPlainText("x")
    answers["ask"] = False
    page.panel.close_asked()
    assert page.panel.isVisible()
    answers["ask"] = True
    page.panel.close_asked()
    assert page.panel is None


def test_what_is_half_typed_is_asked_about_before_another_record_is_deleted(monkeypatch, page, station) -> None:
    page.opened(kind="person")
    first, second = page.table.model.ids[:2]
    page._edit(first)
    page.panel.forms[0].editors["note"].text.setPlainText("填到一半")
    told: list[str] = []

    def ask(_parent: object, title: str, *_text: str, **_words: object) -> bool:
        told.append(title)
        return title != "还没有保存"

    monkeypatch.setattr("desktop.widgets.dialogs.ask", ask)
    page._delete([second])
    assert told == ["删除 1 条记录？", "还没有保存"]
    assert page.panel.forms[0].dirty
    assert second in ids(station, "person")
    page._delete([first])  # what is typed of it goes with it
    assert first not in ids(station, "person")
    assert page.panel is None


def test_search_in_a_list(qtbot, page) -> None:
    page.opened(kind="person")
    page.search.setText("wxl")
    qtbot.waitUntil(lambda: page.table.model.rowCount() == 1)
    assert page.table.model.index(0, 0).data() == "王秀兰"


def test_history_names_what_changed_and_masks_secrets(page, station) -> None:
    id = ids(station, "person")[0]
    station.writing(lazy("改"), records.save)("person", {"phone": "13999999999"}, id)
    steps = page.model._station.read(history.lines, "person", id)
    table = history_table(steps)
    assert table.rowCount() == len(steps)
    newest = [str(table.model().index(0, n).data()) for n in range(5)]
    assert newest[2:] == ["联系电话", "138****0001", "139****9999"]
    assert newest[1].startswith("李文书")


def test_all_that_one_act_did_is_taken_back_from_the_history_of_one_record(qtbot, page, frame, station, answers, monkeypatch) -> None:
    first, second, third = ids(station, "person")[:3]
    with station.store.write("改劳动力") as session:
        for id in (first, second):
            records.save(session, "person", {"labour": "lost"}, id)
    station.writing(lazy("改别的"), records.save)("person", {"health": ("残疾",)}, third)

    def run(dialog: Dialog) -> bool:
        button = next((one for one in dialog.findChildren(Button) if one.text().startswith("撤销")), None)
        assert button is not None and button.isEnabled()
        button.click()
        return True

    monkeypatch.setattr(Dialog, "run", run)
    page.opened(kind="person", id=first)
    with qtbot.waitSignal(page.model.changed):
        page.panel.history_asked.emit()
    assert "改劳动力" in frame.messages[-1]
    with station.store.read() as session:
        assert [session.get("person", id).labour for id in (first, second)] != ["lost", "lost"]
        assert session.get("person", third).health == {"残疾"}


def test_what_is_typed_beside_a_history_is_not_lost_to_what_is_taken_back(page, station, answers, monkeypatch) -> None:
    taken: list[int] = []
    monkeypatch.setattr(page.model, "take_back", taken.append)
    page.opened(kind="person", id=ids(station, "person")[0])
    page.panel.forms[0].editors["phone"].line.setText("13845400009")
    monkeypatch.setattr(page.panel, "may_leave", lambda: False)
    page._take_back(1, "…")
    assert taken == []


def test_history_calls_people_and_households_by_their_names(station) -> None:
    """A job moved from one to another of the same name showed two long numbers nobody can read."""
    save = station.writing(lazy("改"), records.save)
    one, other = (
        save("person", {"name": "邵涛", "document": "resident_id", "id_number": n, "labour": "ordinary"})
        for n in ("230826196704251471", "230826195806209413")
    )
    job = save("employment", {"person_id": one, "channel": "migrant", "place": "210200", "start": "2025-03-01"})
    save("employment", {"person_id": other}, job)
    newest = station.read(history.lines, "employment", job)[-1]
    assert (newest.what, newest.old, newest.new) == ("人员", "邵涛（1471）", "邵涛（9413）")
    assert "解放村-" in laptop(newest.device)
    home = save("household", {"head_id": other})
    save("person", {"household_id": home}, one)
    with station.store.read() as session:
        last = person_page(session, one, 2026, on="2026-11-28").history
    assert last[-1].new == "邵涛 户"


@pytest.mark.parametrize(("plain", "shown"), [(False, "138****0001"), (True, "13800000001")])
def test_export_masked_or_with_a_reason(page, frame, monkeypatch, answers, tmp_path, plain, shown) -> None:
    file = tmp_path / "人员.jsonl"
    answers["ask"] = plain
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, **words: (str(file), ""))
    page.opened(kind="person")
    page._export()
    people = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(people) == 4
    assert shown in {person["phone"] for person in people}
    assert "4" in frame.messages[-1]


def test_full_numbers_without_a_reason_are_not_replaced_by_masked_ones(page, frame, monkeypatch, answers, tmp_path) -> None:
    file = tmp_path / "人员.jsonl"
    answers["ask"], frame.given_reason = True, None
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, **words: (str(file), ""))
    page.opened(kind="person")
    page._export()
    assert not file.exists()
    assert frame.messages == []


def test_in_a_small_window_the_form_takes_the_lists_place(page) -> None:
    page.opened(kind="person")
    page.resize(876, 518)
    page._edit(page.table.model.ids[0])
    assert page.panel.isVisible()
    assert not page.table.isVisible()
    page.panel.close_asked()
    assert page.table.isVisible()


def test_who_may_only_look_saves_nothing(qtbot, frame, home) -> None:
    from db.store import Store
    from desktop.station import Station

    store = Store.open(home, user="李文书", password="long enough")
    store.add_user("王主任", "readonly", "another one")
    store.close()
    looking = Station(Store.open(home, user="王主任", password="another one"))
    page: Any = build(frame, looking)
    qtbot.addWidget(page)
    page.opened(kind="person")
    page.model.delete("person", [page.table.model.ids[0]])
    assert "只能看" in str(frame.errors[0])
    page.show()
    page.new()
    page.panel.forms[0].editors["note"].input.setPlainText("填了也白填")
    assert "只能看" in frame.messages[-1]  # told before the whole form is filled in
    looking.store.close()
