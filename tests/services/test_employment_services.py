"""One-three-one, matches and recommending on a store: what pages show is what rule R29 says."""

import pytest

from domain.errors import DomainError, NotFound
from domain.identity import check_digit
from domain.policy.verdict import Outcome
from services import employment_services as services
from services import merging, person, records, today
from services.quality import quality
from services.records import save
from services.screening import screen

ON = "2023-06-15"


def someone(session, name="王秀兰", birth="1980-03-03", serial=12, **wish):
    first = f"230826{birth.replace('-', '')}{serial:03d}"
    id = save(session, "person", {"name": name, "document": "resident_id", "id_number": first + check_digit(first), "labour": "ordinary"})
    save(session, "category_span", {"person_id": id, "category": "lifted"})
    return id, save(session, "job_wish", {"person_id": id, "opened_on": "2023-06-01", **wish})


@pytest.fixture
def shop(session):
    return save(session, "employer", {"name": "解放村车间", "type": "workshop", "phone": "13845550217"})


def job(session, shop, title, **more):
    return save(session, "vacancy", {"employer_id": shop, "title": title, "place": "230826", "headcount": 2, **more})


def give(session, who, kind, **more):
    return services.give(session, {"person_id": who, "type": kind, "on": "2023-06-10", **more})


def verdict(session, who, on=ON):
    (found,) = screen(session, rule="R29", person_id=who, on=on)
    return found.verdict.outcome


def test_the_lights_are_what_the_rule_counts(session, shop):
    who, wish = someone(session)
    jobs = [job(session, shop, title) for title in ("缝纫工", "熨烫工", "质检员")]
    driver = job(session, shop, "司机", requires=frozenset({"驾照"}))
    give(session, who, "guidance")
    for id in (jobs[0], jobs[0], jobs[1], driver):
        give(session, who, "job", vacancy_id=id)
    give(session, who, "job")
    (line,) = services.lines(session, services.open_wishes(session), ON)
    assert (line.name, line.days, line.category) == ("王秀兰", 15, "脱贫人口")
    assert (line.promise.guidance, line.promise.jobs, line.promise.training) == (1, 2, 0)
    assert line.promise.owes(line.needed) == {"guidance": False, "job": True, "training": True}
    assert verdict(session, who) is Outcome.PENDING
    assert sorted(one.why for one, _name in services.account_of(session, wish, ON)) == ["", "", "", "unnamed", "unsuitable"]
    give(session, who, "job", vacancy_id=jobs[2])
    give(session, who, "training")
    assert person.person_page(session, who, 2023, on=ON).promise == services.promises(session, [wish], ON)[wish]
    assert services.promises(session, [wish], ON)[wish].complete()
    assert verdict(session, who) is Outcome.ELIGIBLE


def enrol(session, who, start, **more):
    values = {"title": f"电焊工培训班 {start}", "trade": "电焊工", "type": "skills", "start": start, "end": "2023-06-30", "free": True}
    course = save(session, "course", values | more)
    save(session, "enrolment", {"course_id": course, "person_id": who, "outcome": "completed"})
    return course


def test_a_place_in_a_free_course_is_a_training(session):
    who, wish = someone(session)

    def trained(on=ON):
        count = services.promises(session, [wish], on)[wish].training
        (found,) = screen(session, rule="R29", person_id=who, on=on)
        assert ("免费培训 1 次" in found.verdict.missing) is (count == 0)
        if on == ON:
            for read in (quality.load(session), quality.load(session, asked=ON[:7])):
                assert today.services(read, until=ON).training == min(count, 1)
        return count

    enrol(session, who, "2023-05-31")  # before the wish
    enrol(session, who, "2023-06-02", free=None)
    enrol(session, who, "2023-06-02", free=False, title="收费班")
    assert trained() == 0
    course = enrol(session, who, "2023-06-05")
    assert (trained(), trained("2023-06-04")) == (1, 0)
    assert [(one.why, name) for one, name in services.account_of(session, wish, ON)] == [("", "电焊工培训班 2023-06-05")]
    give(session, who, "training")  # told before it was known which course
    assert trained() == 1
    give(session, who, "training", course_id=course)
    assert trained() == 2
    services.close_wishes(session, [wish], "2023-06-11", "已就业")
    enrol(session, who, "2023-06-12")
    enrol(session, who, "2023-06-13")
    assert services.promises(session, [wish], ON)[wish].training == 2


def test_the_same_service_on_one_day_is_one_record(session, shop):
    who, wish = someone(session)
    id = job(session, shop, "缝纫工")
    first = give(session, who, "job", vacancy_id=id, result="unreached")
    assert give(session, who, "job", vacancy_id=id, result="accepted") == first
    assert session.count("service") == 1
    again = services.give(session, {"person_id": who, "type": "job", "on": "2023-06-12", "vacancy_id": id, "result": "hired"}, close=wish)
    assert again != first
    closed = session.get("job_wish", wish)
    assert (closed.closed_on, closed.close_reason) == ("2023-06-12", "已就业")
    assert services.open_wishes(session) == []
    assert services.reopen(session, [wish]) == 1
    assert [vacancy.id for vacancy in services.offered(session, ON)] == [id]
    save(session, "vacancy", {"headcount": 1}, id)
    assert services.offered(session, ON) == []  # full
    (line,) = services.vacancy_lines(session, [id])
    assert (line.recommended, line.hired) == (1, 1)


def test_matches_either_way_agree_and_expired_vacancies_are_not_offered(session, shop):
    who, wish = someone(session, trades="缝纫", wage_min=300000, skills=frozenset({"缝纫"}))
    _other, second = someone(session, "李四", "1965-04-04", 11)
    good = job(session, shop, "缝纫工", requires=frozenset({"缝纫"}), wage_min=350000)
    young = job(session, shop, "保安", age_max=40)
    job(session, shop, "旧岗位", expires_on="2023-06-14")
    found = services.for_wish(session, wish, ON)
    assert [(one.vacancy.id, one.match.fits, one.match.differences) for one in found] == [(good, True, 0), (young, False, 1)]
    assert [(one.wish.id, one.match.fits) for one in services.for_vacancy(session, good, ON)] == [(wish, True), (second, False)]
    assert {one.wish.id: one.match for one in services.for_vacancy(session, young, ON)}[wish] == found[1].match
    give(session, who, "job", vacancy_id=good, result="refused")
    assert [one.recommendation.result for one in services.for_wish(session, wish, ON) if one.recommendation] == ["refused"]
    with pytest.raises(NotFound):
        services.for_vacancy(session, wish, ON)


def test_a_merged_person_keeps_what_was_given(session, shop):
    who, wish = someone(session)
    twin = save(session, "person", {"name": "王秀兰", "document": "other", "id_number": "X1", "labour": "ordinary"})
    give(session, twin, "guidance")
    merging.merge(session, who, twin)
    assert services.promises(session, [wish], ON)[wish].guidance == 1
    assert person.person_page(session, who, 2023, on=ON).promise == services.promises(session, [wish], ON)[wish]
    records.delete(session, "person", who)
    assert services.open_wishes(session) == []


def test_a_wish_does_not_end_before_it_began(session):
    _who, wish = someone(session)
    with pytest.raises(DomainError):
        services.close_wishes(session, [wish], "2023-05-31", "已就业")
    with pytest.raises(NotFound):
        services.close_wishes(session, ["no such"], ON, "其他")


def test_text_tells_a_phone_only_for_a_reason_that_is_kept(session, shop):
    ids = [job(session, shop, title) for title in ("缝纫工", "熨烫工")]
    told = services.advert_text(session, ids)
    assert "1384555" not in told
    assert "报名请到" in told
    assert "电话：13845550217" in services.advert_text(session, ids[:1], reason="单位要求公开")
    with pytest.raises(DomainError):
        services.advert_text(session, ids * 30)
