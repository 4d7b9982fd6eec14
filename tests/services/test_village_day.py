"""Work, workshops and their wages, training, one person's page and today, on a small village."""

from __future__ import annotations

import pytest
from sqlalchemy.event import listen

from db import changes
from domain.claims import PATH
from domain.divisions import Region
from domain.errors import ChangedUnderneath, DomainError, FieldError, NotFound
from domain.identity import check_digit
from domain.periods import last_day
from domain.promise import Promise
from domain.records import MonthlyCheck
from services import alerts, forms, person, records, today, training, work
from services.quality import quality
from services.records import save
from services.workshop import wages, workshop

ON = "2023-06-15"
VILLAGE = "230826101202"


class Village:
    """王秀兰 works in the workshop, 李四 in 大连, 张三 holds a post; 赵六 is at school, 钱七 idle."""

    def __init__(self, session):
        self.session = session
        self.home = save(session, "household", {"number": "1", "group": "3组", "phone": "13812349999"})
        people = (
            ("王秀兰", "1965-03-03", 12),
            ("李四", "1990-04-04", 11),
            ("张三", "1970-05-05", 13),
            ("赵六", "2004-06-06", 15),
            ("钱七", "1988-07-07", 17),
        )
        self.ids = {name: self.add(name, birth, serial) for name, birth, serial in people}
        save(session, "person", {"school_state": "本科一年级"}, self.ids["赵六"])
        for name in ("王秀兰", "李四"):
            save(session, "category_span", {"person_id": self.ids[name], "category": "lifted"})
        save(session, "category_span", {"person_id": self.ids["张三"], "category": "marginal", "start": "2022-01"})
        self.shop = workshop.found(
            session, {"name": "解放村车间", "place": VILLAGE}, {"start": "2020-06-01", "number": "桦人社〔2020〕8号"}
        )
        self.hire = workshop.hire(session, self.shop, self.ids["王秀兰"], {"start": "2022-10-01", "job": "缝纫工"})
        self.away = save(
            session, "employment", {"person_id": self.ids["李四"], "channel": "migrant", "place": "210211", "start": "2023-03"}
        )
        post = {"name": "护林员", "type": "forest", "quota": 1, "developer": "forestry", "fund": "forest_guard", "standard": 80_000}
        held = {"post_id": save(session, "post", post), "person_id": self.ids["张三"], "start": "2023-01-01"}
        self.held = save(session, "appointment", held)

    def add(self, name, birth, serial):
        first = f"230826{birth.replace('-', '')}{serial:03d}"
        values = {"name": name, "document": "resident_id", "id_number": first + check_digit(first), "labour": "ordinary"}
        return save(self.session, "person", {**values, "household_id": self.home})


@pytest.fixture
def village(session):
    return Village(session)


# -- work ---------------------------------------------------------------------------------------------------------------


def test_who_works_where(session, village):
    assert work.by_region(session, ON) == {
        Region.COUNTY: 2,
        Region.CITY: 0,
        Region.PROVINCE: 0,
        Region.OUTSIDE: 1,
        Region.ABROAD: 0,
    }
    assert work.by_month(session, "2023-04-10", 4) == [("2023-01", 2), ("2023-02", 2), ("2023-03", 3), ("2023-04", 3)]
    assert work.idle_count(session, ON) == 1


def test_the_months_of_a_year_count_whom_the_regions_count_and_are_asked_for_at_once(session, village):
    """Of a township twelve readings of every spell took two seconds."""
    ids = village.ids
    save(
        session,
        "employment",
        {"person_id": ids["王秀兰"], "channel": "migrant", "place": "990000", "start": "2023-02", "end": "2023-03-31"},
    )
    save(session, "employment", {"person_id": ids["钱七"], "channel": "migrant", "place": "210211", "start": "2023-02", "end": "2023-04"})
    twin = village.add("李四", "1990-04-04", 19)
    save(session, "employment", {"person_id": twin, "channel": "migrant", "place": "210211", "start": "2023-01", "end": "2023-05"})
    changes.update(session, "person", twin, {"merged_into": ids["李四"]})
    changes.update(session, "person", ids["张三"], {"died_on": "2023-05-31"})
    asked = []
    listen(session.conn, "before_cursor_execute", lambda _conn, _cursor, statement, *_more: asked.append(statement))
    counted = work.by_month(session, ON, 6)
    assert len(asked) == 1
    assert counted == [("2023-01", 3), ("2023-02", 4), ("2023-03", 4), ("2023-04", 4), ("2023-05", 2), ("2023-06", 2)]
    assert counted == [(month, sum(work.by_region(session, min(last_day(month), ON)).values())) for month, _count in counted]
    assert [month for month, _count in work.by_month(session, "2024-01-04")][::11] == ["2023-02", "2024-01"]  # in January too a line


def test_somebody_in_two_places_counts_once_at_the_farthest(session, village):
    save(session, "employment", {"person_id": village.ids["王秀兰"], "channel": "migrant", "place": "990000", "start": "2023-05"})
    counted = work.by_region(session, ON)
    assert (counted[Region.ABROAD], sum(counted.values())) == (1, 3)


def test_the_monthly_check(session, village):
    rows = {row.name: row for row in work.month_grid(session, "2023-06")}
    assert list(rows) == ["李四", "钱七", "王秀兰", "张三", "赵六"]
    assert {name: row.suggested for name, row in rows.items()} == {
        "李四": "away",
        "钱七": None,
        "王秀兰": "workshop",
        "张三": "post",
        "赵六": "school",
    }
    assert rows["李四"].place == "210211"
    assert work.counts(session, "2023-06") == work.CheckCounts(5, 0, 0)
    away = {"status": "away", "income": 300_000}
    assert work.save_checks(session, "2023-05", {village.ids[name]: away for name in ("李四", "钱七")}) == 2
    assert work.counts(session, "2023-06") == work.CheckCounts(5, 0, 2)
    work.save_checks(session, "2023-06", {village.ids["钱七"]: {"status": "unemployed", "method": "phone"}})
    assert work.same_as_last_month(session, "2023-06") == 1
    assert work.same_as_last_month(session, "2023-06") == 0
    copied = work.checks(session, "2023-06")[village.ids["李四"]]
    assert (copied.status, copied.income, copied.method, copied.by) == ("away", 300_000, None, "李文书")
    assert work.checks(session, "2023-06")[village.ids["钱七"]].status == "unemployed"
    assert work.counts(session, "2023-06").left == 3
    now = {row.name: row.now for row in work.month_grid(session, "2023-06")}
    assert now["李四"] is not None
    assert now["张三"] is None


def test_checks_are_changed_taken_away_and_given_again(session, village):
    who = village.ids["李四"]
    work.save_checks(session, "2023-06", {who: {"status": "away", "income": 1}})
    work.save_checks(session, "2023-06", {who: {"status": "flexible", "income": None}})
    assert work.checks(session, "2023-06")[who].income is None
    work.save_checks(session, "2023-06", {who: {"status": None}})
    assert work.checks(session, "2023-06") == {}
    work.save_checks(session, "2023-06", {who: {"status": "school"}})
    assert work.checks(session, "2023-06")[who].status == "school"


@pytest.mark.parametrize("wrong", [{"status": "超人"}, {"income": 1}, {"status": "away", "income": "很多"}])
def test_wrong_checks_are_refused(session, village, wrong):
    with pytest.raises(FieldError):
        work.save_checks(session, "2023-06", {village.ids["李四"]: wrong})
    assert session.count("monthly_check") == 0


def test_a_month_is_a_month(session, village):
    with pytest.raises(FieldError):
        work.save_checks(session, "2023-6", {village.ids["李四"]: {"status": "away"}})


def test_the_phone_list_falls_back_to_the_household(session, village):
    save(session, "person", {"phone": "13900001111"}, village.ids["李四"])
    asked = [village.ids["李四"], village.ids["张三"]]
    assert work.phones(session, asked) == dict(zip(asked, ("13900001111", "13812349999"), strict=True))


# -- workshops ------------------------------------------------------------------------------------------------------------


def test_a_workshop_tells_its_figures(session, village):
    (shop,) = workshop.workshops(session, ON)
    assert (shop.employer.name, shop.hired, shop.lifted, shop.monitored) == ("解放村车间", 1, 1, 0)
    assert shop.recognition is not None
    assert workshop.workshop(session, village.shop, "2020-05-31").recognition is None
    with pytest.raises(NotFound):
        workshop.workshop(session, village.home, ON)


def test_hiring_and_leaving(session, village):
    with pytest.raises(DomainError, match="用工名册里"):
        workshop.hire(session, village.shop, village.ids["王秀兰"], {"start": "2023-07-01"})
    second = workshop.hire(session, village.shop, village.ids["钱七"], {"start": "2023-05-01"})
    made = session.get("employment", second)
    assert (made.channel, made.place, made.employer_id) == ("workshop", "230826", village.shop)
    assert [hire.name for hire in workshop.hires(session, village.shop, ON)] == ["钱七", "王秀兰"]
    assert workshop.leave(session, [second], "2023-06-10", "家里有事") == 1
    assert [(hire.name, hire.current) for hire in workshop.hires(session, village.shop, ON)] == [("王秀兰", True), ("钱七", False)]
    assert session.get("employment", second).end_reason == "家里有事"
    assert workshop.leave(session, [second, village.hire], "2023-12-31") == 1  # all of the list were marked
    assert session.get("employment", second).end == "2023-06-10"
    with pytest.raises(DomainError, match="已经结束"):
        workshop.leave(session, [second], "2023-12-31")


def cell(village, month, yuan, before=None):
    return wages.Cell(village.hire, month, int(yuan * 100), None if before is None else before * 100)


def test_wages_are_added_never_altered(session, village):
    assert wages.enter_wages(session, village.shop, [cell(village, "2022-10", 500), cell(village, "2022-11", 520.5)]) == 2
    assert wages.enter_wages(session, village.shop, [cell(village, "2022-10", 500)]) == 0
    assert wages.enter_wages(session, village.shop, [cell(village, "2022-10", 450)]) == 1
    lines = sorted((wage.month, wage.amount) for wage in session.select("wage"))
    assert lines == [("2022-10", -5_000), ("2022-10", 50_000), ("2022-11", 52_050)]
    sheet = wages.wage_sheet(session, village.shop, on=ON)
    assert (sheet.year, sheet.start, sheet.end, sheet.months[0], sheet.months[-1]) == (
        2023,
        "2022-10-01",
        "2023-09-30",
        "2022-10",
        "2023-09",
    )
    (line,) = sheet.lines
    assert (line.name, line.group, line.total, line.counted) == ("王秀兰", "脱贫", 97_050, 97_050)
    assert dict(line.amounts) == {"2022-10": 45_000, "2022-11": 52_050}
    assert sheet.month_totals()[:3] == [45_000, 52_050, 0]


def test_a_correction_takes_the_payment_date_it_corrects(session, village):
    paid = {"month": "2023-09", "paid_on": "2023-10-10", "amount": 50_000, "pay_way": "bank"}
    save(session, "wage", {"employment_id": village.hire, **paid})
    wages.enter_wages(session, village.shop, [cell(village, "2023-09", 400)])
    assert {wage.paid_on for wage in session.select("wage")} == {"2023-10-10"}
    sheet = wages.wage_sheet(session, village.shop, 2023, on=ON)
    assert (sheet.lines[0].total, sheet.lines[0].counted) == (40_000, 0)  # paid after the period
    assert wages.wage_sheet(session, village.shop, 2024, on=ON).lines[0].counted == 40_000


def test_what_others_entered_meanwhile_is_noticed(session, village):
    wages.enter_wages(session, village.shop, [cell(village, "2022-10", 500)])
    with pytest.raises(ChangedUnderneath):
        wages.enter_wages(session, village.shop, [cell(village, "2022-10", 480, before=0)])
    assert session.count("wage") == 1
    assert wages.enter_wages(session, village.shop, [cell(village, "2022-10", 480, before=500)]) == 1


def test_wages_belong_to_the_workshop(session, village):
    with pytest.raises(NotFound):
        wages.enter_wages(session, village.shop, [wages.Cell(village.away, "2023-05", 1)])
    with pytest.raises(FieldError):
        wages.enter_wages(session, village.shop, [cell(village, "2023-05", -1)])


def test_the_most_specific_monitor_line_holds(session, village):
    for area, yuan in (("230000", 7000), ("230826", 6300)):
        save(session, "monitor_line", {"area": area, "year": 2023, "amount": yuan * 100})
    wages.enter_wages(session, village.shop, [cell(village, "2023-05", 5200)])
    sheet = wages.wage_sheet(session, village.shop, on=ON)
    assert (sheet.line, sheet.line_area, sheet.gap(sheet.lines[0])) == (630_000, "230826", 110_000)
    elsewhere = wages.monitor_line(session, "230109", 2023, VILLAGE)
    assert elsewhere is not None
    assert elsewhere.amount == 700_000
    assert wages.monitor_line(session, VILLAGE, 2022) is None


def test_somebody_who_left_and_came_back_reaches_the_line_by_both_spells(session, village):
    """R15 adds up what one carrier paid one person; the sheet said 否 of each half, and was handed in with the claim."""
    save(session, "monitor_line", {"area": "230000", "year": 2023, "amount": 700_000})
    (line,) = [one for one in wages.wage_sheet(session, village.shop, 2023, on=ON).lines if one.employment_id == village.hire]
    save(session, "employment", {"end": "2023-03-31"}, village.hire)
    again = {"person_id": line.person_id, "employer_id": village.shop, "channel": "workshop", "place": "230826", "start": "2023-05-01"}
    second = save(session, "employment", again)
    wages.enter_wages(session, village.shop, [cell(village, "2023-02", 3000), wages.Cell(second, "2023-05", 400_000)])
    sheet = wages.wage_sheet(session, village.shop, 2023, on=ON)
    mine = [one for one in sheet.lines if one.person_id == line.person_id]
    assert [(one.counted, sheet.gap(one)) for one in mine] == [(300_000, 0), (400_000, 0)]
    form = forms.make(session, "workshop_wages", village.shop, year=2023)
    assert [row[-2] for row in form.rows if row[-2]].count("是") == 2
    assert "同一人有几行的，达标与否按几行合计算。" in form.text


# -- training ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def course(session):
    values = {"title": "缝纫工", "trade": "缝纫工", "type": "skills", "start": "2023-03-06", "end": "2023-03-15"}
    return save(session, "course", values)


def test_a_course_from_roster_to_certificates(session, village, course):
    first = training.enrol(session, course, [village.ids["钱七"], village.ids["王秀兰"]])
    assert training.enrol(session, course, [village.ids["王秀兰"]]) == first[1:]
    assert [line.person.name for line in training.roster(session, course)] == ["钱七", "王秀兰"]
    assert training.roster(session, course)[1].category == "脱贫人口"
    training.set_attendance(session, {first[0]: 9, first[1]: 10})
    assert [line.enrolment.days_present for line in training.roster(session, course)] == [9, 10]
    with pytest.raises(FieldError):
        training.set_attendance(session, {first[0]: 11})
    training.enter_results(session, {first[0]: {"outcome": "dropped"}})
    certificate = {"certificate": "2308001", "certified_on": "2023-03-20"}
    training.enter_results(session, {first[1]: certificate | {"score": 88, "outcome": "completed"}})
    with pytest.raises(DomainError, match="重复"):
        training.enter_results(session, {first[0]: certificate})
    (line,) = training.courses(session)
    assert (line.enrolled, dict(line.outcomes), line.certified) == (2, {"dropped": 1, "completed": 1}, 1)
    assert len(training.days(line.course)) == 10


def test_terms_follow_each_other(session, village):
    values = {"school": "佳木斯职业学院", "stage": "secondary_vocational", "grade": 1, "term": "2023-autumn", "term_start": "2023-09-01"}
    autumn = save(session, "schooling", {**values, "person_id": village.ids["赵六"]})
    spring = training.next_term(session, autumn)
    assert training.next_term(session, autumn) == spring
    made = session.get("schooling", training.next_term(session, spring))
    assert (made.term, made.grade, made.term_start) == ("2024-autumn", 2, "2024-09-01")
    assert session.get("schooling", spring).term == "2024-spring"
    assert [line.schooling.term for line in training.terms(session)] == ["2024-autumn", "2024-spring", "2023-autumn"]
    assert [line.name for line in training.terms(session, "2024-spring")] == ["赵六"]


# -- one person, today --------------------------------------------------------------------------------------------------------


def test_one_page_has_everything(session, village):
    who = village.ids["王秀兰"]
    wages.enter_wages(session, village.shop, [cell(village, "2023-05", 520)])
    work.save_checks(session, "2023-05", {who: {"status": "workshop"}})
    save(session, "visit", {"household_id": village.home, "on": "2023-05-01", "content": "腰疼减活"})
    save(session, "job_wish", {"person_id": who, "opened_on": "2023-02-01"})
    save(session, "service", {"person_id": who, "type": "guidance", "on": "2023-02-10"})
    claim = {"rule": "R15", "pack": "HLJ", "pack_version": "1", "person_id": who, "year": 2022, "outcome": "eligible", "amount": 100_000}
    claim_id = save(session, "claim", claim)
    for n, state in enumerate(PATH[1:]):
        save(session, "claim_step", {"claim_id": claim_id, "to_state": state, "by": "李", "at": f"2023-01-0{n + 1}T00:00:00Z"})
    save(session, "payment", {"claim_id": claim_id, "amount": 100_000, "fund": "bridging", "paid_on": "2023-01-18"})
    page = person.person_page(session, who, 2023, on=ON)
    assert page.chip == ("车间", "workshop")
    assert [member.person.name for member in page.members] == ["王秀兰", "张三", "钱七", "李四", "赵六"]
    assert [(spell.where, spell.months("2023-12")) for spell in page.spells] == [("解放村车间", ("2022-10", "2023-12"))]
    assert list(page.checks) == ["2023-05"]
    assert page.promise == Promise(1, 0, 0)
    assert [(grant.state, grant.paid, grant.paid_on) for grant in page.grants] == [("paid", 100_000, "2023-01-18")]
    assert [(paid.name, paid.counted, paid.line) for paid in page.wages] == [("解放村车间", 52_000, None)]
    assert page.visit_count == 1
    assert page.history
    assert person.person_page(session, village.ids["张三"], 2023, on=ON).chip == ("公益岗", "post")
    with pytest.raises(NotFound):
        person.person_page(session, village.home, 2023, on=ON)


def test_a_deleted_person_still_has_a_page(session, village):
    records.delete(session, "person", village.ids["钱七"])
    assert person.person_page(session, village.ids["钱七"], 2023, on=ON).person.deleted_at


def test_the_first_page_counts_what_has_to_be_done(session, village):
    save(session, "job_wish", {"person_id": village.ids["钱七"], "opened_on": "2023-02-01"})
    agreement = {"appointment_id": village.held, "type": "service", "start": "2023-01-01", "end": "2023-06-30"}
    save(session, "agreement", agreement)
    save(session, "notice", {"level": "village", "start": "2023-06-09", "days": 7})
    day = today.today(session, ON)
    assert (day.people, day.labour, day.idle, day.conflicts, day.held) == (5, 5, 1, 0, 0)
    assert day.checks.left == 5
    assert day.services == today.Services(1, 0, 0, 0)
    assert [end.last_day for end in day.notices] == ["2023-06-15"]
    assert {alert.alert for alert in day.alerts} == {"A6", "A7", "A9", "A14", "A2"}
    assert day.errors == len([doubt for doubt in quality.check(session, ON) if doubt.severity == "error"])
    assert dict(day.months)["2023-06"] == 3


def test_a_warning_dealt_with_stays_away_until_it_is_another(session, village):
    agreement = {"appointment_id": village.held, "type": "service", "start": "2023-01-01", "end": "2023-06-30"}
    id = save(session, "agreement", agreement)
    (warning,) = [alert for alert in alerts.alerts(session, ON) if alert.alert == "A7"]
    assert (warning.id, warning.due) == (id, "2023-06-30")
    finding = {"code": "A7", "record_id": warning.id, "due": warning.due, "state": "verified", "reason": "已备好续签"}
    save(session, "finding", finding)
    assert not [alert for alert in alerts.alerts(session, ON) if alert.alert == "A7"]
    save(session, "agreement", {"end": "2023-07-10"}, id)
    assert [alert.due for alert in alerts.alerts(session, ON) if alert.alert == "A7"] == ["2023-07-10"]


def test_the_first_page_of_a_township_reads_no_checks_of_years_ago(session, village, monkeypatch):
    """Three years of them took 45 seconds on an old laptop, each time somebody went there; the warnings are the same."""
    asked = {
        "2021-01": "王秀兰",
        "2021-02": "王秀兰",
        "2021-12": "李四",
        "2022-12": "李四",
        "2023-04": "李四",
        "2023-05": "李四",
        "2023-08": "李四",
    }
    for month, name in asked.items():
        work.save_checks(session, month, {village.ids[name]: {"status": "unemployed" if month == "2023-05" else "away"}})
    whole = alerts.alerts(session, ON, register=quality.load(session))
    assert {(one.alert, one.person_id) for one in whole} >= {("A1", village.ids["李四"]), ("A2", village.ids["王秀兰"])}
    monkeypatch.setattr(today, "CHECKED_PEOPLE", 4)
    assert today.today(session, ON).alerts == alerts.alerts(session, ON) == whole
    read = quality.load(session, asked=ON[:7]).all(MonthlyCheck)
    assert sorted(check.month for check in read) == ["2021-02", "2023-04", "2023-05", "2023-08"]


def test_a_doubt_found_false_is_not_told_again(session, village):
    doubt = next(doubt for doubt in quality.check(session, ON) if doubt.rule == "E08")
    save(session, "finding", {"code": "E08", "record_id": doubt.id, "state": "false_alarm"})
    assert not [d for d in quality.check(session, ON) if d.rule == "E08"]


def test_checks_read_required_texts_too(session, village):
    save(session, "visit", {"household_id": village.home, "on": "2023-05-01", "content": "看望"})
    assert not [doubt for doubt in quality.check(session, ON) if doubt.rule == "E18"]


def test_an_empty_store_has_a_day_too(session):
    day = today.today(session, ON)
    assert (day.people, day.alerts, day.errors, day.checks) == (0, [], 0, work.CheckCounts(0, 0, 0))
    assert workshop.workshops(session, ON) == []
    assert work.month_grid(session, "2023-06") == []
