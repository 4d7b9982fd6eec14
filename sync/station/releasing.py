"""Releases a held change once the obstacle is gone: it is made again as a new change by the user who releases it.

An op of sort C with the conflict `held/scope/entry/place` goes with it, so that every replica records the release at its position in the
log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from db import changes
from db.capture import op
from db.exchange import DELETED, entry, held_change, settling
from db.held import Held, held, over_text, overtaken
from db.mapping import table
from db.session import Session
from domain import claims as path
from domain import divisions
from domain.dependents import owners
from domain.errors import DomainError, NotFound
from domain.fields import KINDS, Kind
from domain.records import Claim, ClaimStep
from domain.words import _
from sync.replica.conflicts import RELEASE, note_release
from sync.replica.known_fields import fits
from sync.wire.columns import WireError
from sync.wire.envelope import open_batch
from sync.wire.messages import reads
from sync.wire.words import reason

_PATH = ("claim_step", "payment")
"""Kinds whose rows are decisions: they are not released, but decided again by somebody with the right to."""


def key_of(one: Held) -> str:
    """Return the name of a held change: scope, entry and place."""
    return f"{one.scope}/{one.seq}/{one.place}"


def find(session: Session, key: str) -> Held:
    """Return the held change of that name. Raises `NotFound`."""
    found = next((one for one in held(session) if key_of(one) == key), None)
    if found is None:
        raise NotFound(_("没有这条搁置的改动，或已经放行：{id}").format(id=key))
    return found


def obstacle(session: Session, one: Held) -> str | None:
    """Return a sentence about why a held change cannot be released now; None when it can."""
    if one.reason == "erased":  # an erasure cannot be undone
        return reason("erased")
    if overtaken(session, [one]):
        return over_text()
    kind = KINDS.get(one.kind)
    if kind is None or any(name not in kind.by_name for name in one.values):
        return reason("kind" if kind is None else "field")
    if one.what == "C":
        return _("这是在「要核对」里做的选择，不能放行，请重新选一次。")
    if kind.name in _PATH:
        return _("申请的办理步骤和拨付不能放行：请有权办的人打开那笔申请，重新办一次。")
    if not all(fits(kind.by_name[name], [kind.by_name[name].to_stored(value)]) for name, value in one.values.items()):
        return reason("value")
    row = session.get(kind, one.record_id, deleted=True)
    if row is None and one.what != "I":
        return reason("scope" if one.reason == "scope" else "row")
    place = row.village if row is not None else _meant_for(session, kind, one)
    if not all(map(session.may_write, (one.scope, place))):
        return reason("rights")
    return (
        (_apart(session, kind, one, row) if one.reason == "scope" else None)
        or _lacking(kind, one, row)
        or _decided(session, kind, one, row)
    )


def _decided(session: Session, kind: Kind, one: Held, row: Any) -> str | None:
    """Why a claim cannot be changed where it stands: the county would hold the change again (`domain.claim_rules`)."""
    if kind is not Claim.KIND or row is None:
        return None
    steps = session.select(ClaimStep, claim_id=row.id, order=("seq", "at", "id"))
    state = path.state_of(row, steps)
    word = path.edit_problem(state, session.role, one.values, deletes=one.what == "D")
    return path.sentence(word, state) if word is not None else None


def _apart(session: Session, kind: Kind, one: Held, row: Any) -> str | None:
    """Why the county would hold a change for its scope again (`strangers` in `sync.county.receiving.rights`, or the id is taken in another
    scope); None if it would not."""
    found = _owners(session, kind, one)
    place = row.village if row is not None else _meant_for(session, kind, one)
    if None in found and _held_too(session, kind, one):
        return _("它属于的那条记录也搁置着：先放行那一条，再放行这一条。")
    if None in found or (row is None and not any(_came_later(one, owner) for owner in found)):
        return reason("scope")
    far = next((owner for owner in found if not reads(owner.village, place)), None)
    if far is None:
        return None
    told = _(
        "这条记录在{here}，要记到的人或户在{there}。请县里把该迁的迁过去（cunzhan-server move），"
        "到了同一个村再放行；都不该迁，就在{there}另记一条。"
    )
    return told.format(here=divisions.called(place), there=divisions.called(far.village))


def _owners(session: Session, kind: Kind, one: Held) -> list[Any]:
    """Where the persons, households or records are that a change gives its row to, the one that counts first, and their entries; None for
    each that is not here."""
    named = [(table(f.ref), one.values[f.name]) for f in owners(kind) if f.ref and one.values.get(f.name)]
    return [session.conn.execute(select(t.c.village, t.c.seq).where(t.c.id == id)).first() for t, id in named]


def _held_too(session: Session, kind: Kind, one: Held) -> bool:
    """Whether an insertion of the record that a change gives its row to is held as well."""
    named = [one.values.get(f.name) for f in owners(kind)]
    waits = held_change.c.row_id.in_(named) & (held_change.c.what == "I") & held_change.c.released_at.is_(None)
    return session.conn.execute(select(held_change.c.row_id).where(waits).limit(1)).first() is not None


def _came_later(one: Held, owner: Any) -> bool:
    """Whether an owner was out of sight where a change was held: it is elsewhere, or came there afterwards, or was made again here and is
    not sent yet."""
    return owner.village != one.scope or owner.seq is None or owner.seq > one.seq


def _lacking(kind: Kind, one: Held, row: Any) -> str | None:
    if row is None:
        return reason("value") if kind.required - {"id", "village"} - {n for n, v in one.values.items() if v is not None} else None
    set_otherwise = [name for name, value in one.values.items() if getattr(row, name) not in (None, value)]
    return reason("append") if kind.append_only and set_otherwise else None


def release(session: Session, one: Held) -> None:
    """Make a held change again, as the user's own. `session` must be a writing one. Raises `DomainError` with the obstacle."""
    stands = obstacle(session, one)
    if stands is not None:
        raise DomainError(_("还不能放行：{why}").format(why=stands))
    row = session.get(one.kind, one.record_id, deleted=True)
    if row is None:
        changes.insert(session, one.kind, [{"id": one.record_id, "village": _meant_for(session, KINDS[one.kind], one), **one.values}])
    elif one.what in "DR":
        (changes.delete if one.what == "D" else changes.undelete)(session, one.kind, one.record_id)
    else:
        if row.deleted_at is not None:
            changes.undelete(session, one.kind, one.record_id)
        changes.update(session, one.kind, one.record_id, one.values)
    session.conn.execute(op.insert().values(**_mark(session, one)))
    note_release(session.conn, (one.scope, one.seq, one.place), session.at)


def release_all(session: Session, found: Sequence[Held]) -> int:
    """Release all changes that can be released, including those that become possible by that. Returns their number."""
    done = 0
    waiting = list(found)
    while possible := [one for one in waiting if obstacle(session, one) is None]:
        for one in possible:
            release(session, one)
            waiting.remove(one)
            done += 1
    return done


def _mark(session: Session, one: Held) -> dict[str, Any]:
    told = settling(RELEASE + key_of(one), DELETED, int(one.what == "D"))
    facts = {"act": session.act, "by": session.author, "at": session.at, "salt": session.id_source.salt}
    return facts | {"kind": KINDS[one.kind].number, "row_id": one.record_id, "what": "C", "mask": 0, "old": told}


def _meant_for(session: Session, kind: Kind, one: Held) -> str:
    """The scope where a held insertion is to be made: that of its owner if it was held because of that one, otherwise the one it was sealed
    for."""
    owner = next(iter(_owners(session, kind, one)), None) if one.reason == "scope" else None
    if owner is not None:
        return str(owner.village)
    body = session.conn.execute(select(entry.c.body).where(entry.c.scope == one.scope, entry.c.seq == one.seq)).scalar()
    try:
        return open_batch(bytes(body)).header.scope if body else one.scope
    except WireError:
        return one.scope
