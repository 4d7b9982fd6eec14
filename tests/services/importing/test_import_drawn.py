"""Lists drawn at random along how offices word and lay them out: what comes in is what they say, once, and goes again when taken back."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from db import acts
from db.session import Session
from services import importing
from tests.rosters import id_number, write_xlsx

NAMES = ["王芳", "李强", "赵敏", "孙国志", "那淑珍", "曾丽"]
PLACES = {
    "辽宁省大连市甘井子区": "210211",
    "北京市朝阳区": "110105",
    "吉林省/长春市/朝阳区": "220104",
    "江苏省苏州市吴中区人民路3号": "320506",
}
FIRMS = ["顺达物流", "老王饭店", "XX电子厂"]
WORDS = {
    "name": ["姓名", "姓　名", "劳动力姓名", "*姓名", "成员姓名（必填）"],
    "number": ["身份证号", "证件号码", "公民身份号码", "身份证号\n（18位）"],
    "start": ["开始时间", "就业起始日期", "外出时间", "开始务工时间"],
    "end": ["结束时间", "务工终止日期", "返乡时间", "结束务工时间"],
    "place": ["务工地点", "务工所在地", "就业地点", "务工地（省市县）"],
    "firm": ["务工单位", "就业单位名称", "务工企业名称", "用工企业"],
    "pay": ["月工资", "务工月收入（元）", "月均收入"],
    "paid": ["实发工资", "实发金额（元）", "实付金额", "发放金额"],
}
NUMBERS: list[Callable[[str], str]] = [str, lambda n: f"{n[:6]} {n[6:14]} {n[14:]}", str.lower, "'{}".format, '="{}"'.format, "\t{}".format]
DAYS: list[Callable[[date], Any]] = [
    *(str, lambda d: f"{d.year}.{d.month}.{d.day}", lambda d: f"{d.year}年{d.month}月{d.day}日", lambda d: int(f"{d:%Y%m%d}")),
    *(
        lambda d: f"{d.year}/{d.month}/{d.day} 0:00",
        lambda d: f"{d.year % 100}.{d.month}.{d.day}",
        lambda d: datetime(d.year, d.month, d.day),
    ),
    *(lambda d: (d - date(1899, 12, 30)).days, lambda d: f"{d.year}年{d.month}.{d.day}", lambda d: f"{d.year}．{d.month}．{d.day}"),
]
SUMS: list[Callable[[int], Any]] = [
    int,
    "{:,}".format,
    "{}元".format,
    "￥{}.00".format,
    "{:,}.00元".format,
    lambda n: f"{n:,}".replace(",", " "),
]
Column = tuple[str, str, list[Any]]
"""The group it stands under, its heading, its cells."""


def laid_out(rng: random.Random, title: str, columns: list[Column]) -> list[list[Any]]:
    """Columns as rows: under titles, in one row of headings or two, with marks for as above, sums and further pages."""
    rng.shuffle(columns)
    grouped = rng.random() < 0.4
    columns.sort(key=lambda column: column[0] if grouped else "")
    columns.insert(0, ("", "序号", [rng.choice([n + 1, f"{n + 1:02d}"]) for n in range(len(NAMES))]))
    if rng.random() < 0.5:
        columns.append(("", rng.choice(["备注", "签字", "帮扶责任人"]), ["张三"] * len(NAMES)))
    groups = [group for group, _word, _cells in columns]
    top = [group if group != groups[at - 1] else "" for at, group in enumerate(groups)]
    plain = [[word for _group, word, _cells in columns]]
    heads = (
        plain
        if not grouped
        else [[word or plain[0][at] for at, word in enumerate(top)], [w if groups[at] else "" for at, w in enumerate(plain[0])]]
    )
    for _group, _word, cells in columns if rng.random() < 0.4 else ():
        said = list(cells)
        cells[:] = ["同上" if n and cell == said[n - 1] and isinstance(cell, str) else cell for n, cell in enumerate(said)]
    rows: list[list[Any]] = [[title], *([["填报单位：解放村（盖章）"]] if rng.random() < 0.5 else []), *heads]
    rows += [[str(n + 1) for n in range(len(columns))]] if rng.random() < 0.3 else []
    turn = rng.choice([[], [[""]], [["小计", "3人"]], heads, [[title], *heads], [[""], [title], *heads], [["注：以上已核实"]]])
    for n in range(len(NAMES)):
        rows += turn if n == len(NAMES) // 2 else []
        rows.append([cells[n] for _group, _word, cells in columns])
    return rows + rng.choice([[], [["合计", "6人"]], [["制表人：王会计", "", "审核人：李书记"]], [["填表说明：时间写到日。"]]])


def written(path: Path, rows: list[list[Any]], text: bool) -> Path:
    """The rows as a workbook, or as the text that a spreadsheet makes of them."""
    if text:
        out = io.StringIO()
        csv.writer(out).writerows([[f"{c:%Y/%m/%d}" if isinstance(c, date) else c for c in row] for row in rows])
        path.with_suffix(".csv").write_bytes(out.getvalue().encode("gb18030"))
        return path.with_suffix(".csv")
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy/m/d", "strings_to_formulas": False}) as book:
        page = book.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path


def registered(session: Session, path: Path, numbers: list[str]) -> None:
    heads = ["户编号", "姓名", "证件号码", "与户主关系", "劳动技能", "户类型"]
    people = [[str(n), name, numbers[n], "户主", "普通劳动力", "脱贫户"] for n, name in enumerate(NAMES)]
    assert importing.apply(session, importing.plan(session, write_xlsx(path, [heads, *people]))).rejected == []


@pytest.mark.parametrize("seed", range(24))
def test_what_comes_in_is_what_a_list_says_however_it_is_laid_out(session: Session, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    numbers = [id_number(rng, "女", 9000 + 977 * n) for n in range(len(NAMES))]
    registered(session, tmp_path / "people.xlsx", numbers)
    word = {key: rng.choice(words) for key, words in WORDS.items()}
    starts = [date(2023, rng.randrange(1, 9), rng.randrange(1, 29)) for _name in NAMES]
    ends = [start + timedelta(days=rng.randrange(30, 120)) for start in starts]
    places, firms = ([rng.choice(list(one)) for _name in NAMES] for one in (PLACES, FIRMS))
    sums = [rng.randrange(1000, 9000) for _name in NAMES]
    number, day, money = rng.choice(NUMBERS), rng.choice(DAYS), rng.choice(SUMS)
    columns: list[Column] = [("基本信息", word["name"], list(NAMES)), ("基本信息", word["number"], [number(one) for one in numbers])]
    if pay := seed % 3 == 0:
        title = rng.choice(["解放村就业帮扶车间2023年3月工资表", "2023年三月份解放村就业帮扶车间工资发放表"])
        columns.append(("工资", word["paid"], [money(one) for one in sums]))
    else:
        title = rng.choice(["解放村外出务工人员花名册", "（务工月监测）已外出务工信息", "2023年外出务工台账"])
        columns += [
            ("务工情况", word["start"], [day(one) for one in starts]),
            ("务工情况", word["end"], [day(one) for one in ends]),
            ("务工情况", word["place"], list(places)),
            ("务工情况", word["firm"], list(firms)),
            ("务工情况", word["pay"], [money(one) for one in sums]),
        ]
    path = written(tmp_path / "drawn.xlsx", laid_out(rng, title, columns), rng.random() < 0.4)
    result = importing.apply(session, importing.plan(session, path))
    assert (result.rejected, result.questions) == ([], [])
    works = session.select("employment")
    names = {work.id: next(one.name for one in session.select("person") if one.id == work.person_id) for work in works}
    if pay:
        paid = [(names[wage.employment_id], wage.month, wage.amount) for wage in session.select("wage")]
        assert sorted(paid) == sorted((name, "2023-03", sums[n] * 100) for n, name in enumerate(NAMES))
    else:
        came = [(names[one.id], one.start, one.end, one.place, one.employer_name, one.monthly_wage) for one in works]
        assert sorted(came) == sorted(
            (name, str(starts[n]), str(ends[n]), PLACES[places[n]], firms[n], sums[n] * 100) for n, name in enumerate(NAMES)
        )
    again = importing.apply(session, importing.plan(session, path))
    assert (again.added, again.changed, again.rejected) == (0, 0, [])
    assert result.batch is not None
    acts.undo(session, result.batch)  # of the register too: all this is one act
    assert not any(map(session.select, ("employment", "wage", "employer", "person", "household")))
