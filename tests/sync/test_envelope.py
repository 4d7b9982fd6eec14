"""Sealed batches: what goes in comes out, and nothing else is let in."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from domain.values import Stored
from sync.replica.batches import sealed_parts
from sync.replica.identity import Identity
from sync.wire import columns, envelope, packing
from sync.wire import messages as wire
from sync.wire.columns import Change, WireError
from sync.wire.envelope import START, Header, TooNew, open_batch, seal
from tests.paths import ROOT

KEY = SigningKey(b"k" * 32)
UUIDS = st.uuids().map(str)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
VALUES = st.none() | st.integers(-(2**62), 2**62) | TEXTS | UUIDS
TIMES = st.integers(0, 2**33).map(columns.stamp)


@st.composite
def change(draw: st.DrawFn) -> Change:
    what = draw(st.sampled_from("IUDRC"))
    kind = draw(st.sampled_from((1, 2, 12, 99)))
    values: dict[int, object] = {}
    conflict = None
    if what == "I":
        values = {n: v for n, v in draw(st.dictionaries(st.integers(1, 62), VALUES, max_size=5)).items() if v is not None}
    elif what == "U":
        values = dict(draw(st.dictionaries(st.integers(1, 62), VALUES, min_size=1, max_size=5)))
    elif what == "C":
        values, conflict = {draw(st.integers(0, 62)): draw(VALUES)}, "ab" * 12
    ids = st.sampled_from([f"0123abcd-0000-0000-0000-5a00000000{n:02x}" for n in range(9)])
    return Change(
        seq=draw(st.integers(1, 2**40)),
        kind=kind,
        row_id=draw(ids | UUIDS),
        what=what,
        by=draw(st.sampled_from(("李文书@s", "王@t"))),
        at=draw(TIMES),
        salt=draw(st.sampled_from(("00ff00ff00ff00ff", "1234567812345678"))),
        values=values,  # type: ignore[arg-type]
        conflict=conflict,
    )


def header(**given: object) -> Header:
    plain = Header(1, 1, "county", "station", 1, 1, START, "230826101202", 0, 0, [])
    return msgspec.structs.replace(plain, **given)


@settings(max_examples=150)
@given(st.lists(change(), min_size=1, max_size=25))
def test_what_is_sealed_is_read_back(changes: list[Change]) -> None:
    batch = open_batch(seal(header(), changes, KEY))
    assert batch.changes() == changes
    assert batch.signed_by(bytes(KEY.verify_key))
    assert batch.header.count == len(changes)


CHANGES = [
    Change(n, 2, f"0123abcd-0000-0000-0000-5a00000000{n:02x}", "I", "李@s", "2023-06-05T08:00:00Z", "00ff00ff00ff00ff", {3: f"人{n}"})
    for n in range(1, 30)
]


def test_a_changed_byte_anywhere_is_noticed() -> None:
    sealed = seal(header(), CHANGES, KEY)
    for place in range(0, len(sealed), 3):
        forged = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with contextlib.suppress(WireError):
            assert not open_batch(forged).signed_by(bytes(KEY.verify_key)), place


def test_cut_or_foreign_bytes_are_refused() -> None:
    sealed = seal(header(), CHANGES, KEY)
    for data in (b"", b"<html>", sealed[:-1], sealed + b"x", sealed[: len(sealed) // 2], msgspec.msgpack.encode([1, 2, 3])):
        with pytest.raises(WireError):
            open_batch(data)
    assert not open_batch(sealed).signed_by(bytes(SigningKey.generate().verify_key))


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zstandard.ZstdCompressor(level=3).compress(b"0" * (envelope.MAX_BODY + 1))
    assert len(bomb) < 100_000
    with pytest.raises(WireError):
        envelope.unpack(bomb, envelope.MAX_BODY)
    with pytest.raises(WireError):
        envelope.unpack(bomb[:50], envelope.MAX_BODY) and columns.decode([], envelope.unpack(bomb[:50], envelope.MAX_BODY), 1)


BODY = columns.encode(columns.grouped(CHANGES))[1]
GOOD = msgspec.msgpack.decode(BODY)
RUN, STEPS, SAME, PLAIN, FEW, DIGITS, IDS, HASHES = range(8)


def spoiled(**places: object) -> bytes:
    group = list(GOOD[2][0])
    for name, value in places.items():
        group[int(name[1:])] = value
    return msgspec.msgpack.encode([*GOOD[:2], [group]])


def digits(shape: str = "0000", least: int = 0, grows: bool = False, there: bytes = b"", planes: bytes = bytes(58)) -> bytes:
    return spoiled(_10=[[DIGITS, shape, least, grows, there, planes]])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"\x91" * 100_000,
        b"\xdd\xff\xff\xff\xff",
        msgspec.msgpack.encode([]),
        msgspec.msgpack.encode([GOOD[0], ["short"], GOOD[2]]),
        msgspec.msgpack.encode([GOOD[0], ["\0" * 28], GOOD[2]]),
        msgspec.msgpack.encode([["\0"], *GOOD[1:]]),
        msgspec.msgpack.encode([*GOOD[:2], GOOD[2] * 2]),
        spoiled(_0="2"),
        spoiled(_1="X"),
        spoiled(_1=[]),
        spoiled(_2=[3, 3]),
        spoiled(_2=[3, 4]),
        spoiled(_3=0),
        spoiled(_3=-29),
        spoiled(_3=10**9),
        spoiled(_4=[RUN, 0, 0]),
        spoiled(_4=[RUN, 1, 1]),
        spoiled(_4=[RUN, 2**62, 1]),
        spoiled(_4=[RUN, 0, 2**62]),
        spoiled(_4=[STEPS, [1] * 28]),
        spoiled(_4=[STEPS, [1.5] * 29]),
        spoiled(_5=[IDS, [RUN, 7, 0], [RUN, 1, 0]]),
        spoiled(_5=[IDS, [RUN, -2, 0], [RUN, 1, 0]]),
        spoiled(_5=[IDS, [RUN, -1, 0], [RUN, 1, 0]]),
        spoiled(_5=[IDS, [RUN, 0, 0], [RUN, 2**32, 0]]),
        spoiled(_5=[IDS, [RUN, 0, 0], [RUN, -1, 0]]),
        spoiled(_5=[HASHES, bytes(16)]),
        spoiled(_5=[SAME, "x"]),
        spoiled(_5=5),
        spoiled(_6=[RUN, 9, 0]),
        spoiled(_6=[RUN, -1, 0]),
        spoiled(_7=[RUN, 10**15, 0]),
        spoiled(_10=[[SAME, 1.5]]),
        spoiled(_10=[[PLAIN, [1.5] * 29]]),
        spoiled(_10=[[PLAIN, [True] * 29]]),
        spoiled(_10=[[PLAIN, [{}] * 29]]),
        spoiled(_10=[[PLAIN, ["x"] * 28]]),
        spoiled(_10=[[FEW, ["x"], bytes([1] * 29)]]),
        spoiled(_10=[[FEW, ["x"], bytes(30)]]),
        spoiled(_10=[[99, 1]]),
        spoiled(_10=[]),
        spoiled(_11=["x"] * 29),
        digits(planes=bytes(30)),
        digits(planes=bytes(29 * 9)),
        digits(planes=b"\xff" * 58),
        digits(shape=""),
        digits(shape="0" * 20),
        digits(shape="0" + "-" * 50),
        digits(least=-1),
        digits(least=9_999, planes=b"\1" * 29),
        digits(grows=True, planes=b"\1" * 29, least=9_990),
        digits(there=bytes(29)),
        digits(there=b"\1" * 28),
        digits(there=b"\2" * 29),
    ],
)
def test_columns_of_the_wrong_shape_are_refused(body: bytes) -> None:
    columns.decode(["李@s"], BODY, 29)
    with pytest.raises(WireError):
        columns.decode(["李@s"], body, 29)


def test_a_few_bytes_do_not_become_a_million_values() -> None:
    """Columns that say the same of every row are not spread out before the counts agree."""
    many = list(GOOD[2][0])
    many[3], many[2], many[10] = 10**7, list(range(1, 63)), [[SAME, "x"]] * 62
    for count in (29, 10**7):
        with pytest.raises(WireError):
            columns.decode(["李@s"], msgspec.msgpack.encode([*GOOD[:2], [many] * 1000]), count)


ALIKE: tuple[st.SearchStrategy[Stored], ...] = (
    st.integers(0, 10**11 - 1).map("{:011d}".format),
    st.dates().map(str),
    st.tuples(st.integers(0, 10**17 - 1), st.sampled_from("0123456789X")).map(lambda pair: f"{pair[0]:017d}{pair[1]}"),
    st.integers(0, 10**19 - 1).map("{:019d}".format),
    st.sampled_from(("一", "二", "三")),
    st.integers(-(2**62), 2**62),
    st.from_regex(r"[0-9]{2}[-年X٣][0-9]{2,3}", fullmatch=True),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=4),
)


@settings(max_examples=150)
@given(st.data(), st.integers(1, 40), st.booleans(), st.booleans())
def test_a_column_of_values_alike_is_read_back(data: st.DataObject, n: int, gaps: bool, ordered: bool) -> None:
    sort = data.draw(st.sampled_from(ALIKE))
    values: list[Stored] = data.draw(st.lists(sort, min_size=n, max_size=n))
    if ordered:
        values.sort(key=lambda v: (str(type(v)), v))
    values = [None if gaps and data.draw(st.booleans()) else v for v in values]
    assert packing.read_column(packing.column(values), n, []) == values


LONG = "长" * 2**13


@pytest.mark.parametrize("where", ["same", "few", "user", "salt"])
def test_a_few_bytes_do_not_become_gigabytes_of_text(where: str) -> None:
    """Twenty thousand rows, each with a value, a user or a run as long as a book, said once."""
    n = columns.MAX_CHANGES
    values: dict[str, packing.Column] = {"same": packing.Same(LONG), "few": packing.Few(["a", LONG], bytes(n))}
    group = columns._Packed(
        kind=1,
        what="I",
        fields=[1],
        count=n,
        places=packing.Run(0, 1),
        row_ids=packing.Ids(packing.Run(0, 0), packing.Run(1, 1)),
        by=packing.Run(0, 0),
        at=packing.Run(1_700_000_000, 0),
        salts=packing.Run(0, 0),
        seqs=packing.Run(1, 1),
        values=[values.get(where, packing.Same("x"))],
        conflicts=[],
    )
    body = msgspec.msgpack.encode(columns._Body([LONG if where == "salt" else "00ff"], ["00000000-0000-0000-0000-0000"], [group]))
    assert len(zstandard.compress(body)) < 400
    with pytest.raises(WireError):
        columns.decode([LONG if where == "user" else "李@s"], body, n)


def test_what_would_be_too_much_text_is_sealed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_SPREAD", 10_000)
    changes = [replace(change, values={3: "同" * 2000}) for change in CHANGES[:16]]
    me = Identity("s", "230826101202", "c", b"", "", None, 1, KEY, 0, START, b"")
    parts = [open_batch(sealed).changes() for sealed, _groups in sealed_parts(me, "230826101202", 0, changes)]
    assert [change for part in parts for change in part] == changes
    assert {len(part) for part in parts} == {4}


def test_a_batch_of_a_newer_program_waits_for_the_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(header(), CHANGES, KEY)
    assert open_batch(sealed).header.dictionary == envelope.DICTIONARY == 1
    with monkeypatch.context() as older:
        older.setattr(envelope, "DICTIONARY", 0)
        envelope._dictionary.cache_clear()
        with pytest.raises(TooNew):
            open_batch(sealed)
        assert open_batch(seal(header(), CHANGES, KEY)).changes() == CHANGES
    envelope._dictionary.cache_clear()
    assert open_batch(sealed).changes() == CHANGES
    with pytest.raises(TooNew):
        open_batch(seal(header(format=2), CHANGES, KEY))


def test_the_dictionary_helps_small_batches_and_is_the_released_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        3: "李卫国",
        4: "resident_id",
        5: "230826197001010011",
        9: "汉族",
        14: "ordinary",
        17: "农村信用社",
        24: "建筑工地，春节后返岗",
    }
    person = [replace(CHANGES[0], values=values)]
    with_it = len(seal(header(), person, KEY))
    monkeypatch.setattr(envelope, "DICTIONARY", 0)
    assert with_it < 0.9 * len(seal(header(), person, KEY))
    released = sha256((ROOT / "resources" / "dictionaries" / "1.zstd").read_bytes()).hexdigest()
    assert released == "38a13d81dee2e078b8a670a86a458bcf368463880ceb413321a54f9f34455b6e"


def test_a_bomb_in_a_signed_batch_is_not_unpacked() -> None:
    sealed = msgspec.msgpack.decode(seal(header(), CHANGES, KEY))
    sealed[1] = zstandard.ZstdCompressor(level=3).compress(b"0" * (envelope.MAX_BODY + 1))
    with pytest.raises(WireError):
        assert open_batch(msgspec.msgpack.encode(sealed)).groups


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_politely(data: bytes) -> None:
    for read in (open_batch, lambda d: wire.read(wire.Request, d), lambda d: wire.read(wire.Answer, d), lambda d: columns.decode([], d, 1)):
        with pytest.raises(WireError):
            read(data)


def test_ids_of_one_run_cost_next_to_nothing() -> None:
    people = [
        Change(
            n,
            2,
            f"0123abcd-0000-0000-0000-5a0000{n:06x}",
            "U",
            "李@s",
            "2023-06-05T08:00:00Z",
            "00ff00ff00ff00ff",
            {16: f"138{n * 7919 % 10**8:08d}"},
        )
        for n in range(100)
    ]
    assert len(seal(header(), people, KEY)) / 100 < 8
