"""Registers that also say where people work: the work is offered, and read when the file is read again."""

from __future__ import annotations

from typing import Any

from db.store import Store
from services.importing.columns.supplied import START
from services.importing.plan import Besides
from tests.services.rosters_taken import DALIAN, HEADS, PEOPLE, Take, number, people, take

__all__ = ["people", "take"]

WORK = ["务工地点", "务工企业", "月工资"]
AWAY = [DALIAN, "鑫达电子厂", 4500]
NEW = ["解放村", "1003", "周强", "男", number(9, "男"), "户主", "普通劳动力", "脱贫户", "13800138009"]


def register(*more: str) -> list[list[Any]]:
    """The people of the store, of whom the first works away."""
    return [[*HEADS, *WORK, *more], [*PEOPLE[0], *AWAY], [*PEOPLE[1], "", "", ""], [*PEOPLE[2], "", "", ""]]


def test_a_register_tells_that_it_also_holds_work_and_is_read_again(people: Store, take: Take) -> None:
    _result, plan = take(*register())
    (table,) = plan.tables
    assert (table.roster, table.besides) == ("registry", Besides("employment", WORK, dated=False))
    result, plan = take(*register(), kind="employment", supplied={START: "2026-02"})
    assert (result.added, result.rejected) == (1, [])  # nothing is said about those who do not work
    with people.read() as session:
        (made,) = session.select("employment")
    assert (made.start, made.employer_name, made.monthly_wage) == ("2026-02", "鑫达电子厂", 450000)
    result, plan = take(*register(), kind="employment", supplied={START: "2026-05"})  # the next month's register, with the same work
    assert (result.added, result.unchanged) == (0, 1)


def test_a_list_of_work_that_is_a_register_offers_its_people(people: Store, take: Take) -> None:
    rows = register("外出时间")
    rows[1].append("2026-02-20")
    rows.append([*NEW, *AWAY, "2026-03-01"])
    result, plan = take(*rows)
    (table,) = plan.tables
    assert (table.roster, result.added, [issue.code for issue in result.rejected]) == ("work", 1, ["person"])
    assert table.besides is not None and table.besides.kind == "person" and "与户主关系" in table.besides.columns
    result, _plan = take(*rows, kind="person")
    assert result.added  # the new person


def test_other_lists_hold_nothing_besides(people: Store, take: Take) -> None:
    for rows in ([HEADS, *PEOPLE], [["姓名", "证件号码", "开始时间", *WORK], ["王芳", PEOPLE[0][4], "2026-02", *AWAY]]):
        _result, plan = take(*rows)
        assert plan.tables[0].besides is None
