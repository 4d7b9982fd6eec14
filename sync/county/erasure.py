"""Erasure of personal data by rule, ordered at the county: it writes an erasing batch to every log that names the person.

What belongs to the person is found by declaration (`domain.dependents`), in the village they live in now and in those they left. How every
replica erases is `sync.replica.erased_rows`.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import delete, select

from db import contents
from db.among import among
from db.bundles import ahead
from db.chunks import chunks
from db.county import STATION
from db.erased import erased
from db.exchange import conflict, entry, held_change, kind_by_number, moved
from db.parts import part
from db.session import Session
from domain.dependents import blanks, owned
from domain.errors import DomainError, NotFound
from domain.fields import kind_of
from domain.grouping import by_key
from domain.words import _
from sync.county.authoring import author, lock
from sync.county.keys import CountyKeys
from sync.county.moves import belonging
from sync.county.retention import open_claims
from sync.replica.batches import BULK
from sync.replica.erased_rows import late, noted, stored, whose
from sync.replica.redaction import blanks_of, note_signed, redacted, sign_note
from sync.replica.rows import Key
from sync.wire.columns import Change, WireError, grouped
from sync.wire.envelope import Batch, Erase, Rewritten, open_batch, rewrite

MAX_REASON = 200
_CLAIM, _HOUSEHOLD, _PERSON = (kind_of(name).number for name in ("claim", "household", "person"))
_NOBODY: Key = (0, "")
_PART = BULK
"""Rows of an erasing batch, which has to stay whole since its signatures are for all of them. Every such batch rewrites anew what it
names."""


@dataclass(frozen=True)
class Erased:
    """The result of an erasure: rows, stored batches that were rewritten, the scopes whose readers are told."""

    rows: int
    batches: int
    scopes: list[str]


@dataclass(frozen=True)
class Plan:
    """What erasing a person would affect: `rows` by kind, their files, and the claims that must be over first."""

    person: str
    rows: dict[str, int]
    files: int
    open_claims: list[str]


def plan(session: Session, person: str) -> Plan:
    """What erasing a person would affect; nothing is changed. Raises `NotFound`."""
    found = by_key((kind_of(number).name, id) for number, id in _rows(session, _home(session, person), person))
    counts = {name: len(ids) for name, ids in sorted(found.items())}
    return Plan(person, counts, len(contents.named(session.conn, found["attachment"])), open_claims(session, found["claim"]))


def erase(session: Session, keys: CountyKeys, person: str, why: str) -> Erased:
    """Erase a person, those merged into them and what belongs to them. `why` travels to every reader: it must name nobody.

    Done again it erases what came since. Raises `NotFound` or `DomainError`, the latter also while a claim of theirs is not over.
    """
    why = why.strip()
    if not why or len(why) > MAX_REASON or not why.isprintable():
        raise DomainError(_("请用一句话写明依据（不超过 {most} 个字，不写姓名和证件号）。").format(most=MAX_REASON))
    home = _locked_home(session, person)
    wanted = _rows(session, home, person)
    waiting = open_claims(session, [id for kind, id in wanted if kind == _CLAIM])
    if waiting:
        raise DomainError(
            _("这个人还有 {n} 笔申请没有办结（{ids}），没有删除。请先办结、退回或撤回。").format(n=len(waiting), ids=_("、").join(waiting))
        )
    scopes = _scopes(session, home, wanted)
    lock(session, scopes)
    batches = 0
    for scope in scopes:
        for rows in chunks(wanted, _PART):
            batches += _order(session, keys, scope, rows, why)
    contents.drop_unreferred(session)
    _drop_waiting(session)
    return Erased(len(wanted), batches, scopes)


def _drop_waiting(session: Session) -> None:
    """Drop what was kept of batches that have no place yet: those that tell of somebody erased, and the beginnings of such, which nobody
    can look into. Their stations hold them until they are acknowledged."""
    for log, number, body in session.conn.execute(select(ahead.c.log, ahead.c.number, ahead.c.body)).all():
        if brings_back(session, open_batch(bytes(body))):
            session.conn.execute(delete(ahead).where(ahead.c.log == log, ahead.c.number == number))
    session.conn.execute(delete(part))


def brings_back(session: Session, batch: Batch) -> bool:
    """Whether a batch that has no place yet contains something about somebody erased."""
    try:
        return bool(late(session.conn, batch.groups))
    except WireError:  # nobody but its author can read it
        return False


def came_late(session: Session, keys: CountyKeys, batch: Batch, place: tuple[str, int], refused: Mapping[int, bool]) -> None:
    """Erase at once what a batch brought, at its `place`, of rows that were erased: what was `refused` of it, because somebody had not
    heard of it yet, or was in the log before, and comes from a backup. That there was such a change stays in the log, and held.

    So it goes with rows it inserts for who was erased, if nobody has them. Where anything held says that a row is somebody else's, all of
    it stays: who lives loses nothing. `refused`: by place in the batch, whether the change has never been in force.
    """
    if batch.header.station == STATION:
        return
    changes = [(change, refused[n]) for n, change in enumerate(batch.changes()) if n in refused and kind_by_number(change.kind) is not None]
    inserted = {(change.kind, change.row_id) for change, never in changes if never and change.what == "I"}
    wanted = dict.fromkeys((change.kind, change.row_id) for change, _never in changes)
    said = _said(session, wanted)
    gone = noted(session.conn, (key[1] for key in {*wanted, *(owner for owning in said.values() for owner in owning)}))
    before = set(gone)

    def goes(key: Key) -> bool:
        return key in before or (key in inserted and bool(said.get(key)) and _in_no_table(session, key))

    rows: dict[str, list[Key]] = defaultdict(list)
    for key in _taken_along({key: said.get(key, []) for key in wanted}, gone, goes):
        why = gone[key if key in before else said[key][0]]
        rows[why].append(key)
        gone |= {key: why, (0, key[1]): why}
    for why, some in rows.items():
        for those in chunks(some, _PART):
            _order(session, keys, place[0], those, why, only=place[1])


def _taken_along(said: Mapping[Key, Iterable[Key]], gone: Iterable[Key], goes: Callable[[Key], bool]) -> Iterator[Key]:
    """Rows all of whose owners, as `said`, are `gone`, and that go themselves; what belongs to one of them may follow it. Owners first.
    A row is looked at once, however long a chain somebody makes up."""
    known = set(gone)
    lacking = {key: set(owning) - known for key, owning in said.items()}
    owned = by_key((owner, key) for key, owners in lacking.items() for owner in owners)
    ready = deque(key for key, owners in lacking.items() if not owners)
    while ready:
        key = ready.popleft()
        if not goes(key):
            continue
        yield key
        for name in (key, (0, key[1])):
            for other in owned.pop(name, ()):
                lacking[other].discard(name)
                if not lacking[other]:
                    ready.append(other)


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


def _home(session: Session, person: str) -> str:
    """The log in which a person lives; if nobody took them in, the one in which they are held. Raises `NotFound`."""
    row = session.get("person", person, deleted=True)
    waits = (held_change.c.kind == _PERSON) & (held_change.c.row_id == person) & (held_change.c.what == "I")
    home = row.village if row is not None else session.conn.execute(select(held_change.c.scope).where(waits).limit(1)).scalar()
    if home is None:
        raise NotFound(_("没有这条记录：{id}").format(id=person))
    return str(home)


def _locked_home(session: Session, person: str) -> str:
    """The log in which a person lives, locked against other writers. Asked again after waiting, as a move may have taken them elsewhere."""
    locked = None
    while (home := _home(session, person)) != locked:
        lock(session, [home])
        locked = home
    return home


def _rows(session: Session, scope: str, person: str) -> list[Key]:
    """The person and what belongs to them, also what was held of it and so is in no table."""
    found = belonging(session, scope, {"person": [person]})
    keys = [(kind_of(name).number, id) for name, ids in found.items() for id in ids]
    inserted = (held_change.c.what == "I") & held_change.c.kind.in_([kind.number for kind in owned()])
    held = dict.fromkeys((line.kind, line.row_id) for line in session.conn.execute(select(held_change).where(inserted)).all())
    mine = set(keys)
    said = {key: [(0, id) for _kind, id in owning] for key, owning in _said(session, held).items() if key not in mine}
    keys += _taken_along(said, [(0, id) for _kind, id in keys], lambda key: _in_no_table(session, key))
    return list(dict.fromkeys(keys))


def _said(session: Session, keys: Iterable[Key]) -> dict[Key, list[Key]]:
    """Whose rows are by what is held of them: as an insertion says, and each edit that names anybody. `_NOBODY` by an insertion that names
    none. Households are not erased, and do not count."""
    found: dict[Key, list[Key]] = defaultdict(list)
    wanted = set(keys)
    for line in session.conn.execute(select(held_change).where(among(held_change.c.row_id, {id for _kind, id in wanted}))):
        if (line.kind, line.row_id) not in wanted:
            continue
        values = {int(number): value for number, value in json.loads(line.values).items()}
        owning = [owner for owner in whose(line.kind, values) if owner[0] != _HOUSEHOLD]
        if owning or (line.what == "I" and line.kind != _PERSON):
            found[line.kind, line.row_id].append(owning[0] if owning else _NOBODY)
    return dict(found)


def _in_no_table(session: Session, key: Key) -> bool:
    """Whether a row is in no table. A living row is somebody else's: the refused edit only meant to give it to the person."""
    kind = kind_by_number(key[0])
    return kind is not None and session.get(kind, key[1], deleted=True) is None


def _scopes(session: Session, scope: str, rows: list[Key]) -> list[str]:
    """The logs that may name the rows: where they live, where they left, where something of them was held or erased, and from where the
    county passed on what it could not put there any more."""
    found = {scope}
    for t in (moved, held_change, conflict, erased):
        found |= set(session.conn.execute(select(t.c.scope).where(among(t.c.row_id, [id for _kind, id in rows]))).scalars())
    for place in sorted(found):
        found |= _quoted(session, place, set(rows))
    return sorted(found)


def _quoted(session: Session, scope: str, keys: set[Key]) -> set[str]:
    """The other logs whose batches the county quotes when it writes to these rows, and which therefore contain them too."""
    found = set()
    passed_on = (entry.c.scope == scope) & (entry.c.station == STATION)
    for body in session.conn.execute(select(entry.c.body).where(passed_on)).scalars():
        batch = open_batch(bytes(body))
        quote = batch.header.quote
        if quote is not None and quote.scope not in found and any((change.kind, change.row_id) in keys for change in batch.changes()):
            found.add(quote.scope)
    return found


def _order(session: Session, keys: CountyKeys, scope: str, rows: list[Key], why: str, *, only: int | None = None) -> int:
    """Write one erasing batch, unless the log has had it and nothing came since; answers how many batches are rewritten. `only`: what
    that entry brought, if it brought anything. What comes back to a restored county was erased before."""
    changes = [Change(0, kind, id, "U", session.author, session.at, "", blanks(kind_of(kind), id)) for kind, id in rows]
    changes = [change for change in changes if change.values]
    if not changes:
        return 0
    rewritten = list(_rewritten(session, keys, (scope, only), changes, why))
    known = select(erased.c.row_id).where(erased.c.scope == scope, among(erased.c.row_id, (c.row_id for c in changes)))
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
        except WireError:  # only its author could read it
            continue
        if left is not None:
            yield Rewritten(row.station, row.incarnation, row.number, sign_note(left, keys.signing))
