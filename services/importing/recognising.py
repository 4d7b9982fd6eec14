"""Decides which kind of roster a table is: one of those in `resources/rosters`, or a plain list of one kind of record."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from domain.fields import KINDS, Field, Kind, kind_of
from domain.values import Type
from services.importing.columns import CONTRACT, PERSON_KEYS, SPAN, TITLED, Binding, bind, word_of
from services.importing.rosters import Roster, common_columns, rosters, supposed
from services.importing.tables import Found
from services.importing.whose_columns import ID_WORDS

_FOUND_BY_PERSON = frozenset({"person", "household", "employment", "appointment"})
"""Kinds of record that a row finds through its person, without a column of their own."""
_UNSPECIFIC = frozenset({"name", "phone", "by", "number", "note"})
"""Fields that nearly every list has. They (and dates) alone do not make a list of names a list of experts or odd jobs."""
_IN_ANY_LIST = frozenset({"name", "id_number", "sex", "birth", "phone", "note"})
_REGISTER_KINDS = frozenset({"person", "household", "category_span"})
"""Kinds that only a register describes; in a list of pay or claims such columns are only for information."""

_INSTEAD = {"monthly_check.status": ("work.already", "work.still")}
"""Required fields that other columns may provide."""
_OF_POSTS = frozenset({"post_pay", "attendance", "assessment"})
_POST_HEADING = re.compile("^(?:公益(?:性)?)?岗(?:位?(?:名称|类型|类别)?)?$")


@cache
def generic_roster(name: str) -> Roster:
    """The roster for a plain list of one kind: the labels of its fields as headings, and the columns that identify the person it refers
    to."""
    kind = kind_of(name)
    columns: dict[str, tuple[str, ...]] = {f"{name}.{f.name}": (f.label, *f.aliases) for f in kind.fields}
    columns |= {f"{name}.{f.name}#id": (ref_label(f.label),) for f in kind.references()}
    columns |= {target: words for target, words in common_columns().items() if target.startswith("record.")}
    with_person = "person" in {f.ref for f in kind.fields} or "household" in {f.ref for f in kind.fields} or _person_is_indirect(kind)
    people = ("person",) if with_person and name != "person" else ()
    return Roster(f"@{name}", kind.label, (name, *people), (name,), columns=columns)


def _person_is_indirect(kind: Kind) -> bool:
    """Whether a kind refers to its person through an employment or an appointment."""
    return any(f.ref in ("employment", "appointment") for f in kind.fields)


def ref_label(label: str) -> str:
    """Heading of the column that holds the id of a reference: 人员 → 人员编码."""
    return f"{label}编码"


def _as_it_is(roster: Roster) -> Roster:
    return roster


def recognise(found: Found, kind: str | None, sheet_name: str = "", assigned: Callable[[Roster], Roster] = _as_it_is) -> Binding | None:
    """The best match for a table: the first kind of roster whose required columns all exist, unless a plain list of one kind matches more
    headings. None if nothing fits.

    `kind` limits the choice to rosters that make that kind of record; `assigned` adds the columns assigned by hand to a roster. A sheet
    that this program exported is recognised by its column 记录编号 and its sheet name.
    """
    own = next((k.name for k in KINDS.values() if k.label == sheet_name), None)
    exported = any("记录编号" in heading.words for heading in found.headings)
    if exported and (kind or own):
        return bind(found, assigned(generic_roster(kind or own or "")))
    known = [bind(found, assigned(roster)) for roster in rosters() if kind is None or kind in roster.makes]
    roster = next((binding for binding in known if binding.complete()), None)
    names = [kind] if kind else [own] if own else list(KINDS)
    best = max((bind(found, assigned(generic_roster(name))) for name in names), key=_coverage)
    if roster is None or (_usable(best, named=False) and len(best.columns) > len(roster.columns) + len(roster.months)):
        roster = best if _usable(best, named=bool(kind or own)) else None
    return None if kind is None and roster is not None and any(_matches_less(roster, other) for other in known) else roster


def _matches_less(register: Binding, other: Binding) -> bool:
    """Whether a table read as a register matches fewer specific columns than another roster does that lacks a required column."""
    barred = any(group[0].startswith("!") and not any(map(other.has, group)) for group in other.roster.needs)
    if barred or not _REGISTER_KINDS.issuperset(register.roster.makes):
        return False
    one, two = _specific(register), _specific(other)
    return len(two - one) + register.headlines.occasion_title > max(len(one - two), register.headlines.occasion_title)


def _specific(binding: Binding) -> set[str]:
    """The columns that are specific to a roster, without those that any list may have."""
    required = {target for group in binding.roster.needs for target in group}
    own = {target for target in binding.columns if target in required or target.partition(".")[0] in binding.roster.kinds}
    return {target for target in own if target.partition(".")[2] not in _IN_ANY_LIST}


def _coverage(binding: Binding) -> tuple[bool, int]:
    return _usable(binding, named=False), len(binding.columns)


def _usable(binding: Binding, *, named: bool) -> bool:
    """Whether a table can be read as a plain list of its kind: all required columns and enough specific ones, or at least one column if the
    caller named the kind."""
    if named:
        return bool(binding.columns)
    if not binding.has(PERSON_KEYS[1]) and any(word_of(heading, ID_WORDS) for heading in binding.unmatched):
        return False  # a list of people is not a list of experts, even if names and telephones match
    kind = kind_of(binding.roster.makes[0])
    if kind.name in _REGISTER_KINDS and binding.headlines.occasion_title and not binding.headlines.recognised_title:
        return False
    if kind.name in _OF_POSTS and not _about_posts(binding):
        return False
    own = [f for f in kind.fields if binding.has(f"{kind.name}.{f.name}") and f.name not in _UNSPECIFIC and f.type is not Type.DATE]
    known = [t for t in (*binding.columns, *binding.title_values) if "." in t and not t.startswith(("area.", "person."))]
    month_in_title = TITLED in kind.by_name and kind.by_name[TITLED].required and not binding.has(f"{kind.name}.{TITLED}")
    evidence = len(known) + month_in_title + (kind.name in _REGISTER_KINDS and binding.headlines.recognised_title)
    spanned = (binding.span or "").startswith(f"{kind.name}.")  # 协议期限
    return not lacking(binding) and (bool(own) or spanned) and evidence >= 2 and len(binding.columns) >= len(binding.unmatched)


def _about_posts(binding: Binding) -> bool:
    """Whether a list mentions posts. Without that, an allowance is another one of people who also hold posts, and attendance in a workshop
    or on a course is not that on a post."""
    headings = (heading.words[-1] for heading in (*binding.columns.values(), *binding.unmatched))
    if binding.headlines.post_title or any(map(_POST_HEADING.search, headings)):
        return True
    return binding.roster.makes != ("post_pay",) and not (binding.headlines.carrier or binding.headlines.course_title)


def lacking(binding: Binding) -> list[Field]:
    """The required fields of a plain list that no column, title or named person provides."""
    kind = kind_of(binding.roster.makes[0])
    return [
        f
        for f in kind.fields
        if f.required
        and not binding.has(f"{kind.name}.{f.name}")
        and not binding.has(f"{kind.name}.{f.name}#id")
        and f.ref not in _FOUND_BY_PERSON
        and f"{kind.name}.{f.name}" not in supposed()
        and not (f.name in (CONTRACT if binding.span == "contract.range" else SPAN) and binding.span)
        and not (f.type is Type.MONTH and f.name == TITLED and binding.headlines.titled.one)
        and not any(map(binding.has, _INSTEAD.get(f"{kind.name}.{f.name}", ())))
    ]


def lacks_year(found: Found) -> bool:
    """Whether a table would be a wage sheet if the year of its month columns were known."""
    binding = bind(found, next(roster for roster in rosters() if roster.name == "wages"))
    return binding.yearless and any(map(binding.has, PERSON_KEYS))
