"""What 台账和表格 lists: every ledger and every form, and what each needs to be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.widgets.ledger_table import Column, Row, Source
from domain.words import _

FORM, LAYOUT, LEDGER = "form", "layout", "ledger"


@dataclass(frozen=True)
class Offer:
    """A ledger or a form. `sort`: `form`, `layout` (a ledger in a layout of its own) or `ledger`; `about`: the kind of the record it is
    made of, "" for the whole station; `month`: whether one month of it can be asked for; `count`: its records, None for a form."""

    name: str
    sort: str
    title: str
    about: str = ""
    month: bool = False
    count: int | None = None

    @property
    def id(self) -> str:
        """What tells it from the others: a layout and a ledger may have one name."""
        return f"{self.sort} {self.name}"


@dataclass(frozen=True)
class PapersUses:
    """What the tab needs done. `offers` waits for the database; the others begin work of their own and tell by themselves."""

    offers: Callable[[], Sequence[Offer]]
    show: Callable[[QWidget, Offer, str, str], None]
    """`show(parent, offer, id of its record, month)`"""
    export: Callable[[Offer, str, Path], None]
    """`export(offer, month, file)` writes a ledger as a workbook."""
    records: Callable[[str], tuple[Sequence[Column], Source]]
    """The list of a kind, to choose the record of a form from."""


def sort_words() -> dict[str, str]:
    """The words of the sorts."""
    return {FORM: _("表格"), LAYOUT: _("报送版式"), LEDGER: _("台账")}


def row_of(offer: Offer) -> Row:
    """Its line of the table."""
    count = "" if offer.count is None else f"{offer.count:,}"
    return {"id": offer.id, "title": offer.title, "sort": sort_words()[offer.sort], "count": count, "needs": _needs(offer)}


def _needs(offer: Offer) -> str:
    """What is asked before it is made."""
    if offer.about:
        return {
            "claim": _("先选一笔申请"),
            "notice": _("先选一次公示"),
            "employer": _("先选一个单位"),
            "person": _("先选一个人"),
        }.get(offer.about, _("先选一条记录"))
    if not offer.month:
        return ""
    return _("可选月份，不选是本月") if offer.sort == FORM else _("可选月份")
