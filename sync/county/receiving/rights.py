"""Authorisation at the county: decides change by change, before a batch is applied, whether its writer may make it. Refused changes are
held. Changes that rewrite what is only ever added are refused, and a held change counts as released only if it was really made again."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import RowMapping, bindparam, select, union_all

from db.among import among
from db.county import STATION
from db.exchange import conflict, device, device_of, field_state, held_change, kind_by_number
from db.mapping import table
from db.prepared import Prepared
from db.session import Session
from domain.authors import scope_of
from domain.dependents import owners
from domain.fields import KINDS, Field, Kind
from domain.grouping import by_key
from domain.records import Attachment, ClaimStep, Payment, Person
from sync.county.receiving.claim_steps import unlawful
from sync.county.receiving.levels import reserved
from sync.replica import erased_rows
from sync.replica.conflicts import held_place, released_in
from sync.replica.log import ERASED
from sync.wire.columns import Change, Group
from sync.wire.envelope import Batch
from sync.wire.messages import reads, writes

_MOST_NAME = 50
_PERSON, _INTO = Person.KIND.number, Person.KIND.by_name["merged_into"].number
_RECORD = Attachment.KIND.by_name["record_id"].number
RIGHTS = "rights"
"""Reason why a whole batch is refused: its writer has no right to that scope."""
_HELD = Prepared(
    select(held_change.c.row_id)
    .where(held_change.c.scope == bindparam("of"), held_change.c.what == "I", held_change.c.reason == "scope")
    .where(held_change.c.released_at.is_(None))
)
"""Rows whose insertion is held in a log because they belong to another village's people."""


class Writer(Protocol):
    """The writer who sealed a batch: the row of an enrolled device, or the county, whose scope is empty because it writes everywhere."""

    @property
    def station(self) -> str:
        """Its name."""

    @property
    def scope(self) -> str:
        """Its scope; it writes there and below."""

    @property
    def key(self) -> bytes:
        """Its public key (Ed25519)."""


@dataclass(frozen=True)
class Author:
    """A writer without a row in `device`. An empty scope is the county's: it writes everywhere."""

    station: str
    scope: str
    key: bytes


def writer_of(session: Session, station: str, scope: str) -> Writer:
    """Return the writer of an entry that the county has lost; it may have lost the device's row too."""
    if station == STATION:
        return Author(station, "", b"")
    known = device_of(session, station)
    return known or Author(station, scope, b"")


def refusals(session: Session, writer: Writer, batch: Batch, *, again: bool = False) -> dict[int, str]:
    """Return the changes of a batch its writer may not make: reasons by place; -1 stands for all of them. `again`: the batch was in the log
    before, and is not checked for completeness again.

    Rights that depend on level or user (the steps of a claim) are checked too, against the county's state before the batch
    (`claim_steps`). Forwarded changes are checked as those of their original station; moved rows were checked when they were made.
    Raises `WireError` for a malformed body.
    """
    head = batch.header
    if not writes(writer.scope, head.scope):
        return {-1: RIGHTS}
    if head.move is not None or head.erase is not None:
        return {}
    late = dict.fromkeys(erased_rows.late(session.conn, batch.groups), ERASED)
    lacking = {} if again or writer.station == STATION else _in_anothers_name(batch)
    for group in () if again else batch.groups:
        kind = kind_by_number(group.kind)
        lacking |= dict.fromkeys(incomplete(kind, group, head.schema) if kind is not None else (), "value")
    groups = [part for g in batch.groups for part in g.parted([place not in lacking for place in g.places])[0]] if lacking else batch.groups
    lacking |= {} if again else merged_in_a_circle(groups)
    station, asking = (writer.station, writer.scope) if head.quote is None else (head.quote.station, _scope_of(session, head.quote.station))
    found = (
        lacking
        | reserved(session, asking, groups, again=again)
        | unlawful(session, asking, groups, None if again else (head.scope, head.known, batch.author))
        | late
    )
    if again or station == STATION:
        return found
    found = rewritten(session, station, groups) | found
    return found | not_made_again(session, station, head.scope, groups, found)


def strangers(session: Session, batch: Batch, skipped: Container[int], away: Mapping[int, str]) -> dict[int, str]:
    """Return the changes that give a row to a person, household or record of another village, which could not see it: what names a person
    lives in the person's village, or above.

    Rows that are `away` live in the scope they moved to, and there the first owner counts. An owner may come with the batch itself. One
    who is not known yet may come later, unless its own insertion is held for this reason: the two are released together.
    """
    here, named = batch.header.scope, list(_named(batch, skipped, away))
    inserted = {place: id for g in batch.groups if g.what == "I" for place, id in zip(g.places, g.row_ids, strict=True)}
    homes = {id: away.get(place, here) for place, id in inserted.items() if place not in skipped}
    for f, some in by_key((f, id) for f, _place, id in named).items():
        t = table(f.ref or "")
        homes |= dict(session.conn.execute(select(t.c.id, t.c.village).where(among(t.c.id, set(some)))).all())
    papers = [(place, id) for place, id in _papers(batch) if place not in skipped]
    beyond = _homes(session, {id for _place, id in papers})
    held = set() if all(id in homes for _f, _place, id in named) else set(_HELD.values(session.conn, of=here)) - homes.keys()
    far = [place for place, id in papers if id in beyond and not reads(beyond[id], away.get(place, here))]
    far += [place for _f, place, id in named if id in held or (id in homes and not reads(homes[id], away.get(place, here)))]
    return dict.fromkeys(_with_children(inserted, far, [(place, id) for _f, place, id in named]), "scope") if far else {}


def _named(batch: Batch, skipped: Container[int], away: Mapping[int, str]) -> Iterator[tuple[Field, int, str]]:
    """The owners that changes give their rows: field, place in the batch and id."""
    for group in batch.groups:
        kind = kind_by_number(group.kind)
        for n, f in enumerate(owners(kind) if kind is not None and group.what in "IU" else ()):
            if f.ref and f.number in group.fields:
                ids = group.values[group.fields.index(f.number)]
                for place, id in zip(group.places, ids, strict=True):
                    if id and place not in skipped and (n == 0 or place not in away):
                        yield f, place, str(id)


def _papers(batch: Batch) -> Iterator[tuple[int, str]]:
    """The places of attachments, and the records of any kind to which they are attached."""
    for group in batch.groups:
        if group.kind == Attachment.KIND.number and group.what in "IU" and _RECORD in group.fields:
            ids = group.values[group.fields.index(_RECORD)]
            yield from ((place, str(id)) for place, id in zip(group.places, ids, strict=True) if id)


def _homes(session: Session, ids: set[str]) -> dict[str, str]:
    """The scopes in which records of any kind live."""
    tables = [table(kind) for kind in KINDS.values()] if ids else []
    found = union_all(*(select(t.c.id, t.c.village).where(among(t.c.id, ids)) for t in tables)) if ids else None
    return dict(session.conn.execute(found).all()) if found is not None else {}


def _with_children(inserted: Mapping[int, str], places: Iterable[int], named: Iterable[tuple[int, str]]) -> set[int]:
    """These places, and those of changes that give a row to one which is inserted at such a place. `named`: places and owners."""
    children = by_key((id, place) for place, id in named)
    found: set[int] = set()
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += children.get(inserted.get(place, ""), ())
    return found


def _in_anothers_name(batch: Batch) -> dict[int, str]:
    """Changes in the name of a user of another station, or of one that no program lets anybody have: somebody could otherwise enter a claim
    in another's name and approve it himself."""
    station = batch.header.station
    if all(_is_user_of(station, user) for user in batch.header.users):
        return {}
    return {place: "signed" for g in batch.groups for place, by in zip(g.places, g.by, strict=True) if not _is_user_of(station, by)}


def _is_user_of(station: str, by: str) -> bool:
    name, _at, where = by.rpartition("@")
    return where == station and 0 < len(name) <= _MOST_NAME and "@" not in name and name.isprintable()


def incomplete(kind: Kind, group: Group, schema: int) -> list[int]:
    """Return the places of insertions that lack a required field, and of edits that empty one: code that sums or prints such records would
    fail. Only fields that programs of that `schema` know are checked."""
    needed = {f.number for f in kind.fields if f.required and f.since <= schema} if group.what in "IU" else set()
    if group.what == "I" and not needed <= set(group.fields):
        return list(group.places)
    columns = [column for number, column in zip(group.fields, group.values, strict=True) if number in needed and None in column]
    return [place for n, place in enumerate(group.places) if any(column[n] is None for column in columns)] if columns else []


def merged_in_a_circle(groups: Iterable[Group]) -> dict[int, str]:
    """The places of changes by which a batch merges a person into itself, directly or through others that it merges. Two laptops may make
    a circle without knowing of each other; one laptop has none to make."""
    said = [placed for g in groups if g.kind == _PERSON and _INTO in g.fields and g.what in "IU" for placed in g.changes()]
    into: dict[str, str] = {}
    found: dict[int, str] = {}
    for place, change in sorted(said, key=lambda placed: placed[0]):
        to = change.values.get(_INTO)
        seen = {change.row_id}
        end = str(to or "")
        while end and end not in seen:
            seen.add(end)
            end = into.get(end, "")
        if end == change.row_id:
            found[place] = "value"
        else:
            into[change.row_id] = str(to or "")
    return found


def _scope_of(session: Session, station: str) -> str:
    return session.conn.execute(select(device.c.scope).where(device.c.station == station)).scalar() or ""


_JUDGED = (ClaimStep.KIND, Payment.KIND)
_c = conflict.c
_SIDES = Prepared(
    select(_c.earlier_author, _c.later_author).where(
        _c.row_id == bindparam("row"), _c.kind == bindparam("of"), _c.field == bindparam("number"), _c.state == "open"
    )
)


def rewritten(session: Session, station: str, groups: Sequence[Group]) -> dict[int, str]:
    """Return the changes, by place, by which a station rewrites a value of its own in a row of an append-only kind, or anybody a value
    that the row was inserted with. What two stations wrote into one field without knowing of each other is a conflict for people to
    decide, and so is a row with a natural key that both inserted."""
    found = dict[int, str]()
    for group in groups:
        kind = kind_by_number(group.kind)
        if kind is not None and kind.append_only and kind not in _JUDGED and group.what in "IU" and _any_here(session, kind, group):
            found |= dict.fromkeys(_of_group(session, station, kind, group), "append")
    return found


def _any_here(session: Session, kind: Kind, group: Group) -> bool:
    """Whether rows of the group may exist: one range query for thousands of insertions, whose ids ascend."""
    t = table(kind)
    between = select(t.c.id).where(t.c.id >= min(group.row_ids), t.c.id <= max(group.row_ids)).limit(1)
    return session.conn.execute(between).first() is not None


def _of_group(session: Session, station: str, kind: Kind, group: Group) -> Iterator[int]:
    t, s = table(kind), field_state
    rows = {row["id"]: row for row in session.conn.execute(select(t).where(among(t.c.id, group.row_ids))).mappings()}
    states = select(s.c.row_id, s.c.field, s.c.author).where(s.c.kind == kind.number, among(s.c.row_id, rows))
    authors = {(row.row_id, row.field): row.author for row in session.conn.execute(states)}
    for place, change in group.changes():
        row = rows.get(change.row_id)
        if row is None:
            continue
        fields = [(f, value) for number, value in change.values.items() if (f := kind.by_number.get(number)) is not None]
        replaced = [f.number for f, value in fields if row[f.name] not in (None, value)]
        if any(_is_fixed(session, station, (kind, row, number), authors.get((change.row_id, number))) for number in replaced):
            yield place


def _is_fixed(session: Session, station: str, where: tuple[Kind, Any, int], author: str | None) -> bool:
    """Whether a field is not open to this station: nobody else disputes its value. `author`: who wrote it, None if it came with the row."""
    kind, row, number = where
    if author is None and not kind.key:
        return True
    if _station(author or row["author"] or "") != station:
        return False
    sides = _SIDES.all(session.conn, row=row["id"], of=kind.number, number=number)
    return all(_station(one.earlier_author) == _station(one.later_author) for one in sides)


def _station(author: str) -> str:
    return author.rpartition(".")[0]


_DECISIONS = frozenset({ClaimStep.KIND.number, Payment.KIND.number})
"""Kinds whose held rows are decided anew instead."""


def not_made_again(session: Session, station: str, scope: str, groups: Sequence[Group], refused: Container[int]) -> dict[int, str]:
    """Return the releases in a batch for the log `scope` that release nothing, by place. `refused`: changes of the batch that do not
    count."""
    releases = [placed for g in groups if g.what == "C" for placed in g.changes() if released_in(placed[1]) is not None]
    if not releases:
        return {}
    rows = {change.row_id for _place, change in releases}
    made = [change for g in groups if g.what != "C" and not rows.isdisjoint(g.row_ids) for n, change in g.changes() if n not in refused]
    return {place: "rights" for place, change in releases if not _is_real(session, station, scope, change, made)}


def _is_real(session: Session, station: str, scope: str, release: Change, made: Iterable[Change]) -> bool:
    key = held_place(release)
    h = held_change
    query = select(h).where(h.c.scope == key[0], h.c.seq == key[1], h.c.place == key[2], h.c.row_id == release.row_id) if key else None
    held = session.conn.execute(query).first() if query is not None else None
    if held is None or held.scope != scope:
        return True  # it releases nothing
    if held.kind in _DECISIONS:
        return False
    again = [change for change in made if change.row_id == held.row_id and change.kind == held.kind]
    row = _row(session, held)
    if held.what in "DR":
        return any(change.what == held.what for change in again) or (row is not None and (row["deleted_at"] is None) == (held.what == "R"))
    wanted = json.loads(held.values).items()
    written = {str(number): value for change in again for number, value in change.values.items()}
    if all((number in written and written[number] == value) or _holds(held.kind, row, number, value) for number, value in wanted):
        return True
    return (row is None or row["village"] != scope) and _is_above(station, held.author)


def _is_above(station: str, author: str) -> bool:
    """Whether a station is of a level above that of the author of a held change. What it makes again in another log may come later."""
    return len(scope_of(station)) < len(scope_of(author))


def _row(session: Session, held: Any) -> RowMapping | None:
    kind = kind_by_number(held.kind)
    if kind is None:
        return None
    t = table(kind)
    return session.conn.execute(select(t).where(t.c.id == held.row_id)).mappings().first()


def _holds(number: int, row: RowMapping | None, field: str, value: object) -> bool:
    """Whether a row has that value of a held change."""
    kind = kind_by_number(number)
    f = kind.by_number.get(int(field)) if kind is not None else None
    return f is not None and row is not None and row[f.name] == value
