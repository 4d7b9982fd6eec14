"""Telephone and bank of the people in lists of work, wages, posts and courses: empty fields are filled, differences are only reported.

Such a list has another purpose, so it never replaces data of the register, and a difference does not keep a row out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain import identity
from domain.fields import Field, kind_of
from domain.identity import half_width
from domain.words import _
from services.importing.cells import Masked
from services.importing.columns import PERSON_PARTICULARS
from services.importing.drafting import Context
from services.importing.known import PersonRef
from services.importing.lines import Lines
from services.importing.plan import Action, Draft, Level, PlanRow

_CERTAIN, _QUESTIONED = "particulars", "particulars asked"
"""Prefixes of the keys of shared drafts: for rows that are imported, and for rows that wait for an answer, on which no other row may
rely."""

_OF_ACCOUNT = ("person.bank_account", "person.bank_name")


def other_holder(lines: Lines, i: int, name: str) -> str:
    """The holder of the account in row `i` if it is another person; empty if it is not, or is not stated."""
    holder = re.sub(r"\s", "", half_width(lines.text("payee")[i])) if lines.has("payee") else ""
    return "" if holder.removesuffix("(本人)") in ("", name, "本人", "同上") else holder


def fill_particulars(context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], people: Mapping[int, PersonRef]) -> None:
    """Let each row that makes something also fill the person's empty fields; warn if the store has another value."""
    columns = [(target, kind_of("person").by_name[target.partition(".")[2]]) for target in PERSON_PARTICULARS if lines.has(target)]
    if not columns:
        return
    ready = [(i, row, people[i]) for i, row in rows if i in people and not row.skipped and not row.refused]
    known = _known(context, {person.id for _i, _row, person in ready})
    for i, row, person in ready:
        current, fills = known[person.id], {}
        holder = other_holder(lines, i, person.name)
        for target, f in columns:
            value = lines.values(target)[i]
            if holder and value is not None and target in _OF_ACCOUNT:
                if target == _OF_ACCOUNT[0]:
                    message = _("账号的户名是「{holder}」，不是本人，没有填入；确实打到这个账号的，请到人员页登记")
                    lines.add_issue(row, i, target, message.format(holder=holder), "holder", Level.WARNING)
                continue
            if value is None or _same(value, current.get(f.name)):
                continue
            if current.get(f.name) is None and not isinstance(value, Masked):
                fills[f.name] = value
            else:
                lines.add_issue(row, i, target, _differs(f, current.get(f.name)), "particulars", Level.WARNING)
        if fills:
            row.drafts = [*row.drafts, _filled(context, person, fills, _QUESTIONED if row.questioned else _CERTAIN)]
            if not row.questioned:
                current.update(fills)


def _known(context: Context, ids: set[str]) -> dict[str, dict[str, Any]]:
    """What is known about these people: the stored values, updated with what this import is going to change."""
    names = [target.partition(".")[2] for target in PERSON_PARTICULARS]
    known: dict[str, dict[str, Any]] = {id: {} for id in ids}
    for id, stored in context.known.rows("person", ids).items():
        known[id] = {name: stored[name] for name in names}
    for key, draft in context.shared.items():
        if key[0] in ("person", _CERTAIN) and draft.id in known:
            known[draft.id] |= {name: draft.values[name] for name in names if draft.values.get(name) is not None}
    return known


def _filled(context: Context, person: PersonRef, fills: Mapping[str, Any], standing: str) -> Draft:
    """One draft for all rows with the same `standing` that fill the same values of a person."""
    key = (standing, person.id, *(f"{name}={value}" for name, value in fills.items()))

    def make() -> Draft:
        return Draft(kind_of("person"), person.id, person.village, Action.CHANGED, dict(fills), dict.fromkeys(fills))

    return context.shared_draft(key, make)


def _same(value: Any, current: Any) -> bool:
    return bool(value == current or (isinstance(value, Masked) and current is not None and identity.masks(value, str(current))))


def _differs(f: Field, current: Any) -> str:
    if current is None:
        return _("{label}打了星号，没有导入").format(label=_(f.label))
    return _("台账里的{label}是 {known}，与表里不同，没有改；要改请到人员页").format(label=_(f.label), known=f.show(current))
