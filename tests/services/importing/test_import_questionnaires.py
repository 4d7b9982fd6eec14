"""Answers that people gave in a form on their telephone, and headings in two languages, as they are exported."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from services.importing.tables.heading_words import loosely, plain
from services.importing.tables.headings import month_of_heading
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, people, take

__all__ = ["people", "take"]

SENT = ["序号", "提交答卷时间", "所用时间", "来源", "来自IP"]
ASKED = ["1、您的姓名", "2、您的身份证号", "3、您的联系电话：", "4、您目前是否在外务工？", "5、务工地点（省市区）", "6、务工单位名称"]
WHEN = ["7、开始务工时间", "8、您的月收入（元）是多少？"]


def jobs(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as session:
        return [(job.place, job.start, job.employer_name, job.monthly_wage) for job in session.select("employment")]


def test_answers_to_a_questionnaire_are_a_list(people: Store, take: Take) -> None:
    sent = [1, "2026/4/1 8:30:12", "95秒", "微信", "1.2.3.4(黑龙江-佳木斯)"]
    result, _plan = take(
        [*SENT, *ASKED, *WHEN],
        [*sent, "李强", LI, "13800138002", "是", "辽宁省-大连市-甘井子区", "某造船厂", "2026/2/20", 5000],
        [*sent, "王芳", WANG, "(跳过)", "否", "(跳过)", "(空)", "(跳过)", "(跳过)"],
    )
    assert (result.rejected, result.questions) == ([], [])
    assert jobs(people) == [("210211", "2026-02-20", "某造船厂", 5000_00)]


def test_headings_in_two_languages_are_read(people: Store, take: Take) -> None:
    heads = ["姓名\nName", "身份证号 ID No.", "务工地点 Place of Work", "Start 开始时间", "单位名称/Employer", "月工资 Monthly Pay (RMB)"]
    result, _plan = take(["外出务工名单 List of Migrant Workers"], heads, ["李强", LI, DALIAN, "2026-02-20", "某造船厂", 5000])
    assert result.rejected == []
    assert jobs(people) == [("210211", "2026-02-20", "某造船厂", 5000_00)]


@pytest.mark.parametrize(
    ("heading", "word"), [("1、姓名", "姓名"), ("3.身份证号", "身份证号"), ("请填写您的家庭住址", "家庭住址"), ("QQ", "qq")]
)
def test_what_a_question_asks_for(heading: str, word: str) -> None:
    assert loosely(plain(heading)) == word


def test_months_are_no_numbers_of_questions() -> None:
    assert month_of_heading(plain("1月")) == (None, 1)
    assert month_of_heading(plain("2026.1")) == (2026, 1)
    assert plain("1、2月") == "12月"


def test_answers_with_the_letter_of_their_choice(people: Store, take: Take) -> None:
    heads = ["1. 姓名:", "2. 身份证号码:", "3. 您是否有外出务工意愿?", "4. 您的意向务工地区", "5. 期望月薪(元)"]
    rows: list[list[Any]] = [["李强", LI, "A. 是", "省外", 5000], ["王芳", WANG, "B、否", "(跳过)", "(跳过)"]]
    result, _plan = take(["提交答卷时间", *heads], *[["2026/4/1 8:30:12", *row] for row in rows])
    assert result.rejected == []
    with people.read() as session:
        assert [(wish.areas, wish.wage_min) for wish in session.select("job_wish")] == [("省外", 5000_00)]
