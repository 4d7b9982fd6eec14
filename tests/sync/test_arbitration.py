"""Arbitration: claims to one benefit over several stations end with one that goes on, whoever synced first, and explained duplicates."""

from __future__ import annotations

import itertools
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cli.county import PROGRAM
from cli.county_access import acted
from db import acts, changes
from db.store import Store
from domain.claims import PATH
from domain.errors import DomainError
from server import rulings
from services import policies, records, screening
from services.claims import arbitration, claims
from services.claims.arbitration import Ruling
from services.payments import payments
from sync.county.keys import county_keys
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, assert_equal, both, person_values
from tests.sync.test_claims import carried, file, force, reasons, state, step

NUMBER = "230826198005050118"
FAR_VILLAGE = "230826102201"


def migrant(store: Store, start: str = "2023-03-01", end: str = "2023-11-30", number: str = NUMBER, **values: Any) -> str:
    """A person of the target group who worked outside the province."""
    with store.write("登记") as session:
        id = session.new_id()
        rows: dict[str, dict[str, Any]] = {
            "person": person_values(**{"name": "王强", "id_number": number, **values}),
            "category_span": {"person_id": id, "category": "lifted", "source": "import"},
            "employment": {"person_id": id, "channel": "migrant", "place": "210200", "start": start, "end": end},
        }
        for kind, row in rows.items():
            changes.insert(session, kind, [{"id": id if kind == "person" else session.new_id(), "village": store.scope, **row}])
    return id


def trainee(store: Store, employer: str, *months: int) -> str:
    """A person of the target group who was trained at work for some months of 2021."""
    with store.write("登记") as session:
        id = session.new_id()
        row = {"village": store.scope}
        changes.insert(session, "person", [{"id": id, **row, **person_values(name="王强", id_number=NUMBER)}])
        changes.insert(
            session, "category_span", [{"id": session.new_id(), **row, "person_id": id, "category": "lifted", "source": "import"}]
        )
        for month in months:
            values = {"person_id": id, "employer_id": employer, "month": f"2021-{month:02d}", "days": 20, "record": True}
            changes.insert(session, "work_training", [{"id": session.new_id(), **row, **values}])
    return id


def firm(store: Store, name: str) -> str:
    with store.write("单位") as session:
        return records.save(session, "employer", {"name": name, "type": "enterprise"})


def training_claim(store: Store, employer: str, *months: int) -> str:
    """A claim filed by what the store knows."""
    person = trainee(store, employer, *months)
    with store.write("申请") as session:
        return claims.judge_and_file(session, "R17", 2021, person_id=person, employer_id=employer)


def asked(store: Any, id: str) -> tuple[str, list[int], int]:
    """Where a claim stands, the months it is for, and yuan."""
    with store.read() as session:
        now = claims.standing(session, id)
    return now.state, sorted(int(month[5:]) for month in now.claim.months or ()), now.claim.amount // 100


def settled(world: World, found: list[Ruling], year: int) -> int:
    settle = partial(rulings.settle, keys=county_keys(world.county), year=year)
    return sum(acted(world.county, partial(settle, part)) for part in rulings.parts(found))


@pytest.mark.parametrize("firms", [1, 2])
def test_a_training_fee_filed_at_two_stations_is_paid_once(world: World, firms: int) -> None:
    """One firm named by two laptops of a village that each registered the person, or two firms in two villages."""
    a, b = world.station("甲"), world.station("乙") if firms == 1 else world.station("丙", OTHER_VILLAGE)
    mine = firm(a, "服装厂")
    theirs = firm(b, "制衣厂") if firms == 2 else mine
    world.settle()
    filed = [training_claim(store, employer, 10, 11, 12) for store, employer in ((a, mine), (b, theirs))]  # neither knows of the other
    assert [asked(store, id) for store, id in zip((a, b), filed, strict=True)] == [("draft", [10, 11, 12], 1500)] * 2
    world.settle()
    found, refused = arbitrate(world, 2021)
    assert [(r.rule, {r.winner, *(one.claim_id for one in r.losers)}) for r in found] == [("R17", set(filed))] and refused == 1
    world.settle()
    loser = found[0].losers[0].claim_id
    holder = a if loser == filed[0] else b
    assert state(holder, loser) == "refused" and "重复享受" in opinion(holder, loser)
    assert state(b if holder is a else a, str(found[0].winner)) == "draft"
    assert arbitrate(world, 2021) == ([], 0)


@pytest.mark.parametrize(("order", "between"), [((0, 1, 2), False), ((2, 1, 0), True), ((1, 2, 0), True)])
def test_months_of_a_training_fee_are_divided_by_the_fixed_order(world: World, order: tuple[int, ...], between: bool) -> None:
    """Three firms in three villages trained one person, in months that overlap: each month is paid once, six in all."""
    stores = [world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("远", FAR_VILLAGE)]
    trained = [(5, 6, 7, 8), (7, 8, 9, 10), (10, 11, 12)]
    firms = [firm(store, f"厂{place}") for place, store in enumerate(stores)]
    filed = [training_claim(store, employer, *months) for store, employer, months in zip(stores, firms, trained, strict=True)]
    for place in order:
        world.sync(stores[place])
        if between:
            arbitrate(world, 2021)
    world.settle()
    arbitrate(world, 2021)
    world.settle()
    kept, less, none = (asked(world.county, id) for id in filed)
    assert (kept, less, none[0]) == (("draft", [5, 6, 7, 8], 2000), ("returned", [9, 10], 1000), "refused")
    assert [asked(store, id) for store, id in zip(stores, filed, strict=True)] == [asked(world.county, id) for id in filed]
    told = opinion(stores[1], filed[1])
    assert "2021-09、2021-10" in told and "1000.00" in told
    assert not any(secret in told for secret in (filed[0], NUMBER, "王强", "厂0", VILLAGE))
    assert arbitrate(world, 2021) == ([], 0)
    assert_equal(world)


def test_what_one_firm_was_paid_leaves_the_other_its_own_months(world: World) -> None:
    """The county approves the second firm's months that nobody else has, and refuses them where one was approved already."""
    county = world.station("县", COUNTY)
    firms = [firm(county, name) for name in ("先", "后", "又")]
    filed = [training_claim(county, employer, *months) for employer, months in zip(firms, [(5, 6, 7), (8, 9), (7, 10)], strict=True)]
    with county.write("改") as session:  # as filed at places that knew nothing of each other
        changes.update(session, "claim", filed[2], {"months": frozenset({"2021-07", "2021-10"}), "amount": 100_000})
    colleague = world.station("县二", COUNTY)
    world.settle()
    for id in filed:
        step(colleague, id, "county_review", "county_notice")
    step(colleague, filed[0], "approved")
    with pytest.raises(DomainError, match="在先"):
        step(colleague, filed[2], "approved")
    force(colleague, filed[2], "approved")
    step(colleague, filed[1], "approved")
    world.settle()
    assert [state(world.county, id) for id in filed] == ["approved", "approved", "county_notice"]
    assert reasons(colleague) == ["enjoyed"]
    found, changed = arbitrate(world, 2021)
    assert [(one.claim_id, one.keeps, one.amount, one.paid) for one in found[0].losers] == [(filed[2], ("2021-10",), 50_000, False)]
    world.settle()
    assert (asked(colleague, filed[2]), changed) == (("returned", [10], 500), 1)
    assert_equal(world)


def arbitrate(world: World, year: int = 2023) -> tuple[list[Ruling], int]:
    with world.county.read() as session:
        found = arbitration.rulings(session, year, policies.in_use())
    return found, settled(world, found, year)


def test_what_cannot_be_noted_is_not_settled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    filed = [file(store, migrant(store)) for store in (a, b)]
    world.settle()
    with monkeypatch.context() as full:
        full.setattr(acts, "keep", lambda *_words: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            arbitrate(world)
    assert {state(world.county, id) for id in filed} == {"draft"}
    assert arbitrate(world)[1] == 1
    with world.county.read() as session:
        assert [act.label for act in acts.latest(session)] == ["裁定 2023 年重复申报：1 组，1 笔不予通过或减月退回"]


def opinion(store: Any, id: str) -> str:
    with store.read() as session:
        return claims.standing(session, id).steps[-1].opinion or ""


@both
def test_two_stations_filed_the_same_person_and_one_is_paid(world: World) -> None:
    a, b = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    township, county = world.station("镇", TOWNSHIP), world.station("县", COUNTY)
    first, second = file(a, migrant(a)), file(b, migrant(b))
    carried(world, a, township, county, first, "county_notice")
    found, refused = arbitrate(world)
    loser, winner = (first, second) if found[0].winner == second else (second, first)
    assert ([r.to_json() for r in found], refused) == (
        [
            {
                "rule": "R03",
                "year": 2023,
                "winner": winner,
                "losers": [{"claim_id": loser, "outcome": "duplicate"}],
                "undecided": [],
            }
        ],
        1,
    )
    world.settle()
    assert {state(store, loser) for store in (world.county, county, township, a if loser == first else b)} == {"refused"}
    mine = a if winner == first else b
    if winner == first:
        step(county, first, "approved")
    else:
        carried(world, b, township, county, second, "approved")
    with county.write("拨付") as session:
        paid = payments.pay(session, [winner], "bridging")
    world.settle()
    assert state(mine, winner) == "approved"
    with world.county.read() as session:
        assert (session.count("payment"), paid.total) == (1, 50_000)
        assert claims.standing(session, loser).claim.outcome == "duplicate"
    assert arbitrate(world) == ([], 0)
    assert_equal(world)


def test_the_loser_is_told_the_area_and_nothing_else(world: World) -> None:
    a, far = world.station("甲"), world.station("远", FAR_VILLAGE)
    winner, loser = file(a, migrant(a, "2023-01-01")), file(far, migrant(far, "2023-03-01", "2023-10-31"))
    world.settle()
    found, _refused = arbitrate(world)
    world.settle()
    winner, loser = str(found[0].winner), found[0].losers[0].claim_id
    with far.read() as session:
        holder = far if session.get("claim", loser) is not None else a  # of one moment the lowest id stays
    assert state(holder, loser) == "refused"
    told = opinion(holder, loser)
    assert "重复享受" in told
    assert not any(secret in told for secret in (winner, NUMBER, NUMBER[-4:], "王强", VILLAGE, FAR_VILLAGE))
    with holder.read() as session:  # who was told is not asked to claim the same again
        (again,) = screening.screen(session, rule="R03", year=2023)
        assert (again.verdict.outcome.value, again.claim_id, again.unclaimed) == ("eligible", loser, False)


@pytest.mark.parametrize(("order", "between"), [*zip(itertools.permutations(range(3)), itertools.cycle([False, True]), strict=False)])
def test_who_synced_first_decides_nothing(world: World, order: tuple[int, ...], between: bool) -> None:
    stores = [world.station("甲"), world.station("丙", OTHER_VILLAGE), world.station("远", FAR_VILLAGE)]
    filed = [file(store, migrant(store)) for store in stores]
    for place in order:
        world.sync(stores[place])
        if between:
            arbitrate(world)
    world.settle()
    arbitrate(world)
    world.settle()
    assert [state(world.county, id) for id in filed].count("draft") == 1
    assert state(world.county, expected(stores, filed)) == "draft"
    assert arbitrate(world) == ([], 0)
    assert_equal(world)


def expected(stores: list[Store], filed: list[str]) -> str:
    """Of equal facts the claim filed first; of one second the person with the lowest id."""
    rows = []
    for store, id in zip(stores, filed, strict=True):
        with store.read() as session:
            claim = claims.standing(session, id).claim
        rows.append((claim.created_at, claim.person_id, id))
    return min(rows)[2]


def test_one_number_under_two_names_is_left_to_people(world: World) -> None:
    a, b = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    filed = [file(a, migrant(a, name="王强")), file(b, migrant(b, name="李四"))]
    world.settle()
    found, refused = arbitrate(world)
    assert ([(r.winner, list(r.undecided)) for r in found], refused) == ([(None, sorted(filed))], 0)
    assert [state(world.county, id) for id in filed] == ["draft", "draft"]


def test_the_command_settles_once_and_has_nothing_to_tell_again(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stores = [world.station("甲"), world.station("丙", OTHER_VILLAGE)]
    filed = [file(store, migrant(store)) for store in stores]
    world.settle()
    answers = []
    for _run in range(2):
        assert (
            PROGRAM.main(["--home", str(tmp_path / "home"), "--database", world.county.url, "arbitrate", "--year", "2023", "--json"]) == 0
        )
        answers.append(json.loads(capsys.readouterr().out))
    assert (len(answers[0]), answers[1]) == (1, [])
    assert {answers[0][0]["winner"], answers[0][0]["losers"][0]["claim_id"]} == set(filed)
    assert PROGRAM.main(["--home", str(tmp_path / "home"), "arbitrate", "--year", "23"]) == 2


def test_two_laptops_filed_the_same_record(world: World) -> None:
    a, township = world.station("甲"), world.station("镇", TOWNSHIP)
    person = migrant(a)
    world.settle()
    filed = [file(a, person), file(township, person)]
    world.settle()
    found, refused = arbitrate(world)
    assert ({found[0].winner, found[0].losers[0].claim_id}, refused) == (set(filed), 1)


def test_what_was_paid_is_not_undone(world: World) -> None:
    a, b = world.station("甲"), world.station("丙", OTHER_VILLAGE)
    township, county = world.station("镇", TOWNSHIP), world.station("县", COUNTY)
    earlier, later = migrant(a), migrant(b)
    first, second = file(a, earlier), None
    carried(world, a, township, county, first, "approved")
    with county.write("拨付") as session:
        payments.pay(session, [first], "bridging")
    second = file(b, later)
    world.settle()
    found, refused = arbitrate(world)
    assert (found[0].winner, [one.claim_id for one in found[0].losers], refused) == (first, [second], 1)


def test_a_workshop_paid_out_of_turn_is_listed_for_recovery(world: World) -> None:
    county = world.station("县", COUNTY)
    person, workshops = _hired_twice(county)
    late, early = (file(county, person, rule="R15", employer_id=employer, amount="1000.00") for employer in reversed(workshops))
    for to in PATH[PATH.index("county_review") : PATH.index("approved")]:
        step(county, late, to)
    with county.write("批") as session:  # another user of the county approved it
        claim = session.get("claim", late)
        row = {"claim_id": late, "to_state": "approved", "by": session.author, "at": session.at}
        changes.insert(session, "claim_step", [{"id": session.new_id(), "village": claim.village, **row}])
        changes.insert(
            session,
            "payment",
            [{"id": session.new_id(), "village": claim.village, "claim_id": late, "amount": 100_000, "fund": "employment"}],
        )
    with county.read() as session:
        found = arbitration.rulings(session, 2023, policies.in_use())
    assert [(r.winner, [(o.claim_id, o.paid) for o in r.losers]) for r in found] == [(early, [(late, True)])]


def _hired_twice(county: Store) -> tuple[str, list[str]]:
    person = migrant(county)
    workshops = []
    with county.write("车间") as session:

        def put(kind: str, **values: Any) -> str:
            id = session.new_id()
            changes.insert(session, kind, [{"id": id, "village": COUNTY, **values}])
            return id

        put("monitor_line", area=COUNTY, year=2023, amount=700_000)
        for month in (4, 6):
            employer = put("employer", name=f"车间{month}", type="workshop")
            workshops.append(employer)
            put("recognition", employer_id=employer, type="workshop", number="1", start="2022-01-01")
            work = put("employment", person_id=person, employer_id=employer, channel="workshop", place=VILLAGE, start="2023-01-01")
            put("wage", employment_id=work, month=f"2023-{month:02d}", amount=800_000, paid_on=f"2023-{month:02d}-10")
    return person, workshops
