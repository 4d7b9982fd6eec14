"""How a list stands in a workbook: every column can be read, every page of it printed."""

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from domain.errors import InputUnusable
from domain.fields import declaration
from domain.records import Employment, Person
from services.files import written
from services.sheets import Workbook, list_value

NUMBER, LONG = "23082619800505011X", "黑龙江省佳木斯市桦川县横头山镇解放村第三村民小组东侧第二趟房"


def sheet_of(file: Path, *rows: list[str | int | float]) -> Any:
    with Workbook(file) as book:
        sheet = book.sheet("名册")
        sheet.title("名册", 4)
        sheet.headings(["序号", "证件号码", "住址", "金额"])
        for row in rows:
            sheet.row(row)
    return openpyxl.load_workbook(file).active


def test_columns_are_as_wide_as_what_stands_in_them(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path / "a.xlsx", [1, NUMBER, LONG, 1_234_567.5], [2, NUMBER, "东街\n1号\n2号", 0.5])
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths[0] < widths[3] < widths[1] < widths[2] <= 42 and widths[1] > len(NUMBER)
    tall, lines = sheet.row_dimensions[3].height, sheet.row_dimensions[4].height
    assert tall >= 30 and lines >= 45 and sheet["C3"].alignment.wrap_text and sheet["C4"].alignment.wrap_text
    assert not sheet["B3"].alignment.wrap_text and (sheet["B3"].data_type, sheet["D3"].number_format) == ("s", "0.00")


def test_days_are_dates_and_what_may_be_coarser_is_text(tmp_path: Path) -> None:
    born, begun = declaration(Person.birth), declaration(Employment.start)
    cells = [list_value(born, "1979-08-17"), list_value(born, None), list_value(born, "1900-02-28"), list_value(begun, "2023-06-05")]
    sheet = sheet_of(tmp_path / "a.xlsx", cells, [NUMBER, "", "", ""])
    assert (sheet["A3"].value, sheet["A3"].number_format) == (datetime(1979, 8, 17), "yyyy-mm-dd")
    assert (sheet["B3"].value, sheet["C3"].value, sheet["D3"].value) == (None, "1900-02-28", "2023-06-05")
    assert (sheet["A4"].value, sheet["A4"].data_type) == (NUMBER, "s")


def test_a_list_is_printed_across_with_its_headings_on_every_page(tmp_path: Path) -> None:
    rows: list[list[str | int | float]] = [[n, NUMBER, LONG, 1.0] for n in range(200)]
    sheet = sheet_of(tmp_path / "a.xlsx", *rows)
    page = sheet.page_setup
    assert (page.orientation, page.paperSize, page.fitToWidth or 1, page.fitToHeight) == ("landscape", 9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_title_rows == "$1:$2" and sheet.freeze_panes == "A3"
    assert "&P" in sheet.oddFooter.center.text and sheet.print_options.gridLines


def test_a_file_that_could_not_be_finished_leaves_the_one_before_and_nothing_beside(tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_text("昨天的")

    def write() -> None:
        with written(file) as unfinished:
            unfinished.write_text("一半")
            raise OSError(28, "No space left on device")

    with pytest.raises(InputUnusable, match="没有「nodir」这个文件夹，请换一个"), written(tmp_path / "nodir" / "a.xlsx"):
        pass
    with pytest.raises(InputUnusable, match="文件没有存成"):
        write()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("名册.xlsx", "昨天的")]


def test_what_a_killed_export_left_goes_with_the_next_file_written_there(tmp_path: Path) -> None:
    old, at_work, other = (tmp_path / name for name in (f".cunzhan-{'0' * 16}", f".cunzhan-{'1' * 16}", ".cunzhan-家里"))
    for folder in (old, at_work, other):
        folder.mkdir()
        (folder / "tmpx").write_text(NUMBER)
    long_ago = time.time() - 3600
    for folder in (old, other):
        for one in (folder / "tmpx", folder):
            os.utime(one, (long_ago, long_ago))
    with written(tmp_path / "名册.xlsx") as unfinished, Workbook(unfinished) as book:
        book.sheet("名册").row([NUMBER])
        (making,) = {one.name for one in tmp_path.iterdir()} - {old.name, at_work.name, other.name}
        assert (
            unfinished.parent.name == making and len([one for one in unfinished.parent.iterdir() if not one.name.startswith("held")]) == 2
        )
    assert {one.name for one in tmp_path.iterdir()} == {at_work.name, other.name, "名册.xlsx"}


def test_what_was_killed_a_moment_ago_goes_too_and_what_is_at_work_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People's rows lay on a stick for ten minutes and longer. The system frees the lock however a program ends."""
    asked = f"""
import os, sys
from pathlib import Path
from services.files import written
with written(Path({str(tmp_path / "a.csv")!r})) as unfinished:
    unfinished.write_text("{NUMBER}")
    os._exit(1)
"""
    assert subprocess.run([sys.executable, "-c", asked], check=False, timeout=300).returncode == 1
    (left,) = tmp_path.iterdir()
    later = time.time() + 11
    monkeypatch.setattr(time, "time", lambda: later)
    with written(tmp_path / "b.csv") as one:
        assert not left.exists()
        with written(tmp_path / "c.csv"):
            assert one.exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b.csv", "c.csv"]
