"""摸排 by command: a sheet is made, printed, filled as a workbook, read in again, counted and ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import load_workbook

from tests.e2e.conftest import Run

ITEMS = ("--item", "明年还出去吗:是或否", "--item", "想去哪里：选一个：南方、本县", "--item", "想要多少工资?:数字")


def test_a_sheet_from_making_to_figures(run: Run, home: Path, tmp_path: Path) -> None:
    def call(*arguments: object, **more: str):
        return run("--home", home, "--json", *arguments, **more)

    people = [
        {"kind": "person", "name": name, "document": "other", "id_number": f"x{name}", "labour": "ordinary"} for name in ("张三", "李四")
    ]
    assert call("import", "-", stdin="\n".join(json.dumps(one, ensure_ascii=False) for one in people)).code == 0
    made = call("survey", "make", "--title", "返乡意愿", "--about", "所有在册人员", "--due", "2026年12月10日", *ITEMS)
    assert made.code == 0
    (line,) = made.value
    assert (line["people"], line["done"], line["items"], line["due"]) == (2, 0, 3, "2026-12-10")

    file = tmp_path / "摸排.xlsx"
    unnamed = call("report", "survey", file)
    assert (unnamed.code, unnamed.value) == (2, {"error": "请用 --id 写明是哪一份摸排表。"})
    assert call("report", "survey", "--id", line["id"], file).code == 0
    rows = load_workbook(file).get_sheet_by_index(0).to_python()
    head = next(row for row in rows if "姓名" in row)
    answers = {"明年还出去吗": "是", "想去哪里": "本县", "想要多少工资": 4000}
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        for n, row in enumerate(rows):
            of_zhang = len(row) > 3 and row[head.index("姓名")] == "张三"
            page.write_row(n, 0, [answers.get(str(label), cell) for label, cell in zip(head, row, strict=True)] if of_zhang else row)
    taken = call("import", file)
    assert (taken.code, taken.value["added"], taken.value["rejected"]) == (0, 3, [])
    assert call("import", file).value["added"] == 0

    shown = call("survey", "show", line["id"]).value
    assert [(one["people"], one["done"]) for one in shown["villages"]] == [(2, 1)]
    assert [one["answers"] for one in shown["items"]] == [{"是": 1, "否": 0}, {"南方": 0, "本县": 1}, {}]
    assert shown["items"][2]["sum"] == "4000"
    assert call("survey", "close", line["id"]).value[0]["closed_on"]
    closed = call("import", file)
    assert (closed.code, "不再填写" in closed.err) == (3, True)
    assert call("undo", str(taken.value["batch"])).value["removed"] == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_type_is_understood_by_its_english_name_and_in_words(run: Run, home: Path, language: str) -> None:
    items = ["去吗:yes_no", "去哪:Choice:南方、本县", "几个月:number", "去哪里：选一个：南方、本县"]
    asked = [word for one in items for word in ("--item", one)]
    made = run("--home", home, "--lang", language, "--json", "survey", "make", "--title", "意愿", *asked)
    assert made.code == 0
    shown = run("--home", home, "--json", "survey", "show", made.value[0]["id"]).value
    assert [one["type"] for one in shown["items"]] == ["yes_no", "choice", "number", "choice"]


def test_what_is_asked_wrongly_is_said(run: Run, home: Path) -> None:
    def call(*arguments: object):
        return run("--home", home, "survey", *arguments)

    assert call("list").code == 0
    assert call("make", "--item", "去吗:是或否").code == 2
    assert call("make", "--title", "摸排").code == 3
    assert call("make", "--title", "摸排", "--item", "去哪:选一个:南方").code == 3
    assert call("make", "--title", "摸排", "--about", "火星人", "--item", "去吗").code == 3
    asked = call("make", "--title", "摸排", "--item", "去哪:单选:南方、本县")
    assert (asked.code, "选一个 choice、可选几个 choices" in asked.err) == (3, True)
    assert "可选几个choices、数字number" in "".join(call("--help").out.split())
    assert call("close").code == 2
    assert call("show", "00000000-0000-4000-8000-00000000000a").code == 3
    assert call("list", "--title", "摸排").code == 2


def test_a_question_can_depend_on_an_earlier_answer(run: Run, home: Path) -> None:
    asked = ("--item", "明年还出去吗:是或否", "--item", "想去哪里:选一个:南方、本县:1=是")
    made = run("--home", home, "--json", "survey", "make", "--title", "返乡意愿", *asked)
    shown = run("--home", home, "--json", "survey", "show", made.value[0]["id"]).value
    assert [one["asked_if"] for one in shown["items"]] == [None, "明年还出去吗=是"]
    timed = run("--home", home, "--json", "survey", "make", "--title", "时间", "--item", "几点有空:选一个:8:30、13:00")
    assert timed.code == 0, "a colon in a choice begins no condition"
    refused = run("--home", home, "survey", "make", "--title", "意愿", "--item", "想去哪里:选一个:南方、本县:1=是")
    assert refused.code != 0 and "什么人才问" in refused.err
