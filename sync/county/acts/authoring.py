"""Writes the county's own changes, sealed with its own key and chained like any station's batches.

    author(session, keys, scope, [insertion(session, "monitor_line", {...}), edit(session, "person", id, {...})])

Everything happens in the caller's transaction (`County.write`): the batches are in the log, applied and signed when it commits.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select, text

from db.county import STATION
from db.exchange import device, enrolment_code, entry, scope_head
from db.mapping import stored
from db.prepared import Prepared
from db.session import Session
from domain.errors import DomainError
from domain.fields import Kind, Record, kind_of
from domain.grouping import chunks
from domain.scopes import county_of
from domain.values import Stored
from domain.words import _
from sync.county.keys import CountyKeys
from sync.county.receiving.rights import Author
from sync.county.receiving.sequencing import sequence
from sync.replica.batches import BULK, WHOLE, sealed_parts
from sync.replica.identity import Identity
from sync.wire.columns import Change
from sync.wire.envelope import START, open_batch
from sync.wire.words import reason

_BEGUN = Prepared(select(entry.c.number).where(entry.c.station == STATION, entry.c.incarnation == bindparam("of")).limit(1))
_LOCK_HEAD = text("INSERT INTO scope_head (scope, seq) VALUES (:scope, 0) ON CONFLICT (scope) DO UPDATE SET seq = scope_head.seq")


def insertion(session: Session, kind: str | Kind | type[Record], values: Mapping[str, Any]) -> Change:
    """Return the insertion of a record with these record values."""
    return _change(session, kind, session.new_id(), "I", {n: v for n, v in _numbered(kind, values).items() if v is not None})


def edit(session: Session, kind: str | Kind | type[Record], id: str, values: Mapping[str, Any]) -> Change:
    """Return an edit that sets some fields of a record."""
    return _change(session, kind, id, "U", _numbered(kind, values))


def deletion(session: Session, kind: str | Kind | type[Record], id: str) -> Change:
    """Return the soft deletion of a record."""
    return _change(session, kind, id, "D", {})


def lock(session: Session, scopes: Sequence[str]) -> None:
    """Lock these scopes against other writers until the transaction ends, for changes that depend on data read first."""
    for scope in sorted(scopes):
        session.conn.execute(_LOCK_HEAD, {"scope": scope})


def author(
    session: Session,
    keys: CountyKeys,
    scope: str,
    changes: Sequence[Change],
    *,
    known: int | None = None,
    more: Mapping[str, Any] | None = None,
    strict: bool = True,
) -> list[int]:
    """Write changes to the log of a scope in the county's name. Returns their positions.

    `known`: the position they follow, by default the last; `more`: further fields of the header. If a change is refused, raises
    `DomainError` so that nothing is stored; with `strict=False` the change is held, as for a station.
    """
    if not changes:
        return []
    lock(session, [scope])
    head = session.conn.execute(select(scope_head.c.seq).where(scope_head.c.scope == scope)).scalar_one()
    salt, me = _new_incarnation(session, keys)
    mine = Author(STATION, "", keys.public)
    whole = len(changes) <= BULK and "erase" not in (more or {})
    for part in chunks(_with_ids(salt, changes), WHOLE if whole else BULK):
        for sealed, _part in sealed_parts(me, scope, head if known is None else known, part, more):
            sequence(session, keys, mine, open_batch(sealed), scope)
    here = (entry.c.scope == scope) & (entry.c.seq > head) & (entry.c.station == STATION)
    written = session.conn.execute(select(entry.c.seq, entry.c.refused).where(here).order_by(entry.c.seq)).all()
    for _seq, refused in written if strict else ():
        for _place, why in json.loads(refused):
            raise DomainError(_("县里的改动没有存成：{why}什么都没有改。").format(why=reason(why)))
    return [seq for seq, _refused in written]


def county_scopes(session: Session) -> list[str]:
    """Return the counties of all stations that are enrolled or may enrol: their logs have the records that concern everybody."""
    scopes = set(session.conn.execute(select(device.c.scope).union(select(enrolment_code.c.scope))).scalars())
    return sorted({county_of(scope) for scope in scopes})


def _new_incarnation(session: Session, keys: CountyKeys) -> tuple[str, Identity]:
    """A salt and the identity for a new chain of changes authored together, under a new incarnation. So a county never uses a number
    twice, even if it is restored from a backup while the program runs."""
    while True:
        salt = secrets.token_hex(8)
        incarnation = 1 + int(salt, 16) % (2**31 - 1)
        if _BEGUN.first(session.conn, of=incarnation) is None:
            return salt, Identity(STATION, "", keys.county, keys.public, "", None, incarnation, keys.signing, 0, START, b"")


def _with_ids(salt: str, changes: Sequence[Change]) -> list[Change]:
    """The changes, each with an id (salt and number) unless it has one of its original author."""
    return [c if c.salt else replace(c, salt=salt, seq=n) for n, c in enumerate(changes, 1)]


def _change(session: Session, kind: str | Kind | type[Record], id: str, what: str, values: Mapping[int, Stored]) -> Change:
    declared = kind_of(kind)
    return Change(0, declared.number, id, what, session.author, session.at, "", values)


def _numbered(kind: str | Kind | type[Record], values: Mapping[str, Any]) -> dict[int, Stored]:
    declared = kind_of(kind)
    return {declared.by_name[name].number: value for name, value in stored(declared, values).items()}
