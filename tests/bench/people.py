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
    sheet.write_string(0, 0, "劳动力信息")  # some of the people of a household: who follows a head may be another's
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


_WORDS = (
    "在外务工 农忙返乡 家中承包地 亩 养殖 大棚 木耳 合作社 季节性 餐饮 建筑工地 保安 保洁 快递 电焊 驾驶员 家政 护理 "
    "有意参加培训 愿意就近就业 需要岗位推荐 照顾老人 子女上学 身体不便 不宜外出 已入户核实 电话核实 春节后再问 联系不上 由村干部代填"
)


def full_people(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """People with 19 fields filled, beside the scope, some 310 B of values: what `design/sync.md` measures the exchange with."""
    rng, words = random.Random(seed), _WORDS.split()
    for n, person in enumerate(people(count, seed)):
        remarks = (f"{rng.choice(words)}{rng.randint(1, 99) if rng.random() < 0.4 else ''}" for _n in range(6))
        yield person | {
            "household_id": f"{seed:08x}-0000-4000-8000-{n // 3:012x}",
            "number": f"{2308261012020000000 + n * 7 + rng.randint(0, 6)}",
            "relation": ("户主", "配偶", "之子", "之女")[n % 3 if n % 3 < 2 else rng.randint(2, 3)],
            "education": rng.choice(("文盲或半文盲", "小学", "初中", "初中", "高中", "大专")),
            "health": frozenset({rng.choice(("健康", "健康", "健康", "长期慢性病", "残疾"))}),
            "labour": rng.choice(("ordinary", "ordinary", "skilled", "weak", "lost")),
            "political": rng.choice(("群众", "群众", "群众", "中共党员", "共青团员")),
            "bank_name": rng.choice(("农村信用社", "农业银行", "邮储银行")),
            "bank_account": f"6{rng.randint(0, 10**18 - 1):018d}",
            "payee_relation": rng.choice(("本人", "本人", "户主")),
            "residence": rng.choice(("230826101202", "230826101202", "110000", "370200", "230100")),
            "note": "，".join(remarks),
        }


def full_jobs(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Employments, two a person, with nearly all their 20 fields filled and three indexes: nearer than people to what `design/sync.md`
    measures with (20 columns, five indexes)."""
    rng, words = random.Random(seed), _WORDS.split()
    for n in range(count):
        start = f"{rng.randint(2018, 2025)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        over = n % 3 == 0
        yield {
            "person_id": f"{seed:08x}-0000-4000-8000-{n // 2:012x}",
            "employer_id": f"{seed:08x}-0001-4000-8000-{rng.randint(0, 400):012x}",
            "employer_name": f"哈尔滨市{rng.choice(words)}服装有限公司",
            "channel": rng.choice(("migrant", "workshop")),
            "place": rng.choice(("110000", "370200", VILLAGE)),
            "address": f"经济开发区{rng.choice(words)}路{rng.randint(1, 400)}号",
            "industry": rng.choice("ABC"),
            "job": f"{rng.choice(words)}工",
            "start": start,
            "end": "2026-03-01" if over else None,
            "organised": n % 2 == 1,
            "point_to_point": n % 5 == 0,
            "contract": rng.choice(("labour", "service", "oral")),
            "contract_start": start,
            "contract_end": "2026-12-31",
            "open_ended": False,
            "insured": frozenset({"injury"}),
            "monthly_wage": rng.randint(2000, 6000) * 100,
            "proofs": frozenset({"contract"}),
            "end_reason": "，".join(rng.choice(words) for _n in range(3)) if over else None,
        }
