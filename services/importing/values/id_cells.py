"""Reads cells of ID numbers: parses and repairs them, or reports what is wrong."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from domain import clock, identity
from domain.identity import half_width
from domain.words import _
from services.importing.values.cells import FIFTEEN_DIGITS, REPAIR, WARN, Masked, Notice, is_empty, text_of
from services.importing.values.scanned import as_digits

_ID18 = re.compile(r"[1-9]\d{5}((?:19|20)\d{6})\d{3}[0-9X]", re.ASCII)

_WITHIN = re.compile(r"[^\da-zA-Z]*(\d{17}[\dXx])[^\da-zA-Z]*", re.ASCII)
"""A single number surrounded only by words: 身份证：…, …（户主）."""


class Number(NamedTuple):
    """An ID number: the 18-character form, the original if it had 15, 20 or 22 characters, and the sex and birth date it encodes."""

    id18: str
    original: str | None
    sex: str | None
    birth: str | None

    @property
    def told(self) -> dict[str, str]:
        """The sex and birth, as far as the number has them."""
        return {name: value for name, value in (("sex", self.sex), ("birth", self.birth)) if value is not None}


class Doubtful(NamedTuple):
    """A text in an ID number column that is not an ID number: refused unless it is the number of another type of document. `problem` is the
    code of the fault."""

    text: str
    problem: str


IdCell = Number | Doubtful | Masked | None
"""What a cell of ID numbers holds."""


def read_id(cell: Any, notices: list[Notice]) -> IdCell:
    """The parsed ID number, or `Doubtful` if it is not valid; whether that refuses the row depends on its document. None for an empty cell
    and for 无, 不详 and the like. Repairs are added to `notices`."""
    if isinstance(cell, str):
        quick = _quick_id(cell)
        if quick is not None:
            return quick
    if is_empty(cell):
        return None
    text = repr(cell) if isinstance(cell, float) and abs(cell) >= FIFTEEN_DIGITS else text_of(cell)
    if identity.is_masked(text):
        return Masked(text)
    if identity.placeholder(text):
        return None
    problem = identity.id_problem(text)
    if problem is not None and (within := _WITHIN.fullmatch(half_width(text).replace("-", ""))) and identity.id_problem(within[1]) is None:
        text, problem = within[1], None
        notices.append(Notice(REPAIR, "words", _("号码前后的字或中间的短横已去掉")))
    if problem is not None and identity.id_problem(meant := as_digits(text)) is None:
        text = cell = meant
        problem = None
        notices.append(Notice(WARN, "misread", _("号码里的字母按数字 0、1 读，请核对")))
    if problem is not None:
        return Doubtful(identity.clean_id(text), problem.value)
    notices.extend(_id_repairs(cell, text))
    found = identity.normalise_id(text)
    return Number(found.id18, found.original, found.sex, found.birth)


def _quick_id(text: str) -> Number | None:
    """A valid 18-character number, at a tenth of the cost of the full check; None for any other text."""
    match = _ID18.fullmatch(text)
    if match is None:
        return None
    birth = _births[match[1]]
    if birth is None or identity.check_digit(text[:17]) != text[17]:
        return None
    return Number(text, None, "male" if text[16] in "13579" else "female", birth)


class _Births(dict[str, str | None]):
    """Eight digits → birth date, None if impossible. Cached, because most dates occur many times."""

    def __missing__(self, digits: str) -> str | None:
        birth = identity.birth_of("0" * 6 + digits)
        self[digits] = birth if birth is not None and birth <= clock.today() else None
        return self[digits]


_births = _Births()


def _id_repairs(cell: Any, text: str) -> list[Notice]:
    """The repairs made to a number that is now valid."""
    raw = cell if isinstance(cell, str) else text
    clean = identity.clean_id(text)
    found = []
    if "x" in raw:
        found.append(Notice(REPAIR, "lower_x", _("末位小写 x 已改为大写 X")))
    if raw[:1] in "'‘’`\"=":
        found.append(Notice(REPAIR, "quote", _("号码前的引号已去掉")))
    elif raw != raw.strip() or re.search(r"\s", raw):
        found.append(Notice(REPAIR, "tab" if "\t" in raw else "spaces", _("号码里的空格或制表符已去掉")))
    if half_width(raw) != raw and "　" not in raw:
        found.append(Notice(REPAIR, "full_width", _("全角字符已改为半角")))
    if len(clean) in (20, 22):
        found.append(Notice(REPAIR, "twenty", _("残疾人证号的前 18 位作为身份证号码")))
    if len(clean) == 15:
        found.append(Notice(REPAIR, "fifteen", _("15 位号码已升为 18 位，原号码保留")))
    return found
