"""Reads the state of sync from the store and puts it into words: exchanges, conflicts with their authors and laptops, and held changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from db import conflicts, exchange, wrong_clock
from db import held as held_changes
from db.bundles import early
from db.conflicts import Conflict
from db.lease import lease
from db.local import PRACTICE, REVOKED, get_meta
from db.session import Session
from desktop.sync.standing import BundleLine, ConflictShown, HeldShown, Side, StickStanding, SyncStatus
from domain import divisions
from domain.authors import laptop, name_of, scope_of, station_of
from domain.clock import when
from domain.fields import KINDS
from domain.grouping import by_key
from domain.scopes import level_of
from domain.values import Type
from domain.words import _
from services import merging, suspects
from services.lists.titles import field_text, of_held, titles
from services.waiting import waiting
from sync.replica import identity
from sync.station import releasing
from sync.station.recovery.kept_copies import unopened_sentence
from sync.station.stick import courier
from sync.station.stick.courier import Carried
from sync.wire.words import bundle_sentence, reason

_SHOWN = 200
"""The most held changes shown (all are exported), and the most conflicts of each sort; once these are decided, more are shown."""

_REMEMBERED = 365
"""For how many days people who moved away are named."""

_COMPARED = 5_000
"""With more people than this, similar people are searched for only on request."""


def standing(session: Session) -> SyncStatus:
    """Return everything the page shows."""
    held = held_changes.held(session)
    closed = exchange.closed_into(session, session.scope)
    found = conflicts.conflicts(session)
    open_ones = [one for one in found if one.state == conflicts.OPEN]
    informative = sorted((one for one in found if one.state != conflicts.OPEN), key=lambda one: max(one.my_at, one.at), reverse=True)
    return SyncStatus(
        enrolled=exchange.enrolled(session),
        revoked=bool(get_meta(session, REVOKED)),
        practice=bool(get_meta(session, PRACTICE)),
        server=get_meta(session, identity.SERVER) or "",
        device=laptop(session.station),
        unsent=exchange.unsent(session),
        clock=round(float(get_meta(session, identity.CLOCK) or 0)),
        behind=wrong_clock.behind(session),
        lease=lease(session),
        copies=unopened_sentence(session),
        exchanges=exchange.exchanges(session),
        waiting=waiting(session),
        conflicts=conflicts_shown(session, [*open_ones[:_SHOWN], *informative[:_SHOWN]]),
        more_to_settle=len(open_ones[_SHOWN:]),
        more_for_information=len(informative[_SHOWN:]),
        held_shown=held_shown(session, held[:_SHOWN]),
        held=held_changes.count(session),
        held_all=len(held),
        matches=merging.matches(session),
        suspects=suspects.suspects(session) if session.count("person") <= _COMPARED else None,
        merged=merging.merged(session),
        writable=session.scope,
        closed=divisions.called(closed) if closed else "",
        departed=() if closed else [one for one in exchange.departed(session, session.scope) if one.at > session.ago(_REMEMBERED)],
        arrived=[one for one in exchange.arrived(session, session.scope) if one.at > session.ago(_REMEMBERED)],
    )


def stick_standing(session: Session) -> StickStanding:
    """Return the state of exchange by stick."""
    revoked = bool(get_meta(session, REVOKED))
    return StickStanding(
        joining=revoked or not exchange.enrolled(session),
        revoked=revoked,
        carries=session.role != "village",
        unsent=exchange.unsent(session),
        lines=[_stick_line(session, one) for one in courier.listed(session)],
        early=early(session.conn),
    )


def _stick_line(session: Session, one: Carried) -> BundleLine:
    whose = "" if one.station == session.station else divisions.called(one.scope)
    note = bundle_sentence(one.problem) if one.problem and one.state == "refused" else ""
    if one.relayed_by and one.relayed_at and not whose:
        note = _("{device} {at} 代收").format(device=laptop(one.relayed_by), at=when(one.relayed_at))
    return BundleLine(one.code, whose, one.records, one.written_at, one.state, one.kind == "enrol", note)


# -- conflicts -----------------------------------------------------------------------------------------------------------


def conflicts_shown(session: Session, found: Sequence[Conflict]) -> list[ConflictShown]:
    """Return conflicts as text."""
    subjects = _titles(session, [(one.kind, one.record_id) for one in found])
    left = exchange.left_titles(session, [one.record_id for one in found if (one.kind, one.record_id) not in subjects])
    return [_conflict_shown(session, one, subjects.get((one.kind, one.record_id)) or left.get(one.record_id, "")) for one in found]


def _titles(session: Session, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    ids = by_key((kind, id) for kind, id in wanted if kind in KINDS)
    return {(kind, id): title for kind, many in ids.items() for id, title in titles(session, kind, many).items()}


def _conflict_shown(session: Session, one: Conflict, subject: str) -> ConflictShown:
    kind = KINDS[one.kind]
    record = session.get(kind, one.record_id, deleted=True)
    value = (record is None or record.deleted_at is not None) if one.sort == "deleted" else getattr(record, one.field, None)
    mine_here, theirs_here = _here(session, one.my_by), _here(session, one.by)
    takes = _takes(session, one)
    mine = Side(
        _who(one.my_by, here=mine_here),
        _value(session, one, one.mine),
        one.my_at,
        laptop(station_of(one.my_by)),
        value == one.mine,
        takes[0],
    )
    theirs = Side(
        _who(one.by, here=theirs_here), _value(session, one, one.theirs), one.at, laptop(station_of(one.by)), value == one.theirs, takes[1]
    )
    return ConflictShown(
        id=one.id,
        kind=one.kind,
        record_id=one.record_id,
        field="" if one.sort == "deleted" else one.field,
        subject=subject or _(kind.label),
        what=_("删除还是保留") if one.sort == "deleted" else _(one.declaration.label) if one.declaration else "",
        note=_note(session, one, mine_here=mine_here),
        explained=_("这条记录已经转到别的村，由那边管，这里只是告诉您。") if record is None else _explained(one),
        mine=mine,
        theirs=theirs,
        before="" if one.base is None else _value(session, one, one.base),
        open=one.state == conflicts.OPEN,
        secret=one.declaration is not None and one.declaration.secret,
        gone=record is None,
    )


def _value(session: Session, one: Conflict, value: Any) -> str:
    f = one.declaration
    return field_text(session, f, value) if f is not None and f.ref else one.show(value)


def _here(session: Session, by: str) -> bool:
    return station_of(by) == session.station


def _who(by: str, *, here: bool) -> str:
    name = name_of(by)
    return f"{_('本机') if here else divisions.called(scope_of(by))} · {name}"


def _called(session: Session, by: str) -> str:
    """The name of a value's laptop on a button: 本机, 镇里, 县里, 日升村, 另一台电脑."""
    scope = scope_of(by)
    if _here(session, by):
        return _("本机")
    if scope == session.scope:
        return _("另一台电脑")
    return {"township": _("镇里"), "county": _("县里")}.get(level_of(scope), divisions.called(scope))


def _takes(session: Session, one: Conflict) -> tuple[str, str]:
    """The texts of the buttons for `mine` and `theirs`."""
    if one.sort == "deleted":
        first, second = (_("删除"), _("保留")) if one.mine else (_("保留"), _("删除"))
        return first, second
    names = [_called(session, one.my_by), _called(session, one.by)]
    if names[0] == names[1]:
        names = [name_of(by) for by in (one.my_by, one.by)]
    if names[0] == names[1]:  # the same user on a laptop and its copy
        names = [_("左边"), _("右边")]
    return _("用{whose}的").format(whose=names[0]), _("用{whose}的").format(whose=names[1])


def _note(session: Session, one: Conflict, *, mine_here: bool) -> str:
    if one.sort == "deleted":
        return _("一边删了，一边又改了")
    if one.sort == "parent":
        return _("它所属的记录已被删除")
    if one.state == conflicts.INFO:
        return _("已用后来的值")
    mine, theirs = scope_of(one.my_by), scope_of(one.by)
    if mine == theirs and not mine_here and name_of(one.my_by) != name_of(one.by):
        return _("{one}和{other}改得不一样").format(one=name_of(one.my_by), other=name_of(one.by))
    if mine_here:
        return _("本机与{other}不同").format(other=_called(session, one.by))
    return _("{one}与{other}不同").format(one=_called(session, one.my_by), other=_called(session, one.by))


def _explained(one: Conflict) -> str:
    if one.sort == "deleted":
        return _("一台电脑删了这条记录，另一台还没有同步到，又改了它。记录先留着，等您定。")
    if one.sort == "parent":
        return _("它所属的那条记录被别人删除了。两条都还留着，请看看是恢复那一条，还是把这一条也删掉。")
    if one.state == conflicts.INFO:
        return _("两台电脑各改了一次。这一项按后到县里的算，已经生效，不用再做什么；不对的话可以在这里改。")
    return _("两台电脑还没有互相同步，就各改了一次。先到县里的值暂时有效，另一个值一直留着，等您定。")


# -- held ----------------------------------------------------------------------------------------------------------------


def held_shown(session: Session, held: Sequence[held_changes.Held] | None = None) -> list[HeldShown]:
    """Return held changes as text, oldest first, those that need nobody last; all of them if `held` is None."""
    found = held_changes.held(session) if held is None else held
    called = of_held(session, found)
    over = held_changes.overtaken(session, found)
    shown = [
        replace(_held_shown(one, whose, releasing.obstacle(session, one) or ""), over=one in over)
        for one, whose in zip(found, called, strict=True)
    ]
    return sorted(shown, key=lambda one: one.over)


def _held_shown(one: held_changes.Held, subject: str, obstacle: str) -> HeldShown:
    kind = KINDS.get(one.kind)
    label = _(kind.label) if kind else _("新种类的记录")
    acts = {"I": _("新增"), "U": _("修改"), "D": _("删除"), "R": _("恢复"), "C": _("核对")}
    cells = _cells(one.kind, one.values)
    by = f"{divisions.called(scope_of(one.by))} · {name_of(one.by)}"
    title, key = " ".join(filter(None, (label, subject))), releasing.key_of(one)
    return HeldShown(title, f"{acts.get(one.what, one.what)} {_('，').join(cells)}".strip(), reason(one.reason), by, one.at, key, obstacle)


def _cells(kind: str, values: Mapping[str, Any]) -> Sequence[str]:
    fields = KINDS[kind].fields if kind in KINDS else ()
    left_out = {name for name, value in values.items() if "@" in str(value)} | {f.name for f in fields if f.type is Type.DATETIME}
    shown = [f for f in fields if values.get(f.name) is not None and not f.ref and f.name not in left_out]
    return [f"{_(f.label)} {f.show(values[f.name])}" for f in shown][:6]
