"""Undo and history, as the clerk sees them."""

from db import changes
from db.store import Store
from tests.db.test_capture import PERSON, new_person


def person(store: Store, person_id: str):
    with store.read() as session:
        return session.get("person", person_id)


def undo_last(store: Store) -> changes.Undone:
    with store.write("撤销") as session:
        last = changes.last_undoable(session)
        assert last is not None
        return changes.undo(session, last.id)


def test_undo_puts_a_saved_form_back(store: Store) -> None:
    person_id = new_person(store, phone="13800000000")
    with store.write("改电话") as session:
        changes.update(session, "person", person_id, {"phone": None, "name": "李四", "health": frozenset({"残疾"})})
    assert undo_last(store) == changes.Undone(1, 0, 0)
    assert (person(store, person_id).name, person(store, person_id).phone, person(store, person_id).health) == ("张三", "13800000000", None)


def test_undo_of_undo_history_leads_back_to_the_registration(store: Store) -> None:
    person_id = new_person(store)
    with store.write("改") as session:
        changes.update(session, "person", person_id, {"name": "李四"})
    undo_last(store)
    assert undo_last(store) == changes.Undone(0, 1, 0)
    assert person(store, person_id) is None


def test_undo_keeps_what_was_changed_since(store: Store) -> None:
    person_id = new_person(store)
    with store.write("改") as session:
        changes.update(session, "person", person_id, {"name": "李四", "note": "a"})
        act = session.act
    with store.write("再改") as session:
        changes.update(session, "person", person_id, {"note": "b"})
    with store.write("撤销") as session:
        assert changes.undo(session, act or 0) == changes.Undone(1, 0, 0)
    assert (person(store, person_id).name, person(store, person_id).note) == ("张三", "b")


def test_undo_of_an_import_keeps_the_person_somebody_worked_on(store: Store) -> None:
    with store.write("导入") as session:
        rows = [{"id": session.new_id(), "village": session.scope, **PERSON} for _n in range(3)]
        changes.insert(session, "person", rows)
        act = session.act
    with store.write("改") as session:
        changes.update(session, "person", rows[0]["id"], {"note": "worked on"})
    with store.write("撤销导入") as session:
        assert changes.undo(session, act or 0) == changes.Undone(0, 2, 1)
    with store.read() as session:
        assert session.count("person") == 1


def test_undo_of_a_deletion_brings_it_back_and_history_tells_it_all(store: Store) -> None:
    person_id = new_person(store)
    with store.write("删除") as session:
        assert changes.delete(session, "person", person_id)
        assert not changes.delete(session, "person", person_id)
    assert person(store, person_id) is None
    assert undo_last(store) == changes.Undone(1, 0, 0)
    assert person(store, person_id) is not None
    with store.read() as session:
        told = changes.history(session, "person", person_id)
    assert [c.what for c in told] == ["I", "I", "I", "I", "D", "R"]
    assert {c.by for c in told} == {"李文书"}
    assert {c.device for c in told} == {store.station}


def test_search_columns_follow_the_name(store: Store) -> None:
    person_id = new_person(store)
    with store.write("改名") as session:
        changes.update(session, "person", person_id, {"name": "单秀英"})
    with store.read() as session:
        row = session.conn.exec_driver_sql("SELECT pinyin, initials, id_tail FROM person").one()
    assert (row.pinyin, row.initials) == ("shan xiu ying", "sxy")
    assert row.id_tail == "X20013219491501011"


def test_update_many_writes_each_row_its_own_values(store: Store) -> None:
    ids = [new_person(store) for _n in range(3)]
    with store.write("批量") as session:
        assert changes.update_many(session, "person", [{"id": i, "note": f"n{n}"} for n, i in enumerate(ids)]) == 3
    assert [person(store, i).note for i in ids] == ["n0", "n1", "n2"]
