"""What comes of somebody who was erased meanwhile, and what hangs on that in the same batch: held, and nothing of the values is left."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import select

from db import changes
from db import held as held_changes
from db.county import STATION
from db.exchange import entry
from db.held import held
from db.store import Store
from domain.dependents import ERASED
from domain.errors import NotFound, Unreachable
from domain.fields import kind_of
from services import today
from services.quality import quality
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.wire.columns import Change
from sync.wire.envelope import open_batch
from sync.wire.words import BundleError
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put, put_back, save, snapshots_where
from tests.sync.sticks import Sticks
from tests.sync.test_erasure import clean, erase, her
from tests.sync.test_signed_nonsense import AT, Mouth
from tests.sync.traces import NAME, NUMBER, traces

WORDS = ("迟到的厂", "迟到的纸")


def new_work_of(store: Store, person: str, employer: str = WORDS[0], paper: str = WORDS[1]) -> list[str]:
    """A job, a wage of it and a paper of that wage, written at once: only the job names the person."""
    with store.write("新增") as session:
        job, pay, scan = (session.new_id() for _n in range(3))
        rows: dict[str, dict[str, object]] = {
            "employment": {
                "id": job,
                "person_id": person,
                "channel": "migrant",
                "place": "210200",
                "start": "2023-02-10",
                "employer_name": employer,
            },
            "wage": {"id": pay, "employment_id": job, "month": "2023-03", "paid_on": "2023-03", "amount": 1},
            "attachment": {
                "id": scan,
                "record_id": pay,
                "name": paper,
                "media_type": "image/jpeg",
                "sha256": "0" * 64,
                "size": 9,
            },
        }
        for kind, row in rows.items():
            changes.insert(session, kind, [{"village": store.scope, **row}])
    return [job, pay, scan]


@both
def test_what_belongs_to_a_new_row_of_hers_goes_with_it(world: World) -> None:
    a, b = world.station("甲"), world.station("乙")
    ids = her(a)
    world.settle()
    new = new_work_of(b, ids["person"])
    his = new_work_of(b, ids["other"], "他的厂", "他的纸")
    erase(world, ids["person"])
    world.settle()
    for where in (a, b, world.county):
        for kind, id, other in zip(("employment", "wage", "attachment"), new, his, strict=True):
            assert get(where, id, kind) is None
            assert get(where, other, kind) is not None
        with where.read() as session:
            assert not traces(session.conn, WORDS)
            assert [(h.record_id, h.reason) for h in held(session)] == [(id, "erased") for id in new]
            assert held_changes.count(session) == 0  # nobody can do anything about it: as a badge it would stand there for ever
    clean(world)
    assert_equal(world)


def test_a_row_of_somebody_else_does_not_go_with_what_was_made_up_over_it(world: World) -> None:
    """An insertion of a row that lives, for her, takes nothing along that belongs to whom it lives for."""
    a, mouth = world.station("甲"), Mouth(world)
    ids = her(a)
    his = new_work_of(a, ids["other"], "他的厂", "他的纸")
    world.settle()
    erase(world, ids["person"])
    world.settle()
    job, file = kind_of("employment"), kind_of("attachment")
    lie = {job.by_name["person_id"].number: ids["person"], job.by_name["employer_name"].number: "谎厂"}
    name = {file.by_name["record_id"].number: his[0], file.by_name["name"].number: "还是他的"}
    mouth.say(
        [
            Change(1, job.number, his[0], "I", "李@x", AT[0], "00ff01", lie),
            Change(2, file.number, his[2], "U", "李@x", AT[0], "00ff01", name),
        ]
    )
    world.settle()
    for where in (a, world.county):
        assert get(where, his[0], "employment").employer_name == "他的厂"
        assert get(where, his[2], "attachment").name == "还是他的"
    assert_equal(world)


@both
def test_a_batch_refused_for_rights_keeps_nothing_of_who_was_erased(world: World) -> None:
    """A laptop that writes for another village is refused as a whole; what it says of somebody erased is not kept for that."""
    a, mouth = world.station("甲"), Mouth(world, OTHER_VILLAGE)
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    world.settle()
    person, visit = kind_of("person"), kind_of("visit")
    said = {person.by_name["name"].number: "谎名字", person.by_name["note"].number: "谎话一"}
    seen = {
        visit.by_name["person_id"].number: ids["person"],
        visit.by_name["on"].number: "2023-06-01",
        visit.by_name["content"].number: "谎话二",
    }
    other = {person.by_name["note"].number: "别人的"}
    rows = [
        (person, ids["person"], "U", said),
        (visit, "0123abcd-0000-0000-0000-5a0000000007", "I", seen),
        (person, ids["other"], "U", other),
    ]
    mouth.say(
        [Change(n, kind.number, id, what, "李@x", AT[0], "00ff02", values) for n, (kind, id, what, values) in enumerate(rows, 1)], VILLAGE
    )
    world.settle()
    with world.county.read() as session:
        assert not traces(session.conn, ("谎名字", "谎话一", "谎话二"))
        assert traces(session.conn, ("别人的",))
        assert [h.reason for h in held(session)] == ["rights"] * 3
    clean(world)
    assert_equal(world)


def test_who_was_never_taken_in_is_erased_from_what_is_held(world: World) -> None:
    a, town = world.station("甲"), world.station("镇", TOWNSHIP)
    id = add(a, name=WORDS[0], village=OTHER_VILLAGE, note=WORDS[1])
    world.settle()
    with world.county.read() as session:
        assert [h.record_id for h in held(session)] == [id]
        assert traces(session.conn, WORDS)
    erase(world, id)
    world.settle()
    assert_equal(world)
    for store in (a, town, world.county):
        with store.read() as session:
            assert not traces(session.conn, WORDS)
            assert [h.record_id for h in held(session)] == [id]
    with pytest.raises(NotFound):
        erase(world, "0123abcd-0000-0000-0000-5a0000000007")


@pytest.mark.parametrize("merged", [True, False])
def test_who_was_registered_where_the_village_or_the_household_had_gone_from(world: World, merged: bool) -> None:
    """The county passed it on to where they live now; the log it came by has it as well."""
    a, b, town = world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("镇", TOWNSHIP)
    house = add(a, "household", number="0001", address="一组")
    world.settle()
    keys = county_keys(world.county)
    with world.county.write() as session:
        if merged:
            moves.merge_villages(session, keys, VILLAGE, OTHER_VILLAGE)
        else:
            moves.move(session, keys, "household", house, OTHER_VILLAGE)
    person = add(a, name=NAME, id_number=NUMBER, **({} if merged else {"household_id": house}))
    world.settle()
    assert get(b, person).name == NAME
    erase(world, person)
    world.settle()
    clean(world)
    assert get(town, person).name == ERASED
    assert_equal(world)


def test_what_the_county_keeps_until_what_came_before_it_is_there(world: World, sticks: Sticks) -> None:
    """A county put back keeps the batches of a stick before which others are missing: of who is erased nothing stays there either."""
    a = sticks.station("甲", VILLAGE)
    person, other = add(a, name=NAME, id_number=NUMBER), add(a, name="王五")
    sticks.round(a)
    save(world)
    put(a, other, note="一")
    sticks.round(a)
    put_back(world)
    put(a, person, note="迟到的话")
    with pytest.raises(BundleError):
        sticks.round(a)
    with world.county.read() as session:
        assert traces(session.conn, ("迟到的话",)) == {("ahead", "迟到的话")}
    erase(world, person)
    with world.county.read() as session:
        assert not traces(session.conn, ("迟到的话",))
    for _trip in range(3):
        with suppress(BundleError):
            sticks.round(a)
    with world.county.read() as session:
        assert not traces(session.conn, ("迟到的话",))
    clean(world)
    assert_equal(world)


def test_a_chain_as_long_as_a_batch_is_followed_to_its_end(world: World) -> None:
    """A paper of a paper of a paper of hers, in no order: each is looked at once, and all of them go in one erasing batch."""
    a, mouth = world.station("甲"), Mouth(world)
    ids = her(a)
    world.settle()
    erase(world, ids["person"])
    world.settle()
    file = kind_of("attachment")
    papers = [str(UUID(int=n)) for n in range(1, 701)]
    belongs, name = file.by_name["record_id"].number, file.by_name["name"].number
    owners = [ids["person"], *papers]
    said = [
        Change(n, file.number, paper, "I", "李@x", AT[0], "00ff02", {belongs: owner, name: WORDS[1]})
        for n, (paper, owner) in enumerate(zip(papers, owners, strict=False), start=1)
    ]
    mouth.say(said[1::2] + said[::2])
    with world.county.read() as session:
        assert {h.record_id for h in held(session)} >= set(papers)
        bodies = session.conn.execute(select(entry.c.body).where(entry.c.station == STATION)).scalars()
        orders = [batch.header for body in bodies if (batch := open_batch(bytes(body))).header.erase]
        assert [head.count for head in orders if head.count >= len(papers)] == [len(papers)]
        assert not traces(session.conn, WORDS)


def test_an_own_batch_that_a_snapshot_acknowledges_is_not_kept_with_who_was_erased(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("乙")
    person, other = add(a, name=NAME, id_number=NUMBER), add(a, name="王五")
    world.line.after = 1
    with pytest.raises(Unreachable):
        world.sync(a)
    erase(world, person)
    world.sync(b)
    snapshots_where(monkeypatch, lambda _s, _scope, cursor, head: head > cursor)
    world.sync(a)
    world.settle()
    clean(world)
    assert_equal(world)
    assert get(a, other).name == "王五"


def test_the_first_page_counts_nobody_who_was_erased(world: World) -> None:
    """She was a pair of hands and at work for good, though nobody out of work, and her errors in the data were counted and not listed."""
    a = world.station("甲")
    ids = her(a)

    def counted() -> tuple[int, ...]:
        with a.read() as session:
            day = today.today(session, "2023-08-20")
            assert day.errors == sum(doubt.severity == "error" for doubt in quality.check(session, "2023-08-20"))
            return day.people, day.labour, sum(day.regions.values()), day.months[-1][1]

    world.settle()
    before = counted()
    erase(world, ids["person"])
    world.settle()
    assert counted() == tuple(n - 1 for n in before)
