"""The models of 台账和表格 (all ledgers and forms, and what each needs) and of 填上级表格 (fills in a sheet from the records)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.forms import FormPrinter
from desktop.paper.ledgers import Ledger, LedgerPrinter
from desktop.station import Station
from desktop.widgets.ledger_model import Source
from desktop.wiring.lists import list_source
from domain import clock
from domain.fields import KINDS
from domain.periods import add_months, income_period, income_year
from domain.words import _
from services import policies
from services.forms import CATALOGUE
from services.importing.tables.rosters import templates
from services.lists.listing import quick_filters

if TYPE_CHECKING:
    from services.filling.filling import Filling


FORM, LAYOUT, LEDGER = "form", "layout", "ledger"
_YEARS = 6
"""How many years are offered; older ones are available on the command line."""


@dataclass(frozen=True)
class Offer:
    """A ledger or a form. `sort`: `form`, `layout` (a ledger in a special layout) or `ledger`; `about`: the kind of record it is about, ""
    for the whole station; `month`, `year`: whether it can be made for a month, a year; `count`: the number of records, None for a form."""

    name: str
    sort: str
    title: str
    about: str = ""
    month: bool = False
    count: int | None = None
    year: bool = False

    @property
    def id(self) -> str:
        """Identifies it: a layout and a ledger may have the same name."""
        return f"{self.sort} {self.name}"


class PapersModel:
    """Lists and exports them; `forms` and `ledgers` show them for printing."""

    def __init__(self, frame: Frame, station: Station, printer: FormPrinter) -> None:
        self._station, self.forms, self.ledgers = station, printer, LedgerPrinter(frame, station)

    def offers(self) -> list[Offer]:
        """Return everything that can be printed; blocks on the database."""
        return self._station.read(_offers)

    def export(self, offer: Offer, month: str, file: Path) -> None:
        """Write a ledger as a workbook, in a job that reports its result."""
        self.ledgers.save(ledger_of(offer, month), file)

    def years(self, offer: Offer) -> dict[int | None, str]:
        """The years a form can be made for: income periods by their months where it is about a unit's wages, else calendar years."""
        if offer.about != "employer":
            last = int(clock.today()[:4])
            return {None: _("本年"), **{year: _("{year} 年").format(year=year) for year in range(last, last - _YEARS, -1)}}
        start = self._station.read(policies.income_start, clock.today())
        last = income_year(clock.today(), start)
        periods = {year: income_period(year, start) for year in range(last, last - _YEARS, -1)}
        words: dict[int | None, str] = {
            year: _("{start} 至 {end}").format(start=one.start[:7], end=one.end[:7]) for year, one in periods.items()
        }
        return {None: _("最近有工资的一期"), **words}

    def records(self, kind: str) -> Source:
        """Return the list of a kind, to choose the record a form is about."""
        return list_source(self._station, kind)


def sort_words() -> dict[str, str]:
    """Labels of the sorts."""
    return {FORM: _("表格"), LAYOUT: _("报送版式"), LEDGER: _("台账")}


def needs(offer: Offer) -> str:
    """What the user has to choose first."""
    if offer.about == "employer" and offer.year:
        return _("先选一个单位；可选核算期")
    if offer.about:
        return {
            "claim": _("先选一笔申请"),
            "notice": _("先选一次公示"),
            "employer": _("先选一个单位"),
            "person": _("先选一个人"),
        }.get(offer.about, _("先选一条记录"))
    if offer.year:
        return _("可选年度，不选是本年")
    if not offer.month:
        return ""
    return _("可选月份，不选是本月") if offer.sort == FORM else _("可选月份")


def ledger_of(offer: Offer, month: str) -> Ledger:
    """The ledger of an offer, of a month or of all."""
    layout = templates().get(offer.name) if offer.sort == LAYOUT else None
    return Ledger(layout.kind, layout.name, month) if layout is not None else Ledger(offer.name, None, month)


def _offers(session: Session) -> list[Offer]:
    """Forms about the whole station first, then those about a record, layouts, and all ledgers in order of declaration."""
    forms = [Offer(name, FORM, _(one.title), one.about, one.takes == "month", year=one.takes == "year") for name, one in CATALOGUE.items()]
    forms.sort(key=lambda offer: offer.about != "")
    counts = {name: session.count(name) for name in KINDS}
    layouts = [Offer(one.name, LAYOUT, _(one.label), "", _monthly(one.kind), counts[one.kind]) for one in templates().values()]
    ledgers = [Offer(name, LEDGER, _(kind.label), "", _monthly(name), counts[name]) for name, kind in KINDS.items()]
    return [*forms, *layouts, *ledgers]


def _monthly(kind: str) -> bool:
    return "month" in KINDS[kind].by_name


_EVERYBODY = "all"
_MONTHS = 36


class FillModel:
    """Fills in sheets; all methods block on the database."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.lists = {_EVERYBODY: _("全部"), **dict(quick_filters("person"))}
        """Lists of people that can be put into a table without names: labels by key."""

    def people(self) -> Source:
        """Return the list of people, to choose whom a form is about."""
        return list_source(self._station, "person")

    def months(self, shown: str) -> list[str]:
        """Return the months of which a table of figures can be filled in, the latest first; the one `shown` is among them."""
        last = clock.today()[:7]
        return sorted({add_months(last, -n) for n in range(_MONTHS)} | ({shown} if shown else set()), reverse=True)

    def fill(self, file: Path, who: str, person: str, month: str, progress: Progress) -> Filling:
        """Fill in a sheet. A table without names gets the people of the list `who`; a form about one person gets the person of the id
        `person`; a table of figures is of the `month`, "" for the one it names."""
        from services.filling.looking import look  # imports openpyxl, which would slow down the start

        return self._station.read(look, file, who=who, person=person, month=month, progress=progress)

    def save(self, filling: Filling, file: Path, name: str, reason: str | None) -> None:
        """Write the filled sheet. With a `reason`, which is logged with the `name` of the sheet, secret fields are not masked."""
        from services.filling.filling import save

        if reason is not None:
            self._station.log_view(f"fill {name}", reason)
        save(filling, file, plain=reason is not None)
