"""Exports rosters in special layouts (`resources/rosters`): the national system's column order, and the wage sheet with months in
columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from db.among import among
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.fields import kind_of
from domain.records.people import MONITORED
from services.importing.tables.rosters import Template, common_columns, field_of
from services.sheets import Book, list_value
from services.workshop.sheets import wage_table

Cell = str | int | float
Row = Mapping[Any, Any]
_MONITORED = "monitored"
"""In targets: the person's latest span as 监测对象. Its last column says whether the risk is cleared."""


def write(session: Session, template: Template, book: Book, rows: Sequence[RowMapping], *, plain: bool) -> int:
    """Write rows of the template's kind; returns their number."""
    if "@months" in template.columns:
        return _wage_grid(session, template, book, rows, plain=plain)
    related = _related(session, template.kind, rows)
    sheet = book.sheet(kind_of(template.kind).label)
    sheet.title(template.title, len(template.columns))
    sheet.headings([heading(template, target) for target in template.columns])
    for number, row in enumerate(rows, 1):
        known = {template.kind: row, **related(row)}
        cells = (_cell(target, known, row["village"], number, plain=plain) for target in template.columns)
        sheet.row([template.values.get(cell, cell) if isinstance(cell, str) else cell for cell in cells])
    return len(rows)


def heading(template: Template, target: str) -> str:
    """The heading of a target's column in a layout."""
    f = field_of(target)
    if target in template.headings:
        return template.headings[target]
    return f.label if f is not None else common_columns()[target][0]


def _cell(target: str, known: Mapping[str, Row], village: str, number: int, *, plain: bool) -> Cell:
    kind, _dot, name = target.partition(".")
    if target == "row":
        return number
    if kind == "area":
        return place_at(village, name)
    if kind == "work":
        return "是" if name == "already" else place_at(str(known["employment"].get("place") or ""), name)
    row, f = known.get(kind), field_of(target)
    if kind == _MONITORED and row is not None:
        f = field_of(f"category_span.{name}")
        if f is None:
            return "是" if row["end"] else "否"
    return "" if row is None or f is None else list_value(f, f.from_stored(row[name]), plain=plain)


def place_at(code: str, level: str) -> str:
    """The name of a place at one level: 230826101202 at `county` → 桦川县; "" if there is none."""
    digits = {"province": 2, "city": 4, "county": 6, "town": 9, "village": 12}[level]
    if len(code) < digits and level not in ("province", "city"):
        return ""
    area = code[:digits].ljust(6, "0")
    if level == "county" and area.endswith("00"):
        return ""
    return divisions.name(area) or ("" if level != "city" else divisions.name(code[:2].ljust(6, "0")) or "")


def _related(session: Session, kind: str, rows: Sequence[RowMapping]) -> Callable[[RowMapping], dict[str, Row]]:
    """A function that returns the person, household and latest category span that belong to a row of people or employments."""
    people = {row["id"]: row for row in rows} if kind == "person" else _by_id(session, "person", {row["person_id"] for row in rows})
    homes = _by_id(session, "household", {p["household_id"] for p in people.values() if p["household_id"]})
    spans: dict[tuple[str, str], Row] = {}
    for span in _where(session, "category_span", "person_id", set(people)):
        for sort in ("category_span", _MONITORED) if span["category"] in MONITORED else ("category_span",):
            before = spans.get((span["person_id"], sort))
            if before is None or (span["end"] is None, span["start"] or "") >= (before["end"] is None, before["start"] or ""):
                spans[span["person_id"], sort] = span

    def related(row: RowMapping) -> dict[str, Row]:
        person = people.get(row["id"] if kind == "person" else row["person_id"])
        if person is None:
            return {}
        found: dict[str, Row] = {"person": person}
        if person["household_id"] in homes:
            found["household"] = homes[person["household_id"]]
        found |= {sort: span for sort in ("category_span", _MONITORED) if (span := spans.get((person["id"], sort))) is not None}
        return found

    return related


def _by_id(session: Session, kind: str, ids: set[str]) -> dict[str, Row]:
    return {row["id"]: row for row in _where(session, kind, "id", ids)}


def _where(session: Session, kind: str, column: str, ids: set[str]) -> list[Row]:
    t = table(kind)
    query = select(t).where(among(t.c[column], ids), t.c.deleted_at.is_(None)).order_by(t.c.id)
    return list(session.conn.execute(query).mappings())


def _wage_grid(session: Session, template: Template, book: Book, wages: Sequence[RowMapping], *, plain: bool) -> int:
    """Write one sheet for each employer, with people in rows and months in columns; returns the number of wages."""
    grids = _grids(session, wages)
    for name, grid in sorted(grids.items()):
        months = sorted({month for _person, paid in grid.values() for month in paid})
        title = f"{name} {_month(months[0])}—{_month(months[-1])} {template.title}"
        heads = ["序号", "姓名", "身份证号码", *map(_month, months), "合计"]
        lines = sorted(grid.values(), key=lambda line: str(line[0]["name"]))
        wage_table(book.sheet(name), title, heads, months, lines, plain=plain)
    if not grids:
        book.sheet("没有记录")
    return len(wages)


def _grids(session: Session, wages: Sequence[RowMapping]) -> dict[str, dict[str, tuple[Row, dict[str, int]]]]:
    """The people whom each employer, by name, paid wages, by id, each with the wages (fen) by month."""
    employments = _by_id(session, "employment", {wage["employment_id"] for wage in wages})
    people = _by_id(session, "person", {e["person_id"] for e in employments.values()})
    employers = _by_id(session, "employer", {e["employer_id"] for e in employments.values() if e["employer_id"]})
    grids: dict[str, dict[str, tuple[Row, dict[str, int]]]] = {}
    for wage in wages:
        employment = employments.get(wage["employment_id"])
        if employment is not None and employment["person_id"] in people:
            employer = employers.get(employment["employer_id"] or "")
            name = str(employer["name"] if employer else employment["employer_name"] or "未写明单位")
            id = employment["person_id"]
            _person, paid = grids.setdefault(name, {}).setdefault(id, (people[id], {}))
            paid[wage["month"]] = paid.get(wage["month"], 0) + wage["amount"]
    return grids


def _month(month: str) -> str:
    return f"{month[:4]}年{int(month[5:])}月"
