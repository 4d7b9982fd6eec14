"""Tables with a row for each village and figures in the columns, filled in from the monthly report and the statistics (`month_figures`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from openpyxl.worksheet.worksheet import Worksheet

from db.session import Session
from domain.errors import FieldError, InputUnusable
from domain.money import yuan_text
from domain.periods import last_day
from domain.words import _
from services.filling import book
from services.filling.filling import AskedColumn, FilledTable, Filling, Remark
from services.importing.rows.home import Home
from services.importing.rows.lines import shown
from services.importing.tables.heading_words import plain
from services.importing.tables.title_months import read_months, year_of
from services.office_files.reading import Sheet
from services.reports.month_figures import FIGURES, counted

_HEADING_ROWS: Final = 30
_FEWEST: Final = 2
"""A row with a heading for the village and at least this many known figures is a row of headings."""
_VILLAGE: Final = re.compile(r"(?:所在|行政)?村(?:名|名称|别|屯|委会)?|单位(?:名称)?|填报单位")
_TOTAL: Final = re.compile(r"[合总]计|全[村乡镇]|汇总")
_AFFIX: Final = re.compile(r"^其中[:：、]?|\((?:人|个|人次|次|元|笔)\)|(?:总?人数|总数|数|人口数?)$")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("登记", "登记人口"), ("people",)),
    **dict.fromkeys(("脱贫", "脱贫人口"), ("lifted",)),
    **dict.fromkeys(("监测", "监测对象", "监测人口"), ("watched",)),
    **dict.fromkeys(("低收入", "低收入人口"), ("low_income",)),
    **dict.fromkeys(("劳动力", "劳力"), ("labour",)),
    **dict.fromkeys(("务工", "已务工", "就业", "已就业", "务工就业"), ("working",)),
    **dict.fromkeys(("外出务工", "外出", "县外", "县外务工", "县外就业"), ("outside", "province", "city")),
    **dict.fromkeys(("省外", "省外务工", "省外就业", "跨省务工"), ("outside",)),
    **dict.fromkeys(("省内县外", "县外省内", "省内县外务工", "县外省内务工"), ("province", "city")),
    **dict.fromkeys(("市外省内", "省内市外"), ("province",)),
    **dict.fromkeys(("县外市内", "市内县外"), ("city",)),
    **dict.fromkeys(("县内", "县内务工", "县内就业"), ("county",)),
    **dict.fromkeys(("公益岗", "公益性岗位", "公益岗位", "公益岗就业", "公益性岗位就业"), ("post",)),
    **dict.fromkeys(("车间", "车间就业", "车间务工", "帮扶车间", "帮扶车间就业", "就业帮扶车间"), ("workshop",)),
    **dict.fromkeys(("本月新增", "本月新增务工"), ("started",)),
    **dict.fromkeys(("本月返乡", "返乡"), ("returned",)),
    **dict.fromkeys(("有意愿未就业", "有就业意愿未就业"), ("wishing",)),
    **dict.fromkeys(("培训人次", "参加培训人次", "培训"), ("trained",)),
}
"""Headings, without 其中, 人数 and units → the figures to add up. People are counted once, at their farthest place of work."""
_ONLY_SOME: Final = re.compile("脱贫|监测|低保|特困|边缘|突发|残疾|[男女]|一般")
"""Words in a group heading by which the columns below count only some of the people."""


def fill(made: Filling, session: Session, sheet: Sheet, page: Worksheet, asked_month: str = "") -> bool:
    """Fill in a table of figures by village; returns whether the sheet has one. Raises `FieldError` and `DomainError` for a month that is
    invalid or has not begun."""
    found = _headings(sheet)
    if found is None:
        return False
    at, place, columns = found
    titles = [str(cell) for row in sheet.rows[:at] for cell in row if isinstance(cell, str)]
    month = asked_month or _month([*titles, sheet.name, sheet.file], session.today)
    figures = counted(session, month)
    asked = {m: AskedColumn(sheet.name, str(sheet.rows[at][m]).strip(), _called(names)) for m, names in columns.items()}
    table = FilledTable(sheet.name, [str(sheet.rows[at][place]).strip(), *(one.heading for one in asked.values())])
    home = Home(session, None)
    own = home.from_titles(titles)
    areas, unknown = _areas(made, home, sheet, at, place)
    for n, villages in areas.items():
        villages = villages or ([own] if own else list(figures.villages))
        total = any(_TOTAL.fullmatch(plain(cell)) for cell in sheet.rows[n][: place + 1] if cell not in (None, ""))
        within = [figures.villages.get(village, {}) for village in villages]
        texts, new = [shown(None, sheet.rows[n][place])], set[int]()
        for m, names in columns.items():
            cell = book.blank(page, n + 1, m + 1)
            if cell is None:
                asked[m].there += 1
            elif not names or (total and unknown):
                asked[m].missing += 1
            else:
                made.put(cell, _number(within, names), None)
                asked[m].filled += 1
                new.add(len(texts))
            texts.append(shown(None, page.cell(n + 1, m + 1).value))
        table.rows.append((n + 1, texts, new))
    made.columns += asked.values()
    made.tables.append(table)
    made.notes += [
        _("数是 {month} 的，算到 {day}，和「务工监测月报」「统计」同一种数法；每个数是哪些人，到报表页打开这个月的月报或统计看").format(
            month=month, day=figures.day
        ),
        _("劳动力、务工、公益岗、车间数的是台账里登记的所有人，不只是脱贫户和监测户；表上只要其中一类人的，请核对"),
    ]
    return True


def _headings(sheet: Sheet) -> tuple[int, int, dict[int, tuple[str, ...]]] | None:
    """The row of headings, the column of the village, and the figures of each other column (() if there is none)."""
    for at, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        place = next((m for m, cell in enumerate(row) if cell is not None and _VILLAGE.fullmatch(plain(cell))), None)
        if place is None:
            continue
        columns = {m: _names(sheet, at, m) for m, cell in enumerate(row) if m > place and cell not in (None, "")}
        twice = {names for names, count in Counter(columns.values()).items() if count > 1}
        columns = {m: () if names in twice else names for m, names in columns.items()}
        if sum(map(bool, columns.values())) >= _FEWEST:
            return at, place, columns
    return None


def _names(sheet: Sheet, at: int, m: int) -> tuple[str, ...]:
    word = before = plain(sheet.rows[at][m])
    while word not in _WORDS and (word := _AFFIX.sub("", before, count=1)) != before:
        before = word
    above = [str(sheet.rows[top][left]) for (top, left), (_bottom, right) in sheet.merged if top < at and left <= m <= right]
    narrow = [text for text in above if _ONLY_SOME.search(text)]
    titles = {str(cell) for top in sheet.rows[:at] if sum(one not in (None, "") for one in top) == 1 for cell in top}
    return () if any(text not in titles for text in narrow) else _WORDS.get(word, ())


def _areas(made: Filling, home: Home, sheet: Sheet, at: int, place: int) -> tuple[dict[int, list[str] | None], bool]:
    """The villages of each row, None for the sum of the station; whether a row is not one of the station's villages."""
    areas, totals, unknown = dict[int, list[str] | None](), list[int](), False
    for n, row in enumerate(sheet.rows[at + 1 :], at + 1):
        said = str(row[place] or "").strip() if place < len(row) else ""
        if any(_TOTAL.fullmatch(plain(cell)) for cell in row[: place + 1] if cell not in (None, "")):
            totals.append(n)
        elif said and not said.endswith(("：", ":")):
            try:
                village = home.village_of("", "", said)
            except (FieldError, InputUnusable):
                village = ""
            if village and [village] not in areas.values():
                areas[n] = [village]
                continue
            unknown = True
            made.remarks.append(Remark(sheet.name, n + 1, said[:30], "", _("不是本站的村，或者这个村前面已有一行：这一行和合计都没有填")))
    listed = [village for villages in areas.values() for village in villages or ()]
    return dict(sorted((areas | dict.fromkeys(totals, listed or None)).items())), unknown if totals else False


def _month(titles: Sequence[str], today: str) -> str:
    """The month that the titles name; of a year its last month that has begun; otherwise this month."""
    if months := read_months(titles).months:
        return max(months)
    year = year_of(titles)
    return min(last_day(f"{year}-12"), today)[:7] if year else today[:7]


def _number(villages: Sequence[Mapping[str, int]], names: Sequence[str]) -> int | float:
    total = sum(one.get(name, 0) for one in villages for name in names)
    return float(yuan_text(total)) if FIGURES[names[0]].money else total


def _called(names: Sequence[str]) -> str:
    return "＋".join(_(FIGURES[name].label) for name in names)
