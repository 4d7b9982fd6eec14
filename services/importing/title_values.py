"""Values that the lines above a table give for all its rows: 课时：120, 出发日期：2023年2月16日, the quarter of an assessment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.identity import half_width
from domain.values import Type
from domain.words import _
from services.importing.carrier_names import carrier_of
from services.importing.heading_words import plain
from services.importing.rosters import Roster, field_of

_PAIR = re.compile(r"([一-龥()]{2,10}):\s*(.+?)(?=[\s,;、。]+[一-龥()]{2,10}:|[;。]|$)")
_OF_ROSTER = {
    "work": ("employment.", "labour_trip."),
    "posts": ("insurance.", "agreement."),
    "posts_titled": ("insurance.", "agreement."),
    "training": (
        "course.start",
        "course.end",
        "course.hours",
        "course.level",
        "course.type",
        "course.place",
        "course.seats",
        "course.free",
    ),
}
"""Roster name → beginnings of the targets that a line above may give. A plain list may have any field of its kind."""
_ABOUT_OTHERS = frozenset({"person", "household", "category_span", "employer", "attachment"})
"""Kinds of whose lists the lines above never give a field: 联系电话 there is that of the office."""
_RANGES = frozenset({"insurance.range", "agreement.range"})
"""Starts and ends in one value that a line above may give."""
_SHORT = frozenset({"课时", "学时"})
"""Labels of two characters that are clear; 单位, 日期 and 电话 are usually about the list."""
_ASSESSED = re.compile(r"((?:19|20)\d\d年(?:度?第?[一二三四1-4]季度|度?[上下]半年|度?\d{1,2}月份?|度)?)(?=.{0,20}考[核评])")
_ASSESSED_LATER = re.compile(r"考[核评].{0,6}[(（]((?:19|20)\d\d年(?:度?第?[一二三四1-4]季度|度?[上下]半年|度?\d{1,2}月份?|度))[)）]")
_PROJECT = re.compile(r"([一-龥\d]{2,40}以工代赈(?:示范)?(?:工程)?项目)")
_ORGANISED = re.compile("点对点(?=.{0,6}(?:输送|输出|返岗|务工|就业|专车))|有组织(?=.{0,4}(?:劳务)?(?:输出|输送|外出))")
_NOT_ORGANISED = re.compile("非有组织|[未没不](?:参加|乘坐|坐|通过|经过?)|拟|计划|意[向愿]|需求|报名|摸底|自发|自主|自行|零散|分散")
"""Words of a title about people who did not go together, or not yet, or not all of them."""
_AGENCY = re.compile("介绍|推荐|人力资源|劳务|职介")
_YEAR_BEFORE = re.compile(r"^(?:附[件表]\d*)?(?:(?:19|20)?\d\d年(?:度|\d{1,2}月份?)?)?")


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
    for label, text in _pairs(titles):
        target = words.get(plain(label)) if len(label) > 2 or label in _SHORT else None
        if target is not None and target not in taken and _allowed(target, roster):
            found.setdefault(target, TitleValue(label, text))
    for target, title in _titled(titles, roster):
        if target not in taken:
            found.setdefault(target, title)
    return found


def _pairs(titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    for title in titles:
        for hit in _PAIR.finditer(half_width(title)):
            yield hit[1], hit[2].strip()


def _allowed(target: str, roster: Roster) -> bool:
    f = field_of(target)
    if target in _RANGES:
        return roster.name.startswith("posts") or roster.makes[0] == target.partition(".")[0]
    if f is None or f.type in (Type.SECRET, Type.JSON, Type.IDS) or f.name == "note":
        return False
    if roster.name.startswith("@"):
        kind = roster.makes[0]
        return kind not in _ABOUT_OTHERS and target.startswith(f"{kind}.")
    return f.type is not Type.ID and target.startswith(_OF_ROSTER.get(roster.name, ("-",)))


def _titled(titles: Sequence[str], roster: Roster) -> Iterator[tuple[str, TitleValue]]:
    """Values that the title itself gives a plain list."""
    for title in map(half_width, titles):
        compact = re.sub(r"\s+", "", title)
        if roster.name == "@assessment" and (hit := _ASSESSED.search(compact) or _ASSESSED_LATER.search(compact)):
            yield "assessment.period", TitleValue("", hit[1])
        if roster.name == "@relief_work" and (hit := _PROJECT.search(compact)):
            yield "relief_work.project_id", TitleValue("", _YEAR_BEFORE.sub("", hit[1]))
        if roster.name == "work" and (hit := _ORGANISED.search(compact)) and not _NOT_ORGANISED.search(compact):
            yield "employment.organised", TitleValue(_("有组织输出"), "是")
            if "点对点" in hit[0]:
                yield "employment.point_to_point", TitleValue(_("点对点输送"), "是")
        if roster.name == "@placement" and _AGENCY.search(compact) and (carrier := carrier_of([title])):
            yield "placement.agency_id", TitleValue("", carrier)
        if roster.name == "@work_training" and "以工代训" in "".join(titles) and (carrier := carrier_of([title])):
            yield "work_training.employer_id", TitleValue("", carrier)
