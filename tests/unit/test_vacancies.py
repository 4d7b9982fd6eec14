"""Who suits which vacancy: reasons agree with what rule R29 counts; and text to send around holds nothing about a person."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.promise import account, counted, promise
from domain.records import JobWish, Service, Vacancy
from domain.vacancies import Match, Opening, advert, match, on_offer, suits
from tests.unit.test_quality import new

props = settings(deadline=None)  # the first place looked up loads the table of places
ON = "2023-07-02"
SKILLS = ("缝纫", "驾照", "电工证")
WORDS = ("缝纫工", "保洁", "大连", "本县", "省外", "不限", "张三", "230826", "？", "或", "", "、、")


def wish(**more) -> JobWish:
    made: JobWish = new(JobWish, person_id="p", opened_on="2023-07-01", **more)
    return made


def vacancy(**more) -> Vacancy:
    made: Vacancy = new(Vacancy, **{"employer_id": "e", "title": "缝纫工", "place": "230826", "headcount": 1, **more})
    return made


def told(found: Match) -> list[bool | None]:
    return [point.met for point in found.points]


text = st.lists(st.sampled_from(WORDS), max_size=4).map("、".join)
skills = st.none() | st.frozensets(st.sampled_from(SKILLS), max_size=3)
wage = st.none() | st.integers(0, 10**7)
births = st.none() | st.dates(min_value=date(1940, 1, 1)).map(str)
wishes = st.builds(wish, trades=text, areas=text, wage_min=wage, skills=skills)
vacancies = st.builds(
    vacancy,
    trade=st.none() | text,
    title=text,
    place=st.sampled_from(("230826", "210200", "990000", "230800", "000000", "x")),
    requires=skills,
    age_max=st.none() | st.integers(0, 120),
    wage_min=wage,
    wage_max=wage,
)


@props
@given(wishes, vacancies, births)
def test_a_vacancy_fits_exactly_when_recommending_it_counts(one, job, birth):
    found = match(job, one, birth, ON)
    pushed = new(Service, person_id="p", type="job", on=ON, vacancy_id=job.id)
    assert found.fits == suits(job, one, birth, ON) == (promise(one, [pushed], {job.id: job}, birth).jobs == 1)
    assert all(point.text for point in found.points)
    hard = [point.hard for point in found.points]
    assert hard == sorted(hard, reverse=True)  # what excludes is said first


@props
@given(wishes, vacancies, births, st.frozensets(st.sampled_from(SKILLS)))
def test_learning_something_never_takes_a_vacancy_away(one, job, birth, learned):
    before = match(job, one, birth, ON).fits
    one.skills = (one.skills or frozenset()) | learned
    assert match(job, one, birth, ON).fits >= before


@props
@given(wishes, vacancies, births)
def test_wishing_for_less_never_makes_more_differences(one, job, birth):
    before = match(job, one, birth, ON)
    one.wage_min, one.areas = None, None
    after = match(job, one, birth, ON)
    assert after.differences <= before.differences
    assert after.fits == before.fits


@given(st.lists(st.tuples(st.sampled_from(("guidance", "job", "training", "policy")), st.sampled_from(("a", "b", "?")), st.integers(1, 5))))
def test_the_account_adds_up_to_the_promise(said):
    one, good, other = wish(), vacancy(), vacancy(requires=frozenset({"驾照"}))
    jobs, ids = {good.id: good, other.id: other}, {"a": good.id, "b": other.id}
    given_ = [new(Service, person_id="p", type=kind, on=f"2023-07-0{day}", vacancy_id=ids.get(id)) for kind, id, day in said]
    assert counted(account(one, given_, jobs)) == promise(one, given_, jobs)
    assert promise(one, given_, jobs).jobs == len({id for kind, id, _day in said if kind == "job" and id == "a"})


@pytest.mark.parametrize(
    ("job", "said", "expected"),
    [
        ({"requires": frozenset({"驾照"})}, {}, [False]),
        ({"requires": frozenset({"驾照"})}, {"skills": frozenset({"驾照", "缝纫"})}, [True]),
        ({}, {"trades": "缝纫"}, [True]),
        ({"title": "家政服务员"}, {"trades": "保洁、家政"}, [True]),
        ({"title": "电焊工"}, {"trades": "缝纫工"}, [False]),
        ({"title": "电焊工"}, {"trades": "不限"}, [True]),
        ({"place": "210211"}, {"areas": "大连"}, [True]),
        ({"place": "210211"}, {"areas": "沈阳、大连"}, [True]),
        ({"place": "210200"}, {"areas": "甘井子区"}, [None]),
        ({"place": "230826"}, {"areas": "本县"}, [True]),
        ({"place": "230882"}, {"areas": "本县"}, [False]),
        ({"place": "230882"}, {"areas": "省内"}, [True]),
        ({"place": "210211"}, {"areas": "省外"}, [True]),
        ({"place": "210211"}, {"areas": "离家近点"}, [None]),
        ({"wage_min": 300000, "wage_max": 400000}, {"wage_min": 350000}, [True]),
        ({"wage_min": 300000}, {"wage_min": 350000}, [False]),
        ({}, {"wage_min": 350000}, [None]),
        ({}, {}, []),
    ],
)
def test_what_is_compared(job, said, expected):
    assert told(match(vacancy(**job), wish(**said), "1970-01-01", ON)) == expected


def test_age_is_that_of_the_day_and_an_unknown_one_is_asked_for():
    job = vacancy(age_max=50)
    assert match(job, wish(), "1973-07-02", ON).fits
    assert match(job, wish(), "1972-07-02", ON).points[0].text == "51 岁，要求不超过 50 岁"
    assert told(match(job, wish(), None, ON)) == [None]
    assert match(job, wish(), None, ON).fits


def test_the_last_day_counts():
    assert on_offer(vacancy(expires_on=ON), ON)
    assert not on_offer(vacancy(expires_on="2023-07-01"), ON)
    assert on_offer(vacancy(), ON)


def test_an_advert_says_what_is_asked_and_offered():
    job = vacancy(wage_min=300000, wage_max=400050, requires=frozenset({"会缝纫"}), age_max=50, expires_on="2023-12-31", headcount=5)
    assert advert([Opening(job, "解放村车间")], "报名请到解放村就业服务站").splitlines() == [
        "【招聘】缝纫工　招 5 人",
        "单位：解放村车间",
        "地点：黑龙江省佳木斯市桦川县",
        "月薪：3000–4000.50 元",
        "要求：会缝纫、年龄不超过 50 岁",
        "有效期至：2023-12-31",
        "报名请到解放村就业服务站",
    ]
    two = advert([Opening(job, "甲", "0454-3820001"), Opening(vacancy(), "乙", "0454-3820002")], "报名请到村里")
    assert two.startswith("【招聘信息】共 2 个岗位\n\n1. 缝纫工")
    assert "电话：0454-3820002" in two
    assert "报名" not in two
    assert advert([], "报名") == ""


@given(
    st.sampled_from(
        ("13845550217", "138 4555 0217", "138-4555-0217", "23082619790817876X", "6210 1234 5678 6620", "１３８４５５５０２１７")
    ),
    st.text("缝纫工，。a ", max_size=5),
)
def test_numbers_of_people_in_a_title_are_taken_out(number, around):
    job = vacancy(title=f"{around}{number}{around}", requires=frozenset({f"微信{number}"}))
    told = advert([Opening(job, f"王家{number}")], "报名")
    assert not re.search(r"[0-9０-９]{5}", told.replace(" ", "").replace("-", ""))
    assert "***" in told
