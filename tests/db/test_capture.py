"""The change log against an oracle: whatever statement changed a row, the log says what it was before, by whom, and no more."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError

from db import acts, capture, changes
from db.mapping import table
from db.store import Store
from domain.fields import KINDS, kind_of

PERSON = {"name": "张三", "document": "resident_id", "id_number": "11010519491231002X", "labour": "ordinary"}
VALUES = st.one_of(st.none(), st.sampled_from(["", "张三", "O'Brien", '{"a":1}', "[1,2]", "null", "2023-06", "a\nb", "1e5", "%_"]))
FIELDS = ["name", "phone", "note", "bank_account", "nation", "payee_relation"]


def new_person(store: Store, **more: object) -> str:
    with store.write("登记") as session:
        person_id = session.new_id()
        changes.insert(session, "person", [{"id": person_id, "village": session.scope, **PERSON, **more}])
    return person_id


def ops(store: Store, row_id: str) -> list:
    with store.read() as session:
        return list(session.conn.execute(select(capture.op).where(capture.op.c.row_id == row_id).order_by(capture.op.c.seq)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), VALUES, min_size=1), max_size=6))
def test_random_updates_can_be_read_back_exactly(store: Store, edits: list[dict[str, str | None]]) -> None:
    person_id = new_person(store)
    states = [{**dict.fromkeys(FIELDS), "name": "张三"}]
    for edit in edits:
        with store.write("改") as session:
            session.conn.execute(update(table("person")).where(table("person").c.id == person_id).values(edit))
        if {**states[-1], **edit} != states[-1]:
            states.append({**states[-1], **edit})
    with store.read() as session:
        steps = changes.row_steps(session, kind_of("person"), person_id)
    assert len(steps) == len(states)
    kind = kind_of("person")
    for step, before, after in zip(steps[1:], states, states[1:], strict=False):
        said = {kind.by_number[n].name: pair for n, pair in step.fields.items()}
        assert said == {name: (before[name], after[name]) for name in FIELDS if before[name] != after[name]}


def test_money_beyond_exact_floats_survives_the_log(store: Store) -> None:
    with store.write("发工资") as session:
        wage_id = session.new_id()
        changes.insert(
            session,
            "wage",
            [
                {
                    "id": wage_id,
                    "village": session.scope,
                    "employment_id": wage_id,
                    "month": "2023-01",
                    "paid_on": "2023",
                    "amount": 2**53 + 1,
                }
            ],
        )
        session.conn.execute(update(table("wage")).values(amount=2**61))
    assert json.loads(ops(store, wage_id)[-1].old) == {"4": 2**53 + 1}


def test_bulk_upsert_and_raw_statements_are_all_logged(store: Store) -> None:
    person_id = new_person(store)
    with store.write("批量") as session:
        session.conn.exec_driver_sql("UPDATE person SET note = 'x'")
        session.conn.exec_driver_sql(
            "INSERT INTO person(id, village, name, document, id_number, labour) VALUES (?, '230826101202', 'b', 'other', '1', 'ordinary') "
            "ON CONFLICT(id) DO UPDATE SET name = excluded.name",
            (person_id,),
        )
    assert [o.what for o in ops(store, person_id)] == ["I", "U", "U"]


def test_the_stamp_is_right_even_for_a_statement_that_forgets_it(store: Store) -> None:
    person_id = new_person(store)
    with store.write("批量") as session:
        session.conn.exec_driver_sql("UPDATE person SET note = 'x', updated_by = 'nobody'")
        at = session.at
    with store.read() as session:
        person = session.get("person", person_id)
    assert (person.updated_at, person.updated_by) == (at, f"李文书@{store.station}")


def test_nothing_is_logged_when_nothing_changes(store: Store) -> None:
    person_id = new_person(store)
    with store.write("无") as session:
        session.conn.exec_driver_sql("UPDATE person SET name = name, updated_at = 'x'")
        assert not changes.update(session, "person", person_id, {"name": "张三"})
    assert len(ops(store, person_id)) == 1
    with store.read() as session:
        assert [a.label for a in acts.latest(session)] == ["登记"]


def test_unsigned_hard_delete_and_moved_rows_are_refused(store: Store) -> None:
    person_id = new_person(store)
    for statement in ("DELETE FROM person", "UPDATE person SET id = 'x'", "UPDATE person SET village = '230826101203'"):
        with pytest.raises(SQLAlchemyError), store.write("坏") as session:
            session.conn.execute(text(statement))
    with pytest.raises(SQLAlchemyError), store.engine.connect() as conn, conn.begin():  # no user is set outside an act
        conn.execute(update(table("person")).values(note="unsigned"))
    assert len(ops(store, person_id)) == 1


def test_forgetting_to_leave_applying_cannot_be_committed(store: Store) -> None:
    with pytest.raises(SQLAlchemyError), store.write("坏") as session:
        session.conn.execute(update(capture.control).values(quiet=1))
    person_id = new_person(store)
    assert [o.what for o in ops(store, person_id)] == ["I"]


def test_applied_changes_are_not_own_changes(store: Store) -> None:
    with store.applying() as session:
        changes.insert(session, "person", [{"id": "x", "village": session.scope, **PERSON}])
    assert ops(store, "x") == []


def test_no_statement_of_the_program_uses_replace() -> None:
    statements = "".join(s for kind in KINDS.values() for s in capture.triggers(kind))
    assert "REPLACE INTO" not in statements.upper()
    assert "OR REPLACE" not in statements.upper()
