"""Applies an erasure in the same way on every replica: blanks replace values in rows, history, conflicts, held changes and stored batches.

The county's erasing batch (`sync.county.acts.erasure`) has an edit of every row with the replacement values. Applying it is idempotent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nacl.signing import SigningKey
from sqlalchemy import Connection, and_, delete, or_, select, update

from db import contents
from db.among import among
from db.bundles import ahead, part
from db.capture import act, op
from db.changes import touched
from db.erased import erased
from db.exchange import conflict, entry, held_change, kind_by_number, moved, outbox
from db.local import COUNTY_KEY, COUNTY_SEED, draft, meta
from db.mapping import table
from db.prepared import Prepared
from db.snapshots import snapshot, snapshot_piece
from domain.dependents import ERASED, owners
from domain.fields import kind_of
from domain.grouping import by_key
from domain.records import Attachment, Household, Person
from domain.values import Stored, canonical_json
from sync.replica.conflicts import released_in
from sync.replica.log import Log
from sync.replica.merge import Write
from sync.replica.redaction import Blanks, blanks_of, note_signed, redacted
from sync.replica.rows import Key, Rows
from sync.wire.columns import Group
from sync.wire.envelope import Batch, Erase, countersigned, open_batch, rewrite

_FILE = Attachment.KIND.number
_HOUSEHOLD, _PERSON = Household.KIND.number, Person.KIND.number
_NAME = Person.KIND.by_name["name"].number
_SHA = Attachment.KIND.by_name["sha256"].number


def erase(conn: Connection, batch: Batch, place: tuple[str, int], rows: Rows, log: Log) -> None:
    """Apply an erasing batch. `place`: its scope and entry."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete = ON")  # what is overwritten leaves no trace in the free parts of pages
    order, scope = batch.header.erase, place[0]
    assert order is not None
    blanks = blanks_of(batch.groups)
    files = _files(conn, blanks)
    _note(conn, place, order, blanks)
    scrub(conn, scope, blanks)
    _rewrite(conn, order, blanks)
    for begun in (snapshot, snapshot_piece):
        kept = select(snapshot.c.seq).where(snapshot.c.scope == scope, snapshot.c.installed == 1)
        conn.execute(delete(begun).where(begun.c.scope == scope, begun.c.seq.not_in(kept)))
    _blank_rows(batch, place, rows, log)
    rows.write()
    log.write()
    contents.drop_erased(conn, files)


_ANY_ERASED = Prepared(select(erased.c.row_id).limit(1))


def late(conn: Connection, groups: Sequence[Group]) -> list[int]:
    """Return the places of changes that would bring erased data back: changes of an erased row, of a row that would belong to one, or of
    a row that would belong to a new row refused for that reason."""
    if _ANY_ERASED.first(conn) is None:
        return []
    changes = (pair for group in groups if group.what in "IUC" for pair in group.changes())
    placed = {place: change for place, change in changes if released_in(change) is None}
    about = {place: [(change.kind, change.row_id), *whose(change.kind, change.values)] for place, change in placed.items()}
    gone = list(noted(conn, (id for keys in about.values() for _kind, id in keys)))
    named = by_key((key, place) for place, keys in (about.items() if gone else ()) for key in keys)
    new: dict[int, set[str]] = defaultdict(set)
    for change in placed.values() if gone else ():
        if change.what == "I":
            new[change.kind].add(change.row_id)
    new = {kind: ids - _living(conn, kind, ids) for kind, ids in new.items()}
    found: set[int] = set()
    while gone:  # the rows of a batch may form one long chain: each change is looked at once
        for place in named.pop(gone.pop(), ()):
            change = placed[place]
            if place not in found and change.what == "I" and change.row_id in new[change.kind]:
                gone += [(change.kind, change.row_id), (0, change.row_id)]
            found.add(place)
    return sorted(found)


def _living(conn: Connection, kind: int, ids: Iterable[str]) -> set[str]:
    if kind_by_number(kind) is None:
        return set()
    t = table(kind)
    return set(conn.execute(select(t.c.id).where(among(t.c.id, ids))).scalars())


def whose(number: int, values: Mapping[int, Stored]) -> list[Key]:
    """Return the rows that a row belongs to by its values; the first counts. The kind is 0 where the field may refer to any kind.

    A household that was erased with its last member does not keep anybody else out: a person belongs to no other row here, and what has
    another owner does not belong to the household.
    """
    kind = kind_by_number(number)
    found = [(f, values.get(f.number)) for f in owners(kind)] if kind is not None and number != _PERSON else []
    keys = [(kind_of(f.ref).number if f.ref else 0, str(value)) for f, value in found if value is not None]
    return [key for n, key in enumerate(keys) if n == 0 or key[0] != _HOUSEHOLD]


def noted(conn: Connection, ids: Iterable[str]) -> dict[Key, str]:
    """Return the erased rows among these ids, with the reason; each is also listed under kind 0."""
    found: dict[Key, str] = {}
    for kind, id, why in conn.execute(select(erased.c.kind, erased.c.row_id, erased.c.reason).where(among(erased.c.row_id, ids))):
        found |= {(kind, id): why, (0, id): why}
    return found


def skipped(conn: Connection, scope: str, after: int) -> None:
    """Apply the erasures that were skipped by installing a snapshot over a log read up to `after`. Stored batches with such values are
    deleted: the log begins with the snapshot."""
    lines = conn.execute(select(erased).where(erased.c.scope == scope, erased.c.seq > after)).all()
    blanks = {(line.kind, line.row_id): {int(n): v for n, v in json.loads(line.fields).items()} for line in lines}
    if not blanks:
        return
    files = _files(conn, blanks)
    scrub(conn, scope, blanks)
    for row in conn.execute(select(entry.c.seq, entry.c.body).where(entry.c.scope == scope)).all():
        batch = open_batch(bytes(row.body))
        if redacted(batch, blanks, "", "") is not None:
            files |= {str(c.values.get(_SHA)) for c in batch.changes() if c.kind == _FILE and (c.kind, c.row_id) in blanks}
            conn.execute(delete(entry).where(entry.c.scope == scope, entry.c.seq == row.seq))
    contents.drop_erased(conn, files)


_LAST = 2**62
"""A position after everything a copy has listed: its logs may have continued differently from those here."""


def erase_in_copy(conn: Connection, lines: Sequence[Any]) -> None:
    """Erase the values named by these lines of `erased` everywhere in a copy of the store, whose logs are never continued.

    Stored batches with such values are deleted, and so are partial transfers: the store itself has them.
    """
    conn.exec_driver_sql("PRAGMA secure_delete = ON")
    conn.exec_driver_sql("UPDATE control SET quiet = 1")
    by_scope: dict[str, dict[Key, dict[int, Stored]]] = defaultdict(dict)
    for line in lines:
        by_scope[line.scope][line.kind, line.row_id] = {int(n): v for n, v in json.loads(line.fields).items()}
        same = (erased.c.scope == line.scope) & (erased.c.kind == line.kind) & (erased.c.row_id == line.row_id)
        conn.execute(delete(erased).where(same))
        conn.execute(erased.insert().values(**(dict(line._mapping) | {"seq": _LAST})))
    files: set[str] = set()
    for scope, blanks in by_scope.items():
        files |= _files(conn, blanks)
        scrub(conn, scope, blanks)
    every = {key: values for blanks in by_scope.values() for key, values in blanks.items()}
    _blank(conn, every)
    _drop_bodies(conn, every)
    contents.drop_erased(conn, files)
    conn.exec_driver_sql("UPDATE control SET quiet = NULL")


def _blank(conn: Connection, blanks: Blanks) -> None:
    rows = Rows(conn)
    rows.load_keys(blanks)
    for (kind, row_id), values in blanks.items():
        row = rows.get(kind, row_id)
        for number, value in values.items() if row is not None else ():
            if row is not None and number in row.kind.by_number:
                row.put(row.kind.by_number[number].name, value)
    rows.write()


def _drop_bodies(conn: Connection, blanks: Blanks) -> None:
    for t in (entry, outbox):
        for place in conn.execute(select(*t.primary_key)).all():
            here = and_(*(c == v for c, v in zip(t.primary_key, place, strict=True)))
            body = conn.execute(select(t.c.body).where(here)).scalar_one()
            if redacted(open_batch(bytes(body)), blanks, "", "") is not None:
                conn.execute(delete(t).where(here))
    for begun in (snapshot_piece, part, ahead):
        conn.execute(delete(begun))


def _files(conn: Connection, blanks: Blanks) -> set[str]:
    """The content hashes of files to which the rows and held changes to be erased refer."""
    ids = [row_id for kind, row_id in blanks if kind == _FILE]
    held = select(held_change.c["values"]).where(held_change.c.kind == _FILE, among(held_change.c.row_id, ids))
    meant = {str(json.loads(values).get(str(_SHA))) for values in conn.execute(held).scalars()}
    return contents.named(conn, ids) | meant


def _note(conn: Connection, place: tuple[str, int], order: Erase, blanks: Blanks) -> None:
    for (kind, row_id), values in blanks.items():
        conn.execute(delete(erased).where(erased.c.scope == place[0], erased.c.kind == kind, erased.c.row_id == row_id))
        line = {"scope": place[0], "seq": place[1], "kind": kind, "row_id": row_id, "at": order.at, "reason": order.reason}
        conn.execute(erased.insert().values(**line, fields=canonical_json({str(n): v for n, v in values.items()})))


def _blank_rows(batch: Batch, place: tuple[str, int], rows: Rows, log: Log) -> None:
    changes = batch.changes()
    rows.load_keys((change.kind, change.row_id) for change in changes)
    for n, change in enumerate(changes):
        row = rows.get(change.kind, change.row_id)
        if row is None or row.village != place[0]:
            continue
        write = Write(place[1], n, batch.header.known, batch.author, change.by, change.at)
        known = {number: value for number, value in change.values.items() if number in row.kind.by_number}  # the rest is held for later
        for number, value in known.items():
            row.put(row.kind.by_number[number].name, value)
            row.move(number, write.state())
        row.touch(write)
        log.note(change, "U", dict.fromkeys(known))


# -- change log, lists and drafts --------------------------------------------------------------------------------------


def scrub(conn: Connection, scope: str, blanks: Blanks) -> None:
    """Erase values from the change log, lists and drafts of a scope, and names from what was done here."""
    _acts(conn, blanks)
    for number, ids in by_key(blanks).items():
        _history(conn, (scope, number), ids, blanks)
        _lists(conn, (scope, number), ids, blanks)
        named = (moved.c.scope == scope) & (moved.c.kind == number) & among(moved.c.row_id, ids) & moved.c.title.is_not(None)
        conn.execute(update(moved).where(named).values(title=ERASED))
        for id in ids:
            conn.execute(delete(draft).where(or_(draft.c.form.contains(id), draft.c["values"].contains(id))))


def _history(conn: Connection, place: tuple[str, int], ids: Sequence[str], blanks: Blanks) -> None:
    """Erase values from the change log. `place`: scope and kind.

    A change stays in it without them if it wrote other fields too, or if it is an own unacknowledged one. The history of a row that lives
    in another scope is erased by that scope's log.
    """
    scope, kind = place
    t = table(kind) if kind_by_number(kind) is not None else None
    living = set(conn.execute(select(t.c.id).where(among(t.c.id, ids), t.c.village == scope)).scalars()) if t is not None else set()
    for line in conn.execute(select(op).where(op.c.kind == kind, among(op.c.row_id, ids), op.c.what.in_(("U", "R", "C")))).all():
        values, here = blanks[kind, line.row_id], op.c.seq == line.seq
        old = json.loads(line.old) if line.old else {}
        waiting = line.author is None and line.entry is None
        if not waiting and line.row_id not in living:
            continue
        if line.what == "C":
            if old.get("field") in values:
                conn.execute(update(op).where(here).values(old=json.dumps(old | {"value": values[old["field"]]}, ensure_ascii=False)))
            continue
        mask = line.mask if waiting else sum(1 << (n - 1) for n in touched(line.mask) if n not in values)
        kept = {n: v for n, v in old.items() if int(n) not in values}
        if line.what == "U" and not mask:
            conn.execute(delete(op).where(here))
        elif (mask, kept) != (line.mask, old):
            conn.execute(update(op).where(here).values(mask=mask, old=json.dumps(kept, ensure_ascii=False)))


def _acts(conn: Connection, blanks: Blanks) -> None:
    """Erase the people's names from the labels of the acts that touched these rows. Of an act that touched nothing else the whole label is
    erased: names from before an installed snapshot are not known."""
    ids = [row_id for _kind, row_id in blanks]
    touched = list(conn.execute(select(op.c.act).where(among(op.c.row_id, ids), op.c.act.is_not(None)).distinct()).scalars())
    if not touched:
        return
    names = _names(conn, [row_id for kind, row_id in blanks if kind == _PERSON])
    more = set(conn.execute(select(op.c.act).where(among(op.c.act, touched), op.c.row_id.not_in(ids)).distinct()).scalars())
    for line in conn.execute(select(act.c.id, act.c.label).where(among(act.c.id, touched))).all():
        label = line.label if line.id in more else ERASED
        for name in names:
            label = label.replace(name, ERASED)
        if label != line.label:
            conn.execute(update(act).where(act.c.id == line.id).values(label=label))


def _names(conn: Connection, people: Sequence[str]) -> list[str]:
    """The names these people have and had, the longest first."""
    t = table("person")
    found = set(conn.execute(select(t.c.name).where(among(t.c.id, people))).scalars())
    before = select(op.c.old).where(op.c.kind == _PERSON, among(op.c.row_id, people), op.c.what.in_(("U", "R")), op.c.old.is_not(None))
    found |= {json.loads(old).get(str(_NAME)) for old in conn.execute(before).scalars()}
    return sorted((name for name in found if name and name != ERASED), key=len, reverse=True)


def _lists(conn: Connection, place: tuple[str, int], ids: Sequence[str], blanks: Blanks) -> None:
    """Erase values from conflicts and held changes listed in this log before the erasure. Later ones are left alone, so that the order in
    which logs are read makes no difference."""
    scope, kind = place
    noted = select(erased.c.row_id, erased.c.seq).where(erased.c.scope == scope, erased.c.kind == kind, among(erased.c.row_id, ids))
    until = dict(conn.execute(noted).all())
    mine = (conflict.c.kind == kind) & among(conflict.c.row_id, ids) & (conflict.c.sort == "value")
    for line in conn.execute(select(conflict).where(mine, conflict.c.scope == scope)).all():
        if line.seq < until[line.row_id] and line.field in blanks[kind, line.row_id]:
            conn.execute(delete(conflict).where(conflict.c.id == line.id))
    kept = (held_change.c.scope == scope) & (held_change.c.kind == kind) & among(held_change.c.row_id, ids)
    for line in conn.execute(select(held_change).where(kept)).all():
        if line.seq >= until[line.row_id]:
            continue
        old: dict[str, Any] = json.loads(line.values)
        new = {n: v if v is None else blanks[kind, line.row_id].get(int(n), v) for n, v in old.items()}
        if line.what == "I":  # a rewritten batch names no field that an insertion leaves empty
            new = {n: v for n, v in new.items() if v is not None}
        if new != old:
            here = (held_change.c.scope == line.scope) & (held_change.c.seq == line.seq) & (held_change.c.place == line.place)
            text = json.dumps(new, ensure_ascii=False, sort_keys=True)
            conn.execute(update(held_change).where(here).values({"values": text}))


def _rewrite(conn: Connection, order: Erase, blanks: Blanks) -> None:
    """Replace the stored batches by redacted ones. For a batch that has none of the values any more, take over the county's new signature
    if it verifies."""
    key = _county_key(conn)
    for row, signature in stored(conn, order):
        batch = open_batch(bytes(row.body))
        left = redacted(batch, blanks, order.at, order.reason)
        new = countersigned(left or rewrite(batch, batch.groups, order.at, order.reason), signature)
        if left is not None or note_signed(new, key):
            here = (entry.c.scope == row.scope) & (entry.c.seq == row.seq)
            conn.execute(update(entry).where(here).values(body=new.sealed))


def _county_key(conn: Connection) -> bytes:
    """The county's key: its own at the county, the pinned one at a station."""
    kept = dict(conn.execute(select(meta.c.key, meta.c.value).where(meta.c.key.in_((COUNTY_KEY, COUNTY_SEED)))).all())
    return (
        bytes(SigningKey(bytes.fromhex(kept[COUNTY_SEED])).verify_key) if COUNTY_SEED in kept else bytes.fromhex(kept.get(COUNTY_KEY, ""))
    )


def stored(conn: Connection, order: Erase) -> Iterable[tuple[Any, bytes]]:
    """Yield the entries named by an erasing batch that are stored here, each with the county's signature of its redacted content."""
    for named in order.rewritten:
        same = (entry.c.station == named.station) & (entry.c.incarnation == named.incarnation) & (entry.c.number == named.number)
        row = conn.execute(select(entry.c.scope, entry.c.seq, entry.c.body).where(same)).first()
        if row is not None:
            yield row, named.signature
