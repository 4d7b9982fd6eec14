"""Bookkeeping of the exchange between stations and the county, and the queries that pages make on it. `sync/__init__.py` explains the
terms.

Station: `outbox` (sealed, not acknowledged), `cursor`, `exchange_log`. County: `arrival`, `scope_head`, `device`, `lineage`, `change_run`,
`enrolment_code`. Both: `entry` (the sequenced log, batches verbatim), `field_state`, `conflict`, `held`. Values in these tables are JSON of
the stored form.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Index, bindparam, func, select, update

from db.capture import UNACKNOWLEDGED, op
from db.county import STATION
from db.local import get_meta
from db.mapping import program_table, table
from db.prepared import Prepared
from db.session import Session
from domain.fields import KINDS, Kind
from domain.values import Stored

DELETED = 0
"""Pseudo field number under which `field_state` and `conflict` keep whether a row is deleted."""
LAST = -1
"""Pseudo field number under which `field_state` keeps the last change of a row in county order, whatever field it touched."""

outbox = program_table("outbox", "incarnation:int! number:big! scope known:big count:int sha256:bytes body:bytes sealed_at")
"""The station's sealed batches that the county has not acknowledged: resent byte for byte until it does, then moved to `entry`."""

cursor = program_table("cursor", "scope! seq:big")
"""How far this station has applied the log of each scope; moves in the same transaction as the rows it covers."""

entry = program_table(
    "entry",
    "scope! seq:big! station incarnation:int number:big sha256:bytes body:bytes refused signature:bytes at known:big? chain:bytes?",
)
"""The sequenced log: batches as they were sealed, the refused operations (`[[operation index, reason], …]`) and the county's signature.
`known`: how far the author had read, if the county corrects what the batch says; `chain`: fingerprint of the log up to here, NULL if its
beginning is missing."""
Index("ix_entry_batch", entry.c.station, entry.c.incarnation, entry.c.number, unique=True)

arrival = program_table("arrival", "scope! seq:big! signature:bytes")
"""At the county: its signature of the time `at` of an entry, which its signature of the entry, for stations, does not cover."""

scope_head = program_table("scope_head", "scope! seq:big")
"""The county's counter of each scope. Taking the next number locks the row, so the lock order is the commit order."""

field_state = program_table("field_state", "kind:int! row_id! field:int! seq:big author by at")
"""Sequence number and author of fields changed after their row's insertion; all other fields have those of the row."""
_flips = field_state.c.field == DELETED
Index("ix_field_state_deleted", field_state.c.seq, sqlite_where=_flips)

conflict = program_table(
    "conflict",
    "id! scope sort kind:int row_id field:int seq:big place:int base earlier earlier_author earlier_by earlier_at later "
    "later_author later_by later_at state settled_by? settled_at? settled? pending?",
)
"""Concurrent changes. `sort`: value, deleted (edit against delete) or parent (a child under a deleted parent). `state`: open, info or
settled. `seq`, `place`: entry and operation of the later change. `pending`: chosen here, not yet acknowledged (local)."""
Index("ix_conflict_row", conflict.c.row_id, conflict.c.kind, conflict.c.field)
Index("ix_conflict_state", conflict.c.state)

held_change = program_table("held", "scope! seq:big! place:int! kind:int row_id what values by at author reason released_at?")
"""Held changes, which could not be applied, with their content: nothing is dropped except values of people erased by rule."""

moved = program_table("moved", "scope! kind:int! row_id! entered seq:big at title? states")
"""Stubs of rows that left a scope. `entered`: the scope they went to; `seq`: the entry by which they left in the log of `scope`;
`title`: a person's name; `states`: entry and author of the row's fields when it left (`i`: of its insertion), read only by the county. A
closed scope has one line of kind 0 without a row."""

device = program_table(
    "device",
    "station! scope role key:bytes seal_key:bytes code enrolled_at revoked_at? last_sync? version? unsent:int suspected:int",
)
"""Enrolled stations. `suspected`: how often a station's data turned out to be a copy of another laptop's, or a restored backup."""

lineage = program_table("lineage", "station! incarnation:int! since token:bytes previous_token:bytes? rival:bytes? rival_base:bytes?")
"""The copies of a station's data that go on by themselves, one an incarnation, with the hashes of their tokens. `rival`: a token given
out that a later one took the place of, though nobody had presented it; `rival_base`: `previous_token` for as long as nobody has presented
the later one either."""

change_run = program_table("change_run", "station! salt! first:big! last:big")
"""Ids of the changes in the log: counters `first` to `last` of one program run at a station."""

enrolment_code = program_table("enrolment_code", "code! scope role uses:int used:int made_at expires_at")
"""One-time enrolment codes, by their SHA-256."""

exchange_log = program_table("exchange_log", "id:int! at ok:int message figures", counted=True)
"""Every exchange attempted here, with its result in words and figures (JSON), for the 同步 page."""

_LOG_LINES, _LOG_SWEPT = 500, 50
"""Lines kept, and the number of new lines after which the older ones are deleted."""


def settling(id: str, field: int, value: Stored) -> str:
    """The value of `old` in an op of type C: the conflict it settles, the field and the chosen value (stored form)."""
    return json.dumps({"conflict": id, "field": field, "value": value}, ensure_ascii=False)


def kind_by_number(number: int) -> Kind | None:
    """The kind with a wire number, or None if only a newer program knows it."""
    return _NUMBERED.get(number)


_NUMBERED = {kind.number: kind for kind in KINDS.values()}


_UNSENT = Prepared(select(func.count()).select_from(op).where(UNACKNOWLEDGED))


def unsent(session: Session) -> int:
    """How many of the station's own changes the county has not acknowledged, sealed or not."""
    return unsent_in(session.conn)


def unsent_in(conn: Connection) -> int:
    """As `unsent`, of a store that is not open."""
    return int(_UNSENT.value(conn))


def enrolled(session: Session) -> bool:
    """Whether this station belongs to a county. Until then it works fully but seals nothing."""
    return get_meta(session, "county_id") is not None


@dataclass(frozen=True)
class Exchanged:
    """One exchange as the 同步 page shows it. `figures` are those of `cunzhan sync --json`."""

    at: str
    ok: bool
    message: str
    figures: dict[str, Any]


_LINE = Prepared(
    exchange_log.insert()
    .values(at=bindparam("now"), ok=bindparam("went"), message=bindparam("said"), figures=bindparam("counted"))
    .returning(exchange_log.c.id)
)


def log_exchange(session: Session, *, ok: bool, message: str, figures: dict[str, Any]) -> None:
    """Log the result of an exchange; the oldest lines beyond a few hundred are deleted."""
    made = _LINE.value(session.conn, now=session.at, went=int(ok), said=message, counted=json.dumps(figures, sort_keys=True))
    if made % _LOG_SWEPT == 0:
        session.conn.execute(exchange_log.delete().where(exchange_log.c.id <= made - _LOG_LINES))


def exchanges(session: Session, limit: int = 50) -> list[Exchanged]:
    """The latest exchanges, newest first."""
    rows = session.conn.execute(select(exchange_log).order_by(exchange_log.c.id.desc()).limit(limit))
    return [_exchanged(row) for row in rows]


def last_exchange(session: Session) -> Exchanged | None:
    """The latest successful exchange, or None."""
    row = session.conn.execute(select(exchange_log).where(exchange_log.c.ok == 1).order_by(exchange_log.c.id.desc()).limit(1)).first()
    return None if row is None else _exchanged(row)


def _exchanged(row: Any) -> Exchanged:
    return Exchanged(row.at, bool(row.ok), row.message, json.loads(row.figures))


@dataclass(frozen=True)
class Departed:
    """A person the county moved to another scope, with the name they had."""

    name: str
    entered: str
    at: str


def closed_into(session: Session, scope: str, *, after: int = 0) -> str | None:
    """The scope that a closed one was merged into, following further closures; None if it is not closed. `after`: an entry of its log."""
    went = [scope]
    while True:
        whole = (moved.c.scope == went[-1]) & (moved.c.kind == 0) & (moved.c.row_id == "") & (moved.c.seq > after)
        into = session.conn.execute(select(moved.c.entered).where(whole)).scalar()
        if into is None or into in went:
            return went[-1] if len(went) > 1 else None
        went.append(into)
        after = 0


def closed(session: Session) -> set[str]:
    """Scopes that were merged completely into another one."""
    return set(session.conn.execute(select(moved.c.scope).where(moved.c.kind == 0, moved.c.row_id == "")).scalars())


def departed(session: Session, scope: str, limit: int = 5, *, after: int = 0) -> list[Departed]:
    """The people who left a scope most recently, newest first. `after`: an entry of its log."""
    theirs = (moved.c.scope == scope) & moved.c.title.is_not(None) & (moved.c.seq > after)
    rows = session.conn.execute(select(moved).where(theirs).order_by(moved.c.seq.desc(), moved.c.title).limit(limit))
    return [Departed(row.title, row.entered, row.at) for row in rows]


@dataclass(frozen=True)
class Arrived:
    """A person the county moved into a scope. `housed`: whether they have a household there."""

    name: str
    housed: bool
    at: str


def arrived(session: Session, scope: str, limit: int = 5, *, after: int = 0) -> list[Arrived]:
    """The people who entered a scope most recently, newest first: only a move lets the county insert a person. `after`: an entry of its
    log."""
    p = table("person")
    theirs = (p.c.village == scope) & p.c.author.startswith(f"{STATION}.") & p.c.deleted_at.is_(None) & (p.c.seq > after)
    day = func.coalesce(entry.c.at, p.c.updated_at).label("day")
    both = p.outerjoin(entry, (entry.c.scope == p.c.village) & (entry.c.seq == p.c.seq))
    rows = session.conn.execute(
        select(p.c.name, p.c.household_id, day).select_from(both).where(theirs).order_by(p.c.seq.desc()).limit(limit)
    )
    return [Arrived(row.name, row.household_id is not None, row.day) for row in rows]


def left_titles(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The names, by id, of people whom the county moved out of a scope of this store."""
    named = select(moved.c.row_id, moved.c.title).where(moved.c.row_id.in_(sorted(ids)), moved.c.title.is_not(None))
    return {row.row_id: row.title for row in session.conn.execute(named)}


_CURSORS = Prepared(select(cursor.c.scope, cursor.c.seq))
_MOVE = Prepared(update(cursor).where(cursor.c.scope == bindparam("of")).values(seq=bindparam("to")))


def device_of(session: Session, station: str) -> Any:
    """The row of `device` for a station, None if it was never enrolled."""
    return session.conn.execute(select(device).where(device.c.station == station)).first()


def cursors(session: Session) -> dict[str, int]:
    """How far the log of each scope has been applied here."""
    return dict(_CURSORS.all(session.conn))


def move_cursor(session: Session, scope: str, seq: int) -> None:
    """Record that the log of `scope` is applied up to `seq`."""
    moved = _MOVE.run(session.conn, of=scope, to=seq)
    if moved == 0:
        session.conn.execute(cursor.insert().values(scope=scope, seq=seq))
