"""The data of a form, which is written as `.xlsx` (`workbook`), `.docx` (`word`), a page (`markup`) or into a county's own template
(`templates`). Forms are in Chinese whatever the language of the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

Cell = str | int | float
"""Text, a count (int), or money in yuan (float)."""
TOTAL = "合计"
CODE_WORDS = "办好后拍照或扫描，村站通按这个码归档"
"""The text beside the code of a page."""


@dataclass(frozen=True)
class Opinion:
    """A box to write, sign and stamp in. `text` is printed in it (a promise); `signs` is the line for the signature."""

    label: str
    text: str = ""
    signs: str = "（签字盖章）　　　　年　　月　　日"


REPORTED: Final = ("填报人", "审核人", "单位（盖章）")
REPORTED_BY_HEAD: Final = ("填报人", "审核人", "负责人", "单位（盖章）")
"""The signatures of a report to a higher office."""


@dataclass(frozen=True)
class Form:
    """A form, from top to bottom: title, `heads` in one line, `opening`, `boxes` (rows of label and value), the table, `text`, `opinions`,
    `signatures` in one line, `closing` on the right, `pictures` (image files, only on paper). `wide` is landscape. `note` is at the foot of
    every page. `record` and `mark` are the content of the page code; without a mark there is none. Money is in yuan."""

    title: str
    heads: Mapping[str, str] = field(default_factory=dict)
    opening: Sequence[str] = ()
    boxes: Sequence[Sequence[tuple[str, str]]] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    total: Sequence[Cell] = ()
    opinions: Sequence[Opinion] = ()
    text: Sequence[str] = ()
    signatures: Sequence[str] = ()
    closing: Sequence[str] = ()
    pictures: Sequence[bytes] = ()
    wide: bool = False
    note: str = ""
    record: str = ""
    mark: str = ""

    def values(self) -> dict[str, Cell]:
        """The values for `{{fields}}` of a county's template other than those of a row: each label with its value, 标题, 正文, 合计 and
        落款."""
        named: dict[str, Cell] = {"标题": self.title, "正文": "\n".join([*self.opening, *self.text])}
        named |= {**self.heads, **{label: value for boxes in self.boxes for label, value in boxes}}
        named |= {opinion.label: opinion.text for opinion in self.opinions if opinion.text}
        sums = [cell for cell in self.total if isinstance(cell, float)]
        return named | ({TOTAL: sums[-1]} if sums else {}) | {"落款": "　".join(self.closing)}


def page_number(number: int, pages: int) -> str:
    """The page number at the foot of a page."""
    return f"第 {number} 页，共 {pages} 页"


def shown(cell: Cell) -> str:
    """A cell as printed: money with two decimals and thousands separators."""
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)


def alignment(cell: Cell) -> str:
    """How a cell is aligned: money right, counts and single characters centred, other text left."""
    if isinstance(cell, float):
        return "right"
    return "center" if isinstance(cell, int) or len(cell) == 1 else "left"


def lines(text: str, width: float) -> int:
    """The number of lines of a text in a cell of `width` ems."""
    return sum(max(1, -(-int(ems(part) * 10) // max(1, int(width * 10)))) for part in text.split("\n"))


def ems(text: str) -> float:
    """The approximate width of a text in ems (widths of a Chinese character)."""
    return sum(1.0 if sign > "\u2e7f" else 0.55 for sign in text)
