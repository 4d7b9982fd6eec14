"""Reads the lines above a table, the sheet's name and the file's name: the subject, the carrier, the months, and values for all rows
(课时：120, 出发日期：2023年2月16日)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from domain.identity import half_width
from domain.values import Type
from domain.words import _
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import month_of_heading
from services.importing.tables.rosters import Roster, field_of
from services.importing.tables.title_months import TitleMonths, read_months, year_of
from services.importing.tables.titles import CARRIER, TitleRule, channel_of, given_above, is_about, subjects, subjects_of, title_rules

_CARRIER = re.compile(
    r"([一-龥a-zA-Z()]{1,40}(?:帮扶车间|扶贫车间|车间|社区工厂|卫星工厂|工坊|合作社|公司|基地|工厂|[一-龥]{2}厂(?![房长区址商内])|家庭农场)(?!:))"
)
_CARRIER_LEAD = re.compile(r"(?:(?<=\d)(?:年度?|月份?|日|期)|附件|附表|关于|年度|第|[)(])*")
"""What precedes a carrier's name; 日 only after a digit, since 日升村 is a village."""
_BARE = re.compile("(?:就业|帮扶|扶贫|乡村|农村|专业|企业)*(?:车间|工坊|合作社|公司|基地|工厂)")
"""A name that gives only the sort of carrier; another line may have the full name."""
_EMPLOYS = re.compile("用工(?:单位|企业|主体)(?:名称)?[:：]")
_AIDED = re.compile("(?:就业|帮扶|扶贫)+(?=车间|工坊)")


def carrier_of(titles: Sequence[str]) -> str:
    """The workshop, factory, cooperative or company that the titles name, first one said to be the employer; empty if they name none."""
    lines = sorted(map(plain_title, titles), key=lambda line: _EMPLOYS.search(line) is None)
    names = [name for title in lines if (name := _named(title))]
    return next((name for name in names if not is_bare(name)), next(iter(names), ""))


def _named(title: str) -> str:
    hit = _CARRIER.search(title)
    lead = _CARRIER_LEAD.match(title, hit.start()) if hit else None
    return title[lead.end() : hit.end()].strip("()") if hit and lead else ""


def is_bare(name: str) -> bool:
    """Whether a carrier's name gives only its sort: 帮扶车间."""
    return _BARE.fullmatch(name) is not None


def core(name: str) -> str:
    """A carrier's name as offices shorten it: 解放村车间 for 解放村就业帮扶车间."""
    return _AIDED.sub("", name)


def plain_title(title: str) -> str:
    """A title normalised for searching: half-width brackets, and one space for each run of white space."""
    return re.sub(r"\s+", " ", title.replace("（", "(").replace("）", ")")).strip()


_PAIR = re.compile(r"([一-龥()]{2,10}):\s*(.+?)(?=[\s,;、。]+[一-龥()]{2,10}:|[;。]|$)")
_UNSEPARATED = re.compile(r"(?<=[(\s])([一-龥]{2,6}(?:期间|时间|日期|期限))((?:19|20)\d\d[^()，。；;\s]+)", re.ASCII)
"""保险期间2025年1月1日至2025年12月31日, without a colon."""
_ABOUT_OTHERS = frozenset({"person", "household", "category_span", "employer", "attachment"})
"""Kinds of whose lists the lines above never give a field: 联系电话 there is that of the office."""
_RANGES = frozenset({"insurance.range", "agreement.range"})
"""Starts and ends in one value that a line above may give."""
_SHORT = frozenset({"课时", "学时"})
"""Labels of two characters that are clear; 单位, 日期 and 电话 are usually about the list."""


class TitleValue(NamedTuple):
    """A value for all rows: its label as written, and its text."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}：{self.text}" if self.label else self.text


def read_title_values(
    titles: Sequence[str], roster: Roster, words: Mapping[str, str], taken: Mapping[str, object]
) -> dict[str, TitleValue]:
    """Target → value from the lines above, for the targets without a column; `words` are the roster's headings by `plain` form."""
    found: dict[str, TitleValue] = {}
    for label, text in _pairs(tuple(titles)):
        target = words.get(plain(label)) if len(label) > 2 or label in _SHORT else None
        if target is not None and target not in taken and _allowed(target, roster):
            found.setdefault(target, TitleValue(label, text))
    for target, title in _titled(titles, roster):
        if target not in taken:
            found.setdefault(target, title)
    return found


@lru_cache(maxsize=64)  # as `_read`
def _pairs(titles: tuple[str, ...]) -> Sequence[tuple[str, str]]:
    return list(_labelled(titles))


def _labelled(titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    for title in titles:
        for hit in _PAIR.finditer(half_width(title)):
            label, text = hit[1], hit[2].strip()
            text = text.removesuffix(")") if text.count(")") > text.count("(") else text  # 报名登记表(报名时间:2025年3月5日)
            yield label.rpartition("(")[2] if label.count("(") > label.count(")") else label, text
        for hit in _UNSEPARATED.finditer(half_width(title)):
            yield hit[1], hit[2]


def _allowed(target: str, roster: Roster) -> bool:
    f = field_of(target)
    if target in _RANGES:
        return roster.name.startswith("posts") or roster.makes[0] == target.partition(".")[0]
    if f is None or f.type in (Type.SECRET, Type.JSON, Type.IDS) or f.name == "note":
        return False
    if roster.name.startswith("@"):
        kind = roster.makes[0]
        return kind not in _ABOUT_OTHERS and target.startswith(f"{kind}.")
    return f.type is not Type.ID and target.startswith(given_above().get(roster.name, ("-",)))


def _titled(titles: Sequence[str], roster: Roster) -> Iterator[tuple[str, TitleValue]]:
    """Values that the title itself gives the rows of a roster."""
    for title in map(half_width, titles):
        found: dict[str, set[str]] = {}
        compact = re.sub(r"\s+", "", title)
        for rule in title_rules():
            if rule.concerns(roster.name, compact, titles):
                found.setdefault(rule.target, set()).update(_told(rule, title, compact))
        for target, texts in found.items():
            if len(texts) == 1:
                yield target, TitleValue(_answered(target), texts.pop())


def _told(rule: TitleRule, title: str, compact: str) -> Collection[str]:
    """The values that a rule finds in a title, also given without white space."""
    if rule.choices:
        return choices_in(rule.target, compact)
    if rule.text == CARRIER:
        return list(filter(None, [carrier_of([title])]))
    return [rule.text] if rule.text else next(filter(None, (words.findall(compact) for words in rule.words)), [])


def choices_in(target: str, title: str) -> set[str]:
    """The choices of a field that a text names, by their labels."""
    f = field_of(target)
    labels = (f.choices if f else None) or {}
    words = (*labels.values(), *(word for word in (f.synonyms if f else None) or {} if len(word) > 2))
    return {labels[f.code_of(word)] for word in words if f is not None and word in title}


def _answered(target: str) -> str:
    """The label to show with a value that would say nothing alone: 是."""
    f = field_of(target)
    return _(f.label) if f is not None and f.type is Type.BOOL else ""


def services_given(title: str) -> bool:
    """Whether a title is about services that were given, rather than wished for or planned."""
    return not is_about("planned_services", title)


_TERM = re.compile("20\\d\\d年?度?[春秋](?:季学?期?|学期)|20\\d\\d[-—~至]20\\d\\d学?年度?第?[一二12上下]学期")


@dataclass(frozen=True)
class Headlines:
    """What the lines above a table and the names say. Rosters refer to these properties by name (`@post_title`)."""

    carrier: str
    """The workshop or other carrier named; "" if there is none."""
    titled: TitleMonths
    month_from_file: bool
    """Whether the month is only in the file's name."""
    carrier_from_file: bool
    """Whether the carrier is only in the file's name, because there are no lines above the table."""
    subjects: frozenset[str]
    """What they are about (`resources/rosters/titles.toml`)."""
    term_title: str
    """The school term that they name; "" if there is none."""
    channel: str | None
    """The way of working that the title is about (灵活就业人员登记表), if it is about one other than going away."""

    def tell(self, name: str) -> bool:
        """Whether they are about a subject, or have a property of this name that holds."""
        return name in self.subjects if name in subjects() else bool(getattr(self, name))

    @property
    def at_home(self) -> bool:
        """Whether they are about a way of working for which nobody goes away."""
        return self.channel in ("flexible", "odd_job", "self_employed")

    @property
    def several_months(self) -> bool:
        """Whether they name a period of several months."""
        return self.titled.several

    @property
    def month_title(self) -> bool:
        """Whether they name the month or months of each row, rather than a period of several months."""
        return bool(self.titled.months) and not self.titled.several


def headlines(found: FoundTable) -> Headlines:
    """The headlines of a table."""
    return _read(tuple(found.titles), found.sheet.name, found.sheet.file)


@lru_cache(maxsize=64)  # a table is compared with some forty rosters
def _read(titles: tuple[str, ...], sheet: str, file: str) -> Headlines:
    lines = [*titles, sheet]
    titled = _months(lines, sheet, file)
    of_file = TitleMonths() if titled else read_months([file])
    return Headlines(
        carrier=carrier_of(titles or [file]),
        titled=of_file or titled,
        month_from_file=bool(of_file),
        carrier_from_file=not titles,
        subjects=subjects_of(titles, sheet, file),
        term_title=next((hit[0] for hit in map(_TERM.search, lines) if hit), ""),
        channel=channel_of(titles[:1] or lines),
    )


def _months(lines: Sequence[str], sheet: str, file: str) -> TitleMonths:
    """The months that the titles name, otherwise the month that is the sheet's name (3月)."""
    titled = read_months(lines)
    if not titled and (month := month_of_heading(plain(sheet))) and (year := month[0] or year_of([*lines, file])):
        return TitleMonths((f"{year}-{month[1]:02d}",))
    return titled
