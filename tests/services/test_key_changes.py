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
