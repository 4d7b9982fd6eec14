"""Turns a 接龙, a chat message in which people add themselves one line after another, into a table.

``1. 王芳 13800138001 大连 电子厂 4500``. A line above the list may state the columns (姓名、电话、务工地点、月工资); otherwise each part is
classified by its form. An ambiguous part is not guessed: the line is reported and keeps only what is certain.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from domain import clock
from domain.divisions import outside, parse_place
from domain.errors import FieldError
from domain.fields import declaration
from domain.fuzzy_dates import parse_fdate
from domain.identity import half_width
from domain.periods import parse_range
from domain.records import MonthlyCheck, SurveyItem
from domain.surveys import CHAT_SEPARATORS, in_chat, reread
from domain.words import _
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import is_column_word, is_heading_row
from services.importing.tables.title_months import in_figures
from services.office_files.chats import CHAIN_ITEM
from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet, delimiter_of, separated

_MARKS: Final = " #接龙"
"""What a line without words of its own may have."""
_SEPARATOR: Final = re.compile(rf"[{CHAT_SEPARATORS}+]+|(?<=[^\d])[/—-](?=[^\d])")
_ANSWER_SEPARATOR: Final = re.compile(rf"[{CHAT_SEPARATORS}]+")
"""In answers to a survey, + joins several choices."""
_BRACKETED: Final = re.compile(r"[(（][^()（）]*[)）]")
_RUN_TOGETHER: Final = re.compile(r"(?<=[一-龥])(?=1\d{10}(?!\d)|\d{17}[\dXx])|(?<=\d{11})(?=[一-龥])")
_PAY_BOUNDARY: Final = re.compile(r"(?<=[一-龥])(?<![资薪入月])(?=\d{4})|(?<=\d[元块])(?=\d)")
"""Where 电子厂4500元2023年3月 is split. Not used for answers to a survey (想要4000元)."""
_EMOJI: Final = re.compile(r"[\u2600-\u26ff\u2728-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]+|\[[一-龥]{1,4}\]")
"""Emoji between the words of a chat, also when copied by name: [玫瑰]."""
_ASKING: Final = re.compile(r"^.*?(?:格式|请写明|请填写|请填|内容|例)(?:为|是|如)?[:：\s]*|^.*[:：]")
_GOING_SUFFIX: Final = re.compile("(?:就?(?:出去|出发|出门|外出|走|去|开始|起)的?|至今|到现在)$")
_SPACED_SPAN: Final = re.compile(r"(?<=[\d日号月])\s*(至|到|[-—–~～])\s+(?=\d)|(?<=[\d日号月])\s+(至|到|[-—–~～])\s*(?=\d)")
"""The spaces in 2024年3月1日 至 11月20日."""
_AT_PREFIX: Final = re.compile("^(?:现?在|去了?|到)(?=..)")
_PARTICLES: Final = re.compile("(?<=..)[呢呀啊哈啦吧嘛哦]+$")
"""What people add at the end of an answer: 大连呢."""
_EMPLOYER_SUFFIX: Final = re.compile("(?:厂|公司|店|工地|饭馆|酒店|超市|医院|学校|工作室|集团|车间)$")
_AT_HOME: Final = re.compile("^(?:目前|现在)?(?:都|一直)?(?:在家|没出去|没外出|未外出|未务工|没打工|没工作|待业|无业)")
_RELATIVE: Final = re.compile(
    "[家他她的]{0,2}(?:妈|爸|娘|爹|媳妇|老婆|老公|老伴|爱人|对象|丈夫|妻子|哥|弟|姐|妹|儿子?|闺女|女儿|女婿|孩子|父|母|公公|婆婆)|家(?:的|人)?$"
)
"""What makes a name that of somebody else: 周亮妈, 李强家."""

_PAY: Final = re.compile(
    r"(?:月?工资|月薪|月收入|收入|每月)(\d[\d.]*[千万]?)[元块]?|(\d[\d.]*[千万]?)[元块](?:/月|每月|一个?月)?|([1-9]\d{3,4})(?:/月|每月|一个?月)?|(\d[\d.]*[千万])"
)
_YEARS: Final = range(1990, 2100)
_SAYS_YEAR: Final = re.compile(r"(?:19|20)\d\d")


def _is_day(text: str) -> bool:
    text = _GOING_SUFFIX.sub("", text)
    try:
        return bool(re.search(r"[年月.\-/]", text)) and bool(parse_fdate(text))
    except FieldError:
        return "月" in text and bool(re.search("[0-9初十廿一二三四五六七八九正冬腊]月|月[初廿]", text))


def _span(text: str) -> tuple[str, str] | None:
    """The first and the last day of a text that has two; without the year if it has none."""
    if not re.search(r"[年月.]|\d-\d+-\d", text):
        return None
    for written in (text, f"2024年{text}"):  # the year may be stated above the list
        try:
            start, end = parse_range(written)
        except FieldError:
            continue
        if end is None or end == start:
            return None
        return (start, end) if written == text else (_without_year(start), _without_year(end))
    return None


def _without_year(day: str) -> str:
    return "".join(f"{int(part)}{unit}" for part, unit in zip(day.split("-")[1:], "月日", strict=False))


def _is_time(text: str) -> bool:
    return _is_day(text) or _span(text) is not None


def _is_pay(text: str) -> bool:
    match = _PAY.fullmatch(text)
    return match is not None and not (match[3] and int(match[3]) in _YEARS)  # 2023 may be a year


class _PartClass(NamedTuple):
    """A class of parts: its heading, the test that recognises it, and the pattern of headings that ask for it."""

    name: str
    fits: Callable[[str], object]
    asked_by: re.Pattern[str]


def _is_status(text: str) -> bool:
    try:
        return declaration(MonthlyCheck.status).read(text) is not None
    except FieldError:
        return False


_LEFT, _ENDED = "外出时间", "结束时间"
_CLASSES: Final = (
    _PartClass("状态", _is_status, re.compile("状态")),
    _PartClass("身份证后几位", re.compile(r"\d{3,5}[\dXx]").fullmatch, re.compile("(?:身份证|证件|证号).*后.位")),
    _PartClass("身份证号", re.compile(r"\d{17}[\dXx]|\d{15}").fullmatch, re.compile("身份证|证件|证号")),
    _PartClass("联系电话", re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}").fullmatch, re.compile("电话|手机|联系方式")),
    _PartClass(_LEFT, _is_time, re.compile("时间|日期|哪天|几月|时候|何时")),
    _PartClass("月工资", _is_pay, re.compile("工资|月薪|收入|多少钱|挣")),
    _PartClass("务工地点", lambda text: parse_place(_AT_PREFIX.sub("", text)), re.compile("地点|地址|去向|哪(?![天种个])|何处|地区|城市")),
)
_AWAY: Final = "外出务工"
_NAME, _EMPLOYER, _WORK_PLACE = "姓名", "务工企业名称", "务工地点"
_WORK_COLUMNS: Final = (_NAME, "身份证号", "联系电话", _LEFT, "月工资", "务工地点", _EMPLOYER)
_CHECK_COLUMNS: Final = (_NAME, "身份证号", "联系电话", "状态", "月收入", "务工地点")
"""The default columns of a message whose title mentions a month's check; `_OF_WORK` are the columns of any other."""
_BESIDE_PLACE: Final = {
    "工资": "月工资",
    "薪资": "月工资",
    **dict.fromkeys(("时间", "日期", "务工时间", "务工起止时间", "起止时间"), _LEFT),
}
"""What words mean beside the place where somebody works."""
_WORKPLACE: Final = re.compile("单位|公司|企业|工厂")
_PLACE: Final = re.compile("地点|地方|去处")
_TRADE: Final = re.compile("[干做]什么|干啥")


def _column(word: str) -> str:
    """The usual heading for a column that a message asks for in its own words: 去哪里 → 务工地点."""
    if _WORKPLACE.fullmatch(word):
        return _EMPLOYER
    if _TRADE.match(word):
        return "工种"
    if _PLACE.fullmatch(word):
        return _WORK_PLACE
    return word if is_column_word(word) else next((look.name for look in _CLASSES if look.asked_by.search(word)), word)


def in_columns(
    sheet: Sheet, asked: Mapping[str, Sequence[SurveyItem]], named: Callable[[str], object], home: str
) -> tuple[Sheet, list[str]]:
    """The message as a sheet with a heading row, in which people keep their line numbers, and the notes about it.

    `asked` maps the words of survey questions, which also serve as headings, to the questions; `named` tells whether somebody here has a
    name; `home` is the area code of the village.
    """
    if (listed := _listed([str(row[0]) for row in sheet.rows], asked)) is not None:
        return listed, []
    lines = [_EMOJI.sub(" ", str(row[0])) for row in sheet.rows]
    first = next(i for i, line in enumerate(lines) if CHAIN_ITEM.match(line))
    lines[:first], notes = _dated(lines[:first])
    at, headings = _headings(lines[:first], {in_chat(word): word for word in asked})
    title = next((line.strip() for line in lines[:first] if line.strip(_MARKS)), sheet.name)
    if at is not None and (said := _SAYS_YEAR.search(lines[at])) and not _SAYS_YEAR.search(title[:31]):
        title = f"{said[0]}年 {title}"  # the line itself makes place for the headings
    own = [asked.get(word, ()) for word in headings]
    reader = _Reader(headings or (_CHECK_COLUMNS if "监测" in title else _WORK_COLUMNS), own, named, home)
    items = [reader.row(number, line) for number, line in enumerate(lines, 1)]
    reader.split_spans(items)
    rows = _with_headings(items, reader.headings, _freed(lines, first, at), first)
    if not any(map(_SAYS_YEAR.search, lines[:first])) and any(not _SAYS_YEAR.search(day) for day in reader.days):
        year = next((hit[0] for hit in map(_SAYS_YEAR.search, reader.days) if hit), clock.today()[:4])
        notes.append(_("有的时间没有写年份：开头写上是哪一年的（如「{year}年外出务工」），再粘贴").format(year=year))
    return replace(sheet, name=title[:31], rows=_filled_columns(rows, reader.headings)), [*reader.notes(), *notes]


def _dated(titles: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines above the list with their year added if it is certain, and the notes about that."""
    dated = [_with_year(line) for line in titles]
    return dated, [_("标题没有写年份，按这一年读：{title}").format(title=line.strip()) for line in dated if line not in titles]


def _freed(lines: Sequence[str], first: int, at: int | None) -> int | None:
    """The line whose place the headings take, so that people keep their line numbers: that which states the columns (`at`), unless it
    states the year of the dates, which has to stay above the table; otherwise the last blank line above the list, if there is one."""
    if at is not None and not _SAYS_YEAR.search(lines[at]):
        return at
    return next((i for i in range(first - 1, -1, -1) if not lines[i].strip(_MARKS)), at)


def _with_headings(rows: list[list[Any]], headings: list[str], freed: int | None, first: int) -> list[list[Any]]:
    """The rows with the headings directly above the first person (`first`), in place of the `freed` row."""
    if freed is not None:
        rows.pop(freed)
    rows.insert(first if freed is None else first - 1, headings)
    return rows


def _filled_columns(rows: Sequence[list[Any]], headings: list[str]) -> list[list[Any]]:
    """The rows with only the columns in which a person has something."""
    people = [row for row in rows if len(row) > 1 and row is not headings]
    used = [column for column in range(len(headings)) if any(row[column] for row in people)]
    return [[row[column] for column in used] if len(row) > 1 else [*row, *[""] * (len(used) - 1)] for row in rows]


def _listed(lines: Sequence[str], asked: Container[str]) -> Sheet | None:
    """The text as a delimited list, if a heading line separates columns by commas; otherwise None. Such a list may look like a 接龙
    because its rows, or notes in its cells, are numbered. With a chat's full-width commas it is a 接龙: people leave out what they do not
    know."""
    text = "\n".join(lines)
    comma = delimiter_of(text)
    begun = next(line for line in lines if line.strip())
    apart = [next(csv.reader([line], delimiter=comma)) for line in lines[: SEARCHED_ROWS + 1] if comma in line]
    heading = next((row for row in apart if is_heading_row(row, asked)), None)
    if comma == "，" or ("接龙" in begun and comma not in begun) or heading is None:
        return None
    if not any(len(row) >= len(heading) for row in apart if row is not heading):  # the lines below separate their parts by spaces
        return None
    sheet = separated(text)
    for row in sheet.rows:
        row[0] = hit[1] if (hit := CHAIN_ITEM.fullmatch(row[0])) else row[0]
    return sheet


def _headings(before: Sequence[str], questions: Mapping[str, str]) -> tuple[int | None, list[str]]:
    """The index of the line above the list that states the columns, and the columns; `(None, [])` if there is no such line."""
    for at in range(len(before) - 1, -1, -1):
        inside = max(_BRACKETED.findall(before[at]), key=len, default="")[1:-1]  # 外出务工登记（姓名、去哪、干什么）
        text = inside if inside.startswith(_NAME) else _ASKING.sub("", _BRACKETED.sub("", before[at]).strip())
        text = text[max(text.find(_NAME), 0) :]  # 把情况报一下，姓名 地点 几月去的
        words = [questions.get(plain(part)) or _column(part) for part in _SEPARATOR.split(text) if part]
        known = [word for word in words if is_column_word(word) or word in questions.values()]
        if _WORK_PLACE in words:  # 工资 by itself is the pay of a month in a workshop
            words = [_BESIDE_PLACE.get(word, word) for word in words]
        if len(known) >= 2 and 2 * len(known) >= len(words) and (named := [word for word in words if "名" in word][:1]) in ([], words[:1]):
            return at, words if named else [_NAME, *words]
    return None, []


def _is_answer(item: SurveyItem, part: str) -> bool:
    """Whether a part fits the question. Never for a question answered in free text, which any words would fit."""
    return item.type != "text" and reread(item, part) is not None


def _with_year(title: str) -> str:
    """The title of a month's check with its year added if missing: the year of the most recent such month."""
    in_digits = in_figures(title)
    if "监测" not in title or _SAYS_YEAR.search(in_digits) or (month := re.search(r"(?<!\d)(1[0-2]|0?[1-9])月", in_digits)) is None:
        return title
    today = clock.today()
    year = int(today[:4]) - (int(month[1]) > int(today[5:7]))
    return f"{in_digits[: month.start()]}{year}年{in_digits[month.start() :]}"


def _name_first(parts: list[str], named: Callable[[str], object]) -> list[str]:
    """The parts from the name on, without a nickname before it; text that follows the name without a space is split off: 李强在家,
    王芳大连电子厂."""
    first = parts[0]
    if named(first):
        return parts
    for at, part in enumerate(parts[1:3], 1):
        if named(part):
            return parts[at:]
    for size in range(2, min(5, len(first))):
        rest = first[size:]
        if named(first[:size]) and _RELATIVE.match(rest):
            return parts
        if named(first[:size]) or _AT_HOME.match(rest) or (len(first) > 3 and parse_place(_AT_PREFIX.sub("", rest))):
            return [first[:size], rest, *parts[1:]]
    return parts


class _Reader:
    """Assigns the parts of each line to the headings stated, otherwise to headings chosen by the form of the parts."""

    def __init__(self, headings: Sequence[str], own: Sequence[Sequence[SurveyItem]], named: Callable[[str], object], home: str) -> None:
        self.headings = list(headings)
        self.own = own
        self.named, self.home = named, home
        known = (next((look for look in _CLASSES if look.asked_by.search(word)), None) for word in headings[1:])
        self.between = _ANSWER_SEPARATOR if any(own) else _SEPARATOR
        self.looks = [None, *(None if is_own else look for look, is_own in zip_longest(known, own[1:]))]
        """The class of each column's parts; None for free text and for survey questions."""
        self.skips = not any(own) and _CLASSES[-1] in self.looks and _CLASSES[0] not in self.looks
        """Whether people at home are left out: a list of work places without a status column has no place for them."""
        self.at_home: list[str] = []
        self.doubtful: list[str] = []
        self.silent: list[str] = []
        self.lines: dict[str, list[str]] = {}
        self.days: list[str] = []

    def row(self, number: int, line: str) -> list[Any]:
        """The cells of a line; a single cell with the whole line if it is not an item of the list."""
        match = CHAIN_ITEM.match(line)
        if match is None:
            return [line]
        text = _SPACED_SPAN.sub(r"\1\2", _RUN_TOGETHER.sub(" ", half_width(match[1])))
        text = text if self.between is _ANSWER_SEPARATOR else _PAY_BOUNDARY.sub(" ", text)
        name, *parts = _name_first([part for part in self.between.split(text) if part], self.named)
        if self.skips and any(map(_AT_HOME.match, parts)):
            self.at_home.append(name)
            return [""]
        parts = parts if any(self.own) else [_PARTICLES.sub("", part) for part in parts]
        self.lines.setdefault(name, []).append(str(number))
        cells = [name, *[""] * (len(self.headings) - 1)]
        left = [part for part in parts if not self._placed(cells, part)]
        free = [c for c, look in enumerate(self.looks) if look is None and c]
        if len(free) == 1:
            cells[free[0]] = " ".join(left)
        elif len(free) == len(left):
            for column, part in zip(free, left, strict=True):
                cells[column] = part
        elif any(not self._answers(cells, part) for part in left) and any(cells[1:]):
            self.doubtful.append(str(number))
        self._away(cells)
        if not any(cells[1:]):
            self.silent.append(str(number))
        return cells

    def split_spans(self, rows: Sequence[list[Any]]) -> None:
        """Move the last days that people state behind the first into a column of their own."""
        if _LEFT not in self.headings or _ENDED in self.headings or not any(map(_span, self.days)):
            return
        at = self.headings.index(_LEFT)
        self.headings.append(_ENDED)
        for row in rows:
            if len(row) > 1:
                row[at], end = _span(row[at]) or (row[at], "")
                row.append(end)

    def _placed(self, cells: list[Any], part: str) -> bool:
        """Put a part under the first empty heading whose class it fits; answers whether it is used up. 大连电子厂 is a place and also names
        an employer."""
        for column, look in enumerate(self.looks):
            if look is not None and not cells[column] and look.fits(part):
                pay = _PAY.fullmatch(part) if look.fits is _is_pay else None
                text = _GOING_SUFFIX.sub("", part) if look.fits is _is_time else _AT_PREFIX.sub("", part)
                self.days += [text] if look.fits is _is_time else []
                cells[column] = pay[pay.lastindex or 0] if pay else text
                return look is not _CLASSES[-1] or not _EMPLOYER_SUFFIX.search(part)
        return False

    def _away(self, cells: list[Any]) -> None:
        """Fill in the status of somebody who, in a month's check, says only a place outside the county."""
        status, place = (next((c for c, look in enumerate(self.looks) if look is _CLASSES[at]), 0) for at in (0, -1))
        code = parse_place(cells[place], home=self.home) if status and place and not cells[status] else None
        if code is not None and outside(code, self.home):
            cells[status] = _AWAY

    def _answers(self, cells: list[Any], part: str) -> bool:
        """Put a part under the only unanswered question that it can answer; answers whether there is exactly one."""
        fitting = [c for c, items in enumerate(self.own) if not cells[c] and any(_is_answer(item, part) for item in items)]
        if len(fitting) == 1:
            cells[fitting[0]] = part
        return len(fitting) == 1

    def notes(self) -> Iterator[str]:
        """The notes about the message."""
        yield _("这是接龙，一条一人，按内容分到各列，请逐行看一看")
        if self.at_home:
            yield _("写着在家的没有导入：{names}").format(names=_("、").join(self.at_home))
        if self.doubtful:
            yield _("第 {rows} 行的内容和要求写的对不上，只读了认得准的").format(rows=_("、").join(self.doubtful))
        if self.silent:
            yield _("第 {rows} 行除了名字什么也没认出，没有导入；各项之间空一格，照要求写，再粘贴").format(rows=_("、").join(self.silent))
        for name, rows in self.lines.items():
            if len(rows) > 1:
                yield _("第 {rows} 行都是{name}，请看对不对").format(name=name, rows=_("、").join(rows))
