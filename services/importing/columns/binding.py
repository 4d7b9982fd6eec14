"""The result of matching a table to a kind of roster (`columns.bind`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.importing.columns.headlines import Headlines, TitleValue
from services.importing.tables.heading_words import loosely
from services.importing.tables.headings import Heading
from services.importing.tables.rosters import Roster

_BARE_PAY = re.compile("(?:务工|打工|劳务|工资|就业)?(?:收入|工资)")
_OF_COURSES = re.compile("培训|参训|学员|开班|结业|开课|结课")
_OF_RETURN = re.compile("返|回|离|辞|退[场厂]|务工|就业|工作|用工")
_WHERE = re.compile("去向|(?:务工|就业|工作|打工|用工|输出|输送)(?:所在)?(?:地|省|市|县|城市)|在哪|哪里|哪儿")


@dataclass
class Binding:
    """The result of matching a table to a roster: target → heading, the month columns, the unmatched headings, and what the lines above say
    (`headlines`)."""

    roster: Roster
    headlines: Headlines
    columns: dict[str, Heading] = field(default_factory=dict)
    months: list[tuple[Heading, str]] = field(default_factory=list)
    """The month columns in order, each with its month (`2022-10`)."""
    days: list[Heading] = field(default_factory=list)
    """The columns for the days of a month (attendance)."""
    signed: list[Heading] = field(default_factory=list)
    """The columns for the days of a course (signed attendance)."""
    sums: bool = False
    """Whether most cells of the month columns are amounts of money."""
    year_from_file: bool = False
    """Whether the year of the month columns is only in the file's name."""
    months_of: str = ""
    """The kind of the month columns' values, if their own headings tell it (1月 above 实发补贴)."""
    more: dict[str, list[Heading]] = field(default_factory=dict)
    """Further columns of a field that holds several words (致贫风险1 to 5)."""
    unmatched: list[Heading] = field(default_factory=list)
    title_values: Mapping[str, TitleValue] = field(default_factory=dict)
    """Values that the lines above give for all rows, for targets without a column."""
    yearless: bool = False
    """Whether there are month columns whose year is unknown."""

    @property
    def check_title(self) -> bool:
        """Whether the title is about a month's check and the month columns hold no amounts: 车间2023年务工情况 may be about pay."""
        return self.headlines.tell("check_title") and not self.sums

    @property
    def trained(self) -> bool:
        """Whether a heading of a course or enrolment mentions training: 工种 and 开始时间 alone may be about work."""
        return any(
            _OF_COURSES.search(heading.text) for target, heading in self.columns.items() if target.startswith(("course.", "enrolment."))
        )

    @property
    def returned(self) -> bool:
        """Whether the end is that of work: 返乡时间, or 结束时间 below a title about work; 到期日期 of a loan is not,
        nor the end of an insurance."""
        heading = self.columns.get("employment.end")
        if heading is None or "到期" in heading.text:
            return False
        return self.headlines.tell("work_title") or _OF_RETURN.search(heading.text) is not None

    @property
    def pay_bare(self) -> bool:
        """Whether the column of the monthly wage is headed only 收入 or 工资, which may also be of a year."""
        heading = self.columns.get("employment.monthly_wage")
        return heading is not None and _BARE_PAY.fullmatch(loosely(heading.words[-1])) is not None and "月" not in heading.text

    @property
    def post_paid(self) -> bool:
        """Whether the column of the amount is headed as the pay of public-welfare posts: 公益岗补贴 beside 低保金, but not in a list of
        what a household has in a year."""
        heading = self.columns.get("post_pay.amount")
        if heading is None or "公益" not in heading.text or self.headlines.tell("income_title"):
            return False
        return not any("收入" in one.text for one in (*self.columns.values(), *self.unmatched))

    @property
    def place_unread(self) -> bool:
        """Whether a heading that is not matched says where people work: 去向."""
        return any(_WHERE.search(heading.text) for heading in self.unmatched)

    @property
    def span(self) -> str | None:
        """The target of the column that holds a start and an end together."""
        return next((target for target in (*self.columns, *self.title_values) if target.endswith(".range")), None)

    def has(self, target: str) -> bool:
        """Whether the column `target` exists; with `@` in front, whether that property of the binding or its headlines is true; with `!`,
        whether it does not exist."""
        if target.startswith("!"):
            return not self.has(target[1:])
        if target.startswith("@"):
            return bool(getattr(self, target[1:])) if hasattr(self, target[1:]) else self.headlines.tell(target[1:])
        return target in self.columns or target in self.title_values

    def complete(self) -> bool:
        """Whether at least one column of each required group exists."""
        return all(any(map(self.has, group)) for group in self.roster.needs)
