"""Beginnings known to the month or year, and terms without a beginning or an end, as old ledgers have them."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import FieldError
from services.importing.values.cells import Notice
from services.importing.values.terms import Reach, months_long, read_contract_term, read_term
from tests.services.rosters_taken import LI, WANG, Take, messages, people, take

__all__ = ["people", "take"]

WORKSHOPS = ["车间名称", "类型", "负责人", "认定文号", "认定日期"]
POSTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准（元/月）", "姓名", "身份证号码", "上岗时间"]
POST = ["保洁员", "保洁", "人社", "就业补助资金", 500]


def starts(store: Store, kind: str) -> list[tuple[Any, ...]]:
    with store.read() as session:
        return sorted((row.start, getattr(row, "end", None)) for row in session.select(kind))


@pytest.mark.parametrize(("said", "day"), [("2016年5月", "2016-05-01"), ("2014年", "2014-01-01")])
def test_a_recognition_known_to_the_month_or_year_is_asked_about_once(store: Store, take: Take, said: str, day: str) -> None:
    row = ["解放村缝纫车间", "就业帮扶车间", "王芳", "桦扶5号", said]
    result, _plan = take(WORKSHOPS, row)
    assert (result.added, messages(result.questions)) == (0, [(2, "date_coarse")])
    assert take(WORKSHOPS, row, answer=[2])[0].added == 2
    assert starts(store, "recognition") == [(day, None)]
    again, _plan = take(WORKSHOPS, row)
    assert (again.questions, again.added, again.changed) == ([], 0, 0)


def test_a_recorded_day_within_the_month_is_meant_and_stays(store: Store, take: Take) -> None:
    take(WORKSHOPS, ["解放村缝纫车间", "就业帮扶车间", "王芳", "桦扶5号", "2016-05-12"])
    result, _plan = take(WORKSHOPS, ["解放村缝纫车间", "就业帮扶车间", "王芳", "桦扶5号", "2016年5月"])
    assert (result.questions, result.added, result.changed) == ([], 0, 0)
    assert starts(store, "recognition") == [("2016-05-12", None)]


def test_the_day_of_another_document_of_that_year_is_not_taken_for_it(store: Store, take: Take) -> None:
    take(WORKSHOPS, ["解放村缝纫车间", "就业帮扶车间", "王芳", "桦扶5号", "2016-05-12"])
    result, _plan = take(WORKSHOPS, ["解放村缝纫车间", "就业帮扶车间", "王芳", "桦扶6号", "2016年"])
    assert messages(result.questions) == [(2, "date_coarse")]
    assert starts(store, "recognition") == [("2016-05-12", None)]


def test_a_start_on_a_post_known_to_the_month_is_asked_about_once(people: Store, take: Take) -> None:
    rows = [["公益性岗位台账"], POSTS, [*POST, "王芳", WANG, "2016年5月"], [*POST, "李强", LI, "2016-05-09"]]
    result, _plan = take(*rows)
    assert messages(result.questions) == [(3, "date_coarse")]
    take(*rows, answer=[3])
    assert starts(people, "appointment") == [("2016-05-01", None), ("2016-05-09", None)]
    again, _plan = take(*rows[:2], [*POST, "王芳", WANG, "2016年5月"], [*POST, "李强", LI, "2016年"])
    assert (again.questions, again.added, again.changed) == ([], 0, 0)


@pytest.mark.parametrize("term", ["一年", "2年", "至2026-12-31", "长期", "无固定期限", "至2099-12-31"])
def test_a_term_without_a_beginning_or_an_end_keeps_nobody_out_and_is_told(people: Store, take: Take, term: str) -> None:
    result, _plan = take(["公益性岗位台账"], [*POSTS, "协议期限"], [*POST, "王芳", WANG, "2026-01-01", term])
    assert (result.added, result.rejected, messages(result.warnings)) == (2, [], [(3, "term")])
    assert starts(people, "agreement") == []


def test_a_term_is_counted_from_the_day_of_the_agreement(people: Store, take: Take) -> None:
    heads = [*POSTS, "协议开始", "协议期限"]
    take(
        ["公益性岗位台账"],
        heads,
        [*POST, "王芳", WANG, "2024-01-01", "2026-01-01", "一年"],
        [*POST, "李强", LI, "2024-01-01", "", "2026年3月1日起半年"],
    )
    assert starts(people, "agreement") == [("2026-01-01", "2026-12-31"), ("2026-03-01", "2026-08-31")]


def test_an_agreement_by_months_is_from_the_first_day_to_the_last(people: Store, take: Take) -> None:
    heads = [*POSTS, "协议开始", "协议结束"]
    result, _plan = take(["公益性岗位台账"], heads, [*POST, "王芳", WANG, "2026-01-01", "2026年1月", "2026年12月"])
    assert messages(result.warnings) == [(3, "date_coarse")]
    assert starts(people, "agreement") == [("2026-01-01", "2026-12-31")]


@pytest.mark.parametrize(
    ("term", "kept"),
    [("一年", (None, None)), ("无固定期限", (None, True)), ("无", (None, None)), ("2026-01-01至2026-12-31", ("2026-12-31", None))],
)
def test_a_contract_of_a_year_keeps_nobody_out(people: Store, take: Take, term: str, kept: tuple[Any, ...]) -> None:
    heads = ["姓名", "身份证号", "岗位", "入职时间", "合同类型", "合同期限"]
    result, _plan = take(["解放村帮扶车间用工花名册"], heads, ["王芳", WANG, "缝纫", "2026-01-01", "劳动合同", term])
    assert result.rejected == []
    with people.read() as session:
        assert [(work.contract_end, work.open_ended) for work in session.select("employment")] == [kept]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("一年", 12),
        ("两年", 24),
        ("1年", 12),
        ("12个月", 12),
        ("半年", 6),
        ("一年半", 18),
        ("1年零6个月", 18),
        ("1年6月", 18),
        ("十二个月", 12),
        ("一年期", 12),
    ],
)
def test_lengths(text: str, months: int) -> None:
    assert months_long(text) == months


@pytest.mark.parametrize("text", ["3月", "2026年", "26年", "24年6月", "12年", "半", "1", "", "个月", "每年"])
def test_what_is_no_length(text: str) -> None:
    assert months_long(text) is None


def test_terms_as_read() -> None:
    notices: list[Notice] = []
    assert read_contract_term("无固定期限", notices) == Reach()
    assert notices == []
    assert read_term("2026.1.1-2026.12.31", notices) == Reach("2026-01-01", "2026-12-31")
    with pytest.raises(FieldError):
        read_term("1", notices)
