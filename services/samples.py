"""The sample rosters as of today, so that the practice village and the demonstration show a normal week.

The files in `resources/samples` are of 2023 and stay as they are; these are copies with their dates moved. Nothing is random: copies made
on the same day are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from db.local import COUNTY_KEY, set_meta
from db.session import Session
from domain.periods import INCOME_PERIOD_START, add_days, add_months, days_in, income_year, months_apart
from services import policies, records, work

_DATE: Final = re.compile(r"(?<!\d)(20\d\d)(?:(?P<dash>[年./-])(\d{1,2})(?!\d)(?:(?P<dot>[月./-])(\d{1,2})(?!\d))?|(?=年))")
"""2023-01-01, 2023.1.1, 2023年9月30日, 2023年9月, and the year of 2023年第1期."""
_SAMPLED: Final = "2023-12-10"
"""The day on which the sample of people working away was up to date."""
_STILL_AWAY: Final = "2023-07"
"""Jobs away that end in this month or later have no end yet in the copy: a list as of today cannot know it."""
_PRACTISED: Final = "HLJ-2021-16"
_WORKSHOP: Final = ("workshop.xlsx", "wages.xlsx")
Move = Callable[[str], str]
"""Maps a day to the day it is moved to."""


def recent(folder: Path, names: Iterable[str], to: Path, on: str) -> Iterator[Path]:
    """Write copies of sample files as of the day `on` into the folder `to`, in their order. The workshop's roster and its wages make two
    copies each: of the income period that is over, and of the present one up to last month."""
    to.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = folder / name
        for year in (income_year(on) - 1, income_year(on)) if name in _WORKSHOP else (0,):
            if name == "wages.xlsx" and f"{year - 1}-{INCOME_PERIOD_START}"[:7] == on[:7]:
                continue  # its first month is not over yet
            copy = to / (f"{source.stem}-{year}{source.suffix}" if year else name)
            move = _by_years(year - 2023) if year else _move(name, on)
            if source.suffix == ".csv":
                copy.write_text(moved(source.read_text("gb18030"), move), "gb18030")
            else:
                _copy_book(source, copy, move, on)
            yield copy


def _move(name: str, on: str) -> Move:
    """How the dates of a sample are moved: a year's posts by years, people working away by months, wishes for work by days."""
    if name == "wishes.xlsx":
        days = (date.fromisoformat(on) - date(2023, 6, 4)).days
        return lambda day: add_days(day, days)
    if name in ("work.xlsx", "survey.csv"):
        return _by_months(months_apart(_SAMPLED, on))
    not_yet = name == "training.xlsx" and on[5:] < "07-20"  # its last course ends on 14 July
    return _by_years(int(on[:4]) - 2023 - not_yet)


def _by_years(years: int) -> Move:
    return lambda day: f"{int(day[:4]) + years}{day[4:]}"


def _by_months(months: int) -> Move:
    def move(day: str) -> str:
        month = add_months(day[:7], months)
        return f"{month}-{min(int(day[8:]), days_in(month)):02d}"

    return move


def moved(text: str, move: Move) -> str:
    """The text with its dates moved, written as they were; a year without a month becomes that of the sample's last day."""

    def one(found: re.Match[str]) -> str:
        year, dash, month, dot, day = found.groups()
        new = move(f"{year}-{int(month or 12):02d}-{int(day or 1):02d}")
        if not month:
            return new[:4]
        wide = len(month)
        return f"{new[:4]}{dash}{int(new[5:7]):0{wide}d}" + (f"{dot}{int(new[8:]):0{len(day)}d}" if day else "")

    return _DATE.sub(one, text)


def _copy_book(source: Path, copy: Path, move: Move, on: str) -> None:
    """Copy a workbook with its dates moved. In a wage sheet the months that are not over stay empty; who was away lately still is."""
    book = load_workbook(source)
    for sheet in book.worksheets:
        for cell in _texts(sheet):
            text = str(cell.value)
            if source.name == "work.xlsx" and cell.column_letter == "K" and cell.row > 3 and text.replace("年", "-")[:7] >= _STILL_AWAY:
                cell.value = None
            elif cell.value != (new := moved(text, move)):
                cell.value = new
                if source.name == "wages.xlsx" and cell.row == 3 and _month(new) >= on[:7]:
                    _empty_below(sheet, cell.column)
    book.save(copy)


def _texts(sheet: Worksheet) -> Iterator[Cell]:
    return (cell for row in sheet.iter_rows() for cell in row if isinstance(cell, Cell) and isinstance(cell.value, str))


def _month(heading: str) -> str:
    year, _, month = heading.rstrip("月").partition("年")
    return f"{year}-{int(month):02d}"


def _empty_below(sheet: Worksheet, column: int) -> None:
    """Empty a month's column under its heading."""
    for row in range(4, sheet.max_row + 1):
        if isinstance(cell := sheet.cell(row, column), Cell):
            cell.value = None


def check_last_month(session: Session, on: str) -> int:
    """Record the monthly check of last month for the people whose records speak for a status; returns how many."""
    month = add_months(on[:7], -1)
    answers = {row.person_id: {"status": row.suggested, "place": row.place} for row in work.month_grid(session, month) if row.suggested}
    return work.save_checks(session, month, answers)


def practised_policy(on: str) -> bytes:
    """The policy that claims are practised with, extended to the end of the year after `on`; its title says that it is for practice."""
    text = (policies.SHIPPED / f"{_PRACTISED}.toml").read_text("utf-8")
    changed = (f'version = "1.0.{on[:4]}"', 'title = "（练习用）', f"to = {int(on[:4]) + 1}-12-31")
    for old, new in zip(('version = "1.0.0"', 'title = "', "to = 2025-12-31"), changed, strict=True):
        text = text.replace(old, new, 1)
    return text.encode()


def practise(session: Session, on: str) -> None:
    """Put the practised policy into a store that belongs to no county, as if its county had signed it. Its key is known to everybody."""
    key = SigningKey(sha256(_PRACTISED.encode()).digest())
    set_meta(session, COUNTY_KEY, bytes(key.verify_key).hex())
    signed = policies.sign(practised_policy(on), key)
    pack = policies.read_bytes(signed)
    records.save(session, "policy_pack", {"pack": pack.id, "version": pack.version, "content": signed.decode()})
