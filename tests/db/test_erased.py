"""Nothing is written about a person who was erased by rule, by whatever way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db import acts, changes, conflicts
from db.erased import erased
from db.exchange import conflict
from db.session import Session
from db.store import Store
from domain.errors import DomainError
from domain.fields import Record
from domain.kinship import HEAD
from domain.records import Employment, Person
from services import exporting, importing, merging, records, work
from services.households import households
from tests.fresh import VILLAGE, fresh_store

PERSON = {"name": "张三", "document": "other", "id_number": "n1", "labour": "ordinary"}
WORK = {"channel": "migrant", "place": "210211", "start": "2026-03"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


def _erase(session: Session, kind: type[Record], id: str) -> None:
    line = {"scope": VILLAGE, "seq": 1, "at": "2026-01-01T00:00:00Z", "reason": "到期", "fields": "{}"}
    session.conn.execute(erased.insert().values(kind=kind.KIND.number, row_id=id, **line))


@pytest.fixture
def ids(store: Store) -> tuple[str, str]:
    """An erased person and their erased employment."""
    with store.write("登记") as session:
        who = records.save(session, "person", PERSON)
        spell = records.save(session, "employment", {**WORK, "person_id": who})
        _erase(session, Person, who)
        _erase(session, Employment, spell)
    return who, spell


WAYS: dict[str, Callable[[Session, str, str], object]] = {
    "form, new": lambda session, who, _spell: records.save(session, "job_wish", {"person_id": who, "opened_on": "2026-05-01"}),
    "form, change": lambda session, who, _spell: records.save(session, "person", {"name": "李四"}, who),
    "form, change of what belongs to them": lambda session, _who, spell: records.save(session, "employment", {"end": "2026-05"}, spell),
    "grid": lambda session, who, _spell: work.save_checks(session, "2026-04", {who: {"status": "away"}}),
    "many at once": lambda session, _who, spell: changes.update_many(session, "employment", [{"id": spell, "job": "瓦工"}]),
    "put back under the same id": lambda session, who, _spell: changes.insert(
        session, "person", [{**PERSON, "id": who, "village": VILLAGE}]
    ),
    "bin": lambda session, who, _spell: changes.undelete(session, "person", who),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_writes_about_an_erased_person(store: Store, ids: tuple[str, str], way: str) -> None:
    """Grids wrote a monthly check about one: each caller had to ask."""
    with pytest.raises(DomainError, match="已按规定删除"), store.write("写") as session:
        WAYS[way](session, *ids)


def test_an_undo_leaves_an_erased_person_out(store: Store) -> None:
    """One of them among five hundred, and nothing of the act could be undone."""
    with store.write("登记") as session:
        people = [records.save(session, "person", {**PERSON, "id_number": number}) for number in ("n2", "n3")]
    with store.write("改") as session:
        changes.update_many(session, "person", [{"id": id, "labour": "weak"} for id in people])
        done = session.act or 0
    with store.write("删") as session:
        changes.delete(session, "person", people[0])
        changes.delete(session, "person", people[1])
        deleted = session.act or 0
        _erase(session, Person, people[0])
    with store.write("撤销") as session:
        assert acts.undo(session, deleted) == acts.Undone(1, 0, 1)
    with store.write("撤销") as session:
        assert acts.undo(session, done) == acts.Undone(1, 0, 1)
        assert [session.existing(Person, people[1]).labour, session.get(Person, people[0])] == ["ordinary", None]


def test_a_list_changes_nothing_of_an_erased_person(store: Store, ids: tuple[str, str], tmp_path: Path) -> None:
    """An exported list, edited, changed their work: only JSON Lines were checked."""
    file = tmp_path / "work.csv"
    with store.write("登记") as session:
        other = records.save(session, "person", {**PERSON, "name": "李四", "id_number": "n2"})
        records.save(session, "employment", {**WORK, "person_id": other})
        exporting.export(session, "employment", file, plain=True)
    file.write_text(file.read_text("utf-8-sig").replace("2026-03", "2026-02"), "utf-8-sig")
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, file))
    assert (result.added, result.changed, len(result.rejected)) == (0, 1, 1)
    assert "已按规定删除" in result.rejected[0].message


def people(session: Session, *names: str, **more: object) -> list[str]:
    return [records.save(session, "person", {**PERSON, "name": name, "id_number": f"m{name}", **more}) for name in names]


def test_a_twin_erased_earlier_stops_neither_a_merge_nor_a_split(store: Store) -> None:
    """The twin stays where it is: nobody could have done anything about it."""
    with store.write("登记") as session:
        home = records.save(session, "household", {"number": "0001"})
        twin, one, other, stays = people(session, "甲", "乙", "丙", "丁", household_id=home)
        merging.merge(session, twin, one, compared=True)
        _erase(session, Person, twin)
        merging.merge(session, one, other, compared=True)
        assert session.existing(Person, one).merged_into == other
        to = households.carry_out(session, households.Plan(home, {other: HEAD}, {stays: HEAD}))
        assert [session.existing(Person, id).household_id for id in (other, one, twin)] == [to, to, home]


def test_all_conflicts_are_decided_but_those_of_somebody_erased(store: Store) -> None:
    """The whole list was refused because of one."""
    with store.write("登记") as session:
        gone, other = people(session, "张三", "李四")
        _erase(session, Person, gone)
        author = f"{session.station}.1"
        sides = {
            "earlier": '"甲"',
            "later": '"乙"',
            "earlier_author": "s.1",
            "later_author": author,
            "earlier_by": "a@s",
            "later_by": "b@s",
        }
        line = {
            "scope": VILLAGE,
            "sort": "value",
            "kind": Person.KIND.number,
            "field": Person.KIND.by_name["note"].number,
            "place": 0,
            **sides,
        }
        for seq, id in enumerate((gone, other), 1):
            at = {"earlier_at": session.at, "later_at": session.at, "state": "open", "base": "null"}
            session.conn.execute(conflict.insert().values(id=f"c{seq}", row_id=id, seq=seq, **line, **at))
        assert conflicts.resolve_all(session, "theirs") == 1
        assert [session.existing(Person, id).note for id in (gone, other)] == [None, "甲"]


def test_a_person_registered_again_is_not_brought_back_beside(store: Store) -> None:
    """Two living people then had one number, which no form allows."""
    number = {"document": "resident_id", "id_number": "230826199001010026"}
    with store.write("登记") as session:
        first = records.save(session, "person", {**PERSON, **number})
        records.delete(session, "person", first)
        records.save(session, "person", {**PERSON, **number, "name": "张三丰"})
    with pytest.raises(DomainError, match="张三丰"), store.write("恢复") as session:
        records.undelete(session, "person", first)


def test_a_record_that_ends_before_it_starts_is_pointed_out_in_every_file(store: Store) -> None:
    """JSON Lines said nothing."""
    with store.write("登记") as session:
        who = records.save(session, "person", PERSON)
        house = records.save(session, "household", {"number": "0009"})
        income = {"kind": "household_income", "household_id": house, "start": "2026-06", "end": "2026-03", "persons": 3}
        lines = [{"kind": "category_span", "person_id": who, "category": "lifted", "start": "2026-05-01", "end": "2025-05-01"}, income]
        made = importing.plan(session, "\n".join(map(json.dumps, lines)).encode(), name="x.jsonl")
        result = importing.apply(session, made)
    assert (result.added, [one.code for one in result.warnings]) == (2, ["order", "order"])
