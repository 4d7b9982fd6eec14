"""Undo and history, as the clerk sees them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.event import listen

from db import acts, changes
from db.store import Store
from tests.db.test_capture import PERSON, new_person


def person(store: Store, person_id: str):
    with store.read() as session:
        return session.get("person", person_id)


def undo_last(store: Store) -> acts.Undone:
    with store.write("撤销") as session:
        last = acts.last_undoable(session)
        assert last is not None
        return acts.undo(session, last.id)


def test_undo_puts_a_saved_form_back(store: Store) -> None:
    person_id = new_person(store, phone="13800000000")
    with store.write("改电话") as session:
        changes.update(session, "person", person_id, {"phone": None, "name": "李四", "health": frozenset({"残疾"})})
    assert undo_last(store) == acts.Undone(1, 0, 0)
    assert (person(store, person_id).name, person(store, person_id).phone, person(store, person_id).health) == ("张三", "13800000000", None)


def test_undo_of_undo_history_leads_back_to_the_registration(store: Store) -> None:
    person_id = new_person(store)
    with store.write("改") as session:
        changes.update(session, "person", person_id, {"name": "李四"})
    undo_last(store)
    assert undo_last(store) == acts.Undone(0, 1, 0)
    assert person(store, person_id) is None


def test_undo_keeps_what_was_changed_since(store: Store) -> None:
    person_id = new_person(store)
    with store.write("改") as session:
        changes.update(session, "person", person_id, {"name": "李四", "note": "a"})
        act = session.act
    with store.write("再改") as session:
        changes.update(session, "person", person_id, {"note": "b"})
    with store.write("撤销") as session:
        assert acts.undo(session, act or 0) == acts.Undone(1, 0, 0)
    assert (person(store, person_id).name, person(store, person_id).note) == ("张三", "b")


def test_undo_of_an_import_keeps_the_person_somebody_worked_on(store: Store) -> None:
    with store.write("导入") as session:
        rows = [{"id": session.new_id(), "village": session.scope, **PERSON} for _n in range(3)]
        changes.insert(session, "person", rows)
        act = session.act
    with store.write("改") as session:
        changes.update(session, "person", rows[0]["id"], {"note": "worked on"})
    with store.write("撤销导入") as session:
        assert acts.undo(session, act or 0) == acts.Undone(0, 2, 1)
    with store.read() as session:
        assert session.count("person") == 1


def test_undo_of_a_deletion_brings_it_back_and_history_tells_it_all(store: Store) -> None:
    person_id = new_person(store)
    with store.write("删除") as session:
        assert changes.delete(session, "person", person_id)
        assert not changes.delete(session, "person", person_id)
    assert person(store, person_id) is None
    assert undo_last(store) == acts.Undone(1, 0, 0)
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


def called(store: Store, person_id: str, *phones: str) -> None:
    for phone in phones:
        with store.write(f"改成 {phone}") as session:
            changes.update(session, "person", person_id, {"phone": phone})


def redo_last(store: Store) -> str:
    with store.write("重做") as session:
        last = acts.last_redoable(session)
        if last is None:
            return ""
        acts.undo(session, last.id)
        return last.label


def test_what_was_saved_several_times_in_one_field_is_taken_back_step_by_step(store: Store) -> None:
    person_id = new_person(store, phone="13800000000")
    called(store, person_id, "13800000001", "13800000002")
    assert [undo_last(store) for _n in range(2)] == [acts.Undone(1, 0, 0)] * 2
    assert person(store, person_id).phone == "13800000000"


def test_what_was_undone_is_done_again_step_by_step_and_undone_once_more(store: Store) -> None:
    person_id = new_person(store, phone="13800000000")
    called(store, person_id, "13800000001", "13800000002")
    for _round in range(2):
        for _n in range(3):
            undo_last(store)
        assert person(store, person_id) is None
        assert redo_last(store).startswith("登记")
        assert person(store, person_id).phone == "13800000000"
        assert [redo_last(store) for _n in range(3)] == ["改成 13800000001", "改成 13800000002", ""]
        assert person(store, person_id).phone == "13800000002"
    undo_last(store)
    assert person(store, person_id).phone == "13800000001"
    assert redo_last(store) == "改成 13800000002"


@given(st.lists(st.sampled_from(["phone", "note", "gone", "back", "undo", "undo", "redo", "redo"]), max_size=12))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undo_and_redo_walk_through_what_there_was(store: Store, steps: list[str]) -> None:
    person_id = new_person(store)
    states: list[tuple[str | None, str | None, bool]] = [(None, None, True)]
    at = 0
    for n, step in enumerate(steps):
        phone, note, there = states[at]
        if step in ("undo", "redo"):
            if step == "undo" and at:
                undo_last(store)
                at -= 1
            elif step == "redo":
                assert (redo_last(store) != "") == (at + 1 < len(states))
                at = min(at + 1, len(states) - 1)
        elif there != (step == "back"):
            with store.write("改") as session:
                if step in ("gone", "back"):
                    (changes.delete if there else changes.undelete)(session, "person", person_id)
                    changes.update(session, "person", person_id, {"note": step})
                    states[at + 1 :] = [(phone, step, not there)]
                else:
                    changes.update(session, "person", person_id, {step: f"1380000{n:04}"})
                    states[at + 1 :] = [(f"1380000{n:04}", note, True) if step == "phone" else (phone, f"1380000{n:04}", True)]
            at += 1
        with store.read() as session:
            row = session.get("person", person_id, deleted=True)
            assert (row.phone, row.note, row.deleted_at is None) == states[at]


def test_who_did_something_else_since_does_nothing_again(store: Store) -> None:
    person_id = new_person(store, phone="13800000000")
    called(store, person_id, "13800000001")
    undo_last(store)
    called(store, person_id, "13800000003")
    assert redo_last(store) == ""
    undo_last(store)
    assert [redo_last(store), redo_last(store)] == ["改成 13800000003", ""]


def test_what_is_done_again_counts_again_for_the_undoing_of_earlier_acts(store: Store) -> None:
    act, _head, other = registered(store)
    called(store, other, "13800000001")
    undo_last(store)
    redo_last(store)
    assert undo_act(store, act) == acts.Undone(0, 2, 3)
    assert person(store, other).phone == "13800000001"


def test_an_undoing_that_left_something_standing_is_done_again_and_not_undone(store: Store) -> None:
    act, _head, other = registered(store)
    hired(store, other)
    assert undo_act(store, act).kept
    assert redo_last(store) == "导入名册"
    assert counts(store) == (1, 2, 2, 1)
    undo_last(store)
    assert counts(store) == (1, 2, 2, 0)
    undo_last(store)
    assert counts(store) == (0, 0, 0, 0)
    with store.read() as session:
        assert acts.last_undoable(session) is None


def test_what_was_undone_in_several_parts_is_done_again_at_once(store: Store) -> None:
    act, head, other = registered(store)
    first, second = hired(store, other), hired(store, head)
    assert undo_act(store, act).kept == 3
    undo_act(store, second)
    assert undo_act(store, act).kept == 3
    undo_act(store, first)
    assert undo_act(store, act) == acts.Undone(0, 3, 0)
    assert counts(store) == (0, 0, 0, 0)
    assert redo_last(store) == "导入名册"
    assert counts(store) == (1, 2, 2, 0)
    assert undo_act(store, act) == acts.Undone(0, 5, 0)  # none of the parts counts as work done since
    assert [redo_last(store) for _n in range(3)] == ["导入名册", "导入务工", "导入务工"]
    assert counts(store) == (1, 2, 2, 2)


def test_what_a_redoing_brought_back_stays_when_others_built_on_it(store: Store) -> None:
    person_id = new_person(store)
    undo_last(store)
    redo_last(store)
    hired(store, person_id)
    with store.read() as session:
        registration = acts.latest(session)[-1]
    assert not registration.undone
    assert undo_act(store, registration.id) == acts.Undone(0, 0, 1)


def test_what_an_undoing_deleted_comes_back_all_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row an import of 5 000 rows held the store for seven seconds."""
    act, head, other = registered(store)
    undo_act(store, act)
    with store.write("恢复") as session:
        changes.undelete(session, "person", head)
    asked: list[str] = []

    def rows(_session: object, _kind: object, ids: list[str], *_more: object) -> tuple[int, int]:
        asked.extend(ids)
        return 0, 0

    monkeypatch.setattr(acts, "_undo_rows", rows)
    with store.write("重做") as session:
        undoing = next(one.id for one in acts.latest(session) if one.label == "撤销")
        assert acts.undo(session, undoing) == acts.Undone(4, 0, 0)
    assert asked == [head]  # whom somebody brought back meanwhile
    assert person(store, other) is not None


def deleted(store: Store, person_id: str, *, back: bool = False) -> None:
    with store.write("删除") as session:
        (changes.undelete if back else changes.delete)(session, "person", person_id)


def test_who_has_records_of_their_own_is_deleted_again(store: Store) -> None:
    _act, _head, other = registered(store)
    hired(store, other)
    deleted(store, other)
    undo_last(store)
    with store.write("重做") as session:
        again = acts.last_redoable(session)
        assert again is not None
        assert acts.undo(session, again.id) == acts.Undone(0, 1, 0)
    assert person(store, other) is None
    deleted(store, other, back=True)
    assert undo_last(store) == acts.Undone(0, 1, 0)  # 恢复 taken back


def test_who_was_brought_back_and_got_work_since_stays(store: Store) -> None:
    _act, _head, other = registered(store)
    deleted(store, other)
    deleted(store, other, back=True)
    with store.read() as session:
        back = acts.latest(session, 1)[0].id
    hired(store, other)
    assert undo_act(store, back) == acts.Undone(0, 0, 1)


# -- undoing what others build on -----------------------------------------------------------------------------------


def undo_act(store: Store, act: int | None) -> acts.Undone:
    with store.write("撤销") as session:
        return acts.undo(session, act or 0)


def registered(store: Store) -> tuple[int | None, str, str]:
    """A household with its head and another person, made by one act; answers act, head and the other."""
    with store.write("导入名册") as session:
        home, head, other = (session.new_id() for _n in range(3))
        changes.insert(session, "household", [{"id": home, "village": session.scope, "number": "1", "head_id": head}])
        people = [{"id": id, "village": session.scope, **PERSON, "household_id": home} for id in (head, other)]
        changes.insert(session, "person", people)
        spans = [{"id": session.new_id(), "village": session.scope, "person_id": id, "category": "lifted"} for id in (head, other)]
        changes.insert(session, "category_span", spans)
        return session.act, head, other


def hired(store: Store, person_id: str) -> int | None:
    with store.write("导入务工") as session:
        spell = {"person_id": person_id, "channel": "migrant", "place": "210200", "start": "2023-01"}
        changes.insert(session, "employment", [{"id": session.new_id(), "village": session.scope, **spell}])
        return session.act


def counts(store: Store) -> tuple[int, ...]:
    with store.read() as session:
        return tuple(session.count(kind) for kind in ("household", "person", "category_span", "employment"))


def test_undoing_takes_what_only_holds_on_to_itself(store: Store) -> None:
    act, _head, _other = registered(store)
    assert undo_act(store, act) == acts.Undone(0, 5, 0)
    assert counts(store) == (0, 0, 0, 0)


def test_undoing_keeps_whom_later_work_refers_to_until_that_work_is_gone(store: Store) -> None:
    act, _head, other = registered(store)
    later = hired(store, other)
    assert undo_act(store, act) == acts.Undone(0, 2, 3)  # the other, the household, and its head stay
    assert counts(store) == (1, 2, 0, 1)
    with store.read() as session:
        found = acts.find(session, act or 0)
        assert found is not None
        assert not found.undone
    assert undo_act(store, later) == acts.Undone(0, 1, 0)
    assert undo_act(store, act) == acts.Undone(0, 3, 0)
    assert counts(store) == (0, 0, 0, 0)
    with store.read() as session:
        assert [one.undone for one in acts.latest(session) if one.label == "导入名册"] == [True]


def test_undoing_is_not_held_up_by_deleted_work(store: Store) -> None:
    act, _head, other = registered(store)
    undo_act(store, hired(store, other))
    assert undo_act(store, act) == acts.Undone(0, 5, 0)


def test_undoing_twice_counts_what_is_put_back_once(store: Store) -> None:
    person_id = new_person(store)
    with store.write("改") as session:
        changes.update(session, "person", person_id, {"name": "李四"})
        home = session.new_id()
        changes.insert(session, "household", [{"id": home, "village": session.scope, "number": "1"}])
        act = session.act
    with store.write("归户") as session:
        changes.update(session, "person", person_id, {"household_id": home})
    assert undo_act(store, act) == acts.Undone(1, 0, 1)
    with store.write("出户") as session:
        changes.update(session, "person", person_id, {"household_id": None})
    assert undo_act(store, act) == acts.Undone(0, 1, 0)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=8))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_live_record_is_left_pointing_at_what_an_undoing_removed(store: Store, steps: list[tuple[int, int]]) -> None:
    """Whatever is imported and taken back in whatever order."""
    acts: list[int | None] = []
    for which, what in steps:
        with store.read() as session:
            living = [person.id for person in session.select("person")]
        if what == 0 or not living:
            acts.append(registered(store)[0])
        elif what == 1:
            acts.append(hired(store, living[which % len(living)]))
        elif acts:
            undo_act(store, acts[which % len(acts)])
    with store.read() as session:
        alive = {kind: {row.id for row in session.select(kind)} for kind in ("household", "person")}
        assert {row.household_id for row in session.select("person")} <= alive["household"]
        assert {row.head_id for row in session.select("household")} <= alive["person"]
        for kind in ("employment", "category_span"):
            assert {row.person_id for row in session.select(kind)} <= alive["person"]


def test_undoing_thousands_of_changes_asks_for_many_rows_at_once(store: Store) -> None:
    """It asked four times for each row: an import that changed 5 000 people took a quarter of a minute to take back."""
    with store.write("登记") as session:
        ids = [session.new_id() for _n in range(1_200)]
        changes.insert(session, "household", ({"id": id, "village": session.scope, "number": str(n)} for n, id in enumerate(ids)))
    with store.write("导入") as session:
        changes.update_many(session, "household", ({"id": id, "number": f"新{n}", "note": "改"} for n, id in enumerate(ids)))
        act = session.act
    with store.write("改") as session:
        changes.update(session, "household", ids[0], {"note": "后来改的"})
        changes.update(session, "household", ids[1], {"number": "1"})
    asked = []
    listen(store.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
    with store.write("撤销") as session:
        undone = acts.undo(session, act or 0)
    assert undone == acts.Undone(restored=1_200, removed=0, kept=0)
    assert len(asked) < 60
    with store.read() as session:
        rows = {row.id: (row.number, row.note) for row in session.select("household")}
    assert (rows[ids[0]], rows[ids[1]], rows[ids[2]]) == (("0", "后来改的"), ("1", None), ("2", None))
