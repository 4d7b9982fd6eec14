"""统计 of one figure over twelve months: by township or by village, with a chart of the total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from db.session import Session
from domain import divisions
from domain.errors import NotFound
from domain.money import yuan_grouped
from domain.periods import add_months
from domain.scopes import within
from domain.words import _
from server.console.answers import Asked
from server.console.figures import HERE, UNKNOWN, at_county, summed, town_asked
from server.console.markup import Page, Part, address, element, empty, link
from services import work
from services.reports import month_figures
from services.reports.month_figures import FIGURES, Figure
from services.reports.monthly import counted_on

PATH: Final = f"{HERE}/trend"
MONTHS: Final = 12
_WIDTH, _HEIGHT, _GAP, _WORDS = 60, 120, 12, 22
"""Of the chart, in units of its own: a month, the longest bar, the space between bars, a line of text."""

Months = Mapping[str, Mapping[str, int]]
"""A figure by month and by village."""


def trend(asked: Asked, session: Session) -> Page:
    """`/figures/trend`: a `figure` in the twelve months up to a `month`, by township, or by the villages of a `town`."""
    one = FIGURES.get(asked.text("figure"))
    if one is None or one.lasting:
        raise NotFound(_("没有这一项统计。"))
    here, town = at_county(session), town_asked(asked)
    last = counted_on(session, asked.text("month") or session.today[:7])[:7]
    found = month_figures.over_months(here, [add_months(last, -n) for n in range(MONTHS - 1, -1, -1)], one)
    place = divisions.called(town or here.scope) or _("全县")
    title = _("{place} {figure}，到 {month} 的十二个月").format(place=place, figure=_(one.label), month=last)
    back = link(_("回到统计"), address(HERE, month=last, town=town))
    head: list[Part] = [element("p", back, class_="back"), element("p", _(one.meaning))]
    totals = [_total(villages, town) for villages in found.values()]
    if not any(totals):
        return Page(title, [*head, empty(_("这十二个月都没有。"))])
    asked_in = work.asked(session, list(found))
    numbers = zip(found, totals, strict=True)
    known = [None if month_figures.unknown(one.name, number, town, month, asked_in) else number for month, number in numbers]
    return Page(title, [*head, _chart(one, list(found), known, title), _table(one, found, town, asked_in)])


def _total(villages: Mapping[str, int], town: str) -> int:
    return sum(number for village, number in villages.items() if within(village, town))


def _text(one: Figure, number: int) -> str:
    return yuan_grouped(number) if one.money else f"{number:,}"


def _chart(one: Figure, months: Sequence[str], totals: Sequence[int | None], title: str) -> Element:
    """A bar for each month, with its number above and its month below. Corrections can make a sum negative: it has no bar, nor has a number
    that nobody knows."""
    most = max(*(number or 0 for number in totals), 1)
    made = element("svg", element("title", title), viewBox=f"0 0 {_WIDTH * len(months)} {_HEIGHT + 2 * _WORDS}", role="img", class_="chart")
    for n, (month, number) in enumerate(zip(months, totals, strict=True)):
        tall = max(number or 0, 0) * _HEIGHT // most
        left, top = n * _WIDTH, _WORDS + _HEIGHT - tall
        made.append(element("rect", x=left + _GAP // 2, y=top, width=_WIDTH - _GAP, height=tall))
        whole = UNKNOWN if number is None else f"{number // 100 if one.money else number:,}"  # yuan without fen: there is no room
        made.append(element("text", whole, x=left + _WIDTH // 2, y=top - 6))
        made.append(element("text", month[2:], x=left + _WIDTH // 2, y=_HEIGHT + 2 * _WORDS - 6))
    return made


def _table(one: Figure, found: Months, town: str, asked: month_figures.Asked) -> Element:
    width = len(town) + 3 if town else 9
    places: dict[str, Counter[str]] = {}
    for month, villages in found.items():
        for village, number in villages.items():
            if within(village, town):
                places.setdefault(village[:width], Counter())[month] += number
    rows: list[list[Part]] = []
    for code, numbers in sorted(places.items()):
        area = month_figures.line(code, width)
        name = link(area.name, address(PATH, figure=one.name, month=list(found)[-1], town=code)) if width == 9 == len(code) else area.name
        own = "1" if area.area.own else None
        cells = [_cell(one, numbers[month], month, code, town, own, asked) for month in found]
        rows.append([name, *cells])
    rows.append([_("合计"), *(_cell(one, _total(villages, town), month, town, town, None, asked) for month, villages in found.items())])
    months = (link(month[2:], address(HERE, month=month, town=town)) for month in found)
    return summed([_("村") if town else _("乡镇"), *months], rows)


def _cell(one: Figure, number: int, month: str, area: str, town: str, own: str | None, asked: month_figures.Asked) -> Part:
    if month_figures.unknown(one.name, number, area, month, asked):
        return UNKNOWN
    to = address(f"{HERE}/behind", month=month, town=town, figure=one.name, area=area, own=own)
    return link(_text(one, number), to) if number else _text(one, number)
