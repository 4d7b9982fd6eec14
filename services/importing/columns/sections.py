"""Lines between the rows of a table that divide it into sections: 一、保洁员（3人）, 大连某食品有限公司, 解放村. What they name becomes a
column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.fields import declaration
from domain.records import Post
from domain.words import _
from services.importing.columns.headlines import carrier_of
from services.importing.columns.repeated import Recognise
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import blank
from services.importing.tables.titles import is_about
from services.importing.values.cells import text_of

_ORDINAL = re.compile(r"^[(（]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）]?(?:(?<=[)）])|[、.．:： ]+)")
_COUNT = re.compile(r"\s*(?:[(（][^()（）]*[)）]|[:：]|共?\d+[人名户])+\s*$")
_EMPLOYER = re.compile("[一-龥a-zA-Z()（）·]{2,40}(?:公司|集团|工厂|[一-龥]厂|车间|工坊|合作社|农场|饭店|酒店|超市|项目部)")
_UNIT = "用工单位"
_VILLAGE = re.compile("[一-龥]{2,8}(?:村|社区|村(?:民)?委会|村村民委员会)")
"""Not 东村 or 后村, which are parts of a village."""
_GROUP = re.compile("(?:第?[一二三四五六七八九十\\d]{1,3}(?:村民)?(?:小组|组)|[一-龥]{1,6}屯)")
FOOTER = re.compile(
    r"[(（]?(?:本页)?(?:平均|特此|见证人|村民代表|合计|小计|总计|共计|累计|总[数笔]|总人数|总金额|制表|填表|审核|审批|复核|负责人|经办|经手|领导|备注|说明|填报|签字|日期|盖章)|第\d+页|共\d+人|其中|承前页|过次页|转下页|接上页|接下页|以上|以下空白"
)
"""Beginnings of rows that are no data."""
_SIGNED = re.compile(
    r"[一-龥]{0,6}(?:负责人|填表人|制表人|审核人|经办人|领导|签字|签名|盖章)\s*[:：(（]"
    r"|[一-龥]{1,6}意见$|[一-龥]{2,8}\s*[:：]\s*$|注\s*[:：]|[一-龥]{2,12}\s*[(（](?:盖章|公章|签章|签字|签名)[)）]"
)


def is_foot(text: str) -> bool:
    """Whether a row that begins with this text is a total, a signature or a remark about the list."""
    return FOOTER.match(plain(text)) is not None or _SIGNED.match(text) is not None


def sections_as_column(found: FoundTable, recognised: Recognise) -> FoundTable:
    """The table with what its sections name as a column of every row; unchanged unless all sections name the same sort of thing, and the
    table is read with that column."""
    rows = found.rows()
    named = {i: text for i, row in enumerate(rows) if (text := _named(row))}
    heading = _heading(named.values()) if named and not _merged_down(found) else None
    if heading is None or (heading == _UNIT and any(carrier_of([line]) and not is_about("agency", line) for line in found.titles)):
        return found  # 缝纫车间 below the name of a company is a part of it
    rows_of, current = list[tuple[int, list[Any], list[str]]](), ""
    for i, row in enumerate(rows):
        current = named.get(i, current)
        if i not in named:
            rows_of.append((i, row, ["" if all(map(blank, row)) else current]))
    note = _("分段写的（{sections}）按一列「{label}」读入").format(sections=_("、").join(dict.fromkeys(named.values()))[:60], label=heading)
    split = found.with_columns([(heading, heading)], rows_of, note)
    binding = recognised(split)
    return split if binding is not None and split.headings[-1] in binding.columns.values() else found


def _named(row: Sequence[Any]) -> str:
    """What a row with a single cell names, without its ordinal and number of people; "" for other rows, totals and signatures."""
    if len(row) - row.count("") - row.count(None) != 1:
        return ""
    cell = next(cell for cell in row if not blank(cell))
    return _COUNT.sub("", _ORDINAL.sub("", text_of(cell))) if isinstance(cell, str) and not is_foot(text_of(cell)) else ""


def _heading(names: Iterable[str]) -> str | None:
    """The heading of a column of these names; None if they are not all of one sort."""
    sort = declaration(Post.type)
    posts = {*(sort.choices or {}).values(), *(sort.synonyms or {})}
    sorts: Sequence[tuple[str, Callable[[str], object]]] = (
        ("岗位名称", lambda name: not posts.isdisjoint((name, name.removesuffix("员")))),
        (_UNIT, _EMPLOYER.fullmatch),
        ("村民小组", _GROUP.fullmatch),
        ("行政村", _VILLAGE.fullmatch),
    )
    named = set(names)
    return next((word for word, fits in sorts if all(map(fits, named))), None)


def _merged_down(found: FoundTable) -> bool:
    """Whether a cell of the table is merged over several rows."""
    return any(found.start <= top[0] < min(bottom[0], found.end) for top, bottom in found.sheet.merged)
