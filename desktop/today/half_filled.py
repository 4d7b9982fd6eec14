"""Maps the name of a stored draft to the form it belongs to and the page where that form is opened.

Without this, nobody would hear of unsaved input after a power cut until they open the form again. A draft is named after its sheet or form:
`register`, `attendance:2026-11`, `wages:EMPLOYER:2026`, `form:person:ID`, `form:visit::PERSON`, `form:ledger:KIND:` for a new record of
台账.
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
"""Forms that are not about one record: their label, their page, and the page arguments that take the rest of the draft's name."""
_TABS = frozenset({"attendance", "wages", "schooling"})
"""Forms that are in a tab of their page; the tab has the same name."""
_NEW = {
    "employment": "work",
    "job_wish": "service",
    "vacancy": "service",
    "employer": "workshop",
    "course": "training",
    "post": "posts",
    "appointment": "posts",
    "survey": "survey",
}
"""Kinds for which a page offers a form for a new record, without a person chosen beforehand."""


def where(form: str) -> tuple[str, str, dict[str, object]]:
    """Return the label of a form, its page, and the arguments with which the page opens it."""
    first, *rest = form.removeprefix("form:").split(":")
    if first in _SHEETS:
        word, page, parameters = _SHEETS[first]
        args: dict[str, object] = dict(zip(parameters, filter(None, rest), strict=False))
        return _(word), page, args | ({"tab": first} if first in _TABS else {})
    page = "ledgers" if first == "ledger" else "" if any(rest) else _NEW.get(first, "")
    kind = KINDS.get(rest.pop(0) if first == "ledger" else first)
    if kind is None:
        return _("表格"), "today", {}
    named = rest[-1] if rest else ""
    if named and len(rest) > 1:  # a record of a person: the record's id is empty, the person's follows
        return _(kind.label), "people", {"id": named}
    if named:
        return _(kind.label), page or page_of(kind.name), {"kind": kind.name, "id": named}
    return _(kind.label), page or page_of(kind.name), {"kind": kind.name, "new": True} if page else {}
