"""Data checks: each finds what it is for, none depends on the order of records, a clean village has no errors."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fields import Record, kind_of
from domain.grouping import by_key
from domain.quality import RULES, doubts, order_problem
from domain.quality_work import orphan
from domain.records import (
    Agreement,
    Appointment,
    Attendance,
    CategorySpan,
    Claim,
    Course,
    Employer,
    Employment,
    Enrolment,
    Household,
    Insurance,
    MonthlyCheck,
    Notice,
    Person,
    PieceworkLot,
    Post,
    PostPay,
    Schooling,
    Service,
    Travel,
    Vacancy,
    Visit,
    Wage,
)
from domain.register import Register, holds
from tests.numbers import number

VILLAGE = "230826101202"
ON = "2023-12-01"
_NEXT = iter(range(1, 1_000_000))


def new(cls: type[Record], **values: Any) -> Any:
    return cls(id=f"00000000-0000-0000-0000-{next(_NEXT):012d}", village=VILLAGE, **values)


def person(name: Any = "张三", *, birth: str = "1980-05-05", serial: int = 11, **values: Any) -> Any:
    usual = {
        "document": "resident_id",
        "id_number": number(birth, serial),
        "sex": "male" if serial % 2 else "female",
        "birth": birth,
        "education": "初中",
        "labour": "ordinary",
        "health": frozenset({"健康"}),
        "relation": "户主",
    }
    return new(Person, **{**usual, "name": name, **values})


def spell(who: Any, **values: Any) -> Any:
    usual = {
        "channel": "migrant",
        "place": "210211",
        "start": "2023-03-01",
        "employer_name": "大连港",
        "industry": "C",
        "monthly_wage": 500_000,
        "point_to_point": False,
    }
    return new(Employment, **{**usual, "person_id": who.id, **values})


def register(*records: Record, **how: Any) -> Register:
    by_kind = by_key((record.KIND.name, record) for record in records)
    return Register(by_kind, **how)


def found(*records: Record, on: str = ON) -> Counter[str]:
    return Counter(doubt.rule for doubt in doubts(register(*records), on))


def village() -> list[Record]:
    """A household with nothing wrong."""
    home = new(Household, number="2308", group="3组")
    head = person(household_id=home.id, phone="13812340001")
    wife = person("李四", serial=12, birth="1982-01-01", household_id=home.id, relation="配偶", phone="13812340002")
    spans = [new(CategorySpan, person_id=p.id, category="lifted") for p in (head, wife)]
    return [home, head, wife, *spans, spell(head)]


def test_records_whose_owner_is_gone() -> None:
    who, gone = person(), person(serial=13)
    job, lost = spell(who), spell(gone)
    wages = [new(Wage, employment_id=id, month="2023-05", paid_on="2023-05", amount=1) for id in (job.id, lost.id, "nowhere")]
    house = new(Household, number="1", head_id=gone.id)
    said = [doubt for doubt in doubts(register(who, job, lost, house, *wages), ON) if doubt.rule == "W35"]
    assert sorted(doubt.kind for doubt in said) == ["employment", "household", "wage"]
    assert {doubt.id for doubt in said} >= {lost.id, wages[2].id}
    half = person(name=None)
    assert found(half, spell(half))["W35"] == 0  # incomplete, but there
    kinds = {"employment": [spell(gone)], "person": [who]}
    assert not list(orphan(Register(kinds, merged=[gone.id]), ON))
    assert not list(orphan(Register({"employment": [spell(gone)]}), ON))


def test_what_there_can_be_once_is_told_when_it_is_there_twice() -> None:
    """As when two villages filled in the month of somebody who moved."""
    who = person()
    post = new(Post, name="保洁", type="cleaner", quota=1, developer="hrss", fund="employment", standard=50_000)
    held = new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01")
    month, days = {"person_id": who.id, "status": "post"}, {"appointment_id": held.id, "days": 20}
    once = [new(MonthlyCheck, **month, month="2023-05"), new(Attendance, **days, month="2023-05")]
    assert found(who, post, held, *once)["W39"] == 0
    again = [new(MonthlyCheck, **month, month=m) for m in ("2023-05", "2023-06")] + [new(Attendance, **days, month="2023-05")]
    said = [doubt.message for doubt in doubts(register(who, post, held, *once, *again), ON) if doubt.rule == "W39"]
    assert sorted(said) == ["张三：2023-05 务工月监测登记了 2 条"] * 2 + ["张三：2023-05 考勤登记了 2 条"] * 2


def job_with_wages(who: Any, *, name: str = "粮库") -> list[Any]:
    unit = new(Employer, name=name, type="other")
    job = spell(who, employer_id=unit.id, employer_name=name)
    return [unit, job, new(Wage, employment_id=job.id, month="2023-05", amount=100_00, paid_on="2023-06-01")]


def repeats(*rows: Any, merged: Any = ()) -> list[str]:
    return [doubt.id for doubt in doubts(register(*rows, merged=merged), ON) if doubt.rule == "E20"]


def test_a_roster_imported_on_two_laptops_is_told_with_all_that_hangs_on_it() -> None:
    who = person()
    once, again = job_with_wages(who), job_with_wages(who)
    assert repeats(who, *once) == []
    assert sorted(repeats(who, *once, *again)) == sorted(row.id for row in again)
    overlapping = {doubt.rule for doubt in doubts(register(who, *once, *again), ON)}
    assert not overlapping & {"E14"}  # it would advise to end the first job
    elsewhere = [row.__class__(**{**row.__dict__, "village": "230826101203"}) for row in again]
    assert repeats(who, *once, *elsewhere) == []


def test_records_that_say_different_things_are_not_repeated() -> None:
    who = person()
    job, fuller, other = spell(who), spell(who, job="焊工"), spell(who, job="瓦工")
    assert repeats(who, job, fuller) == [job.id]  # the fuller one stays
    assert len(repeats(who, fuller, other)) == 0
    wages = [new(Wage, employment_id=job.id, month="2023-05", amount=n, paid_on="2023-06-01") for n in (100, 200)]
    assert repeats(who, job, *wages) == []


def test_records_of_two_people_who_are_one_are_repeated() -> None:
    who, same = person(), person(serial=13)
    jobs = [spell(who), spell(same)]
    assert repeats(who, *jobs) == []
    assert repeats(who, *jobs, merged={same.id: who.id}) == [jobs[1].id]


def test_a_clean_household_has_no_doubts():
    assert found(*village()) == Counter()


def test_there_are_at_least_twenty_five_and_every_id_says_its_severity():
    assert len(RULES) >= 25
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.severity.upper()[0] == rule.id[0] for rule in RULES)
    assert [rule.id[0] for rule in RULES] == sorted((rule.id[0] for rule in RULES), key="EWI".index)


PEOPLE = {
    "E01": [person(id_number="23082619800505")],
    "E02": [person(id_number=number()[:17] + ("1" if number()[17] != "1" else "2"))],
    "E03": [person(birth="1957-05-09", serial=999)],
    "E04": [person(), person("张三丰")],
    "E05": [person(sex="female")],
    "E06": [person(birth="1980-05-05", id_number=number("1980-05-06"))],
    "E11": [person(relation="之表弟"), person(serial=13, labour="超人")],
    "E12": [person(serial=13, school_state="本科一年级")],
    "I10": [person(education=None)],
    "E15": [person(original_number=number() + "41")],
    "E16": [person(health=frozenset({"残疾"}))],
    "E17": [person(birth="1890-01-01", document="other", id_number="P1"), person(birth="2030-01-01", document="other", id_number="P2")],
    "E18": [person(name=None)],
    "W03": [person(birth="2012-01-01")],
    "W04": [person(labour="none")],
    "W10": [person(phone="12345678901")],
    "W18": [person()],
    "W19": [person()],
    "I02": [person(bank_account="6228480000000000001", serial=n) for n in (11, 13, 15)],
    "I03": [person(phone="13812340001", serial=n) for n in (11, 13, 15)],
    "I05": [person(), person(serial=13)],
}


@pytest.mark.parametrize("rule", PEOPLE)
def test_checks_on_people(rule):
    assert found(*PEOPLE[rule])[rule] == (1 if rule == "I03" else len(PEOPLE[rule]))  # one a telephone


def test_a_word_for_no_number_is_no_number_of_two_people():
    assert found(*(person(n, document="household_book", id_number="无") for n in "甲乙"))["E04"] == 0


def told(rule, *rows, **how):
    kinds = by_key((row.KIND.name, row) for row in rows)
    return [doubt.message for doubt in doubts(Register(kinds, **how), ON) if doubt.rule == rule]


def test_findings_name_the_household_the_people_and_the_course():
    home = new(Household)
    crowd = [person(n, serial=11 + i, household_id=home.id, phone="13812340001") for i, n in enumerate("甲乙丙丁戊己庚")]
    home.head_id = crowd[3].id
    assert told("I01", home, *crowd) == ["丁家登记了 7 人"]
    assert [one[1:] for one in told("I03", *crowd)] == ["等 7 人登记的是同一个电话"]
    course = new(Course, title="面点班", trade="面点师", type="skills", start="2023-03-06", end="2023-03-15")
    enrolled = new(Enrolment, person_id=crowd[0].id, course_id="c1")
    assert told("W35", crowd[0], enrolled, course, deleted={"c1": "缝纫班"}) == ["甲：培训班「缝纫班」已删除"]


def test_a_child_that_came_of_age_is_asked_about():
    """A roster without the column makes children 无劳动力; at sixteen nothing said so, and nobody asked them every month."""
    child: dict[str, Any] = {"birth": "2007-05-20", "labour": "none", "health": None}
    assert found(person(**child), on="2023-06-01")["W04"] == 1
    assert found(person(**child), on="2028-06-01")["W04"] == 1  # a laptop may be off for years
    assert not found(person(**child), on="2023-05-01")["W04"]
    assert not found(person(**child, school_state="普通高中一年级"), on="2023-06-01")["W04"]


def test_checks_on_households():
    home = new(Household)
    members = {"household_id": home.id}
    two_heads = [person(**members), person(serial=13, **members)]
    assert found(home, *two_heads)["E09"] == 1
    assert found(home, person(relation="之子", **members))["E08"] == 1
    assert found(home)["E08"] == 0  # nobody lives there
    couple = [person(**members), person("李四", serial=13, relation="配偶", **members)]
    assert found(home, *couple)["E07"] == 1
    wives = [person(n, serial=s, relation="配偶", **members) for n, s in (("甲", 12), ("乙", 14))]
    assert found(home, person(**members), *wives)["E10"] == 1
    crowd = [person(serial=11 + n, relation="其他" if n else "户主", **members) for n in range(7)]
    assert found(home, *crowd)["I01"] == 1
    assert found(home, person(labour="lost", **members))["I04"] == 1
    head = person(household_id=new(Household).id)
    assert [found(new(Household, head_id=id), head)["I09"] for id in (head.id, None)] == [1, 0]
    assert found(home, person(household_id=home.id))["I09"] == 0


def test_spells_that_contradict_each_other_or_the_person_are_found():
    who = person()
    assert found(who, spell(who, start="2023-05-01", end="2023-04-01"))["E13"] == 1
    assert found(who, spell(who, start="2023-05", end="2023"))["E13"] == 0  # the year may still contain the month
    assert found(who, spell(who, start="2023-05", end="2022"))["E13"] == 1
    assert found(who, spell(who, end="2023-06-15"), spell(who, start="2023-06-10"))["E14"] == 1
    assert found(who, spell(who, end="2023-06"), spell(who, start="2023-06-10"))["E14"] == 0  # June may have ended before the 10th
    assert found(who, spell(who), spell(who, start="2023-06-10"))["E14"] == 1
    for employers, said in ((("a", "a"), "同一单位"), (("a", "b"), "与上一段重叠"), ((None, None), "与上一段重叠")):
        twins = [
            spell(who, start="2023-01", place=place, end=end, employer_id=one)
            for one, place, end in zip(employers, ("110000", "120000"), ("2023-08", "2023-09"), strict=True)
        ]
        assert [said in one.message for one in doubts(register(who, *twins), ON) if one.rule == "E14"] == [True]
    weak = person(labour="weak")
    assert found(weak, spell(weak))["W01"] == 1
    assert found(weak, spell(weak, place="230826", channel="workshop"))["W01"] == 0
    pupil = person(school_state="本科一年级", education=None)
    assert found(pupil, spell(pupil))["W02"] == 1
    assert found(who, spell(who, channel="workshop"))["W06"] == 1
    assert found(who, spell(who, place="210200"))["W07"] == 1
    assert found(who, spell(who, place="990000"))["W07"] == 0
    assert found(who, spell(who, monthly_wage=None))["W08"] == 1
    assert found(who, spell(who, monthly_wage=3_000_001), spell(who, monthly_wage=9_999, end="2023-03-02"))["W09"] == 2
    dead = person(died_on="2023-06-01")
    assert found(dead, spell(dead))["W17"] == 1
    assert found(who, spell(who, start="2024-01-01"))["W33"] == 1


@pytest.mark.parametrize(
    ("died", "start", "end", "months", "told"),
    [
        ("2023-06-01", "2023-01-01", "2023-06-01", ["2023-06"], 0),  # worked until that day; the month's wage comes later
        ("2023-06-01", "2023-01-01", "2023-06-02", ["2023-07"], 2),
        ("2023-06-01", "2023-01-01", "2023-06", [], 0),  # only the month is known
        ("2023-06-01", "2023-07", "2023-07", [], 1),
        ("2023-06-01", "2023-01-01", None, ["2023-07", "2023-08"], 2),  # that it goes on is W17
        (None, "2023-01-01", "2023-09-01", ["2023-08"], 0),
    ],
)
def test_work_and_wages_after_death(died: str | None, start: str, end: str | None, months: list[str], told: int) -> None:
    dead = person(died_on=died)
    job = spell(dead, start=start, end=end)
    wages = [new(Wage, employment_id=job.id, month=month, paid_on=month, amount=100_000) for month in months]
    assert found(dead, job, *wages)["W42"] == told


def test_a_death_that_only_a_post_knows_of_is_told() -> None:
    """The post was ended for 去世 and the person was paid on; or it was the other of the same name, and the day alone was taken back."""
    post = new(Post, name="保洁", type="cleaner", quota=1, developer="hrss", fund="employment", standard=50_000)
    who, dead = person(), person(died_on="2023-06-01", serial=13)
    held = [new(Appointment, post_id=post.id, person_id=one.id, start="2023-01-01", exit_on="2023-06-01") for one in (who, dead)]
    for one in held:
        one.exit_reason = "因病去世"
    job = spell(who, end="2023-06-01", end_reason="父亲去世")
    span = new(CategorySpan, person_id=who.id, category="marginal", start="2023-01-01", end="2023-06-01", exit_kind="死亡")
    said = [doubt.id for doubt in doubts(register(who, dead, post, *held, job, span), ON) if doubt.rule == "W40"]
    assert sorted(said) == sorted((held[0].id, span.id))


def test_what_was_entered_while_the_clock_was_ahead_is_told() -> None:
    """Two years ahead for a week: only the month of the monthly check was found again."""
    house = new(Household, number="1")
    dead, other = person(died_on="2025-11-27"), person("李四", serial=13, household_id=house.id)
    visits = [new(Visit, household_id=house.id, on=day, content="看过") for day in ("2025-11-27", ON)]
    claim = new(
        Claim, employer_id="e", rule="R10", pack="p", pack_version="1", year=2025, outcome="review", amount=1, filed_on="2025-11-27"
    )
    job = spell(other)
    wages = [new(Wage, employment_id=job.id, month=month, amount=300_000, paid_on=ON) for month in ("2024-01", ON[:7])]
    said = [doubt for doubt in doubts(register(dead, other, house, *visits, claim, job, *wages), ON) if doubt.rule == "W41"]
    assert [(doubt.id, doubt.message) for doubt in said] == [
        (claim.id, "补助申请：申请日期 2025-11-27 在将来"),  # an employer's
        (dead.id, "张三：死亡日期 2025-11-27 在将来"),
        (visits[0].id, "李四：走访日期 2025-11-27 在将来"),
        (wages[0].id, "李四：工资月份 2024-01 在将来"),
    ]


def test_numbers_that_cannot_be():
    who, school = person(), {"school": "技师学院", "stage": "technician", "term_start": "2023-03-01"}
    post: dict[str, Any] = {"type": "cleaner", "quota": 1, "developer": "人社", "fund": "employment"}
    shown = {"level": "village", "start": "2023-06-05"}
    right = [
        new(Travel, person_id=who.id, year=int(ON[:4]) + 1, outward=0, homeward=15000),
        new(Schooling, person_id=who.id, term="2023-spring", **school),
        new(Schooling, person_id=who.id, term="下学期", **school),
        new(Post, name="保洁员", standard=0, **post),
        new(Notice, days=1, **shown),
    ]
    assert found(who, *right)["W43"] == 0
    held = new(Appointment, post_id=right[3].id, person_id=who.id, start="2023-01-01")
    cover = {"appointment_id": held.id, "start": "2023-01-01", "end": "2023-12-31"}
    right += [held, new(Insurance, premium=0, **cover)]
    wrong = [
        new(Insurance, premium=-10000, **cover),
        new(Travel, person_id=who.id, year=223, outward=-100, homeward=-1),
        new(Schooling, person_id=who.id, term="1023-spring", **school),
        new(Post, name="护林员", standard=-80000, **post),
        new(Notice, days=-7, **shown),
    ]
    said = [doubt.message for doubt in doubts(register(who, *right, *wrong), ON) if doubt.rule == "W43"]
    assert sorted(said) == sorted(
        [
            "张三：保费 -100.00",
            "张三：年度 223",
            "张三：去程金额 -1.00",
            "张三：返程金额 -0.01",
            "张三：学期 1023-spring",
            "护林员：待遇标准 -800.00",
            "公示：公示天数 -7",
        ]
    )


def test_least_numbers_of_lots_and_vacancies():
    who = person()
    job = spell(who)
    lots = [new(PieceworkLot, employment_id=job.id, issued_on="2023-05-01", quantity=n) for n in (-5, 0, None)]
    jobs = [new(Vacancy, employer_id="e", title="缝纫工", place="230826", headcount=n) for n in (0, 1)]
    assert found(who, job, *lots, *jobs)["W43"] == 2


def test_numbers_outside_the_bounds_of_their_field():
    who = person()
    places = [new(Enrolment, course_id="c", person_id=who.id, outcome="completed", score=n) for n in (101, 100, -1)]
    checks = [new(MonthlyCheck, person_id=who.id, month=f"2023-0{n}", status="no_wish", income=n - 2) for n in (1, 2)]
    paid = [new(Wage, employment_id="e", month="2023-05", paid_on="2023-05", amount=-100)]  # a correction
    assert found(who, *places, *checks, *paid)["W43"] == 3


def test_records_that_contradict_each_other():
    who = person()
    shops = [new(Employer, name="车间", type="workshop", state=state) for state in ("closed", "running", None)]
    jobs = [spell(who, employer_id=one.id, start="2023-01-01") for one in shops]
    jobs.append(spell(who, employer_id=shops[0].id, start="2022-01-01", end="2022-12-31"))
    course = new(Course, title="电工班", trade="电工", type="skills", start="2023-06-01", end="2023-06-10")
    papers: tuple[dict[str, Any], ...] = (
        {"outcome": "completed", "certificate": "X1", "certified_on": "2023-06-10"},
        {"outcome": "dropped"},
        {"outcome": "dropped", "certificate": "X9"},
        {"outcome": "completed", "certified_on": "2023-05-20"},
    )
    places = [new(Enrolment, course_id=course.id, person_id=who.id, **each) for each in papers]
    vacancy = new(Vacancy, employer_id=shops[0].id, title="缝纫工", place="230826", headcount=2, expires_on="2023-02-28")
    days = ("2023-02-28", "2023-03-01")
    offers = [new(Service, person_id=who.id, type="job", on=day, vacancy_id=vacancy.id) for day in days]
    school = {"person_id": who.id, "school": "县职教", "stage": "secondary_vocational", "term": "2023-autumn"}
    terms = [new(Schooling, term_start=day, **school) for day in ("2023-09-01", "2023-03-01")]
    terms.append(new(Schooling, **{**school, "term": "下学期", "term_start": "2023-03-01"}))
    known = register(who, *shops, *jobs, course, *places, vacancy, *offers, *terms)
    listed = [doubt for doubt in doubts(known, ON) if doubt.rule in ("W45", "W46", "W47", "W48")]
    said = {(doubt.rule, doubt.id) for doubt in listed}
    assert listed[-1].message == "张三：学期是2023 年秋季，开学日期却是 2023-03-01"
    assert said == {
        ("W45", jobs[0].id),
        ("W46", places[2].id),
        ("W46", places[3].id),
        ("W47", offers[1].id),
        ("W48", terms[1].id),
    }


def test_one_who_is_of_no_category_and_of_another_is_told() -> None:
    who, past, beside = person(), person("李四", serial=12), person("王五", serial=13)
    spans = [
        new(CategorySpan, person_id=who.id, category="marginal", start="2021-01"),
        new(CategorySpan, person_id=who.id, category="ordinary"),
        new(CategorySpan, person_id=past.id, category="marginal", start="2021-01", end="2022-06"),
        new(CategorySpan, person_id=past.id, category="ordinary", start="2022-07"),
        new(CategorySpan, person_id=beside.id, category="lifted"),
        new(CategorySpan, person_id=beside.id, category="lifted_unstable", start="2022-06"),
    ]
    listed = [doubt for doubt in doubts(register(who, past, beside, *spans), ON) if doubt.rule == "W49"]
    assert [(doubt.id, doubt.message) for doubt in listed] == [(spans[0].id, "张三 同时是一般农户和边缘易致贫户")]


def test_wage_and_check_checks():
    who = person()
    job = spell(who, start="2023-03-01", end="2023-05-31")
    wages = [
        new(Wage, employment_id=job.id, month=m, paid_on=m, amount=a) for m, a in (("2023-06", 1), ("2023-03", 500), ("2023-03", -600))
    ]
    assert found(who, job, *wages)["W21"] == 1
    for month, yuan, doubtful in (("2023-03", 56_000, 1), ("2023-04", 0.56, 1), ("2023-05", 80, 0)):
        paid = new(Wage, employment_id=job.id, month=month, paid_on=month, amount=int(yuan * 100))
        assert found(who, job, paid)["W09"] == doubtful
    assert found(who, job, *wages)["W22"] == 1
    checks = [
        new(MonthlyCheck, person_id=who.id, month=m, status=s)
        for m, s in (("2023-04", "unemployed"), ("2023-08", "away"), ("2024-02", "no_wish"))
    ]
    counted = found(who, job, *checks)
    assert (counted["W32"], counted["W34"]) == (2, 1)
    held = new(Appointment, post_id="p", person_id=who.id, start="2023-03-01", exit_on="2023-04")
    on_post = (("2023-04", "unemployed"), ("2023-05", "post"))
    assert found(who, held, *(new(MonthlyCheck, person_id=who.id, month=m, status=s) for m, s in on_post))["W32"] == 2


@pytest.mark.parametrize(
    ("status", "channels", "doubtful"),
    [
        ("away", (), "却在公益岗"),  # only the post
        ("workshop", (), "却在公益岗"),
        ("away", ("migrant",), ""),
        ("post", ("migrant",), ""),
        ("post", (), ""),
        ("away", ("public_post",), "却在公益岗"),
        ("unemployed", (), "填待业"),
    ],
)
def test_a_check_that_says_other_work_than_the_post_is_found(status: str, channels: tuple[str, ...], doubtful: str) -> None:
    who = person()
    held = new(Appointment, post_id="p", person_id=who.id, start="2023-03-01")
    jobs = [spell(who, start="2023-03-01", channel=channel) for channel in channels]
    check = new(MonthlyCheck, person_id=who.id, month="2023-06", status=status)
    (said,) = messages(who, held, check, *jobs) or [""]
    assert doubtful in said and bool(said) == bool(doubtful)
    if channels == ("public_post",):  # the work record alone says so too
        assert messages(who, check, *jobs)


def test_a_check_that_says_a_post_without_one_is_found() -> None:
    who = person()
    check = new(MonthlyCheck, person_id=who.id, month="2023-06", status="post")
    assert "没有在岗记录" in messages(who, check, spell(who, start="2023-03-01", channel="migrant"))[0]
    assert "没有务工记录" in messages(who, check)[0]
    assert not messages(who, check, spell(who, start="2023-03-01", channel="public_post"))


def messages(*rows: Any) -> list[str]:
    """What W32 says of these records."""
    return [doubt.message for doubt in doubts(register(*rows), ON, [rule for rule in RULES if rule.id == "W32"])]


def test_posts_without_agreement_or_beyond_their_quota_are_found():
    who = person(birth="1950-01-01", labour="weak")
    post = new(Post, name="保洁员", type="cleaner", quota=0, developer="hrss", fund="employment", standard=50_000)
    held = new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01")
    counted = found(who, post, held)
    assert (counted["W05"], counted["W23"], counted["W27"]) == (1, 1, 1)
    year = new(Agreement, appointment_id=held.id, type="service", start="2023-01-01", end="2023-12-31")
    day_more = new(Agreement, appointment_id=held.id, type="service", start="2022-01-01", end="2023-01-01")
    assert found(who, post, held, year)["W24"] == 0
    assert found(who, post, held, day_more)["W24"] == 1
    halves = [
        new(Insurance, appointment_id=held.id, start="2023-01-01", end="2023-06-30"),
        new(Insurance, appointment_id=held.id, start="2023-07-01", end="2023-12-31"),
    ]
    assert found(who, post, held, year, *halves)["W25"] == 0
    assert found(who, post, held, year, halves[0])["W25"] == 1
    assert found(who, post, held, new(Appointment, post_id=post.id, person_id=who.id, start="2023-05-01"))["W26"] == 1
    assert found(who, post, held, new(Attendance, appointment_id=held.id, month="2023-02", days=29))["W28"] == 1
    assert found(who, post, held, new(Attendance, appointment_id=held.id, month="2023-02", marks="p" * 29))["W28"] == 1  # paid as such
    for kept in ({"marks": "P" * 28}, {"marks": "psl-" * 7}, {"days": 0}):
        assert found(who, post, held, new(Attendance, appointment_id=held.id, month="2023-02", **kept))["W28"] == 0
    for wrong in ({"marks": "PXQ"}, {"marks": "-" * 29}, {"days": -1}):
        assert found(who, post, held, new(Attendance, appointment_id=held.id, month="2023-02", **wrong))["W28"] == 1


def test_training_checks():
    who = person(died_on="2023-01-01")
    courses = [
        new(Course, title=t, trade="缝纫工", type="skills", start=s, end=e)
        for t, s, e in (("甲班", "2023-03-06", "2023-03-15"), ("乙班", "2023-03-15", "2023-03-20"), ("丙班", "2023-05-01", "2023-05-02"))
    ]
    enrolled = [new(Enrolment, course_id=c.id, person_id=who.id, days_present=11, days_total=10) for c in courses[:2]]
    counted = found(who, *courses, *enrolled)
    assert (counted["W29"], counted["W30"], counted["W31"], counted["I07"]) == (2, 1, 2, 1)
    for total in (None, 10):
        assert found(who, new(Enrolment, course_id=courses[0].id, person_id=who.id, days_present=-1, days_total=total))["W29"] == 1
        assert found(who, new(Enrolment, course_id=courses[0].id, person_id=who.id, days_present=0, days_total=total))["W29"] == 0


@pytest.mark.parametrize(("place", "type", "expected"), [("210200", "skills", 1), ("230826", "skills", 0), ("210200", "upgrade", 0)])
def test_a_course_and_work_far_away_on_the_same_days_are_found(place, type, expected):
    who = person()
    course = new(Course, title="甲班", trade="缝纫工", type=type, start="2023-03-06", end="2023-03-15")
    enrolled = new(Enrolment, course_id=course.id, person_id=who.id, days_present=10, days_total=10)
    assert found(who, course, enrolled, spell(who, start="2023-03-01", end="2023-05-31", place=place))["W50"] == expected


def test_monitoring_checks():
    who = person()
    unaided = new(CategorySpan, person_id=who.id, category="marginal", start="2023-10-01")
    assert found(who, unaided)["W14"] == 1
    home = new(Household)
    visit = new(Visit, household_id=home.id, person_id=who.id, on="2023-10-10", content="看望")
    assert found(who, unaided, home, visit)["W14"] == 0
    assert found(who, new(CategorySpan, person_id=who.id, category="marginal", start="2023-10-01", end="2023-11-01"))["W15"] == 1
    for category, told in (("marginal", 1), ("prevention_target", 1), ("lifted", 0)):
        assert found(who, new(CategorySpan, person_id=who.id, category=category))["W16"] == told


def test_employers_of_like_names():
    names = ("大连港务有限公司", "大连港务公司", "大连港务（集团）有限公司", "哈尔滨港务公司")
    assert found(*(new(Employer, name=name, type="enterprise") for name in names))["I06"] == 3


def test_employers_of_one_name_are_counted():
    """Of three 张家口粮库 each was said to be like “张家口粮库、张家口粮库”."""
    told = [
        d.message
        for d in doubts(register(*(new(Employer, name=name, type="other") for name in ("粮库", "粮库", "粮库厂"))), ON)
        if d.rule == "I06"
    ]
    assert sorted(told) == ["“粮库”与“粮库厂”名称相近"] * 2 + ["“粮库厂”与“粮库”名称相近"]
    told = [d.message for d in doubts(register(*(new(Employer, name="粮库", type="other") for _ in range(3))), ON) if d.rule == "I06"]
    assert told == ["“粮库”登记了 3 次"] * 3


def test_messages_hold_no_number():
    wrong = person(id_number="230826198005050119", phone="12345678901", bank_account="6228480000000000001")
    said = " ".join(doubt.message + doubt.fix for doubt in doubts(register(wrong), ON))
    for secret in (wrong.id_number, wrong.phone, wrong.bank_account):
        assert secret not in said


@pytest.mark.parametrize(
    ("kind", "values", "wrong"),
    [
        ("employment", {"start": "2023-05-02", "end": "2023-05-01"}, True),
        ("employment", {"start": "2023-05-31", "end": "2023-05"}, False),
        ("employment", {"start": "2023-06", "end": "2023-05"}, True),
        ("employment", {"start": "2023"}, False),
        ("appointment", {"start": "2023-05-02", "exit_on": "2023-05-01"}, True),
        ("vacancy", {"wage_min": 2, "wage_max": 1}, True),
        ("person", {"birth": "1980-01-01", "died_on": "1979-01-01"}, True),
    ],
)
def test_order_of_dates(kind, values, wrong):
    assert (order_problem(kind_of(kind), values) is not None) is wrong


@pytest.mark.parametrize(
    ("exit_on", "died_on", "days", "amounts", "expected"),
    [
        (None, None, 30, (50_000,), 0),
        (None, None, None, (50_000,), 1),
        (None, None, 15, (25_000,), 0),
        (None, None, 15, (50_000,), 1),
        (None, None, 15, (50_000, -25_000), 0),
        (None, None, 30, (50_000, 50_000), 1),
        ("2023-06-30", None, 30, (50_000,), 1),
        ("2023-06-30", None, 30, (50_000, -50_000), 0),
        (None, "2023-07-15", 31, (50_000,), 1),
        (None, "2023-07-15", 31, (25_000,), 0),
        (None, "2023-06-30", None, (50_000,), 1),
    ],
)
def test_pay_of_a_post_that_was_not_due_is_found(exit_on, died_on, days, amounts, expected):
    who = person(died_on=died_on)
    post = new(Post, name="x", type="cleaner", quota=1, developer="hrss", fund="employment", standard=50_000, required_days=30)
    held = new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01", exit_on=exit_on)
    sheets = [] if days is None else [new(Attendance, appointment_id=held.id, month="2023-07", days=days)]
    pays = [new(PostPay, appointment_id=held.id, month="2023-07", amount=amount) for amount in amounts]
    assert found(who, post, held, *sheets, *pays)["W38"] == expected


@pytest.mark.parametrize(
    ("exit_on", "kept", "said"),
    [
        ("2023-06-30", {"days": 5}, "2023-07 不在岗，考勤记了 5 天"),
        ("2023-07-10", {"marks": "P" * 10 + "-" * 21}, ""),
        ("2023-07-10", {"marks": "-" * 5 + "P" * 6}, "2023-07 在岗只有 2023-07-01 至 2023-07-10，考勤记了 6 天，有不在岗的日子"),
        ("2023-07-10", {"days": 11}, "2023-07 在岗只有 2023-07-01 至 2023-07-10，考勤记了 11 天，有不在岗的日子"),
        ("2023-06-30", {"marks": "S" * 31}, ""),
    ],
)
def test_attendance_on_days_not_on_the_post_is_found(exit_on, kept, said):
    """Attendance after leaving was taken without a word."""
    who = person()
    post = new(Post, name="x", type="cleaner", quota=1, developer="hrss", fund="employment", standard=50_000, required_days=30)
    held = new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01", exit_on=exit_on)
    sheet = new(Attendance, appointment_id=held.id, month="2023-07", **kept)
    by_kind = by_key((one.KIND.name, one) for one in (who, post, held, sheet))
    told = [doubt.message for doubt in doubts(Register(by_kind), ON) if doubt.rule == "W28"]
    assert told == ([f"{who.name}：{said}"] if said else [])


def test_pay_of_a_post_that_states_no_days_goes_by_the_days_of_the_policy():
    """Attendance of 24 days, and the whole standard paid: only the post that named its days was compared with it."""
    who = person()
    post = new(Post, name="x", type="cleaner", quota=1, developer="hrss", fund="employment", standard=40_000)
    held = new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01")
    records = (who, post, held, new(Attendance, appointment_id=held.id, month="2023-07", days=24))
    by_kind = by_key((one.KIND.name, one) for one in (*records, new(PostPay, appointment_id=held.id, month="2023-07", amount=40_000)))
    assert "W38" not in {doubt.rule for doubt in doubts(Register(by_kind), ON)}
    (said,) = [doubt.message for doubt in doubts(Register(by_kind, required_days=lambda village, day: 30), ON) if doubt.rule == "W38"]
    assert "发了补贴 400.00 元，按登记的标准和出勤是 320.00 元" in said


def test_a_dead_head_is_named_and_a_post_that_says_nothing_is_found():
    """一户没有户主 did not say why: the head had died."""
    home = new(Household, number="1")
    dead = person("赵德海", household_id=home.id, died_on="2023-05-01")
    son = person("赵强", serial=13, household_id=home.id, relation="之子")
    post = new(Post, name="保洁员", type="other", quota=1, developer="other", fund="solar", standard=40_000)
    said = {doubt.rule: doubt.message for doubt in doubts(register(home, dead, son, post), ON)}
    assert said["E08"] == "赵强 等 1 人的户：户主赵德海已去世，请换户主（人员页按 Ctrl+H）"
    assert said["I11"] == "保洁员：岗位类型、开发主体填的是「其他」"


@pytest.mark.parametrize(
    ("exit_on", "work", "expected"),
    [
        ("2023-06-30", {"start": "2023-05-01", "end": "2023-08-31"}, 1),
        ("2023-06-30", {"start": "2023-07-01", "end": "2023-08-31"}, 0),
        ("2023-06-30", {"start": "2023-06", "end": "2023-08"}, 0),
        ("2023-06-30", {"start": "2023-05-01", "end": "2023-08-31", "place": "230826"}, 0),
        ("2023-06-30", {"start": "2023-05-01", "end": "2023-08-31", "channel": "public_post"}, 0),
        (None, {"start": "2023-05-01", "end": None}, 1),
    ],
)
def test_a_post_and_work_far_away_on_the_same_days_are_found(exit_on, work, expected):
    """The warning is there only while both go on; what is over was never found."""
    who = person()
    post = new(Post, name="x", type="cleaner", quota=1, developer="hrss", fund="employment", standard=50_000, required_days=30)
    held = new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01", exit_on=exit_on)
    assert found(who, post, held, spell(who, **work))["W44"] == expected


@given(st.integers(0, 2**32))
def test_doubts_do_not_depend_on_the_order_of_records(seed):
    rng = random.Random(seed)
    records: list[Record] = [record for records in PEOPLE.values() for record in records if record.name]
    who = records[0]
    unemployed = new(MonthlyCheck, person_id=who.id, month="2023-04", status="unemployed")
    records += [*village(), spell(who), spell(who, start="2023-04"), unemployed]
    first = doubts(register(*records), ON)
    rng.shuffle(records)
    assert doubts(register(*records), ON) == first
    assert len(first) > 20


@given(st.sampled_from(["2023", "2023-05", "2023-05-10", None]), st.sampled_from(["2023", "2023-06", "2023-06-20", None]), st.dates())
def test_holding_agrees_with_the_longest_span(start, end, day):
    from domain.periods import first_day, last_day

    iso = day.isoformat()
    longest = (start is None or first_day(start) <= iso) and (end is None or iso <= last_day(end))
    assert holds(start, end, iso) is longest
