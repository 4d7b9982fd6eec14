"""Matches a table's headings to fields, to months, and to the few columns that are not fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from domain.errors import FieldError
from domain.fields import KINDS, Field, kind_of
from domain.values import Type
from services.importing.columns.binding import Binding
from services.importing.columns.headlines import headlines, read_title_values
from services.importing.columns.whose_columns import whose_columns
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import alike, known_by, loosely, plain, without_brackets
from services.importing.tables.headings import Heading, month_of_heading
from services.importing.tables.rosters import Roster, common_columns, field_of, vague_columns
from services.importing.tables.title_months import with_years, year_of
from services.importing.values.cells import is_empty, reader
from services.office_files.limits import SEARCHED_ROWS

SPAN = ("start", "end")
"""The two fields that one column (起止) may hold together."""
CONTRACT = ("contract_start", "contract_end")
"""The two fields of a record with a contract that the column of its term (合同起止) holds together."""
WORK_STARTS = ("employment.start", "work.range", "employment.contract_start", "contract.range")
"""The columns that tell since when people work."""
WORK_PLACES = ("employment.place", "work.county", "work.city", "work.province")
"""The columns that tell where."""
TITLED = "month"
"""The field whose value may be in the title if the list has no column for it."""
PERSON_KEYS = ("person.name", "person.id_number")
"""The columns that identify a person in any list."""
PERSON_PARTICULARS = ("person.phone", "person.bank_name", "person.bank_account")
"""The other columns about a person that rosters of work, wages, courses or posts may have (see `particulars`)."""

_SUM = re.compile(r"[￥¥]?[\d,.]+元?", re.ASCII)
_MONTHLY = frozenset({"wage", "post_pay", "monthly_check"})
"""Kinds whose lists may have one column for each month."""
_NUMBERED = re.compile("[2-9]$")
_BY_THE_MONTH = frozenset(
    {"wage.amount", "employment.monthly_wage", "post.standard", "post_pay.amount", "vacancy.wage_min", "job_wish.wage_min"}
)
_OTHER = "(?:[天日年时件斤亩工户季]|个(?!月)|小时)"
_PER_OTHER = re.compile(rf"元[/每](?:人/?)?{_OTHER}|每{_OTHER}|[(][按/]?{_OTHER}[)]")
"""元/天, 元/人/年, 每件, (年): an amount per something other than a month, in the heading of a column that is normally per month."""
_PART_OF_PAY = re.compile("工资|计件|计时|加班|奖金?$|提成|绩效|津贴")
"""Headings of the parts that a total of pay sums up."""
_POINTS = re.compile(r"\d{1,3}分(?!钟)", re.ASCII)
"""出勤（30分）: points given for something, not its number."""
_MOST_MONTHLY = 12_000
"""Yuan; more is a year's pay, if the heading does not say that it is a month's."""
_PARTS_OF_A_PLACE = frozenset({"work.province", "work.city", "work.county"})
_ENDS = (("起", "开始", "起始"), ("止", "结束", "截止"))
"""What stands below 起止时间 in two columns."""
_COUNT = re.compile(r"\d{1,2}(?:\.\d)?(?:个?月)?", re.ASCII)
"""A number of months; a date has a year."""
_OF_A_YEAR = re.compile("((?:19|20)[0-9]{2})年|(去年|上年|上一年|原(?=务工|就业|工作|用工))")
"""The year a column is about: 2022年务工情况, 去年, 原务工单位."""
_CURRENT = 9999
"""Stands for the year of a column that names none."""
_MonthColumn = tuple[Heading, int | None, int]
"""A heading, its year (None if not stated) and its month."""
_BELOW_MONTHS = ("post_pay.amount", "attendance.days")
"""Columns that may be below each of several months; the first of them that exists is read."""


@lru_cache(maxsize=256)  # each import makes a survey's roster again
def words_of(roster: Roster) -> Mapping[str, str]:
    """Headings of one kind of roster in `plain` form → targets; the looser forms (`alike`) come last."""
    found: dict[str, str] = {}
    for target, names in chain(roster.columns.items(), _fields_of(roster), common_columns().items()):
        for word in names:
            found.setdefault(plain(word), target)
    for word, target in [(word, target) for word, target in found.items() if target.endswith(".range")]:
        for end, field in zip(_ENDS, _ends_of(target, roster), strict=False):
            for part in end:
                found.setdefault(word + part, field)
    for word, target in list(found.items()):
        if not (target in _PARTS_OF_A_PLACE and "(" in word):  # without (省) the heading means the whole place
            found.setdefault(alike(word), target)
    return found


def _ends_of(target: str, roster: Roster) -> tuple[str, ...]:
    """The targets of the start and the end of a column that may hold both: 聘用期限 above 起 and 止."""
    about = target.removesuffix(".range")
    kind, names = ("employment", CONTRACT if about == "contract" else SPAN) if about in ("work", "contract") else (about, SPAN)
    return tuple(f"{kind}.{name}" for name in names) if kind in roster.kinds else ()


def _fields_of(roster: Roster) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The fields of a roster's kinds with their names; of people that it does not make, only what identifies them or it may tell."""
    generic = roster.name.startswith("@")
    of_people = PERSON_KEYS if generic else (*PERSON_KEYS, *PERSON_PARTICULARS)
    for kind in map(kind_of, roster.kinds):
        for f in kind.fields if generic else (f for f in kind.fields if f.type not in (Type.ID, Type.IDS)):
            target = f"{kind.name}.{f.name}"
            if kind.name != "person" or "person" in roster.makes or target in of_people:
                yield target, (f.label, *f.aliases)


@lru_cache(maxsize=256)
def _rank_of(roster: Roster) -> Mapping[str, int]:
    """The place of each of the `words_of` a roster."""
    return {word: place for place, word in enumerate(words_of(roster))}


def word_of(heading: Heading, words: Mapping[str, str]) -> str | None:
    """The word among `words` that a heading matches, or None."""
    return known_by(heading.words, words)


def _holds_several(target: str) -> bool:
    kind, _dot, name = target.partition(".")
    declared = KINDS[kind].by_name.get(name) if kind in KINDS else None
    return declared is not None and declared.type is Type.SET


def bind(found: FoundTable, roster: Roster) -> Binding:
    """Match a table's headings to one kind of roster."""
    binding = Binding(roster, headlines(found))
    failed = {column for row, column in found.sheet.uncomputed if found.start <= row < found.end}
    empty = cache(lambda index: index not in failed and all(is_empty(row[index]) for row in found.rows()))
    matcher = _Matcher(binding, found.sheet.unseen_columns, empty)
    for heading in _take_assigned(binding, found.headings):
        matcher.take(heading)
    _drop_earlier(binding)
    months = matcher.chosen_months()
    _read_durations(binding, found)
    _take_vague(binding, found)
    _date_months(binding, found, months)
    whose_columns(binding, found)
    _bind_total(binding)
    _name_posts_by_type(binding)
    _number_people(binding)
    _drop_yearly_pay(binding, found)
    _drop_pay_by_the_day(binding, found)
    _forms_as_jobs(binding, found)
    binding.title_values = read_title_values([*found.titles, found.sheet.name], roster, words_of(roster), binding.columns)
    return binding


class _Matcher:
    """Assigns the headings of a table to the targets of a roster."""

    def __init__(self, binding: Binding, unseen: Container[int], empty: Callable[[int], bool]) -> None:
        self.binding, self.unseen, self.empty = binding, unseen, empty
        self.kinds = binding.roster.kinds
        self.words = words_of(binding.roster)
        self.rank = _rank_of(binding.roster)
        self.ranks: dict[str, tuple[int, int, bool, bool, bool]] = {}
        """The rank of the column assigned to each target; lower is better."""
        self.months: list[_MonthColumn] = []
        self.below_months: list[tuple[int, int, _MonthColumn]] = []

    def take(self, heading: Heading) -> None:
        """Assign one heading: to a day, to a month, or to a target."""
        if heading.day and "attendance" in self.kinds:
            self.binding.days.append(heading)
            return
        if heading.on and "enrolment" in self.kinds:
            self.binding.signed.append(heading)
            return
        word = word_of(heading, self.words)
        target = self.words[word] if word else None
        if target in _BY_THE_MONTH and any(map(_PER_OTHER.search, (heading.text, *heading.words))):
            word = target = None
        if target and _POINTS.search(heading.text) and not target.endswith(".score"):
            word = target = None
        if target in (None, "wage.amount") and (month := self._month(heading)):  # 金额 below 1月
            self.months.append((heading, *month))
        elif word and target in _BELOW_MONTHS and (month := _month_above(heading)):
            self.below_months.append((_BELOW_MONTHS.index(target), self.rank[word], (heading, *month)))
        elif word and target:
            self._bind(heading, word, target)
        else:
            self.binding.unmatched.append(heading)

    def _month(self, heading: Heading) -> tuple[int | None, int] | None:
        if heading.day or heading.on or _MONTHLY.isdisjoint(self.kinds):
            return None
        return next(filter(None, map(month_of_heading, heading.words)), None)

    def _bind(self, heading: Heading, word: str, target: str) -> None:
        """Bind a heading to its target. Of two columns for one target, one with values wins; then that of the later year, the one whose
        name is listed first, the one without an addition such as 月收入(旧), the visible one. Numbered columns of a field that holds
        several words (致贫风险1 to 5) are read together."""
        columns = self.binding.columns
        has_addition = word not in heading.words and word in map(without_brackets, heading.words)
        by_form = not any(word in (one, without_brackets(one), loosely(one), alike(one)) for one in heading.words)
        year = -(_year_named(heading) or _CURRENT)
        ranked = (year, self.rank[word], has_addition, by_form, heading.index in self.unseen)
        if target in columns and _NUMBERED.search(heading.words[-1]) and _holds_several(target):
            self.binding.more.setdefault(target, []).append(heading)
            return
        before = columns.get(target)
        if before is not None and (
            target not in self.ranks or (self.empty(before.index), *self.ranks[target]) <= (self.empty(heading.index), *ranked)
        ):
            self.binding.unmatched.append(heading)
            return
        if before is not None:
            self.binding.unmatched.append(before)
        columns[target], self.ranks[target] = heading, ranked

    def chosen_months(self) -> list[_MonthColumn]:
        """The month columns; if there are only columns below months (应发, 实发, 出勤天数), one of each month: the amount paid, otherwise
        the days, by the name listed first."""
        first = min((named for *named, _column in self.below_months), default=None) if not self.months else None
        self.binding.unmatched += [column[0] for *named, column in self.below_months if named != first]
        if first is not None:
            self.binding.months_of = _BELOW_MONTHS[first[0]].partition(".")[0]
        self.months = self._paid_of_each_month()
        return self.months or [column for *named, column in self.below_months if named == first]

    def _paid_of_each_month(self) -> list[_MonthColumn]:
        """The month columns; if some are headed 应发 and others 实发, only those of what was paid."""
        due, paid = ([column for column in self.months if word in column[0].text] for word in ("应发", "实"))
        if not due:
            return self.months
        left = [column for column in self.months if column not in due] if paid else self.months
        self.binding.unmatched += [column[0] for column in self.months if column not in left]
        return left


def _year_named(heading: Heading) -> int | None:
    """The year that a heading, or the one above it, begins with; 1 for an earlier year without a number, None if there is none."""
    hit = _OF_A_YEAR.match(heading.words[0])
    return int(hit[1] or 1) if hit else None


def _drop_earlier(binding: Binding) -> None:
    """Unbind the columns of an earlier year if others are about a later one: last year's place is not the place of this year's job."""
    years = {target: year for target, heading in binding.columns.items() if (year := _year_named(heading))}
    for target, year in years.items():
        if year < max(years.values()):
            binding.unmatched.append(binding.columns.pop(target))


def _take_assigned(binding: Binding, headings: Sequence[Heading]) -> list[Heading]:
    """Bind the columns that were assigned by hand; returns the other headings."""
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


def _month_above(heading: Heading) -> tuple[int | None, int] | None:
    """The month above a heading that is not a month itself: 1月 above 实发补贴."""
    above = heading.words[0].removesuffix(heading.words[-1])
    return month_of_heading(above) if above else None


def _date_months(binding: Binding, found: FoundTable, months: Sequence[_MonthColumn]) -> None:
    """Set the months of the month columns; if the year is unknown, the columns stay unmatched."""
    year = year_of([*found.titles, found.sheet.name])
    if months and not binding.headlines.titled.months and year is None and (year := year_of([found.sheet.file])) is not None:
        binding.year_from_file = True
    if binding.check_title and months:
        binding.sums = _holds_amounts(found, [heading.index for heading, _year, _month in months])
    years = with_years([(said_year, month) for _heading, said_year, month in months], binding.headlines.titled, year)
    binding.months = [(heading, month) for (heading, _year, _month), month in zip(months, years, strict=False)]
    if len(binding.months) < len(months):
        binding.yearless = True
        binding.unmatched += [heading for heading, _year, _month in months]
        binding.months = []


def _bind_total(binding: Binding) -> None:
    """Amounts below several headings (草帽 and 草垫, each with 金额) are parts, of which only the total was paid. A single amount beside
    month columns (实发合计) is their total. Without them, the total of the parts of pay is what was paid, unless something is taken off
    besides."""
    amount = binding.columns.get("wage.amount")
    bare = amount is not None and word_of(amount, words_of(binding.roster)) == amount.words[-1]
    if amount is not None and bare and any(one.words[-1:] == amount.words[-1:] != one.words for one in binding.unmatched):
        binding.unmatched.append(binding.columns.pop("wage.amount"))
        if not binding.months and binding.has("total"):
            binding.columns["wage.amount"] = binding.columns.pop("total")
    parts = [heading.text for heading in binding.unmatched]
    summed = any(map(_PART_OF_PAY.search, parts)) and not any("扣" in part for part in parts)
    if summed and binding.roster.name == "wages" and not binding.months and not binding.has("wage.amount") and binding.has("total"):
        binding.columns["wage.amount"] = binding.columns.pop("total")
    if binding.months and not binding.has("total") and binding.has("wage.amount"):
        binding.columns["total"] = binding.columns.pop("wage.amount")


def _drop_yearly_pay(binding: Binding, found: FoundTable) -> None:
    """收入 or 工资 without 月 is not the monthly wage if an amount is too high for that: it is the pay of the year. Beside the number of
    months worked, 收入 is what they brought together."""
    heading = binding.columns.get("employment.monthly_wage")
    if heading is None or not binding.pay_bare:
        return
    unit = heading.text if "元" in heading.text else "".join(found.titles)
    times = 10_000 if "万元" in unit else 1000 if "千元" in unit else 1
    cells = (plain(row[heading.index]).strip("元¥￥").replace(",", "") for row in found.rows() if heading.index < len(row))
    together = "收入" in heading.text and "work.months" in binding.columns
    if together or any(times * float(cell) > _MOST_MONTHLY for cell in cells if re.fullmatch(r"\d{1,7}(?:\.\d+)?", cell, re.ASCII)):
        binding.unmatched.append(binding.columns.pop("employment.monthly_wage"))


def _drop_pay_by_the_day(binding: Binding, found: FoundTable) -> None:
    """日工资 beside 天数 is not what an odd job paid, unless each took one day."""
    heading = binding.columns.get("odd_job.pay")
    days = next((one.index for one in binding.unmatched if one.words[-1].endswith(("天数", "工日"))), None)
    if heading is None or days is None or "日" not in heading.text:
        return
    if any(plain(row[days]) not in ("", "1", "1天") for row in found.rows() if days < len(row)):
        binding.unmatched.append(binding.columns.pop("odd_job.pay"))


def _forms_as_jobs(binding: Binding, found: FoundTable) -> None:
    """就业形式 of a list of 灵活就业 whose cells are no ways of working (跑出租, 摆摊) is the job."""
    heading = binding.columns.get("employment.channel")
    if heading is None or binding.headlines.channel is None or "employment.job" in binding.columns:
        return
    if not _any_choice("employment.channel", (row[heading.index] for row in found.rows() if heading.index < len(row))):
        binding.columns["employment.job"] = binding.columns.pop("employment.channel")


def _name_posts_by_type(binding: Binding) -> None:
    """In a list of post holders that gives only 岗位类别, that is the name of the post."""
    if binding.roster.name.startswith("posts") and "post.name" not in binding.columns and "post.type" in binding.columns:
        binding.columns["post.name"] = binding.columns.pop("post.type")


def _number_people(binding: Binding) -> None:
    """证号 is the number of a certificate only beside that of the person."""
    heading = binding.columns.get("enrolment.certificate")
    if heading is not None and heading.words[-1] == "证号" and PERSON_KEYS[1] not in binding.columns:
        binding.columns[PERSON_KEYS[1]] = binding.columns.pop("enrolment.certificate")


def _read_durations(binding: Binding, found: FoundTable) -> None:
    """If all cells of 务工时间 are like 9 or 9个月, the column holds a duration, not a start and end."""
    span = binding.columns.get("work.range")
    cells = [plain(row[span.index]) for row in found.rows()] if span is not None else []
    if span is not None and any(cells) and all(map(_COUNT.fullmatch, filter(None, cells))):
        binding.columns.setdefault("work.months", binding.columns.pop("work.range"))


def _take_vague(binding: Binding, found: FoundTable) -> None:
    """Bind columns with vague headings by their cells."""
    for heading in list(binding.unmatched):
        target = _by_cells(binding.roster, heading, (row[heading.index] for row in found.rows()))
        if target is not None and target not in binding.columns:
            binding.columns[target] = heading
            binding.unmatched.remove(heading)


def _holds_amounts(found: FoundTable, columns: Sequence[int]) -> bool:
    """Whether most cells of these columns are numbers. They are then pay, although the title mentions work (车间2023年务工情况)."""
    cells = [plain(row[index]) for row in found.rows()[:SEARCHED_ROWS] for index in columns if index < len(row)]
    filled = [cell for cell in cells if cell]
    return 2 * sum(1 for cell in filled if _SUM.fullmatch(cell)) > len(filled)


def _by_cells(roster: Roster, heading: Heading, cells: Iterable[Any]) -> str | None:
    """The target of a column that no name tells; None if a cell says something else, or all are empty or 其他."""
    for target, f in _fields_by_word().get(loosely(heading.words[-1]), ()):
        if target.partition(".")[0] in roster.makes and _all_choices(f, cells):
            return target
    return None


@cache
def _fields_by_word() -> Mapping[str, Sequence[tuple[str, Field]]]:
    """The vague headings in `plain` form → the targets that each may have, with their fields."""
    found: dict[str, list[tuple[str, Field]]] = {}
    for target, words in vague_columns().items():
        f = field_of(target)
        for word in dict.fromkeys(map(plain, words)):
            if f is not None:
                found.setdefault(word, []).append((target, f))
    return found


def _all_choices(f: Field, cells: Iterable[Any]) -> bool:
    filled, read = {cell for cell in cells if not is_empty(cell)}, reader(f, home="")
    try:
        said = {read(cell, []) for cell in filled}
        return bool(said - {"other"}) and None not in said
    except FieldError:
        return False


def _any_choice(target: str, cells: Iterable[Any]) -> bool:
    """Whether a cell is a choice of the field."""
    f = field_of(target)
    return f is not None and any(_all_choices(f, [cell]) for cell in {cell for cell in cells if not is_empty(cell)})
