"""Early warnings: each arises from the facts it is for and not from their neighbours."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import warnings
from domain.promise import promise
from domain.records import (
    Agreement,
    Appointment,
    CategorySpan,
    Claim,
    Employer,
    Household,
    JobWish,
    MonitorLine,
    MonthlyCheck,
    Payment,
    Post,
    Recognition,
    RightsIssue,
    Schooling,
    Service,
    Vacancy,
    Wage,
)
from tests.unit.test_quality import new, person, register, spell

ON = "2023-08-15"


def codes(*records, on=ON):
    return [alert.alert for alert in warnings(register(*records), on)]


def only(code, *records, on=ON):
    return [alert for alert in warnings(register(*records), on) if alert.alert == code]


def checks(who, *pairs):
    return [new(MonthlyCheck, person_id=who.id, month=month, status=status) for month, status in pairs]


def test_a1_lost_work():
    who = person()
    assert only("A1", who, *checks(who, ("2023-07", "away"), ("2023-08", "unemployed")))
    assert not only("A1", who, *checks(who, ("2023-07", "unemployed"), ("2023-08", "unemployed")))
    assert not only("A1", who, *checks(who, ("2023-03", "away"), ("2023-04", "unemployed")))


def test_a2_not_verified():
    who = person()
    assert only("A2", who, spell(who), *checks(who, ("2023-06", "away")))
    assert not only("A2", who, spell(who), *checks(who, ("2023-07", "away")))
    assert not only("A2", who, *checks(who, ("2023-06", "away")))  # nobody to verify: not at work


def test_a3_back_home():
    who = person()
    back = spell(who, end="2023-07-10")
    (alert,) = only("A3", who, back)
    assert (alert.id, alert.due, alert.person_id) == (back.id, "2023-08-09", who.id)
    assert not only("A3", who, spell(who, end="2023-07-20"))  # not thirty days yet
    assert not only("A3", who, back, new(JobWish, person_id=who.id, opened_on="2023-07-12"))
    assert not only("A3", who, back, spell(who, start="2023-07-11"))


def test_a4_fewer_at_work():
    crowd = [person(serial=11 + n) for n in range(20)]
    spells = [spell(who, end="2023-08-10" if n < 2 else None) for n, who in enumerate(crowd)]
    (alert,) = only("A4", *crowd, *spells)
    assert (alert.kind, alert.id) == ("village", "230826101202")
    assert not only("A4", *crowd, *spells[1:], spell(crowd[0]))
    crowd[0].died_on = "2023-08-12"  # as in the monthly report: a spell that nobody ended is no work of the dead
    assert only("A4", *crowd, *spells[1:], spell(crowd[0]))


def test_a5_nobody_works():
    home = new(Household)
    who = person(household_id=home.id)
    assert only("A5", home, who)
    assert not only("A5", home, who, spell(who))
    assert not only("A5", home, who, new(Appointment, post_id="p", person_id=who.id, start="2023-01-01"))
    assert only("A5", home, who, new(Appointment, post_id="p", person_id=who.id, start="2023-01-01", exit_on="2023-02-01"))
    assert not only("A5", home, person(household_id=home.id, labour="none"))
    head = person(household_id=home.id, labour="none", relation="户主", name="高玉梅")
    son = person(household_id=home.id, relation="之子")
    assert only("A5", home, son, head)[0].message.startswith("高玉梅 家 1 个")


def test_a5_a_pupil_is_no_labour():
    home = new(Household)
    pupil = person(household_id=home.id, birth="2006-03-01")

    def term(start, **values):
        values = {"school": "职教中心", "stage": "secondary_vocational", "term": "2023-spring", "state": "enrolled"} | values
        return new(Schooling, person_id=pupil.id, term_start=start, **values)

    day = "2023-12-05"
    assert only("A5", home, pupil, on=day)
    assert not only("A5", home, pupil, term("2023-09-01"), on=day)
    assert not only("A5", home, pupil, term("2023-09-01", state="internship"), on=day)
    assert only("A5", home, pupil, term("2023-09-01", state="dropped"), on=day)
    assert only("A5", home, pupil, term("2023-02-01"), on=day)


def test_a6_unpaid():
    who = person()
    job = spell(who, channel="workshop", place="230826", start="2023-05")
    paid = new(Wage, employment_id=job.id, month="2023-06", paid_on="2023-07", amount=50_000)
    (alert,) = only("A6", who, job)
    assert "从 2023-05 起" in alert.message
    (alert,) = only("A6", who, job, new(Wage, employment_id=job.id, month="2023-05", paid_on="2023-06", amount=50_000))
    assert "从 2023-06 起" in alert.message
    assert not only("A6", who, job, paid)
    assert not only("A6", who, spell(who, channel="workshop", place="230826", start="2023-07"))
    assert only("A6", who, new(RightsIssue, person_id=who.id, type="wage_arrears", on="2023-08-01"))
    assert not only("A6", who, new(RightsIssue, person_id=who.id, type="wage_arrears", on="2023-08-01", closed_on="2023-08-02"))


def holder(**values):
    who = person(**values)
    post = new(Post, name="保洁员", type="cleaner", quota=1, developer="hrss", fund="employment", standard=50_000)
    return who, post, new(Appointment, post_id=post.id, person_id=who.id, start="2023-01-01")


def test_a7_ending():
    who, post, held = holder()
    ends = new(Agreement, appointment_id=held.id, type="service", start="2022-09-15", end="2023-09-14")
    (alert,) = only("A7", who, post, held, ends)
    assert alert.due == "2023-09-14"
    follows = new(Agreement, appointment_id=held.id, type="service", start="2023-09-15", end="2024-09-14")
    assert not only("A7", who, post, held, ends, follows)
    who.died_on = "2023-08-01"
    assert not only("A7", who, post, held, ends), "nobody renews the agreement of the dead"
    who.died_on = None
    assert not only("A7", who, post, held, ends, on="2023-08-14")
    held.exit_on = "2023-08-01"
    assert not only("A7", who, post, held, ends)


def test_a8_unfit_on_post():
    assert [a.due for a in only("A8", *holder(birth="1953-08-20"))] == ["2023-08-20"]
    assert not only("A8", *holder(birth="1960-01-01"))
    assert only("A8", *holder(died_on="2023-08-01"))
    assert only("A8", *holder(school_state="本科一年级"))
    records = holder()
    assert only("A8", *records, spell(records[0]))


def test_a9_weak_workshop():
    shop = new(Employer, name="解放村车间", type="workshop", place="230826101202")
    paper = new(Recognition, employer_id=shop.id, type="workshop", start="2020-06-01")
    assert only("A9", shop, paper)
    crowd = [person(serial=11 + n) for n in range(5)]
    spans = [new(CategorySpan, person_id=who.id, category="lifted") for who in crowd]
    spells = [spell(who, channel="workshop", employer_id=shop.id, place="230826") for who in crowd]
    assert not only("A9", shop, paper, *crowd, *spans, *spells)
    shop.state = "idle"
    assert only("A9", shop, paper, *crowd, *spans, *spells)
    assert not only("A9", shop)  # never recognised


def test_a10_nearly_three_months_away():
    who = person()
    lifted = new(CategorySpan, person_id=who.id, category="lifted")
    away = spell(who, start="2023-05-26")
    (alert,) = only("A10", who, lifted, away)
    assert (alert.due, alert.tone) == ("2023-08-25", "good")
    assert "10 天" in alert.message
    assert not only("A10", who, away)  # not lifted
    assert not only("A10", who, lifted, spell(who, start="2023-05-26", place="230103"))  # not in another province
    assert not only("A10", who, lifted, spell(who, start="2023-05-15"))  # reached already
    assert not only("A10", who, lifted, spell(who, start="2022-11-26"))  # reached long ago, within the year


def test_a11_nearly_at_the_line():
    shop = new(Employer, name="解放村车间", type="workshop", place="230826101202")
    paper = new(Recognition, employer_id=shop.id, type="workshop", start="2020-06-01")
    line = new(MonitorLine, area="230826", year=2023, amount=600_000)
    who = person()
    lifted = new(CategorySpan, person_id=who.id, category="lifted")
    job = spell(who, channel="workshop", employer_id=shop.id, place="230826", start="2022-10-01")

    def paid(amount):
        return new(Wage, employment_id=job.id, month="2023-07", paid_on="2023-07", amount=amount)

    (alert,) = only("A11", shop, paper, line, who, lifted, job, paid(540_000))
    assert "600.00" in alert.message
    assert not only("A11", shop, paper, line, who, lifted, job, paid(539_999))
    assert not only("A11", shop, paper, line, who, lifted, job, paid(600_000))
    assert not only("A11", shop, paper, who, lifted, job, paid(540_000))  # no line entered
    paper.type = "satellite_factory"
    assert only("A11", shop, paper, line, who, lifted, job, paid(540_000))
    paper.type = "agency_licence"
    assert not only("A11", shop, paper, line, who, lifted, job, paid(540_000))
    # the line is that of the person's village, as article 十五 is judged, not that of the place of work
    paper.type, shop.place, line.area = "workshop", "230828", "230826101"
    assert only("A11", shop, paper, line, who, lifted, job, paid(540_000))


def test_a12_paid_twice():
    who = person()
    claims = [
        new(Claim, rule="R03", pack="p", pack_version="1", person_id=who.id, year=2023, outcome="eligible", amount=1) for _n in range(2)
    ]
    paid = [new(Payment, claim_id=claim.id, amount=50_000, fund="employment") for claim in claims]
    assert len(only("A12", who, *claims, *paid)) == 2
    assert "R03" not in only("A12", who, *claims, *paid)[0].message
    for claim, month in zip(claims, ("2021-05", "2021-06"), strict=True):
        claim.months = frozenset({month})
    assert not only("A12", who, *claims, *paid)  # two employers, other months
    claims[1].months = claims[0].months
    assert len(only("A12", who, *claims, *paid)) == 2
    for claim, term in zip(claims, "ab", strict=True):
        claim.months, claim.record_id = None, term
    assert not only("A12", who, *claims, *paid)  # two terms at school
    claims[1].record_id = None
    paid[0].bank_result = "failed"
    assert not only("A12", who, *claims, *paid)


def test_a14_unserved():
    who = person()
    wish = new(JobWish, person_id=who.id, opened_on="2023-07-01")
    jobs = [new(Vacancy, employer_id=wish.id, title="缝纫工", place="230826", headcount=1) for _n in range(3)]
    pushed = [new(Service, person_id=who.id, type="job", on="2023-07-02", vacancy_id=job.id) for job in jobs]
    assert only("A14", who, wish, *jobs, *pushed[:2])
    assert not only("A14", who, wish, *jobs, *pushed)
    assert not only("A14", who, new(JobWish, person_id=who.id, opened_on="2023-08-01"))


def test_one_three_one_counts_different_suitable_vacancies_after_the_wish():
    who = person()
    wish = new(JobWish, person_id=who.id, opened_on="2023-07-01", skills=frozenset({"缝纫"}))
    sewing = new(Vacancy, employer_id=wish.id, title="缝纫工", place="230826", headcount=1, requires=frozenset({"缝纫"}))
    driving = new(Vacancy, employer_id=wish.id, title="司机", place="230826", headcount=1, requires=frozenset({"驾照"}))
    young = new(Vacancy, employer_id=wish.id, title="保安", place="230826", headcount=1, age_max=40)
    vacancies = {vacancy.id: vacancy for vacancy in (sewing, driving, young)}

    def pushed(vacancy, on="2023-07-02"):
        return new(Service, person_id=who.id, type="job", on=on, vacancy_id=vacancy.id if vacancy else None)

    def jobs(*services):
        return promise(wish, services, vacancies, who.birth).jobs

    assert jobs(pushed(sewing), pushed(sewing)) == 1  # twice the same
    assert jobs(pushed(driving), pushed(young), pushed(None)) == 0
    assert jobs(pushed(sewing, "2023-06-30")) == 0  # before the wish
    guidance = new(Service, person_id=who.id, type="guidance", on="2023-07-01")
    assert promise(wish, [guidance], vacancies).guidance == 1


@given(st.integers(0, 2**32))
def test_warnings_do_not_depend_on_the_order_of_records(seed):
    home = new(Household)
    who = person(household_id=home.id)
    other = person("李四", serial=13, household_id=home.id)
    records = [home, who, other, spell(other, end="2023-07-01"), *checks(who, ("2023-07", "away"), ("2023-08", "unemployed"))]
    records += [*holder(birth="1953-08-20"), new(RightsIssue, person_id=who.id, type="wage_arrears", on="2023-08-01")]
    first = warnings(register(*records), ON)
    random.Random(seed).shuffle(records)
    assert warnings(register(*records), ON) == first
    assert [alert.alert for alert in first] == ["A6", "A8", "A1", "A5", "A3"]
