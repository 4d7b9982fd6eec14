"""待确认的变更: what is one, who confirms, and what payment says until then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db import changes
from db.session import Session
from domain.errors import DomainError, NotFound, Refused
from domain.key_changes import counts, pending
from services import key_changes, records
from services.claims import claims
from services.payments import payments
from services.person import person_page
from tests.services.test_claims import person
from tests.services.test_payments import approved

ACCOUNT, OTHER, THIRD = "6228480000000016620", "6228480000000016638", "6228480000000016646"


def on(session: Session, day: str, user: str = "张", role: str = "village", scope: str | None = None) -> Session:
    """Writing as somebody on a day: the trigger signs as the store's user, so the log is told, too."""
    scope = scope or session.scope
    made = replace(session, at=f"{day}T02:00:00Z", user=user, role=role, station=f"{scope}-1")
    session.conn.exec_driver_sql('UPDATE control SET "user" = ?, at = ?', (made.author, made.at))
    return made


def township(session: Session, user: str = "李") -> Session:
    return on(session, "2026-11-20", user, "township", session.scope[:9])


@pytest.fixture
def session(session: Session) -> Session:
    return on(session, "2026-11-20")  # what was changed more than a year ago is not listed


def changed(session: Session, **values: str) -> str:
    id = str(person(on(session, "2026-10-01"), "张三", 11, bank_account=ACCOUNT))
    records.save(on(session, "2026-10-05"), "person", values or {"bank_account": OTHER}, id)
    return id


def codes(session: Session) -> list[str]:
    return [one.pending.event.code for one in key_changes.waiting(session)]


def test_another_account_waits_masked_until_somebody_else_at_the_township_confirms(session):
    id = changed(session)
    (one,) = key_changes.waiting(session)
    assert (one.label(), one.pending.event.name, one.pending.event.station) == ("社保卡账号", "张", f"{session.scope}-1")
    assert ACCOUNT not in one.shown() and one.shown(plain=True) == (ACCOUNT, OTHER)
    assert person_page(session, id, 2026, on="2026-11-20").unconfirmed == [one]
    for who in (on(session, "2026-11-20", "王"), township(session, "张")):
        with pytest.raises(Refused):
            key_changes.confirm(who, one.id)
    key_changes.explain(on(session, "2026-10-05"), one.id.lower(), "本人换卡")  # as a command gives it
    assert key_changes.waiting(session)[0].pending.reason == "本人换卡"
    key_changes.dispute(township(session), one.id.upper(), "打电话说没换")
    assert key_changes.waiting(session)[0].pending.dispute == "打电话说没换"
    key_changes.confirm(on(session, "2026-11-21", "县甲", "county", session.scope[:6]), one.id)
    assert codes(session) == []
    with pytest.raises(NotFound):
        key_changes.confirm(township(session), one.id)
    records.save(on(session, "2026-11-22"), "person", {"bank_account": THIRD}, id)
    assert key_changes.waiting(session)[0].shown(plain=True) == (OTHER, THIRD)


def test_a_dispute_needs_its_reason(session):
    changed(session)
    with pytest.raises(DomainError, match="疑问"):
        key_changes.dispute(township(session), key_changes.waiting(session)[0].id, " ")


def test_first_entries_own_slips_of_the_day_and_what_was_put_back_are_no_changes(session):
    new = person(on(session, "2026-10-01"), "王五", 15)
    records.save(on(session, "2026-10-04"), "person", {"bank_account": ACCOUNT}, new)
    records.save(on(session, "2026-10-04"), "person", {"bank_account": OTHER}, new)  # a slip of the same day, nothing sent
    assert codes(session) == []
    records.save(on(session, "2026-10-05", "赵"), "person", {"bank_account": THIRD}, new)
    assert codes(session) == ["K3"]
    records.save(on(session, "2026-10-06"), "person", {"bank_account": OTHER}, new)
    assert codes(session) == []


def test_name_number_and_category_wait_too_and_a_first_category_does_not(session):
    id = changed(session, name="张叁")
    records.save(on(session, "2026-10-06"), "category_span", {"person_id": id, "category": "ordinary"})
    assert codes(session) == ["K1"]
    records.save(on(session, "2026-10-07"), "category_span", {"person_id": id, "category": "lifted"})
    assert sorted(codes(session)) == ["K1", "K4"]
    (one,) = (each for each in key_changes.waiting(session) if each.pending.event.code == "K4")
    assert one.shown() == ("一般农户", "脱贫人口")


def test_changes_of_years_ago_are_not_listed(session):
    id = person(on(session, "2020-10-01"), "张三", 11, bank_account=ACCOUNT)
    records.save(on(session, "2020-10-05"), "person", {"bank_account": OTHER}, id)
    assert codes(session) == [] and len(key_changes.waiting(session, [id])) == 1


def test_what_waits_is_told_where_it_is_paid_until_it_is_confirmed(session):
    county = on(session, "2026-10-01", "县甲", "county")
    id = approved(county, bank_account=ACCOUNT)
    whose = str(claims.standing(county, id).claim.person_id)
    records.save(on(session, "2026-10-05"), "person", {"bank_account": OTHER, "name": "张叁"}, whose)
    (line,) = payments.due(county)
    assert "姓名由张于 2026-10-05 改过，还没有人确认" in line.doubt and "审批后由张" in line.doubt
    for one in key_changes.waiting(session):
        key_changes.confirm(township(session), one.id)
    assert payments.due(county)[0].doubt == ""


def test_a_confirmation_of_one_change_is_none_of_another(session):
    id = changed(session)
    (seen,) = key_changes.waiting(session)
    records.save(on(session, "2026-10-06"), "person", {"bank_account": THIRD}, id)
    with pytest.raises(NotFound):
        key_changes.confirm(township(session), seen.id)
    values = {"code": seen.pending.event.finding, "record_id": id, "state": "verified"}
    records.save(township(session), "finding", values)  # said of the first by a laptop that had not seen the second
    assert key_changes.waiting(session)[0].shown(plain=True) == (OTHER, THIRD)
    assert not counts(f"王@{session.scope}-1", seen.pending.event) and pending(seen.pending.event, [], []) is None
    assert changes.history(session, "person", id)


# -- deleted and entered again (decision 063) ----------------------------------------------------------------------------------


def span(session, person: str, category: str, **values: str | None) -> str:
    return str(records.save(session, "category_span", {"person_id": person, "category": category, **values}))


def test_a_date_of_death_is_not_emptied_unseen(session):
    id = changed(session, name="张三")
    records.save(on(session, "2026-10-06"), "person", {"died_on": "2026-10-01"}, id)
    assert codes(session) == ["K5"]  # a death is always a first entry: nobody else looked at one, which stops claims and pay
    key_changes.confirm(township(session), key_changes.waiting(session)[0].id)
    assert codes(session) == []
    records.save(on(session, "2026-10-07"), "person", {"died_on": None}, id)
    assert codes(session) == ["K5"]
    assert "死亡日期由张于 2026-10-07 改过" in key_changes.sentences(session, [id])[id]
    key_changes.confirm(township(session), key_changes.waiting(session)[0].id)
    assert codes(session) == []


def test_a_death_entered_and_emptied_before_anybody_confirmed_it_waits_as_well(session):
    id = changed(session, name="张三")
    records.save(on(session, "2026-10-06"), "person", {"died_on": "2026-10-01"}, id)
    records.save(on(session, "2026-10-07"), "person", {"died_on": None}, id)
    assert codes(session) == ["K5"]
    records.save(session, "person", {"name": "李四", "document": "other", "id_number": "X李四", "labour": "weak", "died_on": "2026-09-01"})
    assert codes(session) == ["K5"], "who is registered as dead was never on record alive"


def test_a_category_deleted_and_entered_again_is_a_change(session):
    id = changed(session, name="张三")
    first = span(on(session, "2026-10-06"), id, "ordinary")
    records.delete(on(session, "2026-10-07"), "category_span", first)
    better = span(on(session, "2026-10-08"), id, "lifted")
    assert codes(session) == ["K4"]
    records.delete(on(session, "2026-10-09"), "category_span", better)
    assert codes(session) == []
    span(on(session, "2026-10-10"), id, "lifted")  # it goes on from what nobody had confirmed
    (one,) = key_changes.waiting(session)
    assert one.shown() == ("一般农户", "脱贫人口")
    key_changes.confirm(township(session), one.id)
    assert codes(session) == []


def test_a_category_changed_back_hides_no_other_one(session):
    id = changed(session, name="张三")
    first = span(on(session, "2026-10-06"), id, "ordinary")
    span(on(session, "2026-10-07"), id, "lifted")
    for day, category in (("2026-10-08", "marginal"), ("2026-10-09", "ordinary")):
        records.save(on(session, day), "category_span", {"category": category}, first)
    assert codes(session) == ["K4"]


@pytest.mark.parametrize("again", [False, True])
def test_start_and_end_of_a_category_wait_too(session, again: bool):
    id = changed(session, name="张三")
    first = span(on(session, "2026-10-06"), id, "lifted", start="2015-01")
    records.save(on(session, "2026-10-07"), "category_span", {"end": "2020-12"}, first)
    assert codes(session) == []
    if again:
        records.delete(on(session, "2026-10-08"), "category_span", first)
        span(on(session, "2026-10-08"), id, "lifted", start="2014-01")
    else:
        records.save(on(session, "2026-10-08"), "category_span", {"start": "2014-01", "end": None}, first)
    assert sorted(codes(session)) == ["K6", "K7"]
    assert sorted(one.label() for one in key_changes.waiting(session)) == ["人员类别的开始时间", "人员类别的结束时间"]
    for one in key_changes.waiting(session):
        key_changes.confirm(township(session), one.id)
    assert codes(session) == []


def test_a_category_that_begins_anew_after_its_end_waits(session):
    id = changed(session, name="张三")
    span(on(session, "2026-10-06"), id, "marginal", start="2021-03", end="2022-06")
    span(on(session, "2026-10-07"), id, "marginal", start="2023-05")
    assert codes(session) == ["K7"]


def test_a_person_registered_anew_goes_on_from_the_deleted_record(session):
    first = changed(session, name="张三")
    records.save(on(session, "2026-10-02"), "category_span", {"person_id": first, "category": "ordinary"})
    records.save(on(session, "2026-10-06"), "person", {"died_on": "2026-10-01"}, first)
    number = session.get("person", first).id_number
    records.save(on(session, "2026-10-07"), "person", {"id_number": "230826197001010019"}, first)
    records.delete(on(session, "2026-10-08"), "person", first)
    values = {"name": "张三", "id_number": number, "document": "resident_id", "labour": "ordinary"}
    again = str(records.save(on(session, "2026-10-09"), "person", {**values, "bank_account": OTHER}))
    records.save(on(session, "2026-10-10"), "category_span", {"person_id": again, "category": "lifted"})
    assert sorted(codes(session)) == ["K3", "K4", "K5"]
    assert {one.pending.event.person_id for one in key_changes.waiting(session)} == {again}
    assert key_changes.waiting(session, [first]) == [] and len(key_changes.waiting(session, [again])) == 3
    for one in key_changes.waiting(session):
        key_changes.confirm(township(session), one.id)
    assert codes(session) == []


def test_a_person_registered_anew_with_the_same_says_nothing(session):
    first = changed(session, name="张三")
    known = session.get("person", first)
    records.delete(on(session, "2026-10-08"), "person", first)
    values = {name: known[name] for name in ("name", "id_number", "document", "labour", "bank_account")}
    records.save(on(session, "2026-10-09"), "person", values)
    assert codes(session) == []
