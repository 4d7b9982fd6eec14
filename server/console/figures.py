"""统计: what was done in a month, by township or by village; the records behind each figure; the same as a file."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree.ElementTree import Element

from sqlalchemy import func, select

from db.exchange import scope_head
from db.session import Session
from domain import divisions
from domain.errors import NotFound
from domain.fields import KINDS
from domain.money import yuan_grouped
from domain.periods import add_months
from domain.scopes import DIGITS, county_of, is_township, valid, within
from domain.words import N_, _
from server import devices
from server.console.answers import PER_PAGE, Asked, File
from server.console.ledgers import COUNTY, LAST_PAGE, listed_records, pages
from server.console.markup import Page, Part, address, append, choice, element, empty, field, link, table
from server.status import LATE_DAYS
from services.exporting import csv_text
from services.lists.columns import columns
from services.reports import month_figures
from services.reports.month_figures import FIGURES, GROUPS, Area, AreaFigures, Counted, Figure
from services.sheets import Workbook, yuan
from sync.county.acts.authoring import county_scopes

HERE: Final = "/figures"
UNKNOWN: Final = "—"
"""In place of a figure that nobody can tell, as in the monthly report of a station."""
_MONTHS: Final = 24
"""Months to choose from."""
_FRESH: Final = 60.0
"""Seconds for which figures are shown although something came in meanwhile: counting 100 000 people takes seconds."""
_IN_USE, _LATE = "computers", "late"
STATIONS: Final[Mapping[str, str]] = {_IN_USE: N_("在用的电脑"), _LATE: N_("{n} 天没来过")}
"""The columns about computers, which the county's server knows and no station."""


@dataclass(frozen=True)
class _Shown:
    """What was asked for: the month's lines, the last of them the total, with the columns of the computers; `late`: days after which one
    counts as late."""

    month: str
    day: str
    town: str
    late: int
    lines: Sequence[AreaFigures]

    def address(self, path: str = HERE, **query: str | None) -> str:
        given: dict[str, str | None] = {"month": self.month, "town": self.town, "late": str(self.late), **query}
        return address(path, {name: value for name, value in given.items() if value})


def figures(asked: Asked, session: Session) -> Page:
    """`/figures`: by township, or by the villages of a `town`, in a `month`."""
    shown = _shown(asked, session)
    said = _("统计到 {day}。后来补录的也算进当月，以前月份的数会变。点数字看名单，点栏目看十二个月。").format(day=shown.day)
    way = element("p", link(_("回到各乡镇"), shown.address(town=None)), class_="back") if shown.town else None
    files = [link(_("存成 {ending}").format(ending=ending), shown.address(f"{HERE}.{ending}")) for ending in ("xlsx", "csv")]
    parts = [way, _chosen(session, shown), element("p", said), element("p", files[0], "　", files[1], class_="files")]
    if len(shown.lines) == 1:
        return Page(_title(session, shown), [*parts, empty(_("各站还没有交来记录。"))])
    return Page(_title(session, shown), [*parts, *_tables(shown), *_meanings()])


def _shown(asked: Asked, session: Session) -> _Shown:
    town, month, late = town_asked(asked), asked.text("month") or session.today[:7], asked.number("late", LATE_DAYS, 3650)
    found = _counted(asked, session, month)
    return _Shown(found.month, found.day, town, late, _with_computers(session, found, town, late))


def town_asked(asked: Asked) -> str:
    """The code of the township that was asked for, "" for all. Raises `NotFound`."""
    town = asked.text("town")
    if town and not (valid(town) and is_township(town)):
        raise NotFound(_("没有这个乡镇。"))
    return town


def _counted(asked: Asked, session: Session, month: str) -> Counted:
    """The figures of a month, as counted before if nothing came in since, or within the last minute."""
    now, heads = time.monotonic(), session.conn.execute(select(func.count(), func.sum(scope_head.c.seq))).one()
    version = (session.today, *heads)
    kept = asked.kept.get(month)
    if kept is not None and kept[0][0] == session.today and (kept[0] == version or now < kept[1] + _FRESH):
        return kept[2]
    found = month_figures.counted(at_county(session), month)
    if len(asked.kept) >= _MONTHS:
        asked.kept.clear()
    asked.kept[month] = version, now, found
    return found


def at_county(session: Session) -> Session:
    """The session as the county's own: regions of work are as seen from it. If the server has several counties, the one with the most
    places that handed something in: a code may have been made for another by mistake."""
    return replace(session, scope=_county(session) or COUNTY)


def _county(session: Session) -> str:
    places = Counter(county_of(scope) for scope in session.conn.execute(select(scope_head.c.scope).order_by(scope_head.c.scope)).scalars())
    return next((county for county, _places in places.most_common(1)), "") or next(iter(county_scopes(session)), "")


def _title(session: Session, shown: _Shown) -> str:
    place = divisions.called(shown.town or _county(session)) or _("全县")
    return _("{place} {month} 统计").format(place=place, month=shown.month)


def _with_computers(session: Session, found: Counted, town: str, late: int) -> list[AreaFigures]:
    """The lines with the figures of the computers, and lines for places that have computers and nothing else."""
    width = DIGITS["village" if town else "township"]
    using, away = (_computers(session, town, width, days) for days in (None, late))
    *places, total = month_figures.lines(found, town)
    known = {one.area.code: one for one in places}
    known |= {code: month_figures.marked(month_figures.line(code, width), found) for code in using.keys() - known.keys()}
    made = [_computed(known[code], using[code], away[code]) for code in sorted(known)]
    return [*made, _computed(total, using.total(), away.total())]


def _computed(one: AreaFigures, using: int, away: int) -> AreaFigures:
    return replace(one, figures={**one.figures, _IN_USE: using, _LATE: away})


def _computers(session: Session, town: str, width: int, late: int | None) -> Counter[str]:
    found = devices.devices(session, late)
    return Counter(one.scope[:width] for one in found if not one.revoked_at and within(one.scope, town))


# -- the page ------------------------------------------------------------------------------------------------------------


def _chosen(session: Session, shown: _Shown) -> Element:
    months = [add_months(session.today[:7], -n) for n in range(_MONTHS)]
    months += [shown.month] if shown.month not in months else []
    parts = (
        element("input", type="hidden", name="town", value=shown.town) if shown.town else None,
        choice(_("月份"), "month", [(one, one) for one in months], shown.month),
        field(_("几天没来过算久"), "late", str(shown.late), type="number", min=1, max=3650),
        element("button", _("看")),
    )
    return element("form", *parts, method="get", class_="bar")


def _tables(shown: _Shown) -> Iterator[Part]:
    first = _("村") if shown.town else _("乡镇")
    for heading, group in GROUPS.items():
        yield element("h2", _(heading))
        head: list[Part] = [first, *(_over_months(shown, one) for one in group)]
        rows = [[_named(shown, line), *(_figure(shown, one, line) for one in group)] for line in shown.lines]
        yield summed(head, rows)
    yield element("h2", _("电脑"))
    rows = [[_named(shown, line), *(_stations(shown, name, line) for name in STATIONS)] for line in shown.lines]
    yield summed([first, *(_(said).format(n=shown.late) for said in STATIONS.values())], rows)


def summed(head: Sequence[Part], rows: Sequence[Sequence[Part]]) -> Element:
    """A table of numbers, named in the first column, whose last row is the total."""
    made = table(head, rows, numeric=range(1, len(head)))
    last = made.findall(".//tr")[-1]
    last.set("class", "total")
    return made


def _named(shown: _Shown, line: AreaFigures) -> Part:
    code = line.area.code
    return link(line.name, shown.address(town=code)) if is_township(code) and not shown.town else line.name


def _over_months(shown: _Shown, one: Figure) -> Part:
    return _(one.label) if one.lasting else link(_(one.label), shown.address(f"{HERE}/trend", figure=one.name, late=None))


def _figure(shown: _Shown, one: Figure, line: AreaFigures) -> Part:
    number = line.figures[one.name]
    if one.name in line.unknown:
        return UNKNOWN
    text = yuan_grouped(number) if one.money else f"{number:,}"
    to = shown.address(f"{HERE}/behind", figure=one.name, area=line.area.code, own="1" if line.area.own else None)
    return link(text, to) if number else text


def _stations(shown: _Shown, name: str, line: AreaFigures) -> Part:
    number = line.figures[name]
    late = shown.late if name == _LATE else None
    return link(f"{number:,}", address("/stations", place=line.area.code, late=late)) if number else "0"


def _meanings() -> Iterator[Element]:
    """What each figure counts."""
    listed = element("dl")
    for group in GROUPS.values():
        for one in group:
            append(listed, element("dt", _(one.label)))
            append(listed, element("dd", _(one.meaning)))
    yield element("details", element("summary", _("各项是怎么数的")), listed)


# -- behind a figure -----------------------------------------------------------------------------------------------------


def behind(asked: Asked, session: Session) -> Page:
    """`/figures/behind`: the records counted in a `figure` of a `month`, in an `area`."""
    one = FIGURES.get(asked.text("figure"))
    if one is None:
        raise NotFound(_("没有这一项统计。"))
    here, month = at_county(session), asked.text("month") or session.today[:7]
    area, number = Area(asked.text("area"), bool(asked.text("own"))), asked.number("page", 1, LAST_PAGE)
    found = month_figures.behind(here, month, one, area).subquery()
    total, amount = session.conn.execute(select(func.count(), func.coalesce(func.sum(found.c.amount), 0)).select_from(found)).one()
    first = (number - 1) * PER_PAGE
    ids = list(session.conn.execute(select(found.c.id).order_by(found.c.id).limit(PER_PAGE).offset(first)).scalars())
    place = divisions.called(area.code or _county(session)) or _("全县")
    counted = _("共 {n} 条").format(n=f"{total:,}") + (_("，合计 {sum} 元").format(sum=yuan_grouped(int(amount))) if one.money else "")
    back = address(HERE, month=month, town=asked.text("town"), late=asked.text("late"))
    title = _("{place} {month} {figure}").format(place=place, month=month, figure=_(one.label))
    head = element("p", link(_("回到统计"), back), "　", _(KINDS[one.kind].label), "　", counted)
    listed = listed_records(here, KINDS[one.kind], ids, [c.label for c in columns(one.kind, COUNTY)])
    below = pages(asked, f"{HERE}/behind", number, more=total > first + PER_PAGE, beyond=_("后面的请按村看。"))
    return Page(title, [head, element("p", _(one.meaning)), listed, below])


# -- files ---------------------------------------------------------------------------------------------------------------


def as_workbook(asked: Asked, session: Session) -> File:
    """`/figures.xlsx`: the figures as one sheet."""
    shown = _shown(asked, session)
    head, rows = _sheet(shown)
    title = _title(session, shown)
    with TemporaryDirectory(prefix="cunzhan-") as folder:
        file = Path(folder, "figures.xlsx")
        with Workbook(file) as book:
            book.sheet(shown.month).table(title, head, rows)
        content = file.read_bytes()
    return File(f"{title}.xlsx", content, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def as_csv(asked: Asked, session: Session) -> File:
    """`/figures.csv`: the same as text, which spreadsheet programs read as UTF-8."""
    shown = _shown(asked, session)
    head, rows = _sheet(shown)
    stream = StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(map(csv_text, head))
    writer.writerows(map(csv_text, row) for row in rows)
    return File(f"{_title(session, shown)}.csv", stream.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")


def _sheet(shown: _Shown) -> tuple[list[str], list[list[str | int | float]]]:
    every = list(FIGURES.values())
    units = [_("{label}（元）").format(label=_(one.label)) if one.money else _(one.label) for one in every]
    head = [_("代码"), _("村") if shown.town else _("乡镇"), *units, *(_(said).format(n=shown.late) for said in STATIONS.values())]
    rows: list[list[str | int | float]] = []
    for line in shown.lines:
        values = [_value(one, line) for one in every]
        rows.append([line.area.code, line.name, *values, *(line.figures[name] for name in STATIONS)])
    return head, rows


def _value(one: Figure, line: AreaFigures) -> str | int | float:
    if one.name in line.unknown:
        return UNKNOWN
    return yuan(line.figures[one.name]) if one.money else line.figures[one.name]
