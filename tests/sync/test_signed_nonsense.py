"""What an enrolled station may sign: any kinds, fields, values, ids and decisions. The county answers, readers stay equal, and honest work
goes on. More of it with `CUNZHAN_SOAK_LONGER`."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest

from db.held import held
from db.mapping import TABLES
from domain.dependents import ERASED
from domain.errors import DomainError
from domain.fields import KINDS, kind_of
from domain.values import STRUCTURED, Stored, Type, all_readable, readable
from sync.county.acts import erasure
from sync.county.answering import exchange as answer_request
from sync.county.keys import county_keys
from sync.county.receiving.rights import incomplete
from sync.wire import envelope
from sync.wire.columns import Change, grouped
from sync.wire.envelope import START, Header
from tests.seeds import FIRST, LONGER
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get
from tests.sync.forging import request, signing

WORDS = ("", "x", "张三", "2023-06-05", "0000-00-00", "230826101203", "-1", "NaN", "62", '["a"]', "[1]", "[" * 5000, "\n\x01", "长" * 5000)
NUMBERS = (0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
UNREADABLE = ("x", "62", "{}", "[1]", "[null]", "NaN", "[" * 5000)
AT = ("2023-06-05T08:00:00Z", "1000-01-01T00:00:00Z", "9999-12-31T23:59:59Z")


class Liar:
    """Signs whatever comes to mind."""

    def __init__(self, dice: random.Random, ids: list[str]) -> None:
        self.dice, self.ids = dice, ids

    def value(self) -> Stored:
        return self.dice.choice((None, self.dice.choice(NUMBERS), self.dice.choice(self.ids), *self.dice.sample(WORDS, 3)))

    def change(self, n: int) -> Change:
        kind, what = self.dice.choice(list(KINDS.values())), self.dice.choice("IIUUDRC")
        chosen = [f.number for f in self.dice.sample(kind.fields, min(len(kind.fields), self.dice.randint(0, 6)))]
        if what in "DRC":
            chosen = [] if what != "C" else chosen[:1] or [0]
        conflict = self.dice.choice((self.ids[0], "held/1/0/0", f"held/{VILLAGE}/{10**20}/0", "x" * 300, ""))
        return Change(
            self.dice.choice((n, 2**61)),
            self.dice.choice((kind.number, kind.number, kind.number, 200, 2**31)),
            self.dice.choice(self.ids),
            what,
            self.dice.choice(("李@x", "", "@", "county@county", "a" * 3000)),
            self.dice.choice(AT),
            self.dice.choice(("00ff00ff00ff00ff", "", "salt")),
            {number: self.value() for number in chosen},
            conflict if what == "C" else None,
        )


class Mouth:
    """An enrolled station that seals by hand."""

    def __init__(self, world: World, scope: str = TOWNSHIP) -> None:
        self.county, self.keys = world.county, county_keys(world.county)
        self.store = world.station("谎", scope)
        self.number, self.previous = 0, START
        del world.stations["谎"]

    def say(self, changes: list[Change], scope: str = VILLAGE, known: int = 0) -> None:
        self.number += 1
        changes = [replace(one, by=f"李@{self.store.station}") if one.by == "李@x" else one for one in changes]
        head = Header(1, 1, self.keys.county, self.store.station, 1, self.number, self.previous, scope, known, 0, [])
        sealed = envelope.seal(head, changes, signing(self.store))
        self.previous = envelope.digest(sealed)
        asked = request(self.store, [sealed], number=self.number, sha256=self.previous)
        assert answer_request(self.county, self.keys, asked).status == "ok"


@both
def test_whatever_a_station_signs(world: World) -> None:
    dice = random.Random(FIRST)
    honest, other = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    world.station("镇", TOWNSHIP)
    ids = [add(honest, name="张三"), add(other), *(f"{dice.getrandbits(32):08x}-0000-0000-0000-{n:012x}" for n in range(6))]
    ids.append(add(honest, "employment", person_id=ids[0], channel="migrant", place="210200", start="2023-02-10"))
    world.settle()
    mouth, liar = Mouth(world), Liar(dice, ids)
    for n in range(40 * LONGER):
        if n == 10 * LONGER:
            with suppress(DomainError), world.county.write() as session:  # a claim of hers may be open by now
                erasure.erase(session, mouth.keys, ids[0], "期满")
        changes = [liar.change(n) for n in range(1, dice.randint(2, 9))]
        mouth.say(changes, dice.choice((VILLAGE, VILLAGE, VILLAGE, TOWNSHIP, OTHER_VILLAGE, "9")), dice.choice((0, 5, 10**6)))
    mine = add(honest)
    world.settle()
    assert_equal(world)
    assert get(world.county, mine) is not None
    with honest.read() as session:  # whatever is in a row, or held, can be shown
        for name in TABLES:
            for record in session.select(name, deleted=True):
                assert all(isinstance(f.show(getattr(record, f.name)), str) for f in kind_of(name).fields)
        for one in held(session):
            fields = kind_of(one.kind).by_name if one.kind in KINDS else {}
            assert all(isinstance(fields[name].show(value), str) for name, value in one.values.items() if name in fields)


def test_a_release_of_what_no_program_names_so_is_passed_over(world: World) -> None:
    """Taken for numbers, such names stopped the county, and with it whatever else was in the file on the stick."""
    mouth = Mouth(world, VILLAGE)
    id = add(world.station("甲"))
    for n, place in enumerate(("--5/1", "5/--5", "-/-", "5/", "/", "", "5/5/5", "٥/٥", f"{10**18 - 1}/-{10**17}")):
        mouth.say([Change(n, 1, id, "C", "李@x", AT[0], "00ff00ff00ff00ff", {1: "张"}, f"held/{VILLAGE}/{place}")])
    world.settle()
    assert_equal(world)


def test_a_value_that_cannot_be_read_is_held_and_not_let_into_a_row(world: World) -> None:
    """Else every page that shows the row would fail, at everyone who reads it."""
    kind = kind_of("person")
    field = next(f.number for f in kind.fields if f.type in STRUCTURED)
    store, mouth = world.station("甲"), Mouth(world)
    values = ['["a"]', *UNREADABLE]
    ids = [f"0123abcd-0000-0000-0000-5a00000000{n:02x}" for n in range(len(values))]
    whole = {f.number: "x" for f in kind.fields if f.required}
    changes = enumerate(zip(ids, values, strict=True), 1)
    mouth.say([Change(n, kind.number, id, "I", "李@x", AT[0], "00ff", {**whole, field: v}) for n, (id, v) in changes])
    world.settle()
    for where in (store, world.county):
        with where.read() as session:
            assert [person.id for person in session.select("person")] == ids[:1]
            assert [h.reason for h in held(session)] == ["value"] * len(UNREADABLE)
    assert_equal(world)


def test_a_row_without_what_it_must_have_is_held(world: World) -> None:
    """Else the papers that add up amounts, sort by days or print names could not be made any more."""
    store, mouth, person = world.station("甲"), Mouth(world), kind_of("person")
    known = add(store, name="张三")
    world.settle()
    needing = [kind for kind in KINDS.values() if any(f.required for f in kind.fields)]
    bare = [
        Change(n, kind.number, f"0123abcd-0000-0000-0000-5a00000000{n:02x}", "I", "李@x", AT[0], "00ff") for n, kind in enumerate(needing)
    ]
    emptied = Change(99, person.number, known, "U", "李@x", AT[0], "00ff", {person.by_name["name"].number: None})
    step = Change(98, kind_of("claim_step").number, "0123abcd-0000-0000-0000-5a00000000ff", "I", "李@x", AT[0], "00ff", {1: bare[0].row_id})
    mouth.say([*bare, step, emptied])
    world.settle()
    assert_equal(world)
    for where in (store, world.county):
        with where.read() as session:
            assert [h.reason for h in held(session)] == ["value"] * (len(needing) + 2)
            assert session.get("person", known).name == "张三"
            assert all(session.count(kind.name) == (kind is person) for kind in needing)


def test_whatever_is_said_of_somebody_erased_is_only_kept_as_a_fact(world: World) -> None:
    """Of kinds nobody knows, of hers under a wrong kind, of others' rows: the county goes on, and of others nothing is erased."""
    store, mouth, visit = world.station("甲"), Mouth(world), kind_of("visit")
    hers, other = add(store, name="张三"), add(store, name="李四")
    world.settle()
    with world.county.write() as session:
        erasure.erase(session, mouth.keys, hers, "期满")
    said = {visit.by_name["content"].number: "听说的话", visit.by_name["person_id"].number: hers}
    ids = (hers, other, "0123abcd-0000-0000-0000-5a0000000001")
    kinds = (200, visit.number, kind_of("person").number)
    mouth.say([Change(n, kind, id, what, "李@x", AT[0], "00ff", said) for n, (kind, id, what) in enumerate(product(kinds, ids, "IU"), 1)])
    world.settle()
    assert_equal(world)
    assert (get(store, hers).name, get(store, other).name) == (ERASED, "李四")


@pytest.mark.parametrize("schema", [1, 2])
def test_a_field_an_older_program_did_not_know_may_be_lacking(schema: int) -> None:
    course = kind_of("course")
    kind = replace(course, fields=tuple(replace(f, since=2) if f.name == "trade" else f for f in course.fields))
    values: dict[str, Stored] = {"title": "电工", "trade": "电工", "type": "skill", "start": "2023-06", "end": "2023-07"}
    made: list[dict[str, Stored]] = [values, {**values, "trade": None}, {**values, "title": None}]
    changes = [
        Change(n, kind.number, f"{n}", "I", "李@x", AT[0], "00", {kind.by_name[k].number: v for k, v in one.items() if v})
        for n, one in enumerate(made)
    ]
    lacking = [place for group in grouped(changes) for place in incomplete(kind, group, schema)]
    assert sorted(lacking) == ([2] if schema == 1 else [1, 2])


@pytest.mark.parametrize(
    "bad", ["", "x", "20", "2023-", "2023-6", "2023-06-", "2023-13", "2023-02-29", "0000-01-01", "2023-W01-1", "20230605", "２０２３"]
)
def test_a_day_that_is_none_is_no_value_of_a_date(bad: str) -> None:
    """Screening and the monthly report would stop at it."""
    dates = (Type.DATE, Type.FDATE, Type.MONTH)
    assert all(readable(kind, good) for kind in dates for good in ("2024-02-29", "2023-06", "2023", None))
    assert not any(readable(kind, bad) or all_readable(kind, ["2023-06-01", bad, None]) for kind in dates)
    assert all(all_readable(kind, ["2024-02-29", "2023-06", "2023", None]) for kind in dates)
