"""What a form is: described once as data, drawn as `.xlsx` (`workbook`), as `.docx` (`word`), as a page (`markup`) or into a
county's own layout (`templates`).

Forms are Chinese documents whatever language the window speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

Cell = str | int | float
"""Text, a count, or money in yuan."""
TOTAL = "合计"
CODE_WORDS = "办好后拍照或扫描，村站通按这个码归档"
"""What stands beside the code of a page."""


@dataclass(frozen=True)
class Opinion:
    """A box in which somebody writes, signs and stamps. `text`: what is printed in it already (a promise); `signs`: who, at its foot."""

    label: str
    text: str = ""
    signs: str = "（签字盖章）　　　　年　　月　　日"


REPORTED: Final = ("填报人", "审核人", "单位（盖章）")
REPORTED_BY_HEAD: Final = ("填报人", "审核人", "负责人", "单位（盖章）")
"""Who signs a report to the offices above."""


@dataclass(frozen=True)
class Form:
    """One form, from top to bottom: title, `heads` in one line, `opening`, `boxes` (rows of label and value), the table, `text`,
    `opinions`, `signatures` in one line, `closing` at the right, `pictures` (files, drawn on paper only). `wide` lies across the paper.
    `note` stands at the foot of every page. `record` and `mark`: what the code on its pages says, none without a mark. Money is in yuan."""

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
        """What `{{fields}}` of a county's own layout stand for, beside those of a row: each label with its value, 标题, 正文 and 合计."""
        named: dict[str, Cell] = {"标题": self.title, "正文": "\n".join([*self.opening, *self.text])}
        named |= {**self.heads, **{label: value for boxes in self.boxes for label, value in boxes}}
        named |= {opinion.label: opinion.text for opinion in self.opinions if opinion.text}
        sums = [cell for cell in self.total if isinstance(cell, float)]
        return named | ({TOTAL: sums[-1]} if sums else {}) | {"落款": "　".join(self.closing)}


def page_number(number: int, pages: int) -> str:
    """What stands at the foot of a page; forms are Chinese whatever the language of the window."""
    return f"第 {number} 页，共 {pages} 页"


def shown(cell: Cell) -> str:
    """A cell as it is printed: money with two places and separators."""
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell of so many widths of a Chinese character."""
    return sum(max(1, -(-int(ems(part) * 10) // max(1, int(width * 10)))) for part in text.split("\n"))


def ems(text: str) -> float:
    """How wide a text is about, in widths of a Chinese character."""
    return sum(1.0 if sign > "\u2e7f" else 0.55 for sign in text)
