"""Forms on paper: what stands on every page, and rows that are not divided."""

from pathlib import Path

import pytest
from PySide6.QtGui import QTextTable

from desktop.paper import Paper, write_pdf
from services.forms import Form
from services.forms.form import Opinion
from tests.pdf_text import texts

FORM = Form(
    "名册",
    {"填报单位": "解放村"},
    columns=("序号", "姓名", "金额（元）"),
    rows=[(n, "张<三>", 500.0) for n in range(1, 121)],
    opinions=(Opinion("意见"),),
    signatures=("填报人",),
)


def test_headings_and_page_numbers_stand_on_every_page(tmp_path: Path, qapp) -> None:
    assert write_pdf(Paper(FORM), tmp_path / "a4.pdf") == 5
    said = texts((tmp_path / "a4.pdf").read_bytes())
    assert len(said) == 5 and all("姓名" in page and f"第{n}页，共5页" in page.replace(" ", "") for n, page in enumerate(said, 1))
    assert "".join(said).count("张<三>") == 120


@pytest.mark.parametrize(("lines", "longest"), [(45, 2), (60, 4), (60, 9), (30, 1), (9, 40)])
def test_no_row_of_a_table_is_divided_between_two_pages(qapp, lines: int, longest: int) -> None:
    rows: list[list[str | int | float]] = [
        [n, "张三", "很长的说明文字，要折好几行，" * (1 + n * 7 % longest), 500.0] for n in range(1, lines)
    ]
    paper = Paper(Form("名册", columns=("序号", "姓名", "说明", "金额"), rows=rows, opening=["说明"], total=["", "合计", "", 3.0]))
    height, layout = paper.document.pageSize().height(), paper.document.documentLayout()
    table = next(one for one in paper.document.rootFrame().childFrames() if isinstance(one, QTextTable) and one.rows() > 3)

    def pages_of(row: int) -> set[int]:
        cells = [table.cellAt(row, column) for column in range(table.columns())]
        blocks = [layout.blockBoundingRect(cell.firstCursorPosition().block()) for cell in cells]
        return {int(y // height) for block in blocks for y in (block.top(), block.bottom() - 1)}

    assert paper.pages > 1 and {len(pages_of(row)) for row in range(table.rows())} == {1}
