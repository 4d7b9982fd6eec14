"""Erasure by rule: nothing of a person's values is left in any table of county or station, and everything else goes on as before."""

from __future__ import annotations

from collections.abc import Iterator

import zstandard
from sqlalchemy import Connection, MetaData, select

from db.exchange import entry
from db.store import Store
from domain.dependents import ERASED
from sync import audit, erasure
from sync.columns import WireError
from sync.county import county_keys
from sync.envelope import open_batch
from tests.sync.conftest import OTHER_VILLAGE, TOWNSHIP, World, add, assert_equal, both, get, put

NAME, NUMBER, PHONE, CARD = "欧阳若兰", "23082619700101002X", "13800138000", "6217001234567890123"
WORDS = (NAME, NUMBER, PHONE, CARD, NUMBER[::-1], PHONE[::-1], "ou yang ruo lan", "说她腿疼")


def traces(conn: Connection, words: tuple[str, ...] = WORDS) -> set[tuple[str, str]]:
    """Tables and words found in them, in any column, also in what is packed in batches and pieces."""
    tables = MetaData()
    tables.reflect(conn)
    found = set()
    for name, t in tables.tables.items():
        for row in conn.execute(select(t)):
            for value in row:
                data = b"\n".join(unpacked(bytes(value))) if isinstance(value, bytes | memoryview) else str(value).encode()
                found |= {(name, word) for word in words if word.encode() in data}
    return found


def unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    try:
        batch = open_batch(data)
        yield repr(batch.header).encode()
        yield "\n".join(str(change) for change in batch.changes()).encode()
    except WireError:
        pass
    if data[:4] == zstandard.FRAME_HEADER:
        yield zstandard.ZstdDecompressor().decompressobj().decompress(data)


def erase(world: World, person: str, why: str = "去世满五年") -> erasure.Erased:
    keys = county_keys(world.county)
    with world.county.write() as session:
        return erasure.erase(session, keys, person, why)


def her(store: Store) -> dict[str, str]:
    """A woman with work, wages, a claim, a visit to her and a history of changes, in a bulk with others."""
    house = add(store, "household", number="0001", address="一组")
    person = add(store, name=NAME, id_number=NUMBER, household_id=house, phone="13900000000")
    other = add(store, name="王五", household_id=house)
    job = add(store, "employment", person_id=person, channel="migrant", place="210200", start="2023-02-10", employer_name="厂")
    pay = add(store, "wage", employment_id=job, month="2023-03", paid_on="2023-03", amount=400000)
    seen = add(store, "visit", household_id=house, person_id=person, on="2023-05-01", content="说她腿疼")
    put(store, person, phone="13700000000", bank_account=CARD)
    put(store, person, phone=PHONE, bank_account=None)
    return {"household": house, "person": person, "other": other, "employment": job, "wage": pay, "visit": seen}


def clean(world: World) -> None:
    for name, store in world.stations.items():
        with store.read() as session:
            assert not traces(session.conn), name
            assert audit.verify(session).ok, name
    with world.county.read() as session:
        assert not traces(session.conn)
        found = audit.verify(session, county_keys(world.county).public)
        assert found.ok and found.erased


@both
def test_nothing_is_left_anywhere_and_the_books_stay(world: World) -> None:
    a, town, other = world.station("甲"), world.station("镇", TOWNSHIP), world.station("乙", OTHER_VILLAGE)
    ids = her(a)
    world.settle()
    with a.read() as session:
        assert {word for _table, word in traces(session.conn)} == set(WORDS)
    with world.county.read() as session:
        assert {word for _table, word in traces(session.conn)} == set(WORDS)
        before = session.conn.execute(select(entry.c.seq, entry.c.sha256, entry.c.signature, entry.c.chain)).all()
    done = erase(world, ids["person"])
    assert done.rows == 4 and done.batches > 0
    world.settle()
    clean(world)
    assert_equal(world)
    with world.county.read() as session:
        after = session.conn.execute(select(entry.c.seq, entry.c.sha256, entry.c.signature, entry.c.chain)).all()
        assert set(before) < set(after)  # fingerprints and signatures are those of what was sealed
    for store in (a, town):
        person = get(store, ids["person"])
        assert (person.name, person.phone, person.birth, person.household_id) == (ERASED, None, None, ids["household"])
        assert get(store, ids["wage"], "wage").amount == 400000
        assert get(store, ids["visit"], "visit").content == ERASED
        assert get(store, ids["employment"], "employment").start == "2023-02-10"
        assert get(store, ids["other"]).name == "王五"
    with other.read() as session:
        assert session.get("person", ids["person"]) is None
    late = world.station("迟")  # reads a log that was rewritten before
    world.settle()
    clean(world)
    assert_equal(world)
    assert get(late, ids["person"]).name == ERASED
    put(a, ids["other"], phone="13600000000")
    world.settle()
    assert_equal(world)
