"""Decides which kind of roster a table is: one of those in `resources/rosters`, or a plain list of one kind of record. The error for a
file in which none is recognised names the most similar roster and the columns it lacks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from domain.errors import InputUnusable, Unrecognised
from domain.fields import KINDS, Field, Kind, declaration, kind_of
from domain.records import Person
from domain.values import Type
from domain.words import _
from services.importing.columns.binding import Binding
from services.importing.columns.matching import CONTRACT, PERSON_KEYS, SPAN, TITLED, bind, word_of
from services.importing.columns.whose_columns import ID_WORDS
from services.importing.tables.finding import FoundTable
from services.importing.tables.headings import is_column_word, quarter_of
from services.importing.tables.rosters import Roster, common_columns, field_of, in_titles, rosters, supposed
from services.importing.tables.title_months import in_figures, read_months
from services.office_files.limits import SEARCHED_ROWS

_FOUND_BY_PERSON = frozenset({"person", "household", "employment", "appointment"})
"""Kinds of record that a row finds through its person, without a column of their own."""
_UNSPECIFIC = frozenset({"name", "phone", "by", "number", "note"})
"""Fields that nearly every list has. They (and dates) alone do not make a list of names a list of experts or odd jobs."""
_IN_ANY_LIST = frozenset({"name", "id_number", "sex", "birth", "phone", "note"})
_REGISTER_KINDS = frozenset({"person", "household", "category_span"})
"""Kinds that only a register describes; in a list of pay or claims such columns are only for information."""

_INSTEAD = {"monthly_check.status": ("work.already", "work.still"), "course.title": ("course.trade",)}
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
    with_person = any(f.ref in ("person", "household", "employment", "appointment") for f in kind.fields)
    people = ("person",) if with_person and name != "person" else ()
    if not people and name != "person" and "phone" in kind.by_name:  # nobody else's number can be meant
        columns[f"{name}.phone"] += declaration(Person.phone).aliases
    return Roster(f"@{name}", kind.label, (name, *people), (name,), columns=columns)


def ref_label(label: str) -> str:
    """Heading of the column that holds the id of a reference: 人员 → 人员编码."""
    return f"{label}编码"


def recognise(
    found: FoundTable, kind: str | None, sheet_name: str = "", assigned: Callable[[Roster], Roster] = lambda roster: roster
) -> Binding | None:
    """The best match for a table: the first kind of roster whose required columns all exist, unless a plain list of one kind matches more
    headings. None if nothing fits.

    `kind` limits the choice to rosters that make that kind of record; `assigned` adds the columns assigned by hand to a roster. A sheet
    that this program exported is recognised by its column 记录编号 and its sheet name.
    """
    own = kind or next((k.name for k in KINDS.values() if k.label == sheet_name), None)
    if own and any("记录编号" in heading.words for heading in found.headings):
        return bind(found, assigned(generic_roster(own)))
    possible = [bind(found, assigned(roster)) for roster in rosters() if kind is None or kind in roster.makes]
    first, last = (next((one for one in possible if one.roster.last is late and one.complete()), None) for late in (False, True))
    plain = max((bind(found, assigned(generic_roster(name))) for name in ([own] if own else KINDS)), key=_coverage)
    best = first
    if first is None or (_usable(plain) and len(plain.columns) > len(first.columns) + len(first.months)):
        less = last is not None and plain.roster.makes[0] in last.roster.makes and len(last.columns) > len(plain.columns)
        named = bool(own) and not (last and lacking(plain))  # then any column will do
        best = plain if not less and (plain.columns if named else _usable(plain)) else None
    doubtful = kind is None and best is not None and any(_matches_less(best, other) for other in possible)
    return best if best is not None and not doubtful else last


def _matches_less(register: Binding, other: Binding) -> bool:
    """Whether a table read as a register matches fewer specific columns than another roster does that lacks a required column."""
    barred = any(group[0].startswith("!") and not any(map(other.has, group)) for group in other.roster.needs)
    if barred or not _REGISTER_KINDS.issuperset(register.roster.makes):
        return False
    one, two = _specific(register), _specific(other)
    away = other.roster.last and other.complete()  # 外出人员基本情况, with place and job
    elsewhere = register.headlines.tell("occasion_title") or away
    return len(two - one) + elsewhere > max(len(one - two), elsewhere)


def _specific(binding: Binding) -> set[str]:
    """The columns that are specific to a roster, without those that any list may have."""
    required = {target for group in binding.roster.needs for target in group}
    own = {target for target in binding.columns if target in required or target.partition(".")[0] in binding.roster.kinds}
    return {target for target in own if target.partition(".")[2] not in _IN_ANY_LIST}


def _coverage(binding: Binding) -> tuple[bool, int]:
    return _usable(binding), len(binding.columns)


def _usable(binding: Binding) -> bool:
    """Whether a table can be read as a plain list of its kind."""
    return next(_reasons_against(binding), None) is None


def _reasons_against(binding: Binding) -> Iterator[str]:
    """Why a table cannot be read as a plain list of its kind: which tests it fails."""
    kind, lines = kind_of(binding.roster.makes[0]), binding.headlines
    registers = kind.name in _REGISTER_KINDS
    if lacking(binding):
        yield "required columns are missing"
    if _lists_people(binding):
        yield "it is a list of people"
    if registers and lines.tell("occasion_title") and not lines.tell("recognised_title"):
        yield "its title names an occasion, not a register"
    if kind.name in _OF_POSTS and not _about_posts(binding):
        yield "it does not mention posts"
    if kind.name == "insurance" and lines.tell("course_title"):
        yield "it insures those on a course"
    if kind.name == "work_training" and not _about_training(binding):
        yield "it does not mention training at work"
    if not _has_own_column(binding, kind):
        yield "no column is specific to the kind"
    known = [t for t in (*binding.columns, *binding.title_values) if "." in t and not t.startswith(("area.", "person."))]
    month_in_title = TITLED in kind.by_name and kind.by_name[TITLED].required and not binding.has(f"{kind.name}.{TITLED}")
    if len(known) + month_in_title + (registers and lines.tell("recognised_title")) < 2:
        yield "only one column or title is known"
    if len(binding.columns) + len(binding.title_values) < len(binding.unmatched):
        yield "most columns are unknown"


def _has_own_column(binding: Binding, kind: Kind) -> bool:
    """Whether something is specific to a kind: a column, a period (协议期限), or its name in two headings (协议编号, 协议起始)."""
    own = any(binding.has(f"{kind.name}.{f.name}") for f in kind.fields if f.name not in _UNSPECIFIC and f.type is not Type.DATE)
    spanned = (binding.span or "").startswith(f"{kind.name}.")
    called = sum(kind.label in heading.text for heading in binding.columns.values()) > 1
    return own or spanned or (called and not binding.headlines.tell("other_agreement"))


def _lists_people(binding: Binding) -> bool:
    """Whether there is a column of ID numbers that the list does not know: a list of people is not one of experts, even if names and
    telephones match."""
    return not binding.has(PERSON_KEYS[1]) and any(word_of(heading, ID_WORDS) for heading in binding.unmatched)


def _about_posts(binding: Binding) -> bool:
    """Whether a list mentions posts. Without that, an allowance is another one of people who also hold posts, and attendance in a workshop
    or on a course is not that on a post."""
    headings = (heading.words[-1] for heading in (*binding.columns.values(), *binding.unmatched))
    if binding.headlines.tell("work_training_title"):
        return False
    if binding.headlines.tell("post_title") or any(map(_POST_HEADING.search, headings)):
        return True
    return binding.roster.makes != ("post_pay",) and not (binding.headlines.carrier or binding.headlines.tell("course_title"))


def _about_training(binding: Binding) -> bool:
    """Whether a list mentions training at work. 单位 of those who sign in at a meeting is nobody who trains them."""
    return binding.headlines.tell("work_training_title") or any("训" in heading.text for heading in binding.columns.values())


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


def lacks_year(found: FoundTable) -> bool:
    """Whether a table would be a wage sheet if the year were known of its month columns, or of the month in its title or sheet's name."""
    binding = bind(found, next(roster for roster in rosters() if roster.name == "wages"))
    month = _MONTH.search(in_figures(" ".join((*found.titles, found.sheet.name))))
    titled = month is not None and not binding.headlines.titled and binding.has("wage.amount")
    return (binding.yearless or titled) and any(map(binding.has, PERSON_KEYS))


_COMMON = (".start", ".end")
"""Columns that too many lists have to be specific."""
_MONTH = re.compile(r"(?<!\d)(?:1[0-2]|0?[1-9])月")
_SUMS = re.compile("工资|报酬|补贴|发放")
_MOST_SHOWN = 8
"""Most unknown columns that the error for a file names."""
_MOST_MISSING = 2
"""Most missing columns for a list to count as similar."""


def unknown(found: list[FoundTable], sheets: list[list[list[object]]], hidden: str) -> InputUnusable:
    """The error that fits the tables found, the cells of all sheets and the names of the hidden sheets with rosters."""
    if hidden and not found:
        message = _("看得见的工作表里没有名册，名册在隐藏的工作表里：{sheets}。请在 Excel 或 WPS 里取消隐藏再导入。")
        return InputUnusable(message.format(sheets=hidden))
    if not any(cell not in ("", None) for rows in sheets for row in rows for cell in row):
        return InputUnusable(_("表格是空的，没有可以导入的内容。"))
    nothing = _("前 {rows} 行里没有找到表头。请确认表头一行写着姓名、证件号码等列名。").format(rows=SEARCHED_ROWS)
    return Unrecognised(_why_no_roster(found) if found else nothing)


def _why_no_roster(found: list[FoundTable]) -> str:
    if any(map(lacks_year, found)):
        return _("工资表的月份没有写明是哪一年。请在标题或表头写上年份再导入，例如 2023年1月。")
    if any(map(_of_several_months, found)):
        return _("标题写的是几个月，合在一起的金额不知道是哪个月的。请每个月写一列，或每个月一张表再导入。")
    if (similar := _most_similar(found)) is not None:
        message = _(
            "认不出这是哪种名册。最像「{roster}」，还缺：{lacks}。请补上后再导入；表里有、只是叫法不同的，选定按哪种表读，再选那一列是什么。"
        )
        return message.format(roster=similar[0], lacks=similar[1])
    if any(map(_by_quarters, found)):
        return _("表里只有几个月合在一起的数，没有各月的数。请每个月写一列再导入。")
    message = _("认不出这是哪种名册：表头里要有姓名、证件号码和相应的列。也可以选定按哪种表读，再选各列是什么。")
    strange = list(dict.fromkeys(one.text for table in found for one in table.headings if not any(map(is_column_word, one.words))))
    return message + (_("认不出的列：{columns}。").format(columns=_("、").join(strange[:_MOST_SHOWN])) if strange else "")


def _of_several_months(table: FoundTable) -> bool:
    """Whether a pay table has a single amount for the several months in its title."""
    lines = [*table.titles, table.sheet.name]
    months = read_months(lines)
    across = next(bind(table, roster).months for roster in rosters() if roster.name == "wages")
    return months.several and _SUMS.search(" ".join(lines)) is not None and not across


def _by_quarters(table: FoundTable) -> bool:
    """Whether a pay table has only amounts of several months."""
    pay = _SUMS.search(" ".join([*table.titles, table.sheet.name]))
    return pay is not None and any(quarter_of(one.words[-1]) or read_months(one.words[-1:]).several for one in table.headings)


def _most_similar(found: Sequence[FoundTable]) -> tuple[str, str] | None:
    """The roster or list with the most matching and the fewest missing columns: its name and what is missing; None if there is none."""
    possible = [roster for table in found for roster in _candidates(table)]
    similar = [(own, name, lacks) for own, name, lacks in possible if own and 0 < len(lacks) <= _MOST_MISSING]
    best = max(similar, key=lambda one: (one[0], -len(one[2])), default=None)
    return (best[1], _("、").join(best[2])) if best else None


def _candidates(table: FoundTable) -> Iterator[tuple[int, str, list[str]]]:
    """For each possible list: the number of its specific columns, its name, and what is missing."""
    for kind in KINDS.values():
        binding = bind(table, generic_roster(kind.name))
        if any(map(binding.has, PERSON_KEYS)):
            yield _specific_columns(binding), _(kind.label), list(map(_asked, lacking(binding)))
    for roster in (one for one in rosters() if not one.last):
        binding = bind(table, roster)
        unmet = [[target for target in group if target[0] != "!"] for group in roster.needs if not any(map(binding.has, group))]
        if all(unmet):
            yield _specific_columns(binding), _(roster.label), list(map(_column_names, unmet))


def _specific_columns(binding: Binding) -> int:
    """The number of columns of the records that the list makes; 0 if there are more unknown columns."""
    makes = tuple(f"{kind}." for kind in binding.roster.makes if kind not in ("person", "household", "category_span"))
    own = sum(target.startswith(makes) and not target.endswith(_COMMON) for target in binding.columns) if makes else 0
    return own if own >= len(binding.unmatched) else 0


def _column_names(group: Sequence[str]) -> str:
    """The names of the columns of which one is required, as a clerk calls them."""
    return _("或").join(dict.fromkeys(_word(target) for target in group[:_MOST_MISSING]))


def _word(target: str) -> str:
    f = field_of(target)
    if f is not None:
        return _asked(f)
    return _(in_titles()[target]) if target in in_titles() else next(iter(common_columns().get(target, ())), target)


def _asked(f: Field) -> str:
    return _(in_titles()["@month_title"]) if f.name == TITLED else _(f.label)
