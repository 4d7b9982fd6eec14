"""What a list lacks, given once for all its rows: since when its people work, or which employer pays them."""

from __future__ import annotations

import pytest

from db import acts
from db.store import Store
from services.importing.columns.supplied import EMPLOYER, START
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

NI = ["姓名", "身份证号"]
AWAY = [["2025年外出务工人员花名册"], [*NI, "务工地点"], ["王芳", WANG, DALIAN], ["李强", LI, DALIAN]]
WORKSHOP = [["解放村帮扶车间用工名册"], [*NI, "工种"], ["王芳", WANG, "缝纫工"]]
POSTS = [["公益性岗位人员名单"], [*NI, "岗位名称", "补贴标准"], ["王芳", WANG, "保洁员", 500], ["李强", LI, "保洁员", 500]]
WAGES = [["2025年8月工资发放表"], [*NI, "实发工资"], ["王芳", WANG, 2100], ["李强", LI, 1980]]


def kept(store: Store, kind: str, *names: str) -> list[tuple[object, ...]]:
    with store.read() as session:
        return sorted(tuple(getattr(record, name) for name in names) for record in session.select(kind))


def test_a_start_for_all_rows_is_asked_of_none(people: Store, take: Take) -> None:
    result, plan = take(*AWAY)
    assert messages(result.questions) == [(3, "undated"), (4, "undated")] and plan.tables[0].lacks == START
    result, plan = take(*AWAY, supplied={START: "2025-03"})
    assert (result.questions, result.rejected, plan.tables[0].lacks) == ([], [], START)
    assert kept(people, "employment", "start") == [("2025-03",), ("2025-03",)]
    assert any("各行都按您填的：本表开始日期：2025-03" in note for note in plan.tables[0].notes)
    with people.write("撤销") as session:
        acts.undo(session, result.batch or 0)
    assert kept(people, "employment", "start") == []


def test_the_start_on_record_counts(people: Store, take: Take) -> None:
    take([*NI, "务工地点", "开始时间"], ["王芳", WANG, DALIAN, "2024-05"])
    take(*AWAY, supplied={START: "2025-03"})
    assert kept(people, "employment", "start") == [("2024-05",), ("2025-03",)]
    assert take(*AWAY, supplied={START: "2025-09"})[0].batch is None
    take([*WORKSHOP[0]], [*NI, "工种", "上岗时间"], ["王芳", WANG, "缝纫工", "2024-07-01"])
    assert take(*WORKSHOP, supplied={START: "2025-03"})[0].batch is None


def test_a_workshop_and_posts_without_starts_take_it_too(people: Store, take: Take) -> None:
    take(*WORKSHOP, supplied={START: "2025-03-01"})
    assert kept(people, "employment", "channel", "start") == [("workshop", "2025-03-01")]
    result, plan = take(*POSTS)
    assert messages(result.rejected) == [(3, "undated"), (4, "undated")] and plan.tables[0].lacks == START
    take(*POSTS[:3], supplied={START: "2025-01-01"})
    result, _plan = take(*POSTS, supplied={START: "2025-04-01"})
    assert kept(people, "appointment", "start") == [("2025-01-01",), ("2025-04-01",)] and not result.rejected


def test_wages_without_an_employer_take_one_for_all_rows(people: Store, take: Take) -> None:
    result, plan = take(*WAGES)
    assert messages(result.rejected) == [(3, "employer"), (4, "employer")] and plan.tables[0].lacks == EMPLOYER
    result, _plan = take(*WAGES, supplied={EMPLOYER: "解放村帮扶车间"})
    assert (result.rejected, kept(people, "employment", "employer_name")) == ([], [("解放村帮扶车间",)] * 2)
    assert kept(people, "wage", "month", "amount") == [("2025-08", 198000), ("2025-08", 210000)]


@pytest.mark.parametrize("title", ["解放村帮扶车间2025年8月工资发放表", "2025年外出务工人员花名册"])
def test_what_a_list_says_is_not_asked_again(people: Store, take: Take, title: str) -> None:
    head, cells = ("实发工资", 2100) if "工资" in title else ("开始时间", "2025-02")
    result, plan = take([title], [*NI, head, "务工地点"], ["王芳", WANG, cells, DALIAN], supplied={START: "2025-05", EMPLOYER: "别的厂"})
    assert plan.tables[0].lacks == "" and not result.rejected
    assert "别的厂" not in str(kept(people, "employment", "employer_name")) and "2025-05" not in str(kept(people, "employment", "start"))
