"""Matches a table's headings to fields, to months, and to the few columns that are no field."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from domain.fields import KINDS, Field, Kind, kind_of
from domain.values import Type
from services.importing.cells import is_empty
from services.importing.heading_words import alike, known_by, plain, without_brackets
from services.importing.headlines import Headlines, headlines
from services.importing.limits import SEARCHED_ROWS
from services.importing.rosters import Roster, common_columns, rosters, supposed
from services.importing.tables import Found, Heading, month_of_heading
from services.importing.title_months import with_years, year_of
from services.importing.whose_columns import ID_WORDS, whose_columns

SPAN = ("start", "end")
"""The two fields that one column may hold together: 起止."""
TITLED = "month"
"""The field that a title may give if the list has no column for it."""
PERSON_KEYS = ("person.name", "person.id_number")
"""The columns by which any list says who a person is."""
PERSON_PARTICULARS = ("person.phone", "person.bank_name", "person.bank_account")
"""What rosters of work, wages, courses or posts say about people besides (`particulars`)."""

_SUM = re.compile(r"[￥¥]?[\d,.]+元?", re.ASCII)
_MONTHLY = frozenset({"wage", "post_pay", "monthly_check"})
"""Kinds of which a list may hold twelve months side by side."""
_NUMBERED = re.compile("[2-9]$")
_BY_THE_MONTH = frozenset(
    {"wage.amount", "employment.monthly_wage", "post.standard", "post_pay.amount", "vacancy.wage_min", "job_wish.wage_min"}
)
_OTHER = "(?:[天日年时件斤亩工户季]|个(?!月)|小时)"
_PER_OTHER = re.compile(rf"元[/每](?:人/?)?{_OTHER}|每{_OTHER}|[(][按/]?{_OTHER}[)]")
"""元/天, 元/人/年, 每件, (年) in the heading of what is by the month otherwise."""
_OF_COURSES = re.compile("培训|参训|学员|开班|结业|开课|结课")
_COUNT = re.compile(r"\d{1,2}(?:\.\d)?(?:个?月)?", re.ASCII)
"""How many months: a date has a year."""
_MonthColumn = tuple[Heading, int | None, int]
"""A heading with its year, None if it says none, and its month."""
_UNDER_MONTHS = ("post_pay.amount", "attendance.days")
"""Columns that may stand under each of several months; the first that is there is read."""


@dataclass
class Binding:
    """A table's columns as targets → headings, its month columns, its unknown headings, and what is `said` above them."""

    roster: Roster
    said: Headlines
    columns: dict[str, Heading] = field(default_factory=dict)
    months: list[tuple[Heading, str]] = field(default_factory=list)
    """Month columns in order with their months, `2022-10`."""
    days: list[Heading] = field(default_factory=list)
    """The columns of a month's days."""
    signed: list[Heading] = field(default_factory=list)
    """The columns of the days of a course."""
    sums: bool = False
    """Whether most cells of the month columns hold sums of money."""
    year_from_file: bool = False
    """Whether only the file's name says the year of the month columns."""
    months_of: str = ""
    """The kind that the month columns are about, if their own headings say so (1月 over 实发补贴)."""
    more: dict[str, list[Heading]] = field(default_factory=dict)
    """Further columns of a field that holds several words (致贫风险1 to 5)."""
    unmatched: list[Heading] = field(default_factory=list)
    yearless: bool = False
    """Whether there are month columns whose year nothing says."""

    @property
    def check_title(self) -> bool:
        """Whether the title speaks of what people were doing and the months hold no sums: 车间2023年务工情况 may be about pay."""
        return self.said.check_title and not self.sums

    @property
    def trained(self) -> bool:
        """Whether a heading of a course speaks of it: 工种 and 开始时间 alone may be of work."""
        return any(
            _OF_COURSES.search(heading.text) for target, heading in self.columns.items() if target.startswith(("course.", "enrolment."))
        )

    @property
    def span(self) -> str | None:
        """The column that holds a start and an end together."""
        return next((target for target in self.columns if target.endswith(".range")), None)

    def has(self, target: str) -> bool:
        """Whether a column is there, or what a name with @ stands for; with ! in front, whether it is not."""
        if target.startswith("!"):
            return not self.has(target[1:])
        if target.startswith("@"):
            return bool(getattr(self if hasattr(self, target[1:]) else self.said, target[1:]))
        return target in self.columns

    def complete(self) -> bool:
        """Whether each group of needed columns has at least one column here."""
        return all(any(map(self.has, group)) for group in self.roster.needs)


@lru_cache(maxsize=256)  # a survey's roster is made anew by each import
def words_of(roster: Roster) -> Mapping[str, str]:
    """The headings of one kind of roster in `plain` form and their targets; looser forms (`alike`) come last."""
    found: dict[str, str] = {}
    for target, names in roster.columns.items():
        for word in names:
            found.setdefault(plain(word), target)
    generic = roster.name.startswith("@")
    said_of_person = PERSON_KEYS if generic else (*PERSON_KEYS, *PERSON_PARTICULARS)
    for name in roster.kinds:
        about_person = name == "person" and "person" not in roster.makes
        for f in kind_of(name).fields:
            target = f"{name}.{f.name}"
            if (f.type in (Type.ID, Type.IDS) and not generic) or (about_person and target not in said_of_person):
                continue
            for word in (f.label, *f.aliases):
                found.setdefault(plain(word), target)
    for target, names in common_columns().items():
        for word in names:
            found.setdefault(plain(word), target)
    for word, target in list(found.items()):
        found.setdefault(alike(word), target)
    return found


def word_of(heading: Heading, words: Mapping[str, str]) -> str | None:
    """The one of these words that a heading is known by; None if there is none."""
    return known_by(heading.words, words)


def _holds_several(target: str) -> bool:
    kind, _dot, name = target.partition(".")
    declared = KINDS[kind].by_name.get(name) if kind in KINDS else None
    return declared is not None and declared.type is Type.SET


def bind(found: Found, roster: Roster) -> Binding:
    """Match a table's headings to one kind of roster."""
    binding = Binding(roster, headlines(found))
    empty = cache(lambda index: all(is_empty(row[index]) for row in found.rows()))
    months = _take_columns(binding, found.headings, found.sheet.unseen_columns, empty)
    _counted(binding, found)
    _date_months(binding, found, months)
    whose_columns(binding, found)
    _summed_up(binding)
    return binding


def _take_columns(
    binding: Binding, headings: Sequence[Heading], unseen: Container[int], empty: Callable[[int], bool]
) -> list[_MonthColumn]:
    """Give each target its column; of two of one sort one that holds something has it, else the one whose name is listed first, of two of
    one name that to which nothing is added (月收入(旧)) and that can be seen, unless it is numbered and its field holds several words:
    致贫风险1 to 5 are one. Answers the columns of months."""
    words = words_of(binding.roster)
    rank = {word: place for place, word in enumerate(words)}
    ranks: dict[str, tuple[int, bool, bool]] = {}
    """By which of a target's names its column is known."""
    months: list[_MonthColumn] = []
    under: list[tuple[int, int, _MonthColumn]] = []
    for heading in _take_assigned(binding, headings):
        if heading.day and "attendance" in binding.roster.kinds:
            binding.days.append(heading)
            continue
        if heading.on and "enrolment" in binding.roster.kinds:
            binding.signed.append(heading)
            continue
        word = word_of(heading, words)
        target = words[word] if word else None
        if target in _BY_THE_MONTH and any(map(_PER_OTHER.search, (heading.text, *heading.words))):
            word = target = None
        added = word is not None and word not in heading.words and word in map(without_brackets, heading.words)
        ranked = (rank[word] if word else len(rank), added, heading.index in unseen)
        monthly = _MONTHLY & set(binding.roster.kinds) and not heading.day and not heading.on
        month = next(filter(None, map(month_of_heading, heading.words)), None) if monthly else None
        if month and target in (None, "wage.amount"):  # 金额 under 1月
            months.append((heading, *month))
        elif word and target in _UNDER_MONTHS and (month := _over(heading)):
            under.append((_UNDER_MONTHS.index(target), rank[word], (heading, *month)))
        elif target and word and target not in binding.columns:
            binding.columns[target], ranks[target] = heading, ranked
        elif target and _NUMBERED.search(heading.words[-1]) and _holds_several(target):
            binding.more.setdefault(target, []).append(heading)
        elif target in ranks and (empty(heading.index), *ranked) < (empty(binding.columns[target].index), *ranks[target]):
            binding.unmatched.append(binding.columns[target])
            binding.columns[target], ranks[target] = heading, ranked
        else:
            binding.unmatched.append(heading)
    if months:
        binding.unmatched += [column[0] for *_named, column in under]
    return months or _under(binding, under)


def _take_assigned(binding: Binding, headings: Sequence[Heading]) -> list[Heading]:
    """Give the columns that a person assigned their targets; answers the other headings."""
    others, assigned = [], binding.roster.assigned
    for heading in headings:
        target = assigned.get(heading.words[0])
        if target is None:
            others.append(heading)
        elif target and target not in binding.columns:
            binding.columns[target] = heading
        else:
            binding.unmatched.append(heading)
    return others


def _over(heading: Heading) -> tuple[int | None, int] | None:
    """The month above a heading that itself says something else: 1月 over 实发补贴."""
    over = heading.words[0].removesuffix(heading.words[-1])
    return month_of_heading(over) if over else None


def _under(binding: Binding, columns: Sequence[tuple[int, int, _MonthColumn]]) -> list[_MonthColumn]:
    """Choose among the columns under each month (应发, 实发, 出勤天数): what is paid, otherwise the days, by the name listed first, and
    only that."""
    if not columns:
        return []
    first = min(named for *named, _column in columns)
    binding.unmatched += [column[0] for *named, column in columns if named != first]
    binding.months_of = _UNDER_MONTHS[first[0]].partition(".")[0]
    return [column for *named, column in columns if named == first]


def _date_months(binding: Binding, found: Found, months: Sequence[_MonthColumn]) -> None:
    """Give the month columns their months; if nothing says the year, they stay unknown."""
    year = year_of([*found.titles, found.sheet.name])
    if months and not binding.said.titled.months and year is None and (year := year_of([found.sheet.file])) is not None:
        binding.year_from_file = True
    if binding.check_title and months:
        binding.sums = _of_sums(found, [heading.index for heading, _year, _month in months])
    years = with_years([(said_year, month) for _heading, said_year, month in months], binding.said.titled, year)
    binding.months = [(heading, month) for (heading, _year, _month), month in zip(months, years, strict=False)]
    if len(binding.months) < len(months):
        binding.yearless = True
        binding.unmatched += [heading for heading, _year, _month in months]
        binding.months = []


def _summed_up(binding: Binding) -> None:
    """Beside columns of months, a single amount (实发合计) is their sum."""
    if binding.months and not binding.has("total") and binding.has("wage.amount"):
        binding.columns["total"] = binding.columns.pop("wage.amount")


def _counted(binding: Binding, found: Found) -> None:
    """务工时间 over nothing but 9 or 9个月 says how long, not from when to when."""
    span = binding.columns.get("work.range")
    cells = [plain(row[span.index]) for row in found.rows()] if span is not None else []
    if span is not None and any(cells) and all(map(_COUNT.fullmatch, filter(None, cells))):
        binding.columns.setdefault("work.months", binding.columns.pop("work.range"))


def _of_sums(found: Found, columns: Sequence[int]) -> bool:
    """Whether most cells of these columns are numbers: pay, although the title speaks of work (车间2023年务工情况)."""
    cells = [plain(row[index]) for row in found.rows()[:SEARCHED_ROWS] for index in columns if index < len(row)]
    said = [cell for cell in cells if cell]
    return 2 * sum(1 for cell in said if _SUM.fullmatch(cell)) > len(said)


def lacks_year(found: Found) -> bool:
    """Whether a table would be a wage sheet if the year of its months were known."""
    binding = bind(found, next(roster for roster in rosters() if roster.name == "wages"))
    return binding.yearless and any(map(binding.has, PERSON_KEYS))


@cache
def generic_roster(name: str) -> Roster:
    """The roster of any kind's own list: its labels as headings, with who the person is where it names one."""
    kind = kind_of(name)
    columns: dict[str, tuple[str, ...]] = {f"{name}.{f.name}": (f.label, *f.aliases) for f in kind.fields}
    columns |= {f"{name}.{f.name}#id": (ref_label(f.label),) for f in kind.references()}
    columns |= {target: words for target, words in common_columns().items() if target.startswith("record.")}
    with_person = "person" in {f.ref for f in kind.fields} or "household" in {f.ref for f in kind.fields} or _through(kind)
    people = ("person",) if with_person and name != "person" else ()
    return Roster(f"@{name}", kind.label, (name, *people), (name,), columns=columns)


def _through(kind: Kind) -> bool:
    """Whether a kind refers to its person through another record, an employment or an appointment."""
    return any(f.ref in ("employment", "appointment") for f in kind.fields)


def ref_label(label: str) -> str:
    """Heading of the column that holds the id behind a name: 人员 → 人员编码."""
    return f"{label}编码"


def _as_it_is(roster: Roster) -> Roster:
    return roster


def recognise(found: Found, kind: str | None, sheet_name: str = "", assigned: Callable[[Roster], Roster] = _as_it_is) -> Binding | None:
    """What a table is: the first kind of roster all of whose needs are met, unless the list of one kind knows more of its headings.

    None if neither fits. `kind` narrows it to what makes that kind of record; `assigned` gives a roster the columns that a person assigned.
    A sheet of this program's own export is known by its column 记录编号 and its sheet's name.
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
    return None if kind is None and roster is not None and any(_tells_less(roster, other) for other in known) else roster


def _tells_less(register: Binding, other: Binding) -> bool:
    """Whether a list read as a register knows fewer of its columns than another kind of list would that lacks a required one."""
    barred = any(group[0].startswith("!") and not any(map(other.has, group)) for group in other.roster.needs)
    if barred or not _REGISTERED.issuperset(register.roster.makes):
        return False
    one, two = _own(register), _own(other)
    return len(two - one) + register.said.occasion_title > max(len(one - two), register.said.occasion_title)


def _own(binding: Binding) -> set[str]:
    """The columns that make a list one of its kind: not those that are in lists of every kind."""
    asked = {target for group in binding.roster.needs for target in group}
    own = {target for target in binding.columns if target in asked or target.partition(".")[0] in binding.roster.kinds}
    return {target for target in own if target.partition(".")[2] not in _ANYWHERE}


def _coverage(binding: Binding) -> tuple[bool, int]:
    return _usable(binding, named=False), len(binding.columns)


_FOUND = frozenset({"person", "household", "employment", "appointment"})
"""Kinds of record that a row finds by its person, without a column of their own."""


_TELL_NOTHING = frozenset({"name", "phone", "by", "number", "note"})
"""Fields that nearly every list has, like days: these alone do not make a list of names a list of experts or odd jobs."""
_ANYWHERE = frozenset({"name", "id_number", "sex", "birth", "phone", "note"})
_REGISTERED = frozenset({"person", "household", "category_span"})
"""Kinds of which only a list of who lives where tells; beside pay or a claim their words are a reminder."""


def _usable(binding: Binding, *, named: bool) -> bool:
    """A list of one kind must have the kind's required columns, or at least one column if the caller named the kind."""
    if named:
        return bool(binding.columns)
    if not binding.has(PERSON_KEYS[1]) and any(word_of(heading, ID_WORDS) for heading in binding.unmatched):
        return False  # a list of people is no list of experts, however alike their names and telephones
    kind = kind_of(binding.roster.makes[0])
    if kind.name in _REGISTERED and binding.said.occasion_title and not binding.said.recognised_title:
        return False
    own = [f for f in kind.fields if binding.has(f"{kind.name}.{f.name}") and f.name not in _TELL_NOTHING and f.type is not Type.DATE]
    known = [t for t in binding.columns if "." in t and not t.startswith(("area.", "person."))]
    titled = TITLED in kind.by_name and kind.by_name[TITLED].required and not binding.has(f"{kind.name}.{TITLED}")
    said = len(known) + titled + (kind.name in _REGISTERED and binding.said.recognised_title)
    return not lacking(binding) and bool(own) and said >= 2 and len(binding.columns) >= len(binding.unmatched)


def lacking(binding: Binding) -> list[Field]:
    """The required fields that a list of one kind lacks: no column, title or named person gives them."""
    kind = kind_of(binding.roster.makes[0])
    return [
        f
        for f in kind.fields
        if f.required
        and not binding.has(f"{kind.name}.{f.name}")
        and not binding.has(f"{kind.name}.{f.name}#id")
        and f.ref not in _FOUND
        and f"{kind.name}.{f.name}" not in supposed()
        and not (f.name in SPAN and binding.span)
        and not (f.type is Type.MONTH and f.name == TITLED and binding.said.titled.one)
    ]
