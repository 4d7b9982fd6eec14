"""Whose time is over, what erasing would take, what stands against it, and files that were never sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from cli.moves import would_erase
from db import contents
from db.exchange import entry
from db.store import Store
from domain.errors import DomainError, InputUnusable
from services import attachments
from services.claims import claims, steps
from sync.county.acts import erasure, retention
from sync.county.keys import county_keys
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, both, drop, get, put
from tests.sync.test_claims import verdict
from tests.sync.test_erasure import erase


def long_ago(world: World) -> None:
    """What the county has by now it took in a long time ago, whatever the laptops' clocks said."""
    with world.county.write() as session:
        session.conn.execute(update(entry).values(at="2001-05-01T00:00:00Z"))


def due(world: World, before: str = "2020-01-01") -> list[str]:
    with world.county.read() as session:
        return retention.due(session, before)


@both
def test_whose_time_is_over(world: World) -> None:
    a = world.station("甲")
    died, gone, alive, year, late = (add(a, name=name) for name in ("死者", "删了", "健在", "只知年份", "后来又有"))
    put(a, died, died_on="2015-03-01")
    put(a, year, died_on="2020")
    put(a, late, died_on="2015-03-01")
    drop(a, gone)
    world.sync(a)
    assert due(world) == []  # by the county's clock all this came today
    long_ago(world)
    assert due(world) == sorted([died, gone, late])
    assert due(world, "2021-01-01") == sorted([died, gone, late, year])
    assert due(world, "2001-05-01") == []
    add(a, "employment", person_id=late, channel="migrant", place="210200", start="2014-02-10", employer_name="厂")
    world.sync(a)
    assert due(world) == sorted([died, gone])
    erase(world, died)
    assert due(world) == [gone]
    assert get(world.county, alive).name == "健在"


def test_what_another_village_sent_of_a_merged_record_counts(world: World) -> None:
    town, a, b = world.station("镇", TOWNSHIP), world.station("甲"), world.station("乙", OTHER_VILLAGE)
    died, twin = add(a, name="死者"), add(b, name="死者")
    put(a, died, died_on="2015-03-01")
    world.settle()
    put(town, twin, merged_into=died)
    world.settle()
    long_ago(world)
    assert due(world) == [died]
    put(b, twin, note="又来过")
    world.settle()
    assert due(world) == []


def test_a_county_whose_clock_started_in_the_past_erases_nobody_too_early(world: World) -> None:
    """An entry is not older than the one before it in its log."""
    a = world.station("甲")
    died = add(a, name="死者")
    put(a, died, died_on="2015-03-01")
    world.sync(a)
    put(a, died, note="昨天还来过")
    world.sync(a)
    with world.county.write() as session:  # the last entry came while the clock stood in 2001
        last = select(func.max(entry.c.seq)).where(entry.c.scope == VILLAGE).scalar_subquery()
        session.conn.execute(update(entry).where(entry.c.scope == VILLAGE, entry.c.seq == last).values(at="2001-01-01T00:00:00Z"))
    assert due(world) == []
    long_ago(world)
    assert due(world) == [died]


@pytest.mark.parametrize("before", ["2099-01-01", "2020", "昨天", "2020-02-30", ""])
def test_a_day_in_the_past(world: World, before: str) -> None:
    with pytest.raises((DomainError, InputUnusable)):
        due(world, before)


def test_what_it_would_take_and_what_stands_against_it(world: World) -> None:
    a = world.station("甲")
    person = add(a)
    add(a, "employment", person_id=person, channel="migrant", place="210200", start="2014-02-10", employer_name="厂")
    with a.write("申请") as session:
        claim = claims.file(session, verdict(person))
    world.sync(a)
    with world.county.read() as session:
        plan = erasure.plan(session, person)
        before = session.conn.execute(select(entry.c.seq)).all()
    assert (plan.rows["person"], plan.rows["employment"], plan.rows["claim"], plan.open_claims) == (1, 1, 1, [claim])
    with pytest.raises(DomainError, match="没有办结"):
        erase(world, person)
    with world.county.read() as session:
        assert session.conn.execute(select(entry.c.seq)).all() == before
    with a.write("撤回") as session:
        steps.step(session, claim, "withdrawn")
    world.sync(a)
    assert erase(world, person).rows == sum(plan.rows.values()) + 1  # and the step
    with world.county.read() as session:
        assert erasure.plan(session, person).open_claims == []


def kept(store: Store) -> int:
    with store.read() as session:
        return len(session.conn.execute(select(contents.content.c.sha256)).all())


@pytest.mark.parametrize("held", [False, True])
def test_files_that_were_never_sent_go_with_their_person(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: bool) -> None:
    """Also those of a record the county never took, as soon as it refuses it; another's files stay."""
    monkeypatch.setattr("sync.station.attachments.SECONDS", -1)  # never time for files
    a = world.station("甲")
    person, other = add(a), add(a)
    world.sync(a)
    if held:
        erase(world, person)
    with a.write("附件") as session:
        for n, owner in enumerate((person, other)):
            file = tmp_path / f"{n}.pdf"
            file.write_bytes(b"%PDF-1.4 " + bytes([n]))
            attachments.add(session, "person", owner, file)
    world.sync(a)
    assert kept(a) == (1 if held else 2)
    keys = county_keys(world.county)
    with world.county.write() as session:
        assert erasure.plan(session, person).files == (0 if held else 1)
        erasure.erase(session, keys, person, "到期")
    world.sync(a)
    assert kept(a) == 1
    with a.read() as session:
        assert contents.unsent(session) == 1


def test_a_trial_names_who_would_be_erased() -> None:
    """What is erased of the wrong person does not come back, and nobody knows a person by an id."""
    told = would_erase([erasure.Plan("p1", {"person": 1, "wage": 2}, 0, [])], {"p1": "田生"})
    assert "田生 " in told.text
    assert told.value["rows"] == 3
    merged = would_erase([erasure.Plan("p1", {"person": 3}, 0, [])], {"p1": "田生"})
    assert "田生（连同并入的 2 人）" in merged.text
