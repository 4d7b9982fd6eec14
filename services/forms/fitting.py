"""How large the text of a form's table is on A4 and how wide its columns are: as large as may be read, nothing broken that is one word.

Names, addresses and remarks are broken into lines before text becomes small; numbers, dates and sums never are. A column that is
signed in is as wide as a signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.forms.form import Form, ems, shown

UPRIGHT: Final = 510.0
WIDE: Final = 785.0
"""Points between the margins of A4 upright and across."""
_READABLE: Final = (11.25, 10.5, 9.75, 9.0)
"""Sizes at which names stand in one line; all are whole dots at 96 to the inch, for others are rounded where text is laid out."""
_SMALL: Final = (8.25, 7.5, 6.75, 6.0)
"""Sizes for what has too many columns: then text is broken as far as it may be."""
_MANY: Final = 14
"""Columns from which the room beside their text is less."""
_FAIR, _WISH, _LEAST = 11.0, 26.0, 3.0
"""Of a column of text, in widths of a Chinese character: enough for most names; all anybody needs; three characters."""
_DIGITS: Final = 20
"""Of what is not broken: an ID number, an account; what is longer is no number."""
_SPARE: Final = 0.3
"""What a column is wider than its text is reckoned."""
_SIGNATURE: Final = 45.0
"""Points of a column in which somebody signs."""
SIGNED: Final = "签字"
_WHOLE: Final = re.compile(r"[\x21-\x7e]*\d[\x21-\x7e]*")


@dataclass(frozen=True)
class Fit:
    """The table on paper: size of its text, widths of its columns, and what stays free on either side of a cell's text, in points."""

    points: float
    widths: Sequence[float]
    padding: float


@dataclass(frozen=True)
class _Column:
    """Widths of a column's text in widths of a Chinese character: where nothing whole is broken, where names are not, where nothing is."""

    least: float
    fair: float
    wish: float


def fit(form: Form, least: float = 0) -> Fit:
    """The table of a form on its paper; no column narrower than `least` characters."""
    room = WIDE if form.wide else UPRIGHT
    padding = 1.5 if len(form.columns) > _MANY else 3.0
    beside = 2 * padding + 0.75
    columns = _alike(form.columns, [_column(form, n) for n in range(len(form.columns))])
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
    heading = min(ems(name), max(2.0, ems(name) / 2 + 0.5))  # in two lines at most
    least = max(heading, whole, min(widest, _LEAST)) + _SPARE
    fair = max(least, min(widest, _FAIR) + _SPARE)
    return _Column(least, fair, max(fair, min(widest, _WISH) + _SPARE, ems(name) + _SPARE))


def _alike(names: Sequence[str], columns: Sequence[_Column]) -> list[_Column]:
    """Columns headed by bare numbers, the days of a month, are of one width."""
    days = [column for name, column in zip(names, columns, strict=True) if name.isdecimal()]
    if not days:
        return list(columns)
    day = _Column(max(one.least for one in days), max(one.fair for one in days), max(one.wish for one in days))
    return [day if name.isdecimal() else column for name, column in zip(names, columns, strict=True)]


def _words(text: str) -> Iterator[str]:
    """What stands in it and is one word: numbers, dates, sums."""
    return (found.group()[:_DIGITS] for found in _WHOLE.finditer(text))


def _shared(base: Sequence[float], wishes: Sequence[float], room: float) -> list[float]:
    """Widths that together are the room: what is left over goes where it is wished for, then to all alike."""
    wanted = [max(0.0, wish - have) for have, wish in zip(base, wishes, strict=True)]
    left = max(0.0, room - sum(base))
    part = min(1.0, left / sum(wanted)) if sum(wanted) else 0.0
    given = [have + more * part for have, more in zip(base, wanted, strict=True)]
    stretched = room / sum(given) if given else 1.0
    return [width * stretched for width in given]
