"""Sealed batches: what goes in comes out, and nothing else is let in."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from sync import columns, envelope, wire
from sync.columns import Change, WireError
from sync.envelope import START, Header, open_batch, seal

KEY = SigningKey(b"k" * 32)
UUIDS = st.uuids().map(str)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
VALUES = st.none() | st.integers(-(2**62), 2**62) | TEXTS | UUIDS
TIMES = st.integers(0, 2**33).map(columns._time)


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


@settings(max_examples=150, deadline=None)
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


GOOD = msgspec.json.decode(columns.encode(CHANGES)[1])


def spoiled(**places: object) -> bytes:
    group = list(GOOD["g"][0])
    for name, value in places.items():
        group[int(name[1:])] = value
    return msgspec.json.encode(GOOD | {"g": [group]})


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b"[" * 100_000,
        msgspec.json.encode(GOOD | {"p": ["short"]}),
        msgspec.json.encode(GOOD | {"p": ["\0" * 28]}),
        spoiled(_0="2"),
        spoiled(_1="X"),
        spoiled(_1=[]),
        spoiled(_2=[3, 3]),
        spoiled(_3=0),
        spoiled(_3=10**9),
        spoiled(_4=[0] * 29),
        spoiled(_4=list(range(28))),
        spoiled(_5={"p": 7, "n": 1}),
        spoiled(_5={"p": -2, "n": 1}),
        spoiled(_5=5),
        spoiled(_6=9),
        spoiled(_6=-1),
        spoiled(_7=10**30),
        spoiled(_10=[[1.5] * 29]),
        spoiled(_10=[[True] * 29]),
        spoiled(_10=[[{}] * 29]),
        spoiled(_10=[]),
        spoiled(_11=["x"] * 29),
    ],
)
def test_columns_of_the_wrong_shape_are_refused(body: bytes) -> None:
    columns.decode(["李@s"], msgspec.json.encode(GOOD), 29)
    with pytest.raises(WireError):
        columns.decode(["李@s"], body, 29)


@settings(max_examples=200, deadline=None)
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
    assert len(seal(header(), people, KEY)) / 100 < 12
