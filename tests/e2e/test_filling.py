"""`fill` at a terminal: what can be filled in, the sheet written masked or in full, a sheet that names nobody."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.e2e.conftest import SAMPLES, Run
from tests.rosters import id_number
from tests.word import lists, text

RNG = random.Random(3)

HEADS = ["序号", "姓名", "身份证号", "户主姓名"]


def sheet(file: Path, *names: str) -> Path:
    made = Workbook()
    rows: list[list[Any]] = [["人员名单"], HEADS, *([n, name] for n, name in enumerate(names, 1))]
    for row in rows:
        made.worksheets[0].append(row)
    made.save(file)
    return file


def test_a_sheet_is_looked_through_and_written_masked_or_in_full(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--home", home, "import", SAMPLES / "registry.xlsx").code in (0, 1)
    file, out = sheet(tmp_path / "来表.xlsx", "田伟勇", "无此人"), tmp_path / "已填.xlsx"
    seen = run("--home", home, "--json", "fill", file)
    assert (seen.code, seen.value["named"], seen.value["found"], seen.value["file"]) == (0, 2, 1, None)
    assert [one["who"] for one in seen.value["remarks"]] == ["无此人"] and not out.exists()
    assert run("--home", home, "fill", file, out).code == 0
    masked = load_workbook(out).worksheets[0]["C3"].value
    assert isinstance(masked, str) and masked.startswith("****")
    assert run("--home", home, "fill", file, out, "--plain").code == 2, "numbers in full need a reason"
    assert run("--home", home, "fill", file, out, "--plain", "--reason", "报县里").code == 0
    full = load_workbook(out).worksheets[0]["C3"].value
    assert isinstance(full, str) and len(full) == 18 and full.endswith(masked[-4:])
    assert "填表 来表.xlsx" in run("--home", home, "audit", "views").out
    assert load_workbook(file).worksheets[0]["C3"].value is None


def test_a_sheet_that_names_nobody_needs_a_list(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--home", home, "import", SAMPLES / "registry.xlsx").code in (0, 1)
    file, out = sheet(tmp_path / "空表.xlsx"), tmp_path / "已填.xlsx"
    refused = run("--home", home, "fill", file, out)
    assert refused.code == 3 and "--who" in refused.err and not out.exists()
    assert run("--home", home, "fill", file, out, "--who", "everybody").code == 2
    assert run("--home", home, "fill", file, file, "--who", "all").code == 3, "the sheet itself is never written over"
    done = run("--home", home, "--json", "fill", file, out, "--who", "all")
    assert done.value["listed"] > 300 and load_workbook(out).worksheets[0].max_row == done.value["listed"] + 2


def test_a_form_of_one_person(run: Run, home: Path, tmp_path: Path) -> None:
    assert run("--home", home, "import", SAMPLES / "registry.xlsx").code in (0, 1)
    made = Workbook()
    rows: list[list[Any]] = [["登记表"], ["姓名", None, "性别", None], ["户主姓名", None, "民族", None], ["乡镇", None, "行政村", " "]]
    for row in rows:
        made.worksheets[0].append(row)
    file, out = tmp_path / "登记表.xlsx", tmp_path / "已填.xlsx"
    made.save(file)
    assert run("--home", home, "fill", file, out).code == 3 and not out.exists()
    assert run("--home", home, "fill", file, out, "--person", "查无此人").code == 3
    assert run("--home", home, "fill", file, out, "--person", "田伟勇").code == 0
    page = load_workbook(out).worksheets[0]
    assert (page["B2"].value, page["B4"].value) == ("田伟勇", "横头山镇")


def test_a_word_document_is_imported_and_one_is_filled_in(run: Run, home: Path, tmp_path: Path) -> None:
    roster, file, out = (tmp_path / f"{name}.docx" for name in ("花名册", "来表", "已填"))
    roster.write_bytes(lists("人员花名册", ["姓名", "身份证号码", "联系电话"], ["曲丽", id_number(RNG, "女", 9000), "13812345678"]))
    assert run("--home", home, "import", roster).code in (0, 1)
    file.write_bytes(lists("名单", ["姓名", "联系电话"], ["曲丽", ""]))
    assert run("--home", home, "fill", file, tmp_path / "已填.xlsx").code == 2, "a document stays a document"
    assert run("--home", home, "fill", file, out, "--plain", "--reason", "报县里").code == 0
    assert "13812345678" in text(out.read_bytes())
