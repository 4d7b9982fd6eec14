"""Invented people in any number: the same on every run and every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter

from domain.identity import check_digit

VILLAGE = "230826101202"
HEADINGS = (
    "序号",
    "姓名",
    "性别",
    "证件类型",
    "证件号码",
    "出生日期",
    "民族",
    "与户主关系",
    "文化程度",
    "健康状况",
    "劳动技能",
    "政治面貌",
    "联系电话",
    "开户行",
    "备注",
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单仇解"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国春梅海燕文志红永福德成凤云"


def people(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Record values of `count` people with valid and different ID numbers."""
    rng = random.Random(seed)
    for n in range(count):
        year = 1942 + n // 10_000 % 10 * 6 + rng.randint(0, 5)  # other years in each ten thousand keep the numbers apart
        birth = f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        first17 = f"23082{n // 1000 % 10}" + birth.replace("-", "") + f"{n % 1000:03d}"
        yield {
            "name": rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2, 2)))),
            "document": "resident_id",
            "id_number": first17 + check_digit(first17),
            "sex": "male" if n % 2 else "female",
            "birth": birth,
            "nation": "汉族",
            "relation": "户主" if n % 3 == 0 else "配偶",
            "education": "初中",
            "labour": "ordinary",
            "phone": f"13{rng.randint(0, 999_999_999):09d}",
            "bank_name": "农村信用社",
            "note": f"第{n % 9 + 1}组",
        }


def workbook(path: Path, count: int) -> None:
    """A roster of `count` people as .xlsx with a title, a heading row and `HEADINGS`."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("人员")
    sheet.write_string(0, 0, "人员信息")
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(1, column, heading)
    for n, person in enumerate(people(count)):
        sheet.write_number(n + 2, 0, n + 1)
        for column, text in enumerate(cells(person), 1):
            sheet.write_string(n + 2, column, text)
    book.close()


def cells(person: dict[str, Any]) -> tuple[str, ...]:
    """A person as the cells after 序号."""
    return (
        person["name"],
        "男" if person["sex"] == "male" else "女",
        "居民身份证",
        person["id_number"],
        person["birth"],
        person["nation"],
        person["relation"],
        person["education"],
        "健康",
        "普通劳动力",
        "群众",
        person["phone"],
        person["bank_name"],
        person["note"],
    )
