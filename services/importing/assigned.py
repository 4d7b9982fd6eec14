"""Columns assigned to fields by hand. The assignments that an import used are kept in the station's settings, so that the next file with
the same headings is read in the same way.

An assignment maps a heading (the first of its words) to a target: `person.phone`, or "" for a column that is not imported. Assignments are
kept for each roster name, because 时间 has different meanings in lists of work and of courses; those under `ANY` apply to every roster.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from db.local import get_meta, set_meta
from db.session import Session
from domain.errors import FieldError
from domain.fields import KINDS
from domain.words import _
from services.importing.columns.matching import words_of
from services.importing.plan import Plan
from services.importing.tables.heading_words import plain
from services.importing.tables.rosters import Roster, common_columns, field_of

Assigned = Mapping[str, Mapping[str, str | None]]
"""Roster name → heading → target; "" for a column not imported, None to let the program decide again."""

ANY = "*"
"""Stands for every roster."""
_SETTING = "import_columns"
_MOST_MEANT = 8
_MOST = 400
"""Most headings kept for each roster; the oldest are dropped first."""
_NEVER = ("total", "item", "record.", "area.province", "area.city", "area.county")
"""Targets that makers read, but to which no column can be assigned."""
_OF_ANY_LIST = ("payee", "paid.")
"""Targets that lists of every kind may have."""


def remembered(session: Session) -> dict[str, dict[str, str]]:
    """The assignments that earlier imports at this station used."""
    kept: dict[str, dict[str, str]] = json.loads(get_meta(session, _SETTING) or "{}")
    # earlier releases kept headings of databases (`status`) as they are written
    return {name: {plain(heading): target for heading, target in headings.items()} for name, headings in kept.items()}


def remember(session: Session, plan: Plan) -> None:
    """Keep the assignments that a plan uses, and drop those that it revoked."""
    before = remembered(session)
    after = {name: dict(headings) for name, headings in before.items()}
    for table in plan.tables:
        headings = after.setdefault(table.roster, {})
        for column in table.columns:
            headings.pop(column.key, None)
            if column.assigned:
                headings[column.key] = column.target
        after[table.roster] = dict(list(headings.items())[-_MOST:])
    after = {name: headings for name, headings in after.items() if headings}
    if after != before:
        set_meta(session, _SETTING, json.dumps(after, ensure_ascii=False))


def combined(first: Assigned, then: Assigned) -> Assigned:
    """Two sets of assignments as one; for the same heading the second wins."""
    return {name: {**first.get(name, {}), **then.get(name, {})} for name in {**first, **then}}


def with_assigned(roster: Roster, assigned: Assigned) -> Roster:
    """The roster with its assigned columns, without targets that it does not have (from another release)."""
    wanted = {**assigned.get(ANY, {}), **assigned.get(roster.name, {})}
    if not wanted:
        return roster
    known = {"", *words_of(roster).values()}
    return replace(roster, assigned={heading: target for heading, target in wanted.items() if target is not None and target in known})


def by_hand(pairs: Iterable[str]) -> Assigned:
    """Parse assignments for any list: `每月挣=employment.monthly_wage`, `备注=` for a column to leave out. Raises `FieldError`."""
    headings: dict[str, str] = {}
    for pair in pairs:
        heading, sign, target = pair.rpartition("=")
        if not sign or not plain(heading):
            raise FieldError(_("「{pair}」要写成 表头=字段，例如 每月挣=employment.monthly_wage").format(pair=pair))
        if target and field_of(target) is None and target not in common_columns():
            target = _meant(target)
        headings[plain(heading)] = target
    return {ANY: headings} if headings else {}


def _meant(name: str) -> str:
    """The target of a field that is named without its kind, or by its label, if there is one only. Raises `FieldError` with the others."""
    found = [f"{kind.name}.{f.name}" for kind in KINDS.values() for f in kind.fields if name in (f.name, f.label, _(f.label))]
    if len(found) == 1:
        return found[0]
    if found:
        text = _("「{target}」有几种记录都有，请写明是哪一种：{targets}")
        raise FieldError(text.format(target=name, targets=_("、").join(found[:_MOST_MEANT])))
    raise FieldError(_("没有「{target}」这个字段。要写成 记录类型.字段，例如 person.phone").format(target=name))


def headings_of(assigned: Assigned) -> frozenset[str]:
    """All headings assigned to a field; they too make a row of headings."""
    return frozenset(heading for headings in assigned.values() for heading, target in headings.items() if target)


def assignable(roster: Roster, reads: tuple[str, ...]) -> dict[str, str]:
    """The targets to which a column of this roster can be assigned, with their labels; `reads` are the prefixes of the targets that its
    maker reads. A label includes its kind if several targets have it, or if other kinds use it too and the list is not about its kind."""
    targets = [target for target in dict.fromkeys(words_of(roster).values()) if _tells(target, reads)]
    shown = {target: _label(target) for target in targets}
    twice = {label for label, times in Counter(shown.values()).items() if times > 1}
    about = {*roster.kinds[:1], *roster.makes[:1]}
    vague = {target for target, label in shown.items() if label in _common_labels() and target.partition(".")[0] not in about}
    return {target: _with_kind(target, label) if label in twice or target in vague else label for target, label in shown.items()}


@cache
def _common_labels() -> frozenset[str]:
    """Labels that fields of several kinds have: 开始时间."""
    times = Counter(_(one.label) for kind in KINDS.values() for one in kind.fields)
    return frozenset(label for label, count in times.items() if count > 1)


def _tells(target: str, reads: tuple[str, ...]) -> bool:
    return target.startswith((*reads, *_OF_ANY_LIST)) and not target.startswith(_NEVER) and not target.endswith("#id")


def _label(target: str) -> str:
    f = field_of(target)
    return _(f.label) if f is not None else next(iter(common_columns().get(target, ())), target)


def _with_kind(target: str, label: str) -> str:
    kind = KINDS.get(target.partition(".")[0])
    return _("{label}：{text}").format(label=_(kind.label), text=label) if kind else label
