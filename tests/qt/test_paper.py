"""Forms on paper: what stands on every page, what is not divided between two, and how large it is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument

from desktop.paper.document import Paper, write_pdf
from services.forms import Form, markup
from services.forms.fitting import fit
from services.forms.form import Cell, Opinion
from services.forms.workshops import WAGES
from tests.pdf_text import texts

FORM = Form(
    "名册",
    {"填报单位": "解放村"},
    columns=("序号", "姓名", "金额（元）"),
    rows=[(n, "张<三>", 500.0) for n in range(1, 121)],
    opinions=(Opinion("意见"),),
    signatures=("填报人",),
)
NUMBER = "23082619800505011X"
LONG = "阿卜杜热合曼·买买提依明·吐尔逊江"


def said(form: Form, file: Path) -> list[str]:
    """The text of each page, without blanks."""
    write_pdf(Paper(form), file)
    return [page.replace(" ", "") for page in texts(file.read_bytes())]


def blocks_of(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.firstBlock()
    while block.isValid():
        yield block
        block = block.next()


def test_headings_and_page_numbers_stand_on_every_page(tmp_path: Path, qapp) -> None:
    pages = said(FORM, tmp_path / "a4.pdf")
    assert len(pages) == 5 and all("姓名" in page and f"第{n}页，共5页" in page for n, page in enumerate(pages, 1))
    assert "".join(pages).count("张<三>") == 120


@pytest.mark.parametrize(("lines", "longest"), [(45, 2), (150, 4), (60, 9), (30, 1), (9, 40)])
def test_no_row_of_a_table_is_divided_between_two_pages(qapp, lines: int, longest: int) -> None:
    rows: list[list[str | int | float]] = [
        [n, "张三", "很长的说明文字，要折好几行，" * (1 + n * 7 % longest), 500.0] for n in range(1, lines)
    ]
    sign = (Opinion("村委会意见"), Opinion("乡镇意见", "同意。" * 40), Opinion("县级意见"))
    paper = Paper(
        Form("名册", columns=("序号", "姓名", "说明", "金额"), rows=rows, opening=["说明"], opinions=sign, signatures=("填报人",))
    )
    bands = [band for page in paper.bands for band in page]
    for n, document in enumerate(paper.documents):
        boxes = [document.documentLayout().blockBoundingRect(block) for block in blocks_of(document) if block.text()]
        own = [band for band in bands if band.document == n]
        assert not [band for band in own for box in boxes for cut in (band.top, band.bottom) if box.top() < cut < box.bottom()]
        drawn = [box for box in boxes if any(band.top <= box.top() and box.bottom() <= band.bottom for band in own)]
        assert boxes[-1] in drawn and len(boxes) - len(drawn) <= (4 if n else 0)  # the headings of the first stand for all
    assert paper.pages > 1 and len(paper.documents) == -(-len(rows) // 60)  # more at once and the window waits


@pytest.mark.parametrize("rows", range(22, 46, 2))
def test_who_signs_signs_below_something(tmp_path: Path, qapp, rows: int) -> None:
    """However many rows there are, the last page holds the last of them, the sum and every signature."""
    lines = [(n, f"张{n}号", 500.0, "") for n in range(1, rows + 1)]
    heads = ("序号", "姓名", "金额（元）", "签字")
    form = Form(
        "名册", columns=heads, rows=lines, total=("", "合计", 500.0 * rows, ""), text=["说明"], signatures=("填报人",), closing=("村", "日")
    )
    last = said(form, tmp_path / "a.pdf")[-1]
    assert all(word in last for word in (f"张{rows}号", "合计", "说明", "填报人", "村", "日", "姓名"))


def test_a_paragraph_longer_than_a_page_loses_no_line(tmp_path: Path, qapp) -> None:
    pages = said(Form("函", text=["".join(f"第{n}句。" for n in range(2000))], closing=("村",)), tmp_path / "a.pdf")
    assert len(pages) > 2 and all(f"第{n}句" in "".join(pages).replace("\n", "") for n in range(0, 2000, 7))


WAGE = (1, LONG, NUMBER, *[24_358.41] * 12, 296_046.40, "是", "")
ROSTER: Sequence[Cell] = (1, f"{LONG}、横头山服装加工有限责任公司第二分厂", NUMBER, "解放村", "就业帮扶车间吸纳就业奖励", 2025, 1000.0, "")


@pytest.mark.parametrize(
    ("columns", "row", "least"),
    [
        (WAGES, WAGE, 7.5),
        (("序号", "姓名或单位", "证件号码", "村", "项目", "年度", "金额（元）", "签字"), ROSTER, 9),
        (("序号", "姓名", *map(str, range(1, 32)), "出勤", "签字"), (1, "陈伟秀", *"√休" * 15, "√", 22, ""), 9),
    ],
)
def test_no_number_is_broken_and_text_can_be_read(qapp, columns: Sequence[str], row: Sequence[Cell], least: float) -> None:
    form = Form("名册", columns=columns, rows=[row] * 3, wide=True)
    found = fit(form)
    assert found.points >= least and found.widths[-1] > 40  # where somebody signs
    (document,) = Paper(form).documents
    document.documentLayout().documentSize()  # lays it out
    lines = {block.text(): block.layout().lineCount() for block in blocks_of(document) if QTextCursor(block).currentTable() is not None}
    assert {count for text, count in lines.items() if any(sign.isdigit() for sign in text)} == {1}


def test_the_days_of_a_month_are_of_one_width(qapp) -> None:
    days = [str(day) for day in range(1, 32)]
    found = fit(Form("考勤表", columns=["序号", "姓名", *days, "签字"], rows=[[1, "王芳", *["√"] * 30, "", ""]], wide=True))
    assert len(set(found.widths[2:33])) == 1


def test_a_form_with_numbers_in_full_says_so_on_every_page(tmp_path: Path, qapp) -> None:
    form = replace(FORM, note="解放村　李文书　2026-11-27 印　含完整号码")
    assert all("李文书" in page and "含完整号码" in page for page in said(form, tmp_path / "a.pdf"))


@pytest.mark.parametrize(("people", "expected", "months"), [(16, 1, 12), (18, 1, 12), (18, 1, 1), (24, 2, 12)])
def test_a_line_or_two_are_not_spilled_onto_another_page(qapp, people: int, expected: int, months: int) -> None:
    rows: list[list[str | int | float]] = [
        [n, "张三", "*" * 14 + "5146", *[500.0] * months, *[""] * (12 - months), 6000.0, "", ""] for n in range(1, people + 1)
    ]
    sign, heads = ("填表人", "负责人", "单位（盖章）"), {"单位": "解放村就业帮扶车间", "监测线": "未录入"}
    total: list[str | int | float] = ["", "合计", "", *[8000.0] * months, *[""] * (12 - months), 96000.0, "", ""]
    form = Form("工资发放表", heads, columns=WAGES, rows=rows, total=total, signatures=sign, wide=True, record="e1", mark="workshop_wages")
    assert (Paper(form).pages, Paper(form).afresh().pages) == (expected, expected)


def test_a_long_unit_does_not_break_the_dates_beside_it(qapp) -> None:
    """The name of the unit wrapped into 公示时间, and the room to write the dates was broken over two lines."""
    unit, dates = "黑龙江省佳木斯市桦川县苏家店镇朝鲜族新立民族村村民委员会（村务监督委员会）", "　　　　至　　　　（共　　天）"
    form = Form("公示表", {"公示单位（盖章）": unit, "公示时间": dates}, columns=("序号",), rows=[(1,)])
    paper = QTextDocument()
    paper.setHtml(markup.page(form))
    paper.setTextWidth(560)
    paper.size()
    block = paper.begin()
    lines = {}
    while block.isValid():
        lines[block.text()[:4]] = block.layout().lineCount()
        block = block.next()
    assert lines["公示单位"] > 1 and lines["公示时间"] == 1
