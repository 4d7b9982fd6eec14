"""Where to find a form that was left half filled in; without this, nobody is told after a power cut until the form is opened again.

A draft is named by its sheet or form: `register`, `attendance:2026-11`, `wages:EMPLOYER:2026`, `form:person:ID`, `form:visit::PERSON`,
`form:ledger:KIND:` for a new record of 台账.
"""

from __future__ import annotations

from desktop.registry import page_of
from domain.fields import KINDS
from domain.words import N_, _

_SHEETS = {
    "register": (N_("登记"), "register", ()),
    "attendance": (N_("考勤"), "posts", ("month",)),
    "wages": (N_("工资"), "workshop", ("id", "year")),
    "hire": (N_("入职"), "workshop", ("id",)),
    "schooling": (N_("在读（雨露计划）"), "training", ()),
    "recognition": (N_("车间认定"), "workshop", ("id",)),
}
"""Forms that are not of one record: their word, their page, and the argument of the page that takes the rest of the form's name."""
_TABS = frozenset({"attendance", "wages", "schooling"})
"""Forms in a tab of their page with the same name."""
_NEW = {"employment": "work", "job_wish": "service"}
"""Kinds whose new record is begun on a page, for any person."""


def where(form: str) -> tuple[str, str, dict[str, object]]:
    """What a form is called, its page, and what the page is told to show it."""
    first, *rest = form.removeprefix("form:").split(":")
    if first in _SHEETS:
        word, page, about = _SHEETS[first]
        told: dict[str, object] = dict(zip(about, filter(None, rest), strict=False))
        return _(word), page, told | ({"tab": first} if first in _TABS else {})
    page = "ledgers" if first == "ledger" else "" if any(rest) else _NEW.get(first, "")
    kind = KINDS.get(rest.pop(0) if first == "ledger" else first)
    if kind is None:
        return _("表格"), "today", {}
    named = rest[-1] if rest else ""
    if named and len(rest) > 1:  # of a person, whose id follows a gap
        return _(kind.label), "people", {"id": named}
    if named:
        return _(kind.label), page or page_of(kind.name), {"kind": kind.name, "id": named}
    return _(kind.label), page or page_of(kind.name), {"kind": kind.name, "new": True} if page else {}
