"""Tables with a row for each village, or one for each figure, filled in from the monthly report and the statistics (`month_figures`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from services.reports.month_figures import FIGURES, Counted, counted

_HEADING_ROWS: Final = 30
_FEWEST: Final = 2
"""A row with a heading for the village and at least this many known figures is a row of headings."""
_VILLAGE: Final = re.compile(r"(?:所在|行政)?村(?:名|名称|别|屯|委会)?|单位(?:名称)?|填报单位")
_ITEM: Final = re.compile("(?:统计)?(?:项目|指标|内容|事项)(?:名称)?")
_COUNT: Final = re.compile(r"数量|数值|人数|数据|本月数?|数")
_FEWEST_ITEMS: Final = 3
"""A table with a figure in each row has at least this many known figures."""
_TOTAL: Final = re.compile(r"[合总]计|全[村乡镇]|汇总")
_AFFIX: Final = re.compile(r"^其中[:：、]?|\((?:人|个|人次|次|元|笔)\)|(?:总?人数|总数|数|人口数?)$")
_AWAY: Final = ("outside", "province", "city")
_WHOLE: Final = re.compile(r"[小合总]计|总?人?数|人")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("登记", "登记人口"), ("people",)),
    **dict.fromkeys(("脱贫", "脱贫人口"), ("lifted",)),
    **dict.fromkeys(("监测", "监测对象", "监测人口"), ("watched",)),
    **dict.fromkeys(("低收入", "低收入人口"), ("low_income",)),
    **dict.fromkeys(("劳动力", "劳力"), ("labour",)),
    **dict.fromkeys(("务工", "已务工", "就业", "已就业", "务工就业"), ("working",)),
    **dict.fromkeys(("外出务工", "外出", "县外", "县外务工", "县外就业"), _AWAY),
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
        return _fill_items(made, session, sheet, page, asked_month)
    found = _without_unclear(made, sheet, found)
    place = found.place
    titles = [str(cell) for row in sheet.rows[: found.top] for cell in row if isinstance(cell, str)]
    month = asked_month or _month([*titles, sheet.name, sheet.file], session.today)
    figures = counted(session, month)
    asked = {m: AskedColumn(sheet.name, heading, _called(names)) for m, (heading, names) in found.columns.items()}
    table = FilledTable(sheet.name, [shown(None, sheet.rows[found.top][place]), *(one.heading for one in asked.values())])
    home = Home(session, None)
    own = home.from_titles(titles)
    areas, unknown = _areas(made, home, sheet, found.bottom, place)
    for n, villages in areas.items():
        villages = villages or ([own] if own else list(figures.villages))
        total = any(_TOTAL.fullmatch(plain(cell)) for cell in sheet.rows[n][: place + 1] if cell not in (None, ""))
        within = [figures.villages.get(village, {}) for village in villages]
        texts, new = [shown(None, sheet.rows[n][place])], set[int]()
        for m, (_heading, names) in found.columns.items():
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
    _note(made, figures)
    return True


def _fill_items(made: Filling, session: Session, sheet: Sheet, page: Worksheet, asked_month: str) -> bool:
    """Fill in a table with a figure of the station, or of the village in the title, in each row."""
    at, item, number = next(filter(None, (_item_headings(n, row) for n, row in enumerate(sheet.rows[:_HEADING_ROWS]))), (0, 0, 0))
    rows = {n: str(cell).strip() for n in range(at + 1, len(sheet.rows)) if (cell := _at(sheet, n, item)) not in (None, "")}
    rows = {n: label for n, label in rows.items() if not label.endswith(("：", ":"))}
    names = {n: _figures(label) for n, label in rows.items()}
    count = Counter(names.values())
    if not number or len(count.keys() - {()}) < _FEWEST_ITEMS:
        return False
    titles = [str(cell) for row in sheet.rows[:at] for cell in row if isinstance(cell, str)]
    own = Home(session, None).from_titles(titles)
    figures = counted(session, asked_month or _month([*titles, sheet.name, sheet.file], session.today))
    within = [figures.villages.get(own, {})] if own else [*figures.villages.values()]
    table = FilledTable(sheet.name, [shown(None, sheet.rows[at][item]), shown(None, sheet.rows[at][number])])
    for n, label in rows.items():
        unclear = count[names[n]] > 1 or (names[n] == _AWAY and ("county",) in count)
        asked, cell = AskedColumn(sheet.name, label, "" if unclear else _called(names[n])), book.blank(page, n + 1, number + 1)
        if cell is None:
            asked.there += 1
        elif asked.what:
            made.put(cell, _number(within, names[n]), None)
            asked.filled += 1
        else:
            asked.missing += 1
        made.columns.append(asked)
        table.rows.append((n + 1, [label, shown(None, page.cell(n + 1, number + 1).value)], {1} if asked.filled else set()))
    made.tables.append(table)
    _note(made, figures)
    return True


def _item_headings(n: int, row: Sequence[object]) -> tuple[int, int, int] | None:
    """The row, the column of the items and that of their numbers, if this is the row of headings of such a table."""
    words = [plain(cell) if cell is not None else "" for cell in row]
    item = next((m for m, word in enumerate(words) if _ITEM.fullmatch(word)), None)
    numbers = [m for m, word in enumerate(words) if item is not None and m > item and _COUNT.fullmatch(word)]
    return (n, item, numbers[0]) if item is not None and len(numbers) == 1 else None


def _note(made: Filling, figures: Counted) -> None:
    made.notes += [
        _("数是 {month} 的，算到 {day}，和「务工监测月报」「统计」同一种数法；每个数是哪些人，到报表页打开这个月的月报或统计看").format(
            month=figures.month, day=figures.day
        ),
        _("劳动力、务工、公益岗、车间数的是台账里登记的所有人，不只是脱贫户和监测户；表上只要其中一类人的，请核对"),
    ]


@dataclass(frozen=True)
class _Headings:
    """The rows of headings (from 0), the column of the village, and for each other column its heading and figures (() if there is none)."""

    top: int
    bottom: int
    place: int
    columns: Mapping[int, tuple[str, tuple[str, ...]]]


def _headings(sheet: Sheet) -> _Headings | None:
    """The headings of a table of figures; None if the sheet has none."""
    for at, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        place = next((m for m, cell in enumerate(row) if cell is not None and _VILLAGE.fullmatch(plain(cell))), None)
        if place is None:
            continue
        bottom = _bottom(sheet, at, place)
        width = max(map(len, sheet.rows[at : bottom + 1]))
        columns = {m: named for m in range(place + 1, width) if (named := _named(sheet, at, bottom, m))[0]}
        twice = {names for names, count in Counter(names for _heading, names in columns.values()).items() if count > 1}
        columns = {m: (heading, () if names in twice else names) for m, (heading, names) in columns.items()}
        if sum(bool(names) for _heading, names in columns.values()) >= _FEWEST:
            return _Headings(at, bottom, place, columns)
    return None


def _bottom(sheet: Sheet, at: int, place: int) -> int:
    """The last row of the headings that begin in row `at`: nothing stands below the heading of the village, and words beside it."""
    bottom = at
    for row in sheet.rows[at + 1 : at + 4]:
        beside = [cell for cell in row[place + 1 :] if cell not in (None, "")]
        if any(cell not in (None, "") for cell in row[: place + 1]) or not beside or not all(isinstance(cell, str) for cell in beside):
            break
        bottom += 1
    return bottom


def _named(sheet: Sheet, top: int, bottom: int, m: int) -> tuple[str, tuple[str, ...]]:
    """The heading of a column and its figures. Below a group heading, 小计 and 人数 are those of the group."""
    parts = [str(cell).strip() for n in range(top, bottom + 1) if (cell := _at(sheet, n, m)) not in (None, "")]
    parts = list(dict.fromkeys(parts))
    if not parts:
        return "", ()
    *groups, last = parts
    if groups and _WHOLE.fullmatch(plain(last)):
        last = groups.pop()
    return "：".join(parts), () if any(_ONLY_SOME.search(group) for group in groups) else _figures(last)


def _at(sheet: Sheet, n: int, m: int) -> object:
    """The content of a cell, or of the merged block that covers it."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= n <= bottom and left <= m <= right:
            n, m = top, left
            break
    return sheet.rows[n][m] if n < len(sheet.rows) and m < len(sheet.rows[n]) else None


def _figures(heading: str) -> tuple[str, ...]:
    word = before = plain(heading)
    while word not in _WORDS and (word := _AFFIX.sub("", before, count=1)) != before:
        before = word
    return _WORDS.get(word, ())


def _without_unclear(made: Filling, sheet: Sheet, found: _Headings) -> _Headings:
    """The headings with 外出务工 left empty beside 县内, which may or may not be part of it."""
    asked = [names for _heading, names in found.columns.values()]
    if _AWAY not in asked or ("county",) not in asked:
        return found
    columns = {m: (heading, names if names != _AWAY or "外出" not in heading else ()) for m, (heading, names) in found.columns.items()}
    message = _("旁边还有「县内」，看不出算不算在外出务工里，没有填：县外的几栏加起来，或者再加上县内，请按上级的口径自己填")
    made.remarks += [
        Remark(sheet.name, found.bottom + 1, "", heading, message)
        for m, (heading, names) in found.columns.items()
        if names != columns[m][1]
    ]
    return replace(found, columns=columns)


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
