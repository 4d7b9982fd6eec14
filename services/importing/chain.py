"""接龙: a message in which people put themselves down one after another in a chat, made into a table.

``1. 王芳 13800138001 大连 电子厂 4500``. What is asked for stands in a line above (姓名、电话、务工地点、月工资), or else what
each part is shows by its looks. A part that could be two things is not guessed: its line is named and keeps what is certain.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from domain import clock
from domain.divisions import parse_place
from domain.errors import FieldError
from domain.fields import declaration
from domain.fuzzy_dates import parse_fdate
from domain.identity import half_width
from domain.records import MonthlyCheck, SurveyItem
from domain.surveys import CHAT_SEPARATORS, in_chat, reread
from domain.words import _
from services.importing.heading_words import plain
from services.importing.limits import SEARCHED_ROWS
from services.importing.reading import CHAIN_ITEM, Sheet, delimiter_of, separated
from services.importing.tables import is_column_word, is_heading_row
from services.importing.title_months import in_figures

_BETWEEN: Final = re.compile(rf"[{CHAT_SEPARATORS}+]+|(?<=[^\d])[/—-](?=[^\d])")
_BETWEEN_ANSWERS: Final = re.compile(rf"[{CHAT_SEPARATORS}]+")
"""In the answers to a survey + joins what is chosen of several."""
_BRACKETED: Final = re.compile(r"[(（][^()（）]*[)）]")
_RUN_TOGETHER: Final = re.compile(r"(?<=[一-龥])(?=1\d{10}(?!\d)|\d{17}[\dXx])|(?<=\d{11})(?=[一-龥])")
_PAY_APART: Final = re.compile(r"(?<=[一-龥])(?<![资薪入月])(?=\d{4})|(?<=\d[元块])(?=\d)")
"""Where 电子厂4500元2023年3月 is divided; an answer to a survey is not: 想要4000元."""
_PICTURES: Final = re.compile(r"[\u2600-\u26ff\u2728-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]+|\[[一-龥]{1,4}\]")
"""What is drawn between words in a chat, also where it was copied as its name: [玫瑰]."""
_ASKING: Final = re.compile(r"^.*?(?:格式|请写明|请填写|请填|内容|例)(?:为|是|如)?[:：\s]*|^.*[:：]")
_GOING: Final = re.compile("(?:就?(?:出去|出发|出门|外出|走|去|开始|起)的?|至今|到现在)$")
_AT: Final = re.compile("^(?:现?在|去了?|到)(?=..)")
_UNIT: Final = re.compile("(?:厂|公司|店|工地|饭馆|酒店|超市|医院|学校|工作室|集团|车间)$")
_AT_HOME: Final = re.compile("^(?:目前|现在)?(?:都|一直)?(?:在家|没出去|没外出|未外出|未务工|没打工|没工作|待业|无业)")

_PAY: Final = re.compile(
    r"(?:月?工资|月薪|月收入|收入|每月)(\d[\d.]*[千万]?)[元块]?|(\d[\d.]*[千万]?)[元块](?:/月|每月|一个?月)?|(\d{4,5})(?:/月|每月|一个?月)?"
)
_YEARS: Final = range(1990, 2100)
_SAYS_YEAR: Final = re.compile(r"(?:19|20)\d\d")


def _is_day(text: str) -> bool:
    try:
        return bool(re.search(r"[年月.\-/]", text)) and bool(parse_fdate(text))
    except FieldError:
        return "月" in text and bool(re.search("[0-9初十廿一二三四五六七八九正冬腊]月|月[初廿]", text))


def _is_pay(text: str) -> bool:
    match = _PAY.fullmatch(text)
    return match is not None and not (match[3] and int(match[3]) in _YEARS)  # 2023 may be a year


class _Look(NamedTuple):
    """What a part is called, how it is known, and the words in headings that ask for it."""

    name: str
    fits: Callable[[str], object]
    asked_by: re.Pattern[str]


def _is_status(text: str) -> bool:
    try:
        return declaration(MonthlyCheck.status).read(text) is not None
    except FieldError:
        return False


_LOOKS: Final = (
    _Look("状态", _is_status, re.compile("状态")),
    _Look("身份证号", re.compile(r"\d{17}[\dXx]|\d{15}").fullmatch, re.compile("身份证|证件|证号")),
    _Look("联系电话", re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}").fullmatch, re.compile("电话|手机|联系方式")),
    _Look("外出时间", _is_day, re.compile("时间|日期|哪天|几月")),
    _Look("月工资", _is_pay, re.compile("工资|月薪|收入")),
    _Look("务工地点", lambda text: parse_place(_AT.sub("", text)), re.compile("地点|地址|去向|哪里|何处|地区|城市")),
)
_NAME, _REST = "姓名", "务工企业名称"
_OF_WORK: Final = (_NAME, "身份证号", "联系电话", "外出时间", "月工资", "务工地点", _REST)
_OF_A_CHECK: Final = (_NAME, "身份证号", "联系电话", "状态", "月收入", "务工地点")
"""What a message is taken to say whose title speaks of a month's check, and any other."""
_WORKPLACE: Final = re.compile("单位|公司|企业|工厂")
_TRADE: Final = re.compile("[干做]什么|干啥")


def _column(word: str) -> str:
    """What a list calls the column that a message asks for in its own words: 去哪里 is 务工地点."""
    if _WORKPLACE.fullmatch(word):
        return _REST
    if _TRADE.match(word):
        return "工种"
    return word if is_column_word(word) else next((look.name for look in _LOOKS if look.asked_by.search(word)), word)


def in_columns(sheet: Sheet, asked: Mapping[str, Sequence[SurveyItem]], named: Callable[[str], object]) -> tuple[Sheet, list[str]]:
    """The message as a sheet with a heading row and its rows at their own lines; and what is to be said of it.

    `asked` are the questions of surveys by their words, which make headings too; `named` says whether somebody here has a name.
    """
    if (listed := _listed([str(row[0]) for row in sheet.rows], asked)) is not None:
        return listed, []
    lines = [_PICTURES.sub(" ", str(row[0])) for row in sheet.rows]
    first = next(i for i, line in enumerate(lines) if CHAIN_ITEM.match(line))
    dated = [_with_year(line) for line in lines[:first]]
    told = [_("标题没有写年份，按这一年读：{title}").format(title=line.strip()) for line in dated if line not in lines]
    lines[:first] = dated
    questions = {in_chat(word): word for word in asked}
    at, headings = _headings(lines[:first], questions)
    title = next((line.strip() for line in lines[:first] if line.strip(" #接龙")), sheet.name)
    own = [asked.get(word, ()) for word in headings]
    reader = _Reader(headings or (_OF_A_CHECK if "监测" in title else _OF_WORK), own, named)
    rows = [reader.row(number, line) for number, line in enumerate(lines, 1)]
    blank = (i for i in range(first - 1, -1, -1) if not lines[i].strip(" #接龙"))
    if at is None:
        at = next(blank, None)
    if at is not None:  # what stands between goes up by one, the people keep their lines
        rows.pop(at)
    rows.insert(first if at is None else first - 1, reader.headings)
    items = [row for row in rows if len(row) > 1]
    used = [c for c in range(len(reader.headings)) if any(row[c] for row in items if row is not reader.headings)]
    kept = [[row[c] for c in used] if len(row) > 1 else [*row, *[""] * (len(used) - 1)] for row in rows]
    if not any(map(_SAYS_YEAR.search, lines[:first])) and any(not _SAYS_YEAR.search(day) for day in reader.days):
        told.append(_("有的时间没有写年份：开头写上是哪一年的（如「2026年外出务工」），再粘贴"))
    return replace(sheet, name=title[:31], rows=kept), [*reader.told(), *told]


def _listed(lines: Sequence[str], asked: Container[str]) -> Sheet | None:
    """The list it is after all, where a line of headings keeps columns apart by commas: its rows are numbered, or notes or lines in its
    cells. In a chat's own wide commas people leave out what they do not know."""
    text = "\n".join(lines)
    comma = delimiter_of(text)
    begun = next(line for line in lines if line.strip())
    apart = [next(csv.reader([line], delimiter=comma)) for line in lines[: SEARCHED_ROWS + 1] if comma in line]
    heading = next((row for row in apart if is_heading_row(row, asked)), None)
    if comma == "，" or ("接龙" in begun and comma not in begun) or heading is None:
        return None
    if not any(len(row) >= len(heading) for row in apart if row is not heading):  # in the lines below blanks keep the parts apart
        return None
    sheet = separated(text)
    for row in sheet.rows:
        row[0] = hit[1] if (hit := CHAIN_ITEM.fullmatch(row[0])) else row[0]
    return sheet


def _headings(before: Sequence[str], questions: Mapping[str, str]) -> tuple[int | None, list[str]]:
    """The line above that says what to put down, and its words; None and none where there is no such line."""
    for at in range(len(before) - 1, -1, -1):
        said = _ASKING.sub("", _BRACKETED.sub("", before[at]).strip())
        words = [questions.get(plain(part)) or _column(part) for part in _BETWEEN.split(said) if part]
        known = [word for word in words if is_column_word(word) or word in questions.values()]
        if len(known) >= 2 and 2 * len(known) >= len(words) and (named := [word for word in words if "名" in word][:1]) in ([], words[:1]):
            return at, words if named else [_NAME, *words]
    return None, []


def _is_answer(item: SurveyItem, part: str) -> bool:
    """Whether a part looks like an answer to the question. Any words could be one to a question that takes words."""
    return item.type != "text" and reread(item, part) is not None


def _with_year(title: str) -> str:
    """The title of a month's check with the year that the chat leaves out: that of the last such month."""
    plainly = in_figures(title)
    if "监测" not in title or _SAYS_YEAR.search(plainly) or (month := re.search(r"(?<!\d)(1[0-2]|0?[1-9])月", plainly)) is None:
        return title
    today = clock.today()
    year = int(today[:4]) - (int(month[1]) > int(today[5:7]))
    return f"{plainly[: month.start()]}{year}年{plainly[month.start() :]}"


def _name_first(parts: list[str], named: Callable[[str], object]) -> list[str]:
    """The parts from the name on, before which a nickname may stand; what follows it without a blank apart: 李强在家, 王芳大连电子厂."""
    first = parts[0]
    if named(first):
        return parts
    for at, part in enumerate(parts[1:3], 1):
        if named(part):
            return parts[at:]
    for size in range(2, min(5, len(first))):
        said = first[size:]
        if named(first[:size]) or _AT_HOME.match(said) or (len(first) > 3 and parse_place(_AT.sub("", said))):
            return [first[:size], said, *parts[1:]]
    return parts


class _Reader:
    """Puts the parts of each line under headings: those asked for, else what the parts look like."""

    def __init__(self, headings: Sequence[str], own: Sequence[Sequence[SurveyItem]], named: Callable[[str], object]) -> None:
        self.headings = list(headings)
        self.own = own
        self.named = named
        known = (next((look for look in _LOOKS if look.asked_by.search(word)), None) for word in headings[1:])
        self.between = _BETWEEN_ANSWERS if any(own) else _BETWEEN
        self.looks = [None, *(None if is_own else look for look, is_own in zip_longest(known, own[1:]))]
        """How the parts of each column look; None for words, and for questions of a survey."""
        self.skips = not any(own) and _LOOKS[-1] in self.looks and _LOOKS[0] not in self.looks
        """Whether those at home are left out: a list of where people work, which asks for no state, says nothing of them."""
        self.at_home: list[str] = []
        self.doubtful: list[str] = []
        self.silent: list[str] = []
        self.lines: dict[str, list[str]] = {}
        self.days: list[str] = []

    def row(self, number: int, line: str) -> list[Any]:
        """The cells of a line; the line itself where it is nobody's."""
        match = CHAIN_ITEM.match(line)
        if match is None:
            return [line]
        text = _RUN_TOGETHER.sub(" ", half_width(match[1]))
        text = text if self.between is _BETWEEN_ANSWERS else _PAY_APART.sub(" ", text)
        name, *parts = _name_first([part for part in self.between.split(text) if part], self.named)
        if self.skips and any(map(_AT_HOME.match, parts)):
            self.at_home.append(name)
            return [""]
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
        if not any(cells[1:]):
            self.silent.append(str(number))
        return cells

    def _placed(self, cells: list[Any], part: str) -> bool:
        """Put a part under the first empty heading that it fits by its looks. 大连电子厂 is a place and a unit."""
        for column, look in enumerate(self.looks):
            if look is not None and not cells[column] and look.fits(part):
                pay = _PAY.fullmatch(part) if look.fits is _is_pay else None
                said = _GOING.sub("", part) if look.fits is _is_day else _AT.sub("", part)
                self.days += [said] if look.fits is _is_day else []
                cells[column] = pay[pay.lastindex or 0] if pay else said
                return look is not _LOOKS[-1] or not _UNIT.search(part)
        return False

    def _answers(self, cells: list[Any], part: str) -> bool:
        """Put a part under the only question it can answer, where some of them were left out."""
        fitting = [c for c, items in enumerate(self.own) if not cells[c] and any(_is_answer(item, part) for item in items)]
        if len(fitting) == 1:
            cells[fitting[0]] = part
        return len(fitting) == 1

    def told(self) -> Iterator[str]:
        """What is to be said of the message."""
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
