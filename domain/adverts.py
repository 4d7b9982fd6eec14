"""Job advertisements to send by WeChat: the job and the employer, never anything about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain import divisions
from domain.records import Vacancy
from domain.vacancies import wage_text
from domain.words import _

_NUMBER: Final = re.compile(r"[0-9０-９][0-9０-９ \-－]{5,}[0-9０-９xXｘＸ]")
"""Phone, identity and account numbers in a title: seven digits or more."""


@dataclass(frozen=True)
class Opening:
    """A vacancy with the name of its employer; `phone` only if the user chose to include it."""

    vacancy: Vacancy
    employer: str
    phone: str = ""


def advert(openings: Sequence[Opening], contact: str) -> str:
    """The text to paste; several vacancies are numbered. `contact` says where to apply if no phone is given."""
    if not openings:
        return ""
    many = len(openings) > 1
    lines = [_("【招聘信息】共 {n} 个岗位").format(n=len(openings))] if many else []
    for number, opening in enumerate(openings, 1):
        lines += ["", *_lines(opening, f"{number}. ")] if many else _lines(opening, _("【招聘】"))
    if not all(opening.phone for opening in openings):
        lines += ["", contact] if many else [contact]
    return "\n".join(lines)


def without_numbers(text: str) -> str:
    """The text without its long numbers."""
    return _NUMBER.sub("***", " ".join(text.split()))


def _lines(opening: Opening, before: str) -> Iterator[str]:
    vacancy = opening.vacancy
    yield before + _("{title}　招 {n} 人").format(title=without_numbers(vacancy.title), n=vacancy.headcount)
    yield _("单位：{name}").format(name=without_numbers(opening.employer))
    yield _("地点：{place}").format(place=divisions.full_name(vacancy.place) or vacancy.place)
    if wage := wage_text(vacancy):
        yield _("月薪：{wage}").format(wage=wage)
    if wanted := [*sorted(without_numbers(one) for one in vacancy.requires or ()), *_age(vacancy)]:
        yield _("要求：{what}").format(what=_("、").join(wanted))
    if vacancy.expires_on:
        yield _("有效期至：{day}").format(day=vacancy.expires_on)
    if opening.phone:
        yield _("电话：{phone}").format(phone=opening.phone)


def _age(vacancy: Vacancy) -> list[str]:
    return [_("年龄不超过 {most} 岁").format(most=vacancy.age_max)] if vacancy.age_max is not None else []
