"""Records of any kind with any values their declarations allow: for round trips, where what one cannot think of matters."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from db import changes
from db.session import Session
from domain.fields import KINDS, Field, Kind
from domain.identity import check_digit
from domain.values import Type

WORDS = (
    *(
        "张三",
        "解放村",
        "a b",
        " 前后有空格 ",
        "=1+1",
        "+86",
        "-5",
        "@home",
        "'quoted'",
        "1,2、3；4",
        "第一行\n第二行",
        "00123",
        "1.50",
        "是",
    ),
    *("2023-06", "户主", "合计", "[x]", "１２３", "😀𠮷", "\\N", '"', "<f>1</f>", "null", "0.1", "E+17"),
)
PLACES = ("210211", "230826", "990000", "110105", "230800")
AREAS = ("230826", "230826101", "230826101202", "230000")


def value(f: Field, rng: random.Random) -> Any:
    """A record value of a field that is no reference."""
    if f.choices is not None:
        codes = list(f.choices)
        return frozenset(rng.sample(codes, rng.randint(1, min(3, len(codes))))) if f.type is Type.SET else rng.choice(codes)
    day = f"20{rng.randint(10, 29)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    made: dict[Type, Any] = {
        Type.DATE: day,
        Type.FDATE: day[: rng.choice((4, 7, 10))],
        Type.MONTH: day[:7],
        Type.DATETIME: day + "T08:00:00Z",
        Type.YUAN: rng.choice((0, 1, -2050, 123456789, 10**12)),
        Type.INT: rng.choice((0, 1, -7, 2023, 2**40)),
        Type.BOOL: rng.random() < 0.5,
        Type.JSON: {"a": [1, None, "x"], "乙": rng.choice(WORDS)},
        Type.PLACE: rng.choice(PLACES),
        Type.AREA: rng.choice(AREAS),
        Type.SET: frozenset(rng.sample([w for w in WORDS if len(w) < 20 and "\n" not in w and w.strip()], 2)),
    }
    if f.name == "id_number":
        first17 = f"230826{rng.randint(1940, 2009)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 999):03d}"
        return rng.choice((first17 + check_digit(first17), "P" + first17[:8], first17 + "5"))
    if f.type is Type.SECRET:
        return rng.choice(("13800138000", "6228480402564890018", "abc 123", "0454-1234567", "P123"))
    if f.type is Type.ID:
        return f"00000000-0000-4000-8000-{rng.getrandbits(48):012x}"
    return made[f.type] if f.type in made else rng.choice(WORDS)


def values(kind: Kind, rng: random.Random, ids: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Record values of a kind; references point at records of `ids`, optional ones may stay empty."""
    said: dict[str, Any] = {}
    for f in kind.fields:
        if f.ref is not None:
            there = ids.get(f.ref, ())
            if there and (f.required or rng.random() < 0.7):
                said[f.name] = tuple(rng.sample(list(there), min(2, len(there)))) if f.type is Type.IDS else rng.choice(list(there))
        elif f.required or f.name in ("sex", "birth") or rng.random() < 0.7:  # what a number tells is filled in by an import
            said[f.name] = value(f, rng)
    return said


def fill(session: Session, seed: int, each: int = 3) -> int:
    """Put some records of every kind into a store; answers how many."""
    rng = random.Random(seed)
    ids = {kind.name: [session.new_id() for _n in range(each)] for kind in KINDS.values()}
    for kind in KINDS.values():
        rows = []
        for n, id in enumerate(ids[kind.name]):
            said = values(kind, rng, {**ids, kind.name: ids[kind.name][:n]})  # people are not merged in a circle
            rows.append({"id": session.natural_id(kind, session.scope, said) if kind.key else id, "village": session.scope, **said})
        unique = list({row["id"]: row for row in rows}.values())
        ids[kind.name] = [row["id"] for row in unique]
        changes.insert(session, kind, unique)
    return session.conn.exec_driver_sql("SELECT count(*) FROM op WHERE what = 'I'").scalar_one()  # type: ignore[no-any-return]
