"""Content of a public notice (公示): whitelisted columns, masked, with namesakes distinguished (`domain.md` §10.2).

A notice hangs where everybody can read it. Only these columns ever reach it: no phone, account, address, illness or full number. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.identity import mask_id
from domain.words import _


@dataclass(frozen=True)
class NoticeItem:
    """One line of a notice. `name`: as displayed; `village`: with the group; `amount`: fen; `place`: no closer than the province or
    county; `months`: first and last month, `2023-02—2023-11`."""

    number: int
    name: str
    village: str
    item: str
    amount: int
    place: str = ""
    months: str = ""


@dataclass(frozen=True)
class Subject:
    """The subject of a line, with what distinguishes namesakes. Only the last four characters of `id_number` are ever shown."""

    line: NoticeItem
    head: str | None
    """The head of the household; None for an employer or if it is the person."""
    id_number: str | None
    minor: bool = False


def lines(subjects: Iterable[Subject]) -> list[NoticeItem]:
    """The numbered lines of a notice, in the given order. A minor's name is not shown in full."""
    listed = list(subjects)
    names = Counter(s.line.name for s in listed)
    heads = Counter((s.line.name, s.head) for s in listed)
    shown = []
    for number, subject in enumerate(listed, 1):
        full = subject.line.name
        name = full[:1] + "某" * max(1, len(full) - 1) if subject.minor else full
        if names[full] > 1:
            alone = subject.head and heads[full, subject.head] == 1
            mark = _("户主 {head}").format(head=subject.head) if alone else _last_four(subject.id_number)
            name = f"{name}（{mark}）" if mark else name
        shown.append(replace(subject.line, number=number, name=name))
    return shown


def _last_four(id_number: str | None) -> str:
    return mask_id(id_number).lstrip("*") if id_number else ""
