"""Amounts written loosely, and numbers that a sheet shows as a month."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import Workbook

from domain.fields import declaration
from domain.records import Employment, OddJob, Wage
from services.importing.rows.lines import cell_reader
from services.importing.values.cells import Notice, reader
from services.office_files.reading import read_workbook


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("约4000", 400_000),
        ("大概4500元", 450_000),
        ("4500左右", 450_000),
        ("3000多", 300_000),
        ("5k", 500_000),
        ("4.5K/月", 450_000),
        ("约4千", 400_000),
    ],
)
def test_an_approximate_wage_is_taken_with_a_warning(cell: str, fen: int) -> None:
    notices: list[Notice] = []
    assert reader(declaration(Employment.monthly_wage), home="")(cell, notices) == fen
    assert [notice.code for notice in notices] == ["approximate"]


@pytest.mark.parametrize("cell", ["约定工资", "(5000)", "左右", "150元/天"])
def test_other_words_about_pay_leave_it_empty(cell: str) -> None:
    assert reader(declaration(Employment.monthly_wage), home="")(cell, []) is None


def test_a_payment_in_brackets_is_taken_back() -> None:
    notices: list[Notice] = []
    read = reader(declaration(Wage.amount), home="")
    assert [read(cell, notices) for cell in ("(100.00)", "（￥1,200）")] == [-100_00, -1_200_00]
    assert [notice.code for notice in notices] == ["approximate"] * 2


def test_pay_by_the_day_is_that_of_an_odd_job() -> None:
    read = cell_reader("odd_job.pay", declaration(OddJob.pay), "")
    assert [read(cell, []) for cell in ("200元/天", "180每天", 150.0)] == [200_00, 180_00, 150_00]


def test_a_number_that_the_sheet_shows_with_two_places_is_october() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for at, (value, form) in enumerate([(2022.1, "0.00"), (2022.1, "General"), (2022.1, "0.00_ "), (2022.1, "0.000"), (4500.1, "0.00")], 1):
        sheet.cell(at, 1, value).number_format = form
    held = BytesIO()
    book.save(held)
    assert [row[0] for row in read_workbook(held.getvalue())[0].rows] == ["2022.10", 2022.1, "2022.10", 2022.1, 4500.1]
