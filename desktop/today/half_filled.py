"""Maps the name of a stored draft to the form it belongs to and the page where that form is opened.

Without this, nobody would hear of unsaved input after a power cut until they open the form again. A draft is named after its sheet or form:
`register`, `notice`, `attendance:2026-11`, `wages:EMPLOYER:2026`, `course:ID`; `form:person:ID` for an existing record,
`form:visit::PERSON` and `form:hire:EMPLOYER` for a new one, `form:ledger:KIND:` for a new record of 台账.
"""

from __future__ import annotations

from domain.fields import KINDS
from domain.words import N_, _

_SHEETS = {
    "register": (N_("登记"), "register", ()),
    "attendance": (N_("考勤"), "posts", ("month",)),
    "wages": (N_("工资"), "workshop", ("id", "year")),
    "course": (N_("培训班"), "training", ("id",)),
    "notice": (N_("公示"), "benefits", ()),
}
"""Sheets: their label, their page, and the page arguments that take the rest of the draft's name."""
_TABS = frozenset({"attendance", "wages"})
"""Sheets that are in a tab of their page; the tab has the same name."""
_OF_WORKSHOP = {"hire": N_("入职"), "recognition": N_("车间认定")}
"""Forms for a new record of a workshop, and their label."""
_NEW = {
    "employment": "work",
    "job_wish": "service",
    "vacancy": "service",
    "employer": "workshop",
    "course": "training",
    "post": "posts",
    "appointment": "posts",
    "schooling": "training",
    "survey": "survey",
}
"""Kinds for which a page offers a form for a new record, without a person chosen beforehand."""
_CHANGED = {"person": "people", "survey": "survey", "job_wish": "service", "vacancy": "service"}
"""Kinds for which a page opens the form of an existing record; 台账 does it for all others."""


def where(form: str) -> tuple[str, str, dict[str, object]]:
    """Return the label of a form, its page, and the arguments with which the page opens it."""
    first, *rest = form.removeprefix("form:").split(":")
    if form.startswith("form:"):
        return _form(first, *rest)
    if first not in _SHEETS:
        return _("表格"), "today", {}
    word, page, parameters = _SHEETS[first]
    args: dict[str, object] = dict(zip(parameters, rest, strict=False))
    if first == "notice":
        return _(word), page, {"tab": "notices", "new": True}
    return _(word), page, args | ({"tab": first} if first in _TABS else {})


def _form(first: str, *rest: str) -> tuple[str, str, dict[str, object]]:
    """The same of a form: `first` is the kind of its record, mostly, and the last of `rest` an id."""
    id, in_ledgers = rest[-1] if rest else "", first == "ledger"
    args: dict[str, object] = {"id": id, "form": first}
    if first in _OF_WORKSHOP and (first == "hire" or len(rest) > 1):
        return _(_OF_WORKSHOP[first]), "workshop", args
    kind = KINDS.get(rest[0] if in_ledgers and rest else first)
    if kind is None:
        return _("表格"), "today", {}
    label, name = _(kind.label), kind.name
    if id and len(rest) > 1 and not in_ledgers:  # a new record of a person: the record's id is empty, the person's follows
        return label, "people", args
    if id:
        return label, "ledgers" if in_ledgers else _CHANGED.get(name, "ledgers"), {"kind": name, "id": id, "form": name}
    return label, "ledgers" if in_ledgers else _NEW.get(name, "ledgers"), {"kind": name, "new": True}
