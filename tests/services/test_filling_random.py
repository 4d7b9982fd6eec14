"""Random sheets filled in: nothing that stood in them is changed, and nobody is given what is another's."""

from __future__ import annotations

import random
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from db.session import Session
from domain.identity import mask_id
from services import records
from services.filling.looking import look
from tests.rosters import id_number

TRUTH = {
    "联系电话": "phone",
    "手机号码": "phone",
    "性别": "sex",
    "文化程度": "education",
    "与户主关系": "relation",
    "户主姓名": "head",
    "户编号": "home",
    "务工单位": "firm",
    "月工资（元）": "pay",
    "是否务工": "works",
}
"""Headings, and what of a person is the truth under them."""
NAMES = ("王芳", "李强", "王芳", "赵丽华", "孙玉梅", "钱多多", "李强", "周正", "吴桂兰", "郑成功")


@pytest.fixture
def people(session: Session) -> list[dict[str, Any]]:
    """Ten people, two names borne by two of them each; every value differs from person to person where it can."""
    made = []
    for n, name in enumerate(NAMES):
        home = records.save(session, "household", {"number": f"H{n:03d}"})
        number = id_number(random.Random(n), "女", 9000 + 97 * n)
        person: dict[str, Any] = {"name": name, "document": "resident_id", "id_number": number, "labour": "ordinary", "household_id": home}
        person |= {"relation": "户主", "phone": f"1380013{n:04d}"} | ({"education": "小学"} if n % 2 else {})
        id = records.save(session, "person", person)
        truth: dict[str, Any] = {"name": name, "number": number, "phone": person["phone"], "sex": "女"}
        truth |= {"education": "小学" if n % 2 else None, "relation": "户主", "head": name, "home": f"H{n:03d}"}
        truth |= {"firm": None, "pay": None, "works": "否"}
        if n % 3 == 0:
            job: dict[str, Any] = {
                "person_id": id,
                "channel": "migrant",
                "place": "210200",
                "start": "2023-03",
                "employer_name": f"{n}号厂",
            }
            records.save(session, "employment", {**job, "monthly_wage": (3000 + n) * 100})
            truth |= {"firm": f"{n}号厂", "pay": 3000 + n, "works": "是"}
        made.append(truth)
    return made


def drawn(rng: random.Random, people: list[dict[str, Any]]) -> tuple[Workbook, list[tuple[int, str | None]], list[str]]:
    """A sheet, the number of each row with the ID number of whom it means (None where nobody can tell), and its headings."""
    made = Workbook()
    page = made.worksheets[0]
    for text in rng.choice(([], ["附件1"], ["附件1", "2023年务工情况统计表"], ["名单", "填报单位：解放村"])):
        page.append([text])
    asked = rng.sample(list(TRUTH), rng.randint(2, 7))
    who = rng.choice((["姓名"], ["身份证号码"], ["姓名", "身份证号"], ["证件号码", "姓名"]))
    headings = [*rng.choice(([], ["序号"])), *who, *asked, *rng.choice(([], ["本人签字"], ["备注", "包保干部"]))]
    if "户主姓名" not in headings and rng.random() < 0.6:  # a number between the head's name and another is the head's
        rng.shuffle(headings)
        headings.sort(key="包保干部".__eq__)  # a telephone behind it is that person's
    page.append(headings)
    rows = []
    for n, one in enumerate(rng.sample(people, rng.randint(1, len(people))), 1):
        if rng.random() < 0.1:
            page.append([])
        number = rng.choice((one["number"], one["number"].lower(), mask_id(one["number"]), None))
        cells: dict[str, Any] = {"序号": n, "姓名": one["name"] if rng.random() < 0.9 else None}
        cells |= dict.fromkeys(("身份证号码", "身份证号", "证件号码"), number)
        cells |= {heading: rng.choice(("别的", 7)) for heading in asked if rng.random() < 0.15}
        page.append([cells.get(heading) for heading in headings])
        written = number if any(heading in headings for heading in ("身份证号码", "身份证号", "证件号码")) else None
        alike = [other for other in people if other["name"] == one["name"] and written in (None, mask_id(other["number"]))]
        named = "姓名" in headings and cells["姓名"] is not None
        whole = written is not None and "*" not in written
        rows.append((page.max_row, one["number"] if whole or (named and len(alike) == 1) else None))
    for text in rng.choice(([], ["合计"], ["填表人：张三"])):
        page.append([text])
    return made, rows, headings


@pytest.mark.parametrize("seed", range(25))
def test_what_stood_there_stays_and_nobody_gets_what_is_anothers(session: Session, people: list[dict[str, Any]], seed: int) -> None:
    made, rows, headings = drawn(random.Random(seed), people)
    file, after = BytesIO(), BytesIO()
    made.save(file)
    before = load_workbook(file).worksheets[0]
    done = look(session, file.getvalue(), name="来表.xlsx")
    done.workbook.save(after)
    now = load_workbook(after).worksheets[0]
    truths = {one["number"]: one for one in people}
    means = dict(rows)
    for cells in now.iter_rows():
        for cell in cells:
            was = before[cell.coordinate].value
            if was is not None:
                assert cell.value == was, cell.coordinate
            elif cell.value is not None:
                number = means.get(cell.row)
                assert number is not None, f"{cell.coordinate}: nobody can tell whose row that is"
                heading = headings[cell.column - 1]
                truth = truths[number]
                expected = {"姓名": "name", **dict.fromkeys(("身份证号码", "身份证号", "证件号码"), "number")} | TRUTH
                assert cell.value == truth[expected[heading]], (cell.coordinate, heading)
    for row, number in rows:
        for column, heading in enumerate(headings, 1):
            if number and heading in TRUTH and before.cell(row, column).value is None and truths[number][TRUTH[heading]] is not None:
                assert now.cell(row, column).value is not None, (row, heading, [one.message for one in done.remarks])
