"""Ledgers as PDF: their text, headings and numbers on every page, and what does not fit in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QRectF

from desktop.paper.document import pdf, write_pdf
from desktop.paper.lists import _WRAPPED, ListPaper, _Table
from domain.errors import InputUnusable, Stopped
from services.printed_lists import MOST_ROWS, PrintedList
from tests.pdf_text import page_count, texts

pytestmark = pytest.mark.usefixtures("qapp")


def draw(ledgers: Sequence[PrintedList], note: str) -> tuple[bytes, int]:
    return pdf(ListPaper(ledgers, note))


def page(name: str, heading: list[str], *rows: Sequence[str | int | float]) -> PrintedList:
    made = PrintedList(name)
    made.headings(heading)
    for row in rows:
        made.row(row)
    return made


def test_headings_and_numbers_stand_on_every_page() -> None:
    rows: list[list[str | int | float]] = [[n, f"人{n}", 1234.5 + n] for n in range(1, 91)]
    ledger = page("工资发放表", ["序号", "姓名", "金额"], *rows)
    data, count = draw([ledger], "解放村　2026-11-26 印")
    said = texts(data)
    assert count == page_count(data) == len(said) > 2
    for number, text in enumerate(said, 1):
        assert re.search(rf"第 ?{number} ?页.共 ?{count} ?页", text)
        assert all(word in text for word in ("工资发放表", "序号", "姓名", "金额", "解放村"))
    whole = "".join(said)
    assert all(f"人{n}" in whole for n in range(1, 91))
    assert "1,324.50" in whole


def test_a_long_ledger_says_how_far_its_pdf_is_and_is_stopped_between_two_pages(tmp_path) -> None:
    """700 pages took 20 seconds on an old laptop, with nothing to be seen and nothing that stopped them."""
    said: list[tuple[int, int]] = []

    def progress(done: int, total: int, _what: str) -> None:
        said.append((done, total))
        if done == 2:
            raise Stopped("已停止")

    paper = ListPaper([page("名册", ["姓名"], *([f"人{n}"] for n in range(200)))], "")
    with pytest.raises(Stopped):
        write_pdf(paper, tmp_path / "名册.pdf", progress)
    assert said == [(n, paper.pages) for n in range(3)]
    assert list(tmp_path.iterdir()) == []


def test_a_wide_ledger_breaks_lines_and_loses_nothing() -> None:
    heading = [f"第{n}个栏目" for n in range(30)]
    long = "黑龙江省佳木斯市桦川县横头山镇解放村第一村民小组" * 2
    data, count = draw([page("宽表", heading, [long] * 30, ["短"] * 30)], "")
    assert count == 1
    assert texts(data)[0].count("小组") == 60


def test_a_row_is_as_high_as_the_name_that_is_broken_in_it() -> None:
    """The dot of a name is as wide as a character."""
    heading = ["姓名", *(f"{month}月" for month in range(1, 13)), "合计"]
    rows: list[list[str | int | float]] = [[f"{'买' * n}·{'阿' * 4}·吐尔逊江", *[24_358.41] * 12, 296_046.4] for n in range(3, 14)]
    table = next(_Table(page("工资", heading, *rows), QRectF(0, 0, 3272, 2244)).sheets()).table
    inner = table.widths[0] - table.size * 300 / 72 * 0.5
    needed = [table.metrics.boundingRect(QRectF(0, 0, inner, 1000), _WRAPPED, row[0]).height() for row in table.rows]
    assert len(set(needed)) > 1 and all(height > need for height, need in zip(table.heights, needed, strict=True))


def test_empty_columns_are_left_out_and_an_empty_ledger_keeps_its_headings() -> None:
    said = texts(draw([page("一", ["姓名", "备注"], ["王芳", ""])], "")[0])[0]
    assert "备注" not in said
    data, count = draw([page("一", ["姓名", "备注"]), PrintedList("没有记录")], "")
    assert (count, "备注" in texts(data)[0], "没有记录" in texts(data)[1]) == (2, True, True)


def test_a_row_taller_than_a_page_goes_on_over_the_next_ones() -> None:
    """Its middle was printed, and nobody was told that there was more."""
    long = [f"{n:04}。" for n in range(800)]
    data, count = draw([page("一", ["姓名", "备注", "说明"], ["王芳", "".join(long), "记\n" * 120], ["李强", "短", ""])], "")
    said = texts(data)
    whole = re.sub(r"\s", "", "".join(said))
    assert count == len(said) > 2 and whole.count("李强") == whole.count("王芳") == 1 and "李强" in said[-1]
    assert all("（接上页）" in one for one in said[1:-1]) and whole.count("记") == 120
    assert len([one for one in long if one not in whole]) < count  # but for those that a page ends in


def test_more_rows_than_anybody_prints() -> None:
    made = page("一", ["姓名"], *(["王"] for _n in range(MOST_ROWS)))
    with pytest.raises(InputUnusable, match=r"\.xlsx"):
        made.row(["王"])


def test_empty_columns_stay_on_a_sheet_to_write_on() -> None:
    """A sign-in sheet that nobody had signed yet was printed without its days."""
    sheet = PrintedList("签到表", by_hand=True)
    sheet.headings(["姓名", "3月6日", "3月7日"])
    for n in range(60):
        sheet.row([f"人{n}", "", ""])
    paper = ListPaper([sheet], "")
    assert all(word in texts(pdf(paper)[0])[0] for word in ("姓名", "3月6日", "3月7日"))
    dense = PrintedList("名册")
    dense.headings(["姓名"])
    dense.rows = [[f"人{n}"] for n in range(60)]
    assert paper.pages > ListPaper([dense], "").pages  # with room to write
