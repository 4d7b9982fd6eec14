"""Erases personal data by rule: the county writes an erasing batch to every log that names the person.

The rows that belong to a person are found by declaration (`domain.dependents`), in their present village and in those they left. How a
replica applies an erasing batch is in `sync.replica.erased_rows`.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select

from db import contents
from db.among import among
from db.bundles import ahead, part
from db.county import STATION
from db.erased import erased
from db.exchange import conflict, entry, held_change, kind_by_number, moved
from db.mapping import table
from db.session import Session
from domain.dependents import blanks, owned
from domain.errors import DomainError, NotFound
from domain.fields import kind_of
from domain.grouping import by_key, chunks
from domain.records import Person
from domain.words import _
from sync.county.acts.authoring import author, lock
from sync.county.acts.moves import everywhere, of_households
from sync.county.acts.retention import open_claims
from sync.county.keys import CountyKeys
from sync.replica.batches import BULK
from sync.replica.erased_rows import late, noted, stored, whose
from sync.replica.redaction import blanks_of, note_signed, redacted, sign_note
from sync.replica.rows import Key
from sync.wire.columns import Change, WireError, grouped
from sync.wire.envelope import Batch, Erase, Rewritten, open_batch, rewrite

MAX_REASON = 200
_CLAIM, _PERSON = (kind_of(name).number for name in ("claim", "person"))
_NOBODY: Key = (0, "")
_PART = BULK
"""The largest number of rows in an erasing batch. It is never split, since its signatures cover all of it; and each further batch rewrites
the batches it names once more."""


@dataclass(frozen=True)
class Erased:
    """The result of an erasure: the number of rows, the number of stored batches that were rewritten, and the scopes it was written to."""

    rows: int
    batches: int
    scopes: list[str]


@dataclass(frozen=True)
class Plan:
    """What erasing a person would affect: the number of rows by kind, the number of attached files, and the claims that must be closed
    first."""

    person: str
    rows: dict[str, int]
    files: int
    open_claims: list[str]


def plan(session: Session, person: str) -> Plan:
    """Return what erasing a person would affect; changes nothing. Raises `NotFound`."""
    found = by_key((kind_of(number).name, id) for number, id in _rows(session, person)[1])
    counts = {name: len(ids) for name, ids in sorted(found.items())}
    return Plan(person, counts, len(contents.named(session.conn, found["attachment"])), open_claims(session, found["claim"]))


def erase(session: Session, keys: CountyKeys, person: str, why: str) -> Erased:
    """Erase a person, the people merged into them and everything that belongs to them. `why` is sent to every reader, so it must name
    nobody.

    Repeating it erases what arrived since. Raises `NotFound` or `DomainError`, the latter also while one of their claims is open.
    """
    why = why.strip()
    if not why or len(why) > MAX_REASON or not why.isprintable():
        raise DomainError(_("请用一句话写明依据（不超过 {most} 个字，不写姓名和证件号）。").format(most=MAX_REASON))
    homes, wanted = _locked(session, person)
    waiting = open_claims(session, [id for kind, id in wanted if kind == _CLAIM])
    if waiting:
        raise DomainError(
            _("这个人还有 {n} 笔申请没有办结（{ids}），没有删除。请先办结、退回或撤回。").format(n=len(waiting), ids=_("、").join(waiting))
        )
    scopes = _scopes(session, homes, wanted)
    lock(session, scopes)
    batches = 0
    for scope in scopes:
        for rows in chunks(wanted, _PART):
            batches += _write_erasing(session, keys, scope, rows, why)
    contents.drop_unreferred(session)
    _drop_waiting(session)
    return Erased(len(wanted), batches, scopes)


def _drop_waiting(session: Session) -> None:
    """Drop batches stored ahead of their position if they contain something about an erased person, and all partial batches, which cannot
    be checked. Their stations keep them until they are acknowledged."""
    for log, number, body in session.conn.execute(select(ahead.c.log, ahead.c.number, ahead.c.body)).all():
        if brings_back(session, open_batch(bytes(body))):
            session.conn.execute(delete(ahead).where(ahead.c.log == log, ahead.c.number == number))
    session.conn.execute(delete(part))


def brings_back(session: Session, batch: Batch) -> bool:
    """Whether a batch without a position contains something about an erased person."""
    try:
        return bool(late(session.conn, batch.groups))
    except WireError:  # nobody but its author can read it
        return False


def came_late(session: Session, keys: CountyKeys, batch: Batch, place: tuple[str, int], refused: Mapping[int, bool]) -> None:
    """Erase at once what a batch, appended at `place`, contains about erased rows: changes that were `refused` because their author did not
    know of the erasure, or that came back from a backup. The log and the list of held changes keep only that there was a change.

    Rows that the batch inserts for an erased person are erased too, if they are in no table. A row that any held change assigns to somebody
    else is left alone: nobody else's data may be lost. `refused`: by index in the batch, whether the change never took effect.
    """
    if batch.header.station == STATION:
        return
    changes = [(change, refused[n]) for n, change in enumerate(batch.changes()) if n in refused and kind_by_number(change.kind) is not None]
    inserted = {(change.kind, change.row_id) for change, never in changes if never and change.what == "I"}
    wanted = dict.fromkeys((change.kind, change.row_id) for change, _never in changes)
    owners_by_row = _held_owners(session, wanted)
    reasons = noted(session.conn, (key[1] for key in {*wanted, *(owner for owning in owners_by_row.values() for owner in owning)}))
    before = set(reasons)

    def erasable(key: Key) -> bool:
        return key in before or (key in inserted and bool(owners_by_row.get(key)) and _in_no_table(session, key))

    rows: dict[str, list[Key]] = defaultdict(list)
    for key in _without_owner({key: owners_by_row.get(key, []) for key in wanted}, reasons, erasable):
        why = reasons[key if key in before else owners_by_row[key][0]]
        rows[why].append(key)
        reasons |= {key: why, (0, key[1]): why}
    for why, some in rows.items():
        for those in chunks(some, _PART):
            _write_erasing(session, keys, place[0], those, why, only=place[1])


def _without_owner(
    owners_by_row: Mapping[Key, Iterable[Key]], erased_keys: Iterable[Key], erasable: Callable[[Key], bool]
) -> Iterator[Key]:
    """Yield the rows that are `erasable` and whose owners, given by `owners_by_row`, are all in `erased_keys`; a yielded row counts as
    erased for the rows that belong to it. Owners come before what they own. Each row is examined once, however long a forged chain is."""
    known = set(erased_keys)
    lacking = {key: set(owning) - known for key, owning in owners_by_row.items()}
    owned = by_key((owner, key) for key, owners in lacking.items() for owner in owners)
    ready = deque(key for key, owners in lacking.items() if not owners)
    while ready:
        key = ready.popleft()
        if not erasable(key):
            continue
        yield key
        for name in (key, (0, key[1])):
            for other in owned.pop(name, ()):
                lacking[other].discard(name)
                if not lacking[other]:
                    ready.append(other)


def sign_again(session: Session, keys: CountyKeys, batch: Batch, scope: str) -> None:
    """Sign again the batches named by an erasing batch whose stored rest differs from what it signed: they came back to a log in which more
    of their rows were erased since, or with other values."""
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
    """The scope in which a person lives, or, if their insertion is held, the scope that holds it. Raises `NotFound`."""
    row = session.get(Person, person, deleted=True)
    waits = (held_change.c.kind == _PERSON) & (held_change.c.row_id == person) & (held_change.c.what == "I")
    home = row.village if row is not None else session.conn.execute(select(held_change.c.scope).where(waits).limit(1)).scalar()
    if home is None:
        raise NotFound(_("没有这条记录：{id}").format(id=person))
    return str(home)


def _locked(session: Session, person: str) -> tuple[set[str], list[Key]]:
    """The scopes in which a person and those merged into them live, locked against other writers, and their rows. Read again after waiting,
    as a move or a merge may have changed them meanwhile."""
    locked: set[str] = set()
    homes, rows = _rows(session, person)
    while not homes <= locked:
        lock(session, sorted(homes))
        locked |= homes
        homes, rows = _rows(session, person)
    return homes, rows


def _rows(session: Session, person: str) -> tuple[set[str], list[Key]]:
    """The person, the people merged into them, and everything that belongs to them, including held rows that are in no table, and the
    household if nobody else is left in it; and the scopes in which they live. Raises `NotFound`."""
    found = everywhere(session, person) or {_home(session, person): {"person": [person]}}
    people = [id for rows in found.values() for id in rows["person"]]
    places = [*found.values(), *(of_households(session, scope, _left_empty(session, scope, people)) for scope in found)]
    keys = [(kind_of(name).number, id) for rows in places for name, ids in rows.items() for id in ids]
    inserted = (held_change.c.what == "I") & held_change.c.kind.in_([kind.number for kind in owned()])
    held = dict.fromkeys((line.kind, line.row_id) for line in session.conn.execute(select(held_change).where(inserted)).all())
    mine = set(keys)
    owners_by_row = {key: [(0, id) for _kind, id in owning] for key, owning in _held_owners(session, held).items() if key not in mine}
    keys += _without_owner(owners_by_row, [(0, id) for _kind, id in keys], lambda key: _in_no_table(session, key))
    return set(found), list(dict.fromkeys(keys))


def _left_empty(session: Session, scope: str, people: Sequence[str]) -> list[str]:
    """The households of these people in a scope whose other members, if there ever were any, are erased as well."""
    t, h = table("person"), table("household")
    theirs = select(t.c.household_id).where(among(t.c.id, people), t.c.household_id.is_not(None))
    found = session.conn.execute(select(h.c.id).where(h.c.village == scope, h.c.id.in_(theirs)).order_by(h.c.id)).scalars().all()
    done = select(erased.c.row_id).where(erased.c.kind == _PERSON)
    others = select(t.c.household_id).where(among(t.c.household_id, found), t.c.id.not_in(people), t.c.id.not_in(done))
    lived_in = set(session.conn.execute(others).scalars())
    return [id for id in found if id not in lived_in]


def _held_owners(session: Session, keys: Iterable[Key]) -> dict[Key, list[Key]]:
    """The owners of rows according to held changes: the owner named by the insertion and by each edit that names one; `_NOBODY` for an
    insertion that names none."""
    found: dict[Key, list[Key]] = defaultdict(list)
    wanted = set(keys)
    for line in session.conn.execute(select(held_change).where(among(held_change.c.row_id, {id for _kind, id in wanted}))):
        if (line.kind, line.row_id) not in wanted:
            continue
        values = {int(number): value for number, value in json.loads(line.values).items()}
        owning = whose(line.kind, values)
        if owning or (line.what == "I" and line.kind != _PERSON):
            found[line.kind, line.row_id].append(owning[0] if owning else _NOBODY)
    return dict(found)


def _in_no_table(session: Session, key: Key) -> bool:
    """Whether a row is in no table. A row that is in a table belongs to somebody else: the refused edit only meant to assign it to the
    person."""
    kind = kind_by_number(key[0])
    return kind is not None and session.get(kind, key[1], deleted=True) is None


def _scopes(session: Session, homes: set[str], rows: list[Key]) -> list[str]:
    """The scopes whose logs may name the rows: where they live (`homes`), where they left, where a change of theirs was held, in
    conflict or erased, and the scopes whose changes the county forwarded to these logs."""
    found = set(homes)
    for t in (moved, held_change, conflict, erased):
        found |= set(session.conn.execute(select(t.c.scope).where(among(t.c.row_id, [id for _kind, id in rows]))).scalars())
    for place in sorted(found):
        found |= _quoted(session, place, set(rows))
    return sorted(found)


def _quoted(session: Session, scope: str, keys: set[Key]) -> set[str]:
    """The other logs with batches that the county quotes when it writes to these rows; those batches contain the rows too."""
    found = set()
    passed_on = (entry.c.scope == scope) & (entry.c.station == STATION)
    for body in session.conn.execute(select(entry.c.body).where(passed_on)).scalars():
        batch = open_batch(bytes(body))
        quote = batch.header.quote
        if quote is not None and quote.scope not in found and any((change.kind, change.row_id) in keys for change in batch.changes()):
            found.add(quote.scope)
    return found


def _write_erasing(session: Session, keys: CountyKeys, scope: str, rows: list[Key], why: str, *, only: int | None = None) -> int:
    """Write one erasing batch, unless the log has one already and nothing arrived since. Returns the number of batches it rewrites. `only`:
    the position of the one entry to rewrite; nothing is written if that entry contains no values of these rows. A restored county receives
    entries that were erased before."""
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
    """Yield the batches of a log (or of the one entry) with values of these rows, each with the signature of what will be left of it."""
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
