"""Erasure of personal data by rule, ordered at the county: it writes an erasing batch to every log that names the person.

What belongs to the person is found by declaration (`domain.dependents`), in the village they live in now and in those they left. How every
replica erases is `sync.replica.erased_rows`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from db import contents
from db.county import STATION
from db.erased import erased
from db.exchange import conflict, entry, held_change, kind_by_number, moved
from db.session import Session
from domain.dependents import blanks, owned, owners
from domain.errors import DomainError, NotFound
from domain.fields import kind_of
from domain.words import _
from sync.county.answering import CountyKeys
from sync.county.authoring import author, lock
from sync.county.moves import belonging
from sync.county.retention import open_claims
from sync.replica.erased_rows import named, stored
from sync.replica.redaction import blanks_of, note_signed, redacted, sign_note
from sync.replica.rows import Key, chunks
from sync.wire.columns import Change, WireError, grouped
from sync.wire.envelope import Batch, Erase, Rewritten, open_batch, rewrite

MAX_REASON = 200
_CLAIM = kind_of("claim").number
_PART = 100
"""Rows of an erasing batch: it has to stay whole, since its signatures are for all of them."""


@dataclass(frozen=True)
class Erased:
    """What an erasure came to: rows, stored batches that were rewritten, the scopes whose readers are told."""

    rows: int
    batches: int
    scopes: list[str]


@dataclass(frozen=True)
class Plan:
    """What erasing a person would take: `rows` by kind, files of theirs, and the claims that must be over first."""

    person: str
    rows: dict[str, int]
    files: int
    open_claims: list[str]


def plan(session: Session, person: str) -> Plan:
    """What erasing a person would come to; nothing is changed. Raises `NotFound`."""
    row = _person(session, person)
    found: dict[str, list[str]] = defaultdict(list)
    for number, id in _rows(session, row.village, person):
        found[kind_of(number).name].append(id)
    counts = {name: len(ids) for name, ids in sorted(found.items())}
    return Plan(person, counts, len(contents.named(session.conn, found["attachment"])), open_claims(session, found["claim"]))


def erase(session: Session, keys: CountyKeys, person: str, why: str) -> Erased:
    """Erase a person, those merged into them and what belongs to them. `why` travels to every reader: it must name nobody.

    Done again it erases what came since. Raises `NotFound` or `DomainError`, the latter also while a claim of theirs is not over.
    """
    why = why.strip()
    if not why or len(why) > MAX_REASON or not why.isprintable():
        raise DomainError(_("请用一句话写明依据（不超过 {most} 个字，不写姓名和证件号）。").format(most=MAX_REASON))
    row = _person(session, person)
    lock(session, [row.village])
    wanted = _rows(session, row.village, person)
    waiting = open_claims(session, [id for kind, id in wanted if kind == _CLAIM])
    if waiting:
        raise DomainError(
            _("这个人还有 {n} 件申报没有办结（{ids}），没有删除。请先办结、退回或撤回。").format(n=len(waiting), ids=_("、").join(waiting))
        )
    scopes = _scopes(session, row.village, wanted)
    lock(session, scopes)
    batches = 0
    for scope in scopes:
        for part in chunks(wanted, _PART):
            batches += _order(session, keys, scope, part, why)
    contents.drop_unreferred(session)
    return Erased(len(wanted), batches, scopes)


def came_late(session: Session, keys: CountyKeys, batch: Batch, place: tuple[str, int], changes: Sequence[Change]) -> None:
    """Erase at once what a batch brought, at its `place`, of rows that were erased: these `changes` were refused, because somebody had not
    heard of it yet, or were in the log before, and come from a backup. That there was such a change stays in the log, and held."""
    if batch.header.station == STATION:
        return
    about = {(change.kind, change.row_id): named(change)[1:] for change in changes}
    hers: dict[Key, str] = {}
    reasons: dict[str, str] = {}
    for ids in chunks({id for key, belongs in about.items() for id in (key[1], *belongs)}):
        for row in session.conn.execute(select(erased).where(erased.c.row_id.in_(ids))).all():
            hers[row.kind, row.row_id] = reasons[row.row_id] = row.reason
    others = {key: belongs for key, belongs in about.items() if key not in hers}
    new = {key: why for key, belongs in others.items() if (why := next((reasons[id] for id in belongs if id in reasons), None))}
    rows: dict[str, list[Key]] = defaultdict(list)
    for key in (*(key for key in about if key in hers), *_in_no_table(session, new)):
        rows[(hers | new)[key]].append(key)
    for why, some in rows.items():
        for part in chunks(some, _PART):
            _order(session, keys, place[0], part, why, only=place[1])


def sign_again(session: Session, keys: CountyKeys, batch: Batch, scope: str) -> None:
    """Sign anew what is left of the batches an erasing one names where it signed something else: it came back to a log in which more of
    them was erased since, or other values."""
    order = batch.header.erase
    stale = []
    for row, _signature in stored(session.conn, order) if order is not None else ():
        kept = open_batch(bytes(row.body))
        if order is not None and not note_signed(kept, keys.public):
            left = rewrite(kept, kept.groups, session.at, order.reason)
            head = kept.header
            stale.append(Rewritten(head.station, head.incarnation, head.number, sign_note(left, keys.signing)))
    if order is not None and stale:
        again = [replace(change, salt="", seq=0) for change in batch.changes()]
        author(session, keys, scope, again, more={"erase": Erase(session.at, order.reason, stale)})


def _person(session: Session, id: str) -> Any:
    row = session.get("person", id, deleted=True)
    if row is None:
        raise NotFound(_("没有这条记录：{id}").format(id=id))
    return row


def _rows(session: Session, scope: str, person: str) -> list[Key]:
    """The person and what belongs to them, also what was held of it and so is in no table."""
    found = belonging(session, scope, {"person": [person]})
    keys = [(kind_of(name).number, id) for name, ids in found.items() for id in ids]
    ids, kept = {id for _kind, id in keys}, list[Key]()
    for line in session.conn.execute(select(held_change).where(held_change.c.kind.in_([kind.number for kind in owned()]))).all():
        kind, values = kind_by_number(line.kind), json.loads(line.values)
        if kind is not None and any(values.get(str(f.number)) in ids for f in owners(kind)):
            kept.append((line.kind, line.row_id))
    return list(dict.fromkeys((*keys, *_in_no_table(session, kept))))


def _in_no_table(session: Session, keys: Iterable[Key]) -> Iterator[Key]:
    """Those of these rows that were never let in. A row that lives is somebody else's: an edit that was refused only meant to give it to
    who was erased."""
    for number, id in keys:
        kind = kind_by_number(number)
        if kind is not None and session.get(kind, id, deleted=True) is None:
            yield number, id


def _scopes(session: Session, scope: str, rows: list[Key]) -> list[str]:
    """The logs that may name the rows: where they live, where they left, where something of them was held or erased."""
    found = {scope}
    for some in chunks([id for _kind, id in rows]):
        for t in (moved, held_change, conflict, erased):
            found |= set(session.conn.execute(select(t.c.scope).where(t.c.row_id.in_(some))).scalars())
    return sorted(found)


def _order(session: Session, keys: CountyKeys, scope: str, rows: list[Key], why: str, *, only: int | None = None) -> int:
    """Write one erasing batch, unless the log has had it and nothing came since; answers how many batches are rewritten. `only`: what
    that entry brought, if it brought anything. What comes back to a restored county was erased before."""
    changes = [Change(0, kind, id, "U", session.author, session.at, "", blanks(kind_of(kind), id)) for kind, id in rows]
    changes = [change for change in changes if change.values]
    if not changes:
        return 0
    rewritten = list(_rewritten(session, keys, (scope, only), changes, why))
    known = select(erased.c.row_id).where(erased.c.scope == scope, erased.c.row_id.in_([c.row_id for c in changes]))
    if rewritten or (only is None and len(set(session.conn.execute(known).scalars())) < len(changes)):
        author(session, keys, scope, changes, more={"erase": Erase(session.at, why, rewritten)})
    return len(rewritten)


def _rewritten(session: Session, keys: CountyKeys, where: tuple[str, int | None], changes: list[Change], why: str) -> Iterator[Rewritten]:
    """The batches of a log, or the one in an entry, with values of these rows, and the signatures of what will be left of them."""
    instead = blanks_of(grouped(changes))
    scope, only = where
    here = entry.c.scope == scope
    wanted = here if only is None else here & (entry.c.seq == only)
    for row in session.conn.execute(select(entry).where(wanted).order_by(entry.c.seq)).all():
        try:
            left = redacted(open_batch(bytes(row.body)), instead, session.at, why)
        except WireError:  # nobody but its author could read it
            continue
        if left is not None:
            yield Rewritten(row.station, row.incarnation, row.number, sign_note(left, keys.signing))
