"""Claims across a village, its township and the county: the county judges every step; money goes out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cli.exchange import held_answer
from db import acts, changes
from db import held as held_changes
from db.held import held
from db.mapping import table
from db.session import Session
from db.store import Store
from desktop.sync import reading as sync_reading
from domain.claims import PATH
from domain.errors import DomainError
from domain.funds import SEPARATE
from services import records
from services.claims import claims, steps
from services.lists.titles import titles
from services.payments import funds, payments
from sync.county.receiving import rights as judging
from sync.wire.words import reason as why_held
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, add, assert_equal, both, get, put_back, save
from tests.sync.test_order import together


def verdict(person_id: str, **values: Any) -> dict[str, Any]:
    made = {"rule": "R03", "year": 2023, "person_id": person_id, "employer_id": None, "record_id": None, "outcome": "eligible"}
    made |= {"amount": "500.00", "pack": "HLJ-2021-16", "version": "1.0.0", "missing": [], "reasons": []}
    return made | values


def file(store: Store, person_id: str, **values: Any) -> str:
    with store.write("申请") as session:
        return claims.file(session, verdict(person_id, **values))


def step(store: Store, id: str, *states: str) -> None:
    for state in states:
        with store.write("办理") as session:
            steps.step(session, id, state, "意见")


def force(store: Store, id: str, state: str, by: str | None = None) -> None:
    """A step written past the program's own checks: a tampered laptop."""
    with store.write("硬写") as session:
        claim = session.get("claim", id)
        row = {"claim_id": id, "to_state": state, "by": by or session.author, "at": session.at}
        changes.insert(session, "claim_step", [{"id": session.new_id(), "village": claim.village, **row}])


def state(store: Any, id: str) -> str:
    with store.read() as session:
        return claims.standing(session, id).state


def reasons(store: Any) -> list[str]:
    with store.read() as session:
        return [h.reason for h in held(session)]


def carried(world: World, village: Store, township: Store, county: Store, id: str, until: str) -> None:
    """Take a claim along its path, each level its part, syncing between."""
    world.settle()
    path = PATH[1 : PATH.index(until) + 1]
    for who, level in ((village, "village"), (township, "township"), (county, "")):
        if states := [to for to in path if (to.startswith(level) if level else not to.startswith(("village", "township")))]:
            step(who, id, *states)
            world.settle()


def test_a_claim_goes_from_the_village_to_its_approval(world: World, village: Store, township: Store, county: Store) -> None:
    id = file(village, add(village))
    carried(world, village, township, county, id, "approved")
    assert [state(store, id) for store in (village, township, county, world.county)] == ["approved"] * 4
    assert_equal(world)


@pytest.mark.parametrize("forged", ["approved", "paid", "county_review", "township_reviewed"])
def test_no_village_key_can_send_what_is_not_the_villages(world: World, village: Store, forged: str) -> None:
    id = file(village, add(village))
    step(village, id, "village_reviewed", "village_notice")
    force(village, id, forged)
    world.settle()
    assert state(world.county, id) == state(village, id) == "village_notice"
    assert reasons(village) == reasons(world.county) != []
    assert_equal(world)


def test_the_list_of_what_is_held_names_the_claim_and_the_whole_reason(world: World, village: Store) -> None:
    """The command cut the reason after twenty characters and gave the number of a record that is nowhere."""
    id = file(village, add(village))
    force(village, id, "approved")
    world.settle()
    with village.read() as session:
        (one,) = held(session)
        title, text = titles(session, "claim", [id])[id], held_answer(session, plain=False).text
    assert title in text and why_held(one.reason) in text
    assert "…" not in text and one.record_id not in text


def test_a_step_in_anothers_name_is_refused(world: World, village: Store) -> None:
    id = file(village, add(village))
    force(village, id, "village_reviewed", by="王书记@elsewhere")
    world.settle()
    assert (state(world.county, id), reasons(village)) == ("draft", ["signed"])


def test_who_entered_at_the_county_does_not_approve(world: World, county: Store, village: Store) -> None:
    person = add(village)
    world.settle()
    with county.write("单位") as session:
        employer = session.new_id()
        changes.insert(session, "employer", [{"id": employer, "village": COUNTY, "name": "车间", "type": "workshop"}])
    id = file(county, person, employer_id=employer)
    step(county, id, "county_review", "county_notice")
    force(county, id, "approved")
    world.settle()
    assert (state(world.county, id), reasons(county)) == ("county_notice", ["duties"])


def test_of_two_laptops_that_take_the_same_step_one_counts(world: World, village: Store) -> None:
    other = world.station("乙")
    id = file(village, add(village))
    world.settle()
    step(village, id, "village_reviewed")
    step(other, id, "withdrawn")
    world.settle()
    assert {state(store, id) for store in (village, other, world.county)} in ({"withdrawn"}, {"village_reviewed"})
    assert_equal(world)


def test_a_village_cannot_take_back_what_the_county_decided(world: World, village: Store, township: Store, county: Store) -> None:
    id = file(village, add(village))
    carried(world, village, township, county, id, "approved")
    with village.write("硬删") as session:
        for each in claims.standing(session, id).steps[-3:]:
            changes.delete(session, "claim_step", each.id)
        changes.update(session, "claim", id, {"amount": 9_999_900})
    world.settle()
    with world.county.read() as session:
        found = claims.standing(session, id)
    assert (found.state, found.claim.amount) == ("approved", 50000)
    assert set(reasons(village)) == {"level", "path"}
    assert_equal(world)


def test_a_village_brings_back_no_claim_under_review(world: World, village: Store, township: Store, county: Store) -> None:
    """The county deletes a claim it reviews; restored, it would stand where it was, with whatever amount the village gives it."""
    id = file(village, add(village))
    carried(world, village, township, county, id, "county_review")
    with county.write("删除") as session:
        records.delete(session, "claim", id)
    world.settle()
    raw(village, lambda session: changes.undelete(session, "claim", id))
    raw(village, lambda session: changes.update(session, "claim", id, {"amount": 9_999_900}))
    world.settle()
    with world.county.read() as session:
        assert session.count("claim") == 0
    assert reasons(village) == ["path", "path"]
    with county.write("恢复") as session:
        records.undelete(session, "claim", id)
    step(county, id, "county_notice")
    world.settle()
    with world.county.read() as session:
        found = claims.standing(session, id)
    assert (found.state, found.claim.amount) == ("county_notice", 50000)
    assert_equal(world)


def test_nobody_puts_an_opinion_into_a_step_of_another(world: World, village: Store, township: Store, county: Store) -> None:
    id = file(village, add(village))
    carried(world, village, township, county, id, "village_notice")
    force(township, id, "township_reviewed")
    world.settle()
    with world.county.read() as session:
        taken = claims.standing(session, id).steps[-1]
    raw(village, lambda session: changes.update(session, "claim_step", taken.id, {"opinion": "同意，按三倍发放"}))
    world.settle()
    with world.county.read() as session:
        assert claims.standing(session, id).steps[-1].opinion is None
    assert reasons(village) == ["append"]
    assert_equal(world)


def take_back(store: Store) -> None:
    """Ctrl+Z."""
    with store.write("撤销") as session:
        last = acts.last_undoable(session)
        assert last is not None
        acts.undo(session, last.id)


def test_steps_taken_back_one_after_another_in_one_batch(world: World, village: Store) -> None:
    """The notice was never at the county when it was taken back, the review was: the second is judged as after the first."""
    id = file(village, add(village))
    step(village, id, "village_reviewed")
    world.settle()
    step(village, id, "village_notice")
    take_back(village)
    take_back(village)
    world.settle()
    assert reasons(world.county) == reasons(village) == []
    assert state(world.county, id) == state(village, id) == "draft"


def test_the_same_person_in_two_villages_is_approved_once(world: World, village: Store, township: Store, county: Store) -> None:
    other = world.station("丙", OTHER_VILLAGE)
    number = "230826198005050118"
    first, second = (file(store, add(store, id_number=number)) for store in (village, other))
    carried(world, village, township, county, first, "county_notice")
    with pytest.raises(DomainError, match="已有另一笔申请"):
        carried(world, other, township, county, second, "county_notice")
    for who, to in ((township, "township_reviewed"), (county, "county_review"), (county, "county_notice")):
        force(who, second, to)
        world.settle()
    for id in (first, second):
        force(county, id, "approved")
    world.settle()
    assert [state(world.county, id) for id in (first, second)] == ["approved", "county_notice"]
    assert reasons(county) == ["enjoyed"]
    assert_equal(world)


def test_only_the_county_pays_and_only_once(world: World, village: Store, township: Store, county: Store) -> None:
    id = file(village, add(village))
    carried(world, village, township, county, id, "approved")

    def pay(store: Store) -> None:
        with store.write("拨付") as session:
            row = {"claim_id": id, "amount": 50000, "fund": "bridging"}
            changes.insert(session, "payment", [{"id": session.new_id(), "village": VILLAGE, **row}])

    pay(village)
    world.settle()
    pay(county)
    pay(county)
    world.settle()
    with world.county.read() as session:
        assert session.count("payment") == 1
    assert (reasons(village), reasons(county)) == (["level", "enjoyed"], ["level", "enjoyed"])
    assert_equal(world)


def test_a_payment_taken_back_before_anybody_saw_it_is_made_anew(world: World, village: Store, township: Store, county: Store) -> None:
    id = file(village, add(village))
    carried(world, village, township, county, id, "approved")

    def pay(session: Session) -> object:
        row = {"claim_id": id, "amount": 50000, "fund": "bridging"}
        return changes.insert(session, "payment", [{"id": session.new_id(), "village": VILLAGE, **row}])

    raw(county, pay)
    take_back(county)
    raw(county, pay)
    world.settle()
    assert reasons(county) == []
    with world.county.read() as session:
        assert session.count("payment") == 1


def raw(store: Store, write: Callable[[Session], object]) -> None:
    """A change past the program's own checks."""
    with store.write("硬写") as session:
        write(session)


def in_review(store: Store, id: str, *states: str) -> None:
    """A claim of a unit, taken along at the county."""
    step(store, id, "county_review", "county_notice", *states)


def unit(store: Store, **values: Any) -> str:
    with store.write("单位") as session:
        return records.save(session, "employer", {"name": "车间", "type": "workshop", **values})


def test_who_entered_a_claim_does_not_pay_it(world: World, county: Store) -> None:
    """Not by a form, and not past the program either: an imported file or an edited store brings the payment."""
    colleague = world.station("县二", COUNTY)
    id = file(county, add(county), employer_id=unit(county))
    world.settle()
    in_review(colleague, id, "approved")
    world.settle()
    row = {"id": "00000000-0000-4000-8000-00000000000a", "village": COUNTY, "claim_id": id, "fund": "bridging", "amount": 50_000}
    raw(county, lambda session: changes.insert(session, "payment", [row]))
    world.settle()
    assert reasons(world.county) == ["duties"]
    with colleague.write("拨付") as session:
        payments.pay(session, [id], "bridging")
    world.settle()
    with world.county.read() as session:
        assert session.count("payment") == 1


def test_what_an_earlier_county_took_as_paid_stays_paid_when_it_was_lost(
    world: World, county: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money is out: held now, it would be paid a second time."""
    colleague = world.station("县二", COUNTY)
    id = file(county, add(county), employer_id=unit(county))
    world.settle()
    in_review(colleague, id, "approved")
    world.settle()
    save(world)
    paid = "00000000-0000-4000-8000-00000000000a"
    row = {"id": paid, "village": COUNTY, "claim_id": id, "fund": "bridging", "amount": 50_000}
    raw(county, lambda session: changes.insert(session, "payment", [row]))
    with monkeypatch.context() as earlier:
        earlier.setattr(judging, "unlawful", lambda *_asked: {})  # it did not look at who pays
        world.settle()
    put_back(world)
    world.sync(colleague)
    assert reasons(world.county) == []
    assert get(world.county, paid, "payment") is not None


def test_what_was_approved_is_neither_changed_nor_deleted_and_paid_as_approved(world: World, county: Store) -> None:
    """A county laptop that goes past its own program, or was put out of step: each of these would move money nobody approved."""
    colleague = world.station("县二", COUNTY)
    id = file(county, add(county), employer_id=unit(county))
    world.settle()
    in_review(colleague, id, "approved")
    world.settle()
    approval = next(each.id for each in standing(county, id).steps if each.to_state == "approved")
    row = {"id": "00000000-0000-4000-8000-00000000000a", "village": COUNTY, "claim_id": id, "fund": "bridging"}
    raw(county, lambda session: changes.update(session, "claim", id, {"amount": 9_900_000}))
    world.settle()
    raw(county, lambda session: changes.delete(session, "claim", id))
    raw(county, lambda session: changes.insert(session, "payment", [{**row, "amount": 49_999}]))
    world.settle()
    assert reasons(world.county) == ["fixed", "fixed", "amount"]
    with colleague.write("拨付") as session:
        (paid,) = payments.pay(session, [id], "bridging").payments
        with pytest.raises(DomainError, match="拨付中"):
            steps.step(session, id, "returned", "先不付")
    world.settle()
    raw(county, lambda session: changes.delete(session, "payment", paid))
    raw(county, lambda session: changes.delete(session, "claim_step", approval))
    force(county, id, "returned")
    world.settle()
    assert reasons(world.county) == ["fixed", "fixed", "amount", "append", "path", "path"]
    found = standing(world.county, id)
    assert (found.state, found.claim.amount) == ("approved", 50_000)
    assert_equal(world)


def standing(store: Any, id: str) -> claims.ClaimStatus:
    with store.read() as session:
        return claims.standing(session, id)


def test_a_claim_sent_back_is_changed_and_approved_anew(world: World, county: Store) -> None:
    colleague = world.station("县二", COUNTY)
    id = file(county, add(county), employer_id=unit(county))
    world.settle()
    in_review(colleague, id, "approved", "returned")
    world.settle()
    raw(county, lambda session: changes.update(session, "claim", id, {"amount": 40_000}))
    world.settle()
    assert (reasons(world.county), standing(world.county, id).claim.amount) == ([], 40_000)


def test_one_batch_with_two_approvals_for_one_person_pays_once(world: World, county: Store) -> None:
    """People, claims and approvals of a day without a line arrive together: nothing of it is known at the county before."""
    workshop = unit(county)
    twice, once = "230826198005050118", "230826198005050134"
    filed = [file(county, add(county, id_number=number), employer_id=workshop) for number in (twice, twice, once)]
    county.user = "赵"  # the colleague at the same laptop
    for id in filed:
        for to in ("county_review", "county_notice", "approved"):
            force(county, id, to)
    world.settle()
    assert [state(world.county, id) for id in filed] == ["approved", "county_notice", "approved"]
    assert reasons(county) == ["enjoyed"]


def test_a_units_own_reward_and_a_term_at_school_are_approved_once(world: World, county: Store) -> None:
    """Registered twice: the unit in two places with one credit code, the term as two records."""
    colleague = world.station("县二", COUNTY)
    code = "91230826MA1B0UQ12X"
    bases = []
    for year in (2022, 2023):
        of_unit = {"rule": "R04", "year": year, "person_id": None, "employer_id": unit(county, uscc=code)}
        with county.write("申请") as session:
            bases.append(claims.file(session, verdict("") | of_unit))
    pupil = add(county)
    with county.write("在读") as session:
        row = {"village": COUNTY, "person_id": pupil, "school": "职校", "stage": "secondary_vocational", "term_start": "2023-09-01"}
        terms = [session.new_id() for _each in range(3)]
        for id, term in zip(terms, ("2023-autumn", "2023-autumn", "2024-spring"), strict=True):
            changes.insert(session, "schooling", [{"id": id, "term": term, **row}])
    workshop = unit(county)  # a unit's claim starts at the county
    filed = [file(county, pupil, rule="R32b", record_id=id, employer_id=workshop) for id in terms]
    world.settle()
    for id in (*bases, *filed):
        in_review(colleague, id)
        force(colleague, id, "approved")
    world.settle()
    assert [state(world.county, id) for id in bases] == ["approved", "county_notice"]
    assert [state(world.county, id) for id in filed] == ["approved", "county_notice", "approved"]


def test_who_had_not_seen_another_approval_of_the_same_person_approves_again(world: World, county: Store) -> None:
    """Months are divided between employers, and one person gets so many in all: packs say how many, and only stations read packs."""
    second, third = world.station("县二", COUNTY), world.station("县三", COUNTY)
    person, ids = add(county), list[str]()
    for months in ({"2023-01", "2023-02"}, {"2023-03"}, {"2023-04"}):
        asked = verdict(person, rule="R17", employer_id=unit(county))
        with county.write("申请") as session:
            ids.append(claims.file(session, asked, months=months))
    world.settle()
    for id in ids:
        in_review(second, id)
    world.settle()
    force(second, ids[0], "approved")
    for id in ids[1:]:
        force(third, id, "approved")
    world.settle()
    assert [state(world.county, id) for id in ids] == ["approved", "county_notice", "county_notice"]
    assert reasons(third) == ["unseen", "unseen"]
    for id in ids[1:]:
        force(third, id, "approved")
    world.settle()
    assert [state(world.county, id) for id in ids] == ["approved"] * 3
    assert_equal(world)


@both
def test_two_laptops_that_pay_at_once_stay_within_the_ceiling(world: World, village: Store, township: Store, county: Store) -> None:
    """Each thinks there is enough: what arrives second is held at the county, skipped everywhere, and told."""
    other = world.station("县乙", COUNTY)
    ids = [file(village, add(village)) for _n in range(3)]
    for id in ids:
        carried(world, village, township, county, id, "approved")
    pay(county, ids[2])  # raised in the same parcel as what is paid by it
    with county.write("额度") as session:
        funds.set_ceiling(session, "bridging", funds.year_of(session), 1000)
    world.settle()
    for store, id in ((county, ids[0]), (other, ids[1])):
        pay(store, id)
    with pytest.raises(DomainError, match="超过额度"):
        pay(county, ids[1])
    failures = together([lambda: _exchanged(world, county), lambda: _exchanged(world, other)])
    assert failures == []
    world.settle()
    assert reasons(world.county) == reasons(county) == ["ceiling"]  # either of the two
    for read in (county.read, other.read, world.county.read):
        with read() as session:
            (found,) = funds.balances(session, county=COUNTY)
            assert (found.ceiling, found.spent, found.committed) == (100_000, 100_000, 50_000)
    assert_equal(world)
    with other.write("追加") as session:
        funds.set_ceiling(session, "bridging", funds.year_of(session), 1500)
        left = next(id for id in ids if not steps.under_way(session, id))
    pay(other, left)
    world.settle()
    with world.county.read() as session:
        assert funds.balances(session, county=COUNTY)[0].spent == 150_000


def test_what_the_bank_sent_back_is_paid_again_in_the_same_parcel(world: World, village: Store, township: Store, county: Store) -> None:
    """The money is free again at the laptop that says so; the county hears of both at once."""
    ids = [file(village, add(village)) for _n in range(3)]
    for id in ids:
        carried(world, village, township, county, id, "approved")
    with county.write("额度") as session:
        funds.set_ceiling(session, "bridging", funds.year_of(session), 1000)
    for id in ids[:2]:
        pay(county, id)
    world.settle()
    with county.write("退回") as session:
        sent_back = session.select("payment")[0]
        changes.update(session, "payment", sent_back.id, {"bank_result": "failed"})
    pay(county, sent_back.claim_id)
    world.settle()
    assert reasons(county) == []
    with pytest.raises(DomainError, match="超过额度"):
        pay(county, ids[2])


def test_what_was_recovered_is_paid_out_again_in_the_same_parcel(world: World, village: Store, township: Store, county: Store) -> None:
    """The money is back in the fund at the laptop that says so; the county hears of all of it at once."""
    ids = [file(village, add(village)) for _n in range(4)]
    for id in ids:
        carried(world, village, township, county, id, "approved")
    with county.write("额度") as session:
        funds.set_ceiling(session, "bridging", funds.year_of(session), 1000)
    pay(county, ids[0])
    bank(county)
    world.settle()
    for id, following in ((ids[0], ids[1:2]), (ids[1], ids[2:])):
        with county.write("追回") as session:
            steps.step(session, id, "recovered", "多发，退款凭证 12 号")
        for other in following:
            pay(county, other)
        bank(county)
    world.settle()
    assert reasons(county) == []
    with world.county.read() as session:
        (found,) = funds.balances(session, county=COUNTY)
    assert (found.spent, found.recovered) == (100_000, 100_000)


def pay(store: Store, id: str) -> None:
    with store.write("拨付") as session:
        payments.pay(session, [id], "bridging")


def _exchanged(world: World, store: Store) -> None:
    world.sync(store)


@both
def test_a_step_that_somebody_else_took_first_is_listed_and_waits_for_nobody(world: World) -> None:
    """Two officers that looked through the same claims left a badge at every level, which nobody could ever clear."""
    a, b = world.station("镇甲", TOWNSHIP), world.station("镇乙", TOWNSHIP)
    person, other = add(a, village=VILLAGE), add(a, village=VILLAGE)
    same, gone = file(a, person), file(a, other)
    for id in (same, gone):
        step(a, id, "village_reviewed", "village_notice")
    world.settle()
    step(a, same, "township_reviewed")
    step(a, gone, "returned")
    for id in (same, gone):
        step(b, id, "township_reviewed")
    world.settle()
    for where in (a, b, world.county):
        with where.read() as session:
            assert [one.reason for one in held(session)] == ["path"] * 2
            assert held_changes.by_scope(session) == {VILLAGE: 1}  # the other was not done
            (done,) = held_changes.overtaken(session, held(session))
            assert done.values["claim_id"] == same
    with a.read() as session:  # the page tells them apart, and counts as the badge does
        told = sync_reading.held_shown(session)
        assert sorted(one.over for one in told) == [False, True] and sync_reading.standing(session).held == 1


def supplement(store: Store, id: str, fen: int, *, approve: bool = True) -> None:
    """Grant a paid claim more, past the program's own checks of policy."""
    with store.write("补发") as session:
        changes.update(session, "claim", id, {"amount": fen})
        if approve:
            steps.write_step(session, claims.standing(session, id).claim, "approved", "补发")


def bank(store: Store, result: str = "ok") -> None:
    """The bank answers for every payment that has no result."""
    with store.write("银行") as session:
        for one in session.select("payment", table("payment").c.bank_result.is_(None)):
            changes.update(session, "payment", one.id, {"bank_result": result})
            if result == "ok":
                steps.write_step(session, claims.standing(session, one.claim_id).claim, "paid")


@pytest.fixture
def paid(world: World, village: Store, township: Store, county: Store) -> str:
    id = file(village, add(village))
    carried(world, village, township, county, id, "approved")
    pay(county, id)
    bank(county)
    world.settle()
    assert (state(world.county, id), reasons(county)) == ("paid", [])
    return id


def amounts(store: Any, id: str) -> tuple[int, list[int]]:
    with store.read() as session:
        return session.get("claim", id).amount, sorted(one.amount for one in session.select("payment") if one.bank_result != "failed")


@both
def test_a_paid_claim_gets_the_difference_and_no_more(world: World, village: Store, county: Store, paid: str) -> None:
    """补发: approved again with the higher amount, the difference is paid once, whichever laptop is first."""
    other = world.station("县乙", COUNTY)
    supplement(county, paid, 80_000)
    world.settle()
    assert [state(store, paid) for store in (village, county, other, world.county)] == ["approved"] * 4
    for store in (county, other):
        pay(store, paid)
    world.settle()
    assert (amounts(world.county, paid), reasons(world.county)) == ((80_000, [30_000, 50_000]), ["enjoyed"])
    bank(county)
    world.settle()
    assert (state(world.county, paid), amounts(village, paid)) == ("paid", (80_000, [30_000, 50_000]))
    assert_equal(world)


def test_two_officers_that_approve_one_difference_leave_nothing_to_do(world: World, county: Store, paid: str) -> None:
    other = world.station("县乙", COUNTY)
    world.settle()
    for store in (county, other):
        supplement(store, paid, 80_000)
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid), reasons(world.county)) == ("approved", (80_000, [50_000]), ["path"])
    with world.county.read() as session:
        assert not any(held_changes.by_scope(session).values())
    assert_equal(world)


def test_a_difference_may_be_sent_back_and_paid_again_or_called_off(world: World, county: Store, paid: str) -> None:
    supplement(county, paid, 80_000)
    pay(county, paid)
    world.settle()
    bank(county, "failed")
    pay(county, paid)
    world.settle()
    assert (amounts(world.county, paid), reasons(world.county)) == ((80_000, [30_000, 50_000]), [])
    bank(county, "failed")
    step(county, paid, "paid")
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid), reasons(world.county)) == ("paid", (50_000, [50_000]), [])
    assert_equal(world)


@pytest.mark.parametrize("synced", [False, True])
def test_an_approved_difference_is_undone(world: World, county: Store, paid: str, synced: bool) -> None:
    supplement(county, paid, 80_000)
    if synced:
        world.settle()
    with county.write("撤销") as session:
        assert records.undo_last(session) is not None
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid), reasons(world.county)) == ("paid", (50_000, [50_000]), [])
    assert_equal(world)


def refund(store: Store, id: str, fen: int) -> None:
    """Record that money came back, past the program's own checks."""
    with store.write("退款") as session:
        row = {"id": session.new_id(), "village": VILLAGE, "claim_id": id, "amount": -fen, "fund": "bridging", "bank_result": "ok"}
        changes.insert(session, "payment", [row | {"paid_on": session.today}])
        steps.write_step(session, claims.standing(session, id).claim, "paid", "收据")


@both
def test_what_was_paid_too_much_is_paid_back_and_no_more(world: World, village: Store, county: Store, paid: str) -> None:
    """追回: approved again with the lower amount, the difference comes back once, whichever laptop records it first."""
    other = world.station("县乙", COUNTY)
    supplement(county, paid, 38_000)
    world.settle()
    assert [state(store, paid) for store in (village, county, other, world.county)] == ["approved"] * 4
    for store in (county, other):
        refund(store, paid, 12_000)
    world.settle()
    assert (state(world.county, paid), amounts(village, paid)) == ("paid", (38_000, [-12_000, 50_000]))
    assert set(reasons(world.county)) == {"path"}
    assert_equal(world)


def test_a_refund_is_called_off_and_what_a_tampered_laptop_sends_about_it_is_held(
    world: World, village: Store, county: Store, paid: str
) -> None:
    refund(county, paid, 12_000)  # not approved
    refund(village, paid, 12_000)
    supplement(village, paid, 38_000)
    supplement(county, paid, -1)
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid)) == ("paid", (50_000, [50_000]))
    supplement(county, paid, 38_000)
    world.settle()
    for fen in (11_000, 13_000, -12_000):
        refund(county, paid, fen)  # neither part of it nor more, and nothing is paid out
        world.settle()
    supplement(county, paid, 37_000, approve=False)  # after the approval
    supplement(county, paid, 51_000, approve=False)
    for forged in ("returned", "refused"):
        force(county, paid, forged)
    world.settle()
    assert amounts(world.county, paid) == (38_000, [50_000])
    assert set(reasons(world.county)) >= {"path", "fixed", "amount", "level"}
    assert_equal(world)


def test_a_refund_that_is_given_up_leaves_the_claim_paid(world: World, county: Store, paid: str) -> None:
    supplement(county, paid, 38_000)
    world.settle()
    with county.write("不再追回") as session:
        changes.update(session, "claim", paid, {"amount": 50_000})
        steps.write_step(session, claims.standing(session, paid).claim, "paid", "核销")
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid), reasons(world.county)) == ("paid", (50_000, [50_000]), [])
    assert_equal(world)


def test_what_a_tampered_laptop_sends_about_a_paid_claim_is_held(world: World, village: Store, county: Store, paid: str) -> None:
    """More is granted only to a paid claim and then approved, never by a village, and nothing is sent back."""
    force(county, paid, "approved")  # nothing is lacking
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid)) == ("paid", (50_000, [50_000]))
    supplement(village, paid, 80_000)
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid)) == ("paid", (50_000, [50_000]))
    supplement(county, paid, 80_000)
    world.settle()
    supplement(county, paid, 90_000, approve=False)  # after the approval
    for forged in ("returned", "refused"):
        force(county, paid, forged)
    world.settle()
    assert (state(world.county, paid), amounts(world.county, paid)) == ("approved", (80_000, [50_000]))
    with county.write("多拨") as session:
        row = {"id": session.new_id(), "village": VILLAGE, "claim_id": paid, "amount": 80_000, "fund": "bridging"}
        changes.insert(session, "payment", [row])
    world.settle()
    assert amounts(world.county, paid) == (80_000, [50_000])
    assert set(reasons(world.county)) == {"path", "fixed", "amount", "level"}
    assert_equal(world)


def test_whoever_reviewed_a_claim_does_not_pay_it_where_the_county_says_so(
    world: World, village: Store, township: Store, county: Store
) -> None:
    """Where the county says so. Past the program's own check: its server holds the payment, and the bare step that says paid."""
    ids = [file(village, add(village)) for _n in range(3)]
    for id in ids:
        carried(world, village, township, county, id, "approved")
    pay(county, ids[0])
    world.settle()
    with county.write("规定") as session:
        values = {"year": 2020, "area": COUNTY, "indicator": SEPARATE, "value": 1}
        changes.insert(session, "target", [{"id": session.new_id(), "village": COUNTY, **values}])
    world.settle()
    with county.write("硬拨") as session:
        row = {"id": session.new_id(), "village": VILLAGE, "claim_id": ids[1], "amount": 50_000, "fund": "bridging"}
        changes.insert(session, "payment", [row])
    force(county, ids[2], "paid")
    bank(county)
    world.settle()
    assert [state(world.county, id) for id in ids] == ["paid", "approved", "approved"]
    assert set(reasons(world.county)) == {"reviewed", "row"}
    other = world.station("县乙", COUNTY)
    world.settle()
    pay(other, ids[1])
    world.settle()
    assert amounts(world.county, ids[1]) == (50_000, [50_000, 50_000])
    assert_equal(world)
