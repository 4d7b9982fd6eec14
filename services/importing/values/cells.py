"""Converts cells to values, one column at a time and each distinct cell once, and records what was repaired or is wrong.

A `Column` maps a cell to its value and reads it on first access, so a column of 50 000 rows is read by one `map` in C. Its notices are in
`noticed`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from domain import clock, divisions, identity, money, periods, values
from domain.errors import FieldError
from domain.fields import Field
from domain.fuzzy_dates import YEARS
from domain.han_amounts import han_yuan
from domain.identity import half_width
from domain.lunar import in_solar
from domain.scopes import county_of
from domain.values import Type
from domain.words import _
from services.importing.values.loose_amounts import loose_amount
from services.importing.values.scanned import BOXES, among_words, as_digits, is_misread, ticked_words

REFUSE, ASK, WARN, REPAIR = "refuse", "ask", "warn", "repair"

_EMPTY = frozenset({"", "-", "—", "——", "－", "/", "\\", "//", "#N/A", "N/A", "NULL", "null", "None", "无数据"}) | {
    f"{left}{word}{right}" for word in ("跳过", "空") for left, right in ("()", "（）")
}
NOTHING = frozenset({"无", "没有", "暂无", "否", "非监测对象", "非在校生", "不在校"})
"""Words for "nothing" in an optional column of text, dates, telephones, places or choices. A choice named `无` takes precedence."""
_ACCEPTS_NOTHING = frozenset({Type.TEXT, Type.DATE, Type.FDATE, Type.MONTH, Type.SECRET, Type.PLACE, Type.AREA})
_EXPONENT = re.compile(r"\d(\.\d+)?[Ee](\+\d+|\d\d+)")
_WRAPPED = re.compile(r'="?(.*?)"?', re.DOTALL)
_CONTROL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200c\u200d]|{values.UNSEEN.pattern}|_x000[Dd]_")
"""Invisible characters: control characters, and the width and direction marks that are copied along from web pages and chats."""
_COUNTERS = "(?:天|课时|学时|小时|分|人|年级|年|岁|个|名|月|次|副|件|套|双|条|只|张|支|根)"
_COUNTED = re.compile(rf"(-?\d+(?:\.0+)?){_COUNTERS}")
_SOME = re.compile(f"(?:若干|多|数|不限){_COUNTERS}?")
_COUNTED_WORD = re.compile(f"{_COUNTERS}$")
_NEXT_MOBILE = re.compile(r"(?<=\d{11})\s+(?=1[3-9]\d{9}(?!\d))", re.ASCII)  # between two mobile numbers
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LETTERED = re.compile(r"^[A-H]\s*[.、．]\s*(?=[一-龥])")
_CODED = re.compile(r"^\d{1,2}\s*[-—.、:：]?\s*(?=[一-龥])", re.ASCII)
"""A code that some systems write before a choice: 1-男, 01汉族."""
_CODE_BEFORE = re.compile(r"^\d{6}\s*[-—_:]?\s*(?=[一-龥])", re.ASCII)
"""The code that some systems write before a place: 210200-大连市."""
_NUMBER_LENGTH = 15
"""A text shorter than this contains no ID or account number."""
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CARD = re.compile(r"\d{16,19}", re.ASCII)
FIFTEEN_DIGITS = 10**15
"""A number this large has more digits than a spreadsheet can store."""
_HALF_WIDTH = {
    ord(wide): half_width(wide) for wide in "０１２３４５６７８９" + "".join(chr(0xFF21 + n) + chr(0xFF41 + n) for n in range(26))
}
"""Digits and letters only, because full-width punctuation is normal in Chinese text."""
_FIGURES = frozenset({Type.DATE, Type.FDATE, Type.MONTH, Type.INT})
"""Types written in digits; not amounts, of which 1,5OO may be more or less."""
_LINE_BREAK = re.compile(r"\s*\n\s*")
_LINE_BREAK_IN_WORD = re.compile(r"(?<=[^\x00-\x7f])\s*\n\s*(?=[^\x00-\x7f])")
"""A line break made by a narrow column: no space is meant between the words of 大连某厂."""
_ZERO_DATES = frozenset({0.0, "0", time(), datetime(1899, 12, 31), date(1899, 12, 31), date(1899, 12, 30)})  # noqa: DTZ001 (no moment)
"""Values that a formula referring to an empty cell gives in a column of dates."""
_PAID_LATER = re.compile(r"\s*[（(]?补发?[)）]?$|^补发?(?=\d)")
"""What a month's cell says of pay that was paid later: 2025年8月（补发）."""
_NO_DAY_OF_MONTH = re.compile(r"(\d{4}([-/.])\d{1,2})\2(?:00|0)", re.ASCII)
"""A month without a day as databases write it: 2023-03-00."""
_PLACE_SEPARATOR = re.compile("[、，,;；/]|转|后到|后去|以及|或")
_SERIAL = range(20_000, 80_000)
"""Serial numbers of the days from 1954 to 2119, as read from a date cell without a date format."""
HOUR = re.compile(r"(?<=[日号\d])\s*(?:零时|[0〇]时(?:[0〇]分)?|二十四时|24时)(?=起|至|止|[-—~]|$)|(?<=[日号时])止$")
"""The hour of the first or last day, which adds nothing: 2023年1月1日零时起至2023年12月31日24时止."""
_WRITTEN_SERIAL = re.compile(r"(?:3[7-9]|4\d|5[0-3])\d{3}", re.ASCII)
"""A serial number written as text, for days from 2001 to 2047; the pattern excludes 20236, which may be a month."""


class Notice(NamedTuple):
    """A notice about one cell: `level` is refuse, ask, warn or repair; `code` is a short machine-readable word."""

    level: str
    code: str
    message: str


Reader = Callable[[Any, list[Notice]], Any]
"""Reads one cell, and adds notices about it."""


class Masked(str):
    """A secret that is masked in the file: no change if it is the masked form of the stored value, otherwise refused."""

    __slots__ = ()


class Column(dict[Any, Any]):
    """The values of one column's distinct cells, each read on first access."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self.read = read
        self.noticed: dict[Any, list[Notice]] = {}

    def __missing__(self, cell: Any) -> Any:
        notices: list[Notice] = []
        try:
            value = self.read(cell, notices)
        except FieldError as error:
            value = None
            notices.append(Notice(REFUSE, error.code, str(error)))
        if notices:
            self.noticed[cell] = notices
        self[cell] = value
        return value


def text_of(cell: Any) -> str:
    """A cell's text as the sheet shows it: whole numbers without `.0`, dates in ISO form, no surrounding white space, `="…"` unwrapped."""
    if isinstance(cell, str):
        text = cell.strip()
        if text[:1] == "=" and (match := _WRAPPED.fullmatch(text)) and text[1:2] == '"':
            text = match[1].strip()
        return _CONTROL.sub("", text)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < FIFTEEN_DIGITS else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else repr(cell.total_seconds())


def chosen(cell: Any) -> str:
    """A cell's text without the letter that a questionnaire puts before a choice (A. 是)."""
    return _LETTERED.sub("", text_of(cell))


def is_empty(cell: Any) -> bool:
    """Whether a cell has no value: blank, a dash, or a spreadsheet's mark for no value."""
    return cell is None or (isinstance(cell, str) and cell.strip() in _EMPTY)


# ---------------------------------------------------------------- fields


def reader(field: Field, *, home: str) -> Reader:
    """A function that reads a cell of `field`. `home`, a scope code, decides between places of the same name."""
    special = {
        Type.DATE: _read_date,
        Type.FDATE: _read_date,
        Type.MONTH: _read_date,
        Type.YUAN: _read_number,
        Type.INT: _read_number,
        Type.ENUM: _read_choice,
        Type.SET: _read_choice,
        Type.BOOL: _read_choice,
        Type.SECRET: _read_secret,
        Type.PLACE: _read_place,
        Type.AREA: _read_place,
    }.get(field.type, _read_text)
    nothing = not field.required and field.type in _ACCEPTS_NOTHING
    figures = field.type in _FIGURES

    def read(cell: Any, notices: list[Notice]) -> Any:
        cell = ticked_words(cell) if isinstance(cell, str) and BOXES.search(cell) else cell
        if cell == "" or is_empty(cell) or (nothing and isinstance(cell, str) and cell.strip() in NOTHING):
            return None
        if figures and isinstance(cell, str) and is_misread(cell):
            meant = as_digits(cell)
            message = _("数字里有字母，像是扫描认错的，按 {meant} 读；对的再收下").format(meant=meant[:20])
            notices.append(Notice(ASK, "misread", message))
            cell = meant
        return special(field, cell, notices, home)

    return read


def _read_text(field: Field, cell: Any, notices: list[Notice], home: str) -> Any:
    if isinstance(cell, str) and (narrow := cell.translate(_HALF_WIDTH)) != cell:
        notices.append(Notice(REPAIR, "full_width", _("全角字符已改为半角")))
        cell = narrow
    plain = field.check is None and field.tidy is None
    if plain and isinstance(cell, str) and cell.isalnum() and len(cell) < _NUMBER_LENGTH and not _EXPONENT.fullmatch(cell):
        return cell
    text = text_of(cell)
    if not field.multiline and "\n" in text:
        notices.append(Notice(REPAIR, "line_break", _("格里的换行已去掉")))
        text = _LINE_BREAK.sub(" ", _LINE_BREAK_IN_WORD.sub("", text))
    if (isinstance(cell, float) and abs(cell) >= FIFTEEN_DIGITS) or (isinstance(cell, str) and _EXPONENT.fullmatch(text)):
        raise FieldError(identity.explain(identity.Problem.DIGITS_LOST, _(field.label)), "digits_lost")
    value = field.read(values.unmarked(text))
    _warn(field, value, notices)
    return value


def _warn(field: Field, value: Any, notices: list[Notice]) -> None:
    problem = field.doubt(value) if value else None
    if problem:
        notices.append(Notice(WARN, str(problem), _("{explained}，请核对").format(explained=field.explain(problem))))


_TIDY: dict[object, Callable[[str], str]] = {
    identity.mask_phone: identity.clean_phone,
    identity.mask_account: identity.clean_account,
    identity.mask_id: identity.clean_id,
}


def _is_clean(field: Field, text: str) -> bool:
    """Whether a mobile number or bank card needs neither repair nor warning. A quick check for the usual case."""
    if field.mask is identity.mask_phone:
        return _MOBILE.fullmatch(text) is not None
    return field.mask is identity.mask_account and _CARD.fullmatch(text) is not None and identity.luhn_ok(text)


def _read_secret(field: Field, cell: Any, notices: list[Notice], home: str) -> Any:
    if isinstance(cell, str) and _is_clean(field, cell):
        return cell
    text = text_of(cell)
    if identity.is_masked(text):
        return Masked(text)
    if isinstance(cell, str) and (number := among_words(field.mask, text)) is not None:
        found = _("只读入了号码，旁边写的没有读入，请核对") if number else _("「{text}」不是号码，该格留空").format(text=text[:20])
        notices.append(Notice(WARN, "words", found))
        return _read_text(field, number, notices, home) if number else None
    if field.mask is identity.mask_phone and isinstance(cell, str):
        cell = text = _NEXT_MOBILE.sub("/", text)
    tidy: Callable[[str], str] = _TIDY.get(field.mask) or text_of
    if isinstance(cell, str) and tidy(text) != text:
        notices.append(Notice(REPAIR, "full_width", _("号码里的空格、引号或全角字符已去掉")))
    return _read_text(field, tidy(text) if isinstance(cell, str) else cell, notices, home)


def _read_choice(field: Field, cell: Any, notices: list[Notice], home: str) -> Any:
    text = chosen(cell).lstrip("'")
    if field.type is Type.SET and text[:1] == "[":
        return field.from_json(_json(text))
    first = field.code_of(text)
    if field.choices and first in field.choices and field.type is Type.ENUM:
        return first
    word = half_width(text)
    word = word if field.type is Type.SET else re.sub(r"\s+", "", word).replace("(", "（").replace(")", "）")
    for attempt in (half_width(word), re.sub("[（(].*?[)）]", "", word), _CODED.sub("", word)):
        try:
            return field.read(attempt)
        except FieldError:
            continue
    if word in NOTHING and not field.required:
        return None
    try:
        return field.read(word)
    except FieldError as error:
        raise FieldError(str(error), "choice") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FieldError(_("不是列表"), "set") from None


def _is_iso_day(cell: Any) -> bool:
    """Whether a cell holds a day in the stored form. A quick check for the usual case."""
    if not isinstance(cell, str) or not _ISO_DAY.fullmatch(cell):
        return False
    try:
        return date.fromisoformat(cell).year in YEARS
    except ValueError:
        return False


def _read_date(field: Field, cell: Any, notices: list[Notice], home: str) -> Any:
    if field.type is not Type.MONTH and _is_iso_day(cell):
        return cell
    if isinstance(cell, float | int) and field.type is not Type.MONTH and cell in _SERIAL:  # an .xls has integers as well as floats
        return periods.from_excel_serial(cell)
    if isinstance(cell, str) and field.type is not Type.MONTH and _WRITTEN_SERIAL.fullmatch(cell):
        day = periods.from_excel_serial(int(cell))
        notices.append(Notice(REPAIR, "serial", _("“{text}”是表格里的日期序号，按 {day} 导入").format(text=cell, day=day)))
        return day
    if isinstance(cell, float) and not cell.is_integer() and str(cell).endswith(".1"):
        message = _("{label}：“{text}”分不清是 1 月还是 10 月，请写成 2023-01").format(label=_(field.label), text=text_of(cell))
        raise FieldError(message, "date")
    text = HOUR.sub("", text_of(cell))
    if field.type is not Type.MONTH and (unknown := _NO_DAY_OF_MONTH.fullmatch(text)):
        notices.append(Notice(REPAIR, "date_coarse", _("{text} 没有写是哪天，按月份导入").format(text=text)))
        text = unknown[1]
    if field.type is Type.MONTH:
        text = text[:7] if isinstance(cell, date) else _PAID_LATER.sub("", text)
    if not field.required and (cell in _ZERO_DATES or periods.is_ongoing(text)):
        return None
    try:
        return field.read(text.split(" ")[0] if isinstance(cell, datetime) else written_out(text, notices, born=field.name == "birth"))
    except FieldError as error:
        if field.type is Type.DATE and not field.required and _lacks_day(text):
            notices.append(Notice(WARN, "date_coarse", _("{label}只写到月，没有导入，请补到日").format(label=_(field.label))))
            return None
        raise FieldError(str(error), "date") from None


_YEARS_AHEAD = 20
"""How many years in the future a two-digit year may be, as for leases and agreements."""


def written_out(text: str, notices: list[Notice], *, born: bool = False) -> str:
    """A date's text with a two-digit year completed (a birth is never in the future) and a lunar date converted to the solar calendar; both
    are recorded as repairs."""
    filled = periods.with_century(text, int(clock.today()[:4]) + (0 if born else _YEARS_AHEAD))
    if filled != text:
        notices.append(Notice(REPAIR, "century", _("年份只写了两位，“{text}”按 {filled} 导入").format(text=text[:20], filled=filled[:30])))
    compact = "".join(filled.split())
    if (solar := in_solar(compact)) == compact:
        return filled
    notices.append(Notice(REPAIR, "lunar", _("“{text}”是农历，按公历 {filled} 导入").format(text=text[:20], filled=solar[:30])))
    return solar


def _lacks_day(text: str) -> bool:
    try:
        return len(periods.parse_fdate(periods.with_century(text, int(clock.today()[:4])))) < 10
    except FieldError:
        return False


def _read_number(field: Field, cell: Any, notices: list[Notice], home: str) -> Any:
    try:
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            return _number(field, cell)
        text = half_width(text_of(cell).lstrip("'"))
        if field.type is Type.YUAN:
            text, message = loose_amount(text, signed=field.name == "amount")
            notices += [Notice(WARN, "approximate", message)] if message else []
        if field.type is Type.INT and field.required and _SOME.fullmatch(text):
            notices.append(Notice(ASK, "some", _("没有写明是几个；收下则先记为 1，请事后补准")))
            return field.read("1")
        counted = _COUNTED.fullmatch(re.sub(r"\s+", "", text)) if field.type is Type.INT else None
        if field.type is Type.INT and (number := han_yuan(f"{_COUNTED_WORD.sub('', text)}元")) is not None:
            return field.read(str(number))
        return field.read(counted[1] if counted else text)
    except FieldError as error:
        if field.required:
            raise
        halves = field.type is Type.INT and re.fullmatch(r"\d+\.\d+", text_of(cell))
        message = _("{label}里的「{text}」不是整数，该格留空") if halves else _("{label}里的「{text}」不是数字，该格留空")
        parted = field.type is Type.YUAN and re.fullmatch(r"-?\d+\.\d{3,}", text_of(cell))
        message = _("{why}；「{text}」没有导入，该格留空") if parted else message
        notices.append(Notice(WARN, error.code, message.format(label=_(field.label), why=error, text=text_of(cell)[:20])))
        return None


def _number(field: Field, cell: float) -> int:
    """The stored value of a number cell: fen for money, otherwise a whole number. Binary rounding error of money is removed; a real third
    decimal is refused."""
    if field.type is Type.YUAN:
        rounded = round(cell, 2)
        return money.fen(rounded if abs(cell - rounded) < 1e-7 else cell)
    return int(field.read(text_of(cell)))


def _read_place(field: Field, cell: Any, notices: list[Notice], home: str) -> Any:
    text = half_width(text_of(cell).lstrip("'"))
    if field.type is Type.AREA:
        code = (
            values.check_text(field.type, text)
            if re.fullmatch(r"\d{6}|\d{9}|\d{12}", text)
            else divisions.find_village(county_of(home), None, text) or divisions.parse_place(text, home=home)
        )
    else:
        code = place_code(text, home, notices)
    if code is None:
        raise FieldError(_("{label}：认不出地名「{text}」").format(label=_(field.label), text=text[:30]), "place")
    return code


def _apart(code: str, other: str) -> bool:
    """Whether two places are in different cities; a province is not apart from a city in it."""
    one, two = (re.sub("(?:00)+$", "", place[:4]) for place in (code, other))
    return not (one.startswith(two) or two.startswith(one))


def place_code(text: str, home: str, notices: list[Notice]) -> str | None:
    """The code of a work place, or None; with a warning if only the city or province is known, and a question if several places in
    different cities are written."""
    text = _CODE_BEFORE.sub("", text)
    code = divisions.parse_place(text, home=home or None)
    others = _PLACE_SEPARATOR.split(text)[1:] if code is not None else []
    if code is not None and any(other is not None and _apart(code, other) for other in map(divisions.parse_place, others)):
        notices.append(Notice(ASK, "place_several", _("写了不止一个地方；收下则按第一个登记，几处都干过的，请一处一行")))
    if code is not None and divisions.coarse(code):
        notices.append(Notice(WARN, "place_coarse", _("务工地没有写到县（市、区）")))
    return code
