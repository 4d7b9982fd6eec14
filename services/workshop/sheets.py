"""用工花名册 and 工资表 of one workshop as workbooks, in a layout that can be imported again (`domain.md` §6.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from db.session import Session
from domain.fields import kind_of
from domain.records import Employment, Person
from domain.words import _
from services import records
from services.files import written
from services.printed_lists import note
from services.sheets import Leaf, Workbook, sheet_value, yuan
from services.workshop.wages import wage_sheet
from services.workshop.workshop import hires, workshop

_PERSON = ("name", "sex", "id_number")
_SPELL = ("start", "job", "contract", "contract_start", "contract_end", "monthly_wage", "end")


def export_roster(session: Session, workshop_id: str, file: Path, *, on: str, plain: bool = False) -> int:
    """Write everybody who works or worked there, current employees on the day `on` first; returns their number. Raises `InputUnusable`."""
    name = workshop(session, workshop_id, on).employer.name
    spells = [hire.employment for hire in hires(session, workshop_id, on)]
    people = records.by_id(session, Person, (spell.person_id for spell in spells))
    person, spell_fields = kind_of("person").by_name, kind_of("employment").by_name
    with written(file) as unfinished, Workbook(unfinished, note(session, plain=True) if plain else "") as book:
        sheet = book.sheet(_("用工花名册"))
        sheet.title(_("{name}用工花名册").format(name=name), 2 + len(_PERSON) + len(_SPELL))
        labels = [_(person[f].label) for f in _PERSON] + [_(spell_fields[f].label) for f in _SPELL]
        sheet.headings([_("序号"), *labels, _(person["phone"].label)])
        for number, spell in enumerate(spells, 1):
            sheet.row([number, *_cells(spell, people[spell.person_id], plain=plain)])
    return len(spells)


def export_wages(session: Session, workshop_id: str, file: Path, *, year: int, on: str, plain: bool = False) -> int:
    """Write the wage grid of an income period with its totals; returns the number of lines. Raises `InputUnusable`."""
    name = workshop(session, workshop_id, on).employer.name
    sheet = wage_sheet(session, workshop_id, year, on=on)
    people = records.by_id(session, Person, (line.person_id for line in sheet.lines))
    with written(file) as unfinished, Workbook(unfinished, note(session, plain=True) if plain else "") as book:
        made = book.sheet(_("工资表"))
        period = f"{_month(sheet.months[0])}—{_month(sheet.months[-1])}"
        title = _("{name} {period} 工资发放表").format(name=name, period=period)
        heads = [_("序号"), _("姓名"), _("身份证号"), *map(_month, sheet.months), _("合计")]
        wage_table(made, title, heads, sheet.months, [(people[line.person_id], line.amounts) for line in sheet.lines], plain=plain)
        if sheet.lines:
            sums = [yuan(amount) for amount in sheet.month_totals()]
            made.row(["", _("合计"), "", *sums, yuan(sum(line.total for line in sheet.lines))])
        if sheet.gone:
            made.row(["", sheet.gone])
    return len(sheet.lines)


def _cells(spell: Employment, person: Person, *, plain: bool) -> list[Any]:
    who, what = kind_of("person").by_name, kind_of("employment").by_name
    return [
        *(sheet_value(who[f], person[f], plain=plain) for f in _PERSON),
        *(sheet_value(what[f], spell[f]) for f in _SPELL),
        sheet_value(who["phone"], person.phone, plain=plain),
    ]


def wage_table(
    leaf: Leaf,
    title: str,
    heads: Sequence[str],
    months: Sequence[str],
    lines: Iterable[tuple[Person | Mapping[Any, Any], Mapping[str, int]]],
    *,
    plain: bool,
) -> None:
    """Write people with their wages (fen) by month, and the sum of each."""
    leaf.title(title, len(heads))
    leaf.headings(heads)
    who = kind_of("person").by_name
    for number, (person, amounts) in enumerate(lines, 1):
        named = [sheet_value(who[f], person[f], plain=plain) for f in ("name", "id_number")]
        leaf.row([number, *named, *month_cells(amounts, months), yuan(sum(amounts.values()))])


def month_cells(amounts: Mapping[str, int], months: Iterable[str]) -> list[float | str]:
    """The cells of these months, in yuan; empty where nothing was paid."""
    return [yuan(amounts[month]) if month in amounts else "" for month in months]


def _month(month: str) -> str:
    return _("{year}年{month}月").format(year=month[:4], month=int(month[5:]))
