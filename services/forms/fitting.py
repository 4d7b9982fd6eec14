"""Computes the text size and column widths of a form's table on A4: as large as possible without breaking single words.

Names, addresses and remarks are wrapped before the text becomes small; numbers, dates and amounts are never wrapped. A column for
signatures has a fixed width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.forms.form import Form, ems, shown

UPRIGHT: Final = 510.0
WIDE: Final = 785.0
"""Width between the margins of A4 in points, portrait and landscape."""
_READABLE: Final = (11.25, 10.5, 9.75, 9.0)
"""Text sizes in points with which names fit on one line. All are whole pixels at 96 dpi; other sizes would be rounded in layout."""
_SMALL: Final = (8.25, 7.5, 6.75, 6.0)
"""Smaller sizes for tables with many columns, whose text is wrapped as far as possible."""
_MANY: Final = 14
"""With more columns than this, the cell padding is smaller."""
_FAIR, _WISH, _LEAST = 11.0, 26.0, 3.0
"""Widths of a text column in ems (the width of a Chinese character): enough for most names; the most useful width; the minimum."""
_DIGITS: Final = 20
"""Most characters that are kept together: an ID number, an account number."""
_SPARE: Final = 0.3
"""Extra width of a column in ems, because text widths are estimates."""
_SIGNATURE: Final = 45.0
"""Width of a column for signatures in points."""
SIGNED: Final = "签字"
_WHOLE: Final = re.compile(r"[\x21-\x7e]*\d[\x21-\x7e]*")


@dataclass(frozen=True)
class Fit:
    """The layout of a table: text size, column widths, and padding on either side of a cell, in points."""

    points: float
    widths: Sequence[float]
    padding: float


@dataclass(frozen=True)
class _Column:
    """Widths of a column in ems: without breaking words, without breaking names, without wrapping."""

    least: float
    fair: float
    wish: float


def fit(form: Form, least: float = 0) -> Fit:
    """The layout of a form's table; no column is narrower than `least` ems."""
    room = WIDE if form.wide else UPRIGHT
    padding = 1.5 if len(form.columns) > _MANY else 3.0
    beside = 2 * padding + 0.75
    columns = _days_alike(form.columns, [_column(form, n) for n in range(len(form.columns))])
    signed = [n for n, name in enumerate(form.columns) if name == SIGNED]
    free = room - beside * len(columns) - _SIGNATURE * len(signed)
    texts = [max(least, column.least) for n, column in enumerate(columns) if n not in signed]
    fairs = [max(least, column.fair) for n, column in enumerate(columns) if n not in signed]
    wishes = [max(least, column.wish) for n, column in enumerate(columns) if n not in signed]
    size = next((size for size in _READABLE if sum(fairs) * size <= free), 0.0)
    base = fairs if size else texts
    size = size or next((size for size in (_READABLE[-1], *_SMALL) if sum(texts) * size <= free), _SMALL[-1])
    shares = iter(_shared(base, wishes, free / size))
    widths = [(_SIGNATURE if n in signed else next(shares) * size) + beside for n in range(len(columns))]
    return Fit(size, widths, padding)


def _column(form: Form, n: int) -> _Column:
    cells = [shown(row[n]) for row in (*form.rows, *([form.total] if form.total else [])) if n < len(row)]
    name = form.columns[n]
    widest = max(map(ems, cells), default=0.0)
    whole = max((ems(part) for cell in cells for part in _words(cell)), default=0.0)
    heading = min(ems(name), max(2.0, ems(name) / 2 + 0.5))  # in at most two lines
    least = max(heading, whole, min(widest, _LEAST)) + _SPARE
    fair = max(least, min(widest, _FAIR) + _SPARE)
    return _Column(least, fair, max(fair, min(widest, _WISH) + _SPARE, ems(name) + _SPARE))


def _days_alike(names: Sequence[str], columns: Sequence[_Column]) -> list[_Column]:
    """The columns, with those headed by a number (days of a month) given the same width."""
    days = [column for name, column in zip(names, columns, strict=True) if name.isdecimal()]
    if not days:
        return list(columns)
    day = _Column(max(one.least for one in days), max(one.fair for one in days), max(one.wish for one in days))
    return [day if name.isdecimal() else column for name, column in zip(names, columns, strict=True)]


def _words(text: str) -> Iterator[str]:
    """The parts of a text that must not be broken: numbers, dates, amounts."""
    return (found.group()[:_DIGITS] for found in _WHOLE.finditer(text))


def _shared(base: Sequence[float], wishes: Sequence[float], room: float) -> list[float]:
    """Widths that fill the room: the rest is distributed by the wished widths, then proportionally."""
    wanted = [max(0.0, wish - have) for have, wish in zip(base, wishes, strict=True)]
    left = max(0.0, room - sum(base))
    part = min(1.0, left / sum(wanted)) if sum(wanted) else 0.0
    given = [have + more * part for have, more in zip(base, wanted, strict=True)]
    stretched = room / sum(given) if given else 1.0
    return [width * stretched for width in given]
