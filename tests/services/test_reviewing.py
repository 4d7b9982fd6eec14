"""Whoever has a claim is told what today's facts say of it, beside the verdict that it was filed on."""

from __future__ import annotations

from dataclasses import replace

from db import changes
from db.mapping import table
from domain.records import CategorySpan, Employment
from services import today
from services.claims import cautions, claims, steps, verdicts
from services.records import save
from services.screening import screen
from tests.services.test_claims import person
from tests.services.test_posted import at_the_county, file, owner

WHY = "申请时判为「符合」500.00 元，按现在的文件和登记的事实是「需人工核定」"


def awaiting_approval(session, id):
    """The session as the county's, by whom the claim that another station filed is to be approved."""
    county = at_the_county(session, id)
    steps.write_step(county, claims.standing(session, id).claim, "county_notice")
    session.conn.execute(table("claim").update().where(table("claim").c.id == id).values(created_by="赵文书@别处"))
    return county


def monitored(session, name="张三", serial=11):
    """Files the claim of somebody whose category ends within the time that counts, as was entered later; answers its id."""
    who = person(session, name, serial)
    given = {"person_id": who, "category": "sudden_hardship", "start": "2023-01-01"}
    span = save(session, "category_span", given)
    save(session, "employment", {"person_id": who, "channel": "migrant", "place": "330100", "start": "2023-03-01", "end": "2023-05-31"})
    id = claims.judge_and_file(session, "R03", 2023, person_id=who)
    save(session, "category_span", {**given, "end": "2023-04-30"}, span)
    return id


def told(session, *ids):
    return cautions.before_steps(session, ids, "township_reviewed")


def test_one_that_is_still_eligible_or_is_brought_up_to_date_by_the_step_is_not_told_of(session):
    id = file(session)
    assert told(session, id) == ""
    save(session, "travel", {"person_id": owner(session, id), "year": 2023, "outward": 19_025, "homeward": 10_000})
    assert told(session, id) == ""
    steps.step(session, id, "village_reviewed")
    save(session, "travel", {"person_id": owner(session, id), "year": 2023, "outward": 5_000})
    assert "按现在的文件和登记的事实是「符合」" in told(session, id)


def test_facts_that_are_gone_are_told_of(session):
    id = file(session)
    (work,) = session.select(Employment, person_id=owner(session, id))
    changes.delete(session, "employment", work.id)
    assert "所据的事实现在没有登记了" in told(session, id)


def test_many_are_judged_by_one_reading_as_each_by_itself(session):
    made = [monitored(session), *(monitored(session, name, serial) for name, serial in (("李四", 13), ("王五", 15)))]
    listed = [claims.standing(session, id).claim for id in made]
    assert verdicts.judged_all(session, listed) == {claim.id: verdicts.judged(session, claim) for claim in listed}
    assert told(session, *made).count(WHY) == 3


def test_the_village_is_told_why_while_the_claim_is_under_way(session):
    id = monitored(session)
    (why,) = today.today(session, session.today).turned.values()
    assert why.startswith("张三") and WHY in why and "请县里定" in why
    assert today.today(replace(session, role="township"), session.today).turned == {}
    steps.step(awaiting_approval(session, id), id, "approved", "走访核实")
    assert today.today(session, session.today).turned == {}


def test_the_list_of_what_is_to_be_decided_has_it_until_it_is_decided(session):
    id = monitored(session)
    (one,) = [each for each in screen(session) if each.claim_id == id]
    assert one.undecided and not one.unentitled
    (span,) = session.select(CategorySpan, person_id=owner(session, id))
    changes.update(session, "category_span", span.id, {"end": None})
    assert not any(each.undecided for each in screen(session))
    changes.update(session, "category_span", span.id, {"end": "2023-04-30"})
    steps.step(awaiting_approval(session, id), id, "approved", "走访核实")
    assert not any(each.undecided for each in screen(session))
