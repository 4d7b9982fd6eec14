"""The same person, or the same unit, at two stations under every rule that pays once: each files by what it knows, one is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from db import changes
from db.store import Store
from domain.policy.pack import load
from services import policies, screening
from services.claims import arbitration, claims
from tests.packs import head
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, World, add, person_values
from tests.sync.test_arbitration import NUMBER, opinion, settled
from tests.sync.test_claims import state

CODE = "91230826MA1B0UQ12X"
OVERLAY = f"""{head("HC")}
[[rules]]
id = "R04"
params = {{ amount = "9000.00", min_people = 1, min_months = 1 }}
[[rules]]
id = "R32a"
params = {{ per_day = "25.00", min_attendance = "0.8", appraisal = "100.00" }}
[[rules]]
id = "R32b"
params = {{ amount = "1500.00" }}
"""
PACKS = policies.in_use([load(OVERLAY.encode())])


class Place:
    """Writes one station's facts; `late`: those that come after the other station's in the fixed order."""

    def __init__(self, store: Store, late: bool) -> None:
        self.store, self.late = store, late
        self.household = self.put("household", number="1")
        self.person = self.put("person", **person_values(name="王强", id_number=NUMBER, household_id=self.household))
        self.put("category_span", person_id=self.person, category="lifted", source="import")

    def put(self, kind: str, **values: Any) -> str:
        with self.store.write("登记") as session:
            id = session.new_id()
            changes.insert(session, kind, [{"id": id, "village": self.store.scope, **values}])
        return id

    def unit(self, type: str, recognised: str, code: str | None = None) -> str:
        id = self.put("employer", name=f"单位{self.late}", type=type, uscc=code)
        self.put("recognition", employer_id=id, type=recognised, number="1", start="2020-01-01")
        return id


def placement(at: Place) -> None:
    agency, firm = at.unit("agency", "agency_licence"), at.unit("enterprise", "brand", CODE)
    start = "2022-03-01" if at.late else "2022-01-10"
    row = {"agency_id": agency, "employer_id": firm, "person_id": at.person, "on": start, "organised": True, "contract": "labour"}
    at.put("placement", contract_start=start, contract_end="2023-12-31", **row)


def base(at: Place) -> None:
    year = 2023 if at.late else 2022  # once in the life of a unit
    worker = at.put("person", **person_values())
    at.put("category_span", person_id=worker, category="lifted", source="import")
    unit = at.unit("base", "base", CODE)
    at.put(
        "employment", person_id=worker, employer_id=unit, channel="enterprise", place="230826", start=f"{year}-03-01", end=f"{year}-12-31"
    )


def production(at: Place) -> None:
    wife = at.put("person", **person_values(household_id=at.household))
    at.put("household_business", household_id=at.household, operator_id=wife, business="养鹅", start="2021")
    place, month = ("230103", "04") if at.late else ("110000", "05")  # the higher amount wins, not the earlier day
    at.put("employment", person_id=at.person, channel="migrant", place=place, start=f"2021-{month}-01", end=f"2021-{month[0]}8-31")


def carrier(at: Place) -> None:
    unit = at.unit("workshop", "workshop")
    work = at.put("employment", person_id=at.person, employer_id=unit, channel="workshop", place="230826", start="2021-10-01")
    month = "2022-06" if at.late else "2022-05"
    at.put("wage", employment_id=work, month=month, amount=700_000, paid_on=f"{month}-10", pay_way="bank")


def training(at: Place) -> None:
    start = "2022-06-01" if at.late else "2022-05-01"
    course = at.put("course", title="育婴", trade="育婴员", level="初级", type="skills", start=start, end=f"{start[:8]}10")
    at.put("enrolment", course_id=course, person_id=at.person, days_present=10, days_total=10, outcome="completed")


def schooling(at: Place) -> None:
    term = {"school": "职校", "stage": "secondary_vocational", "term": "2022-autumn", "state": "enrolled"}
    at.put("schooling", person_id=at.person, term_start="2022-09-01" if at.late else "2022-08-28", **term)


@pytest.mark.parametrize(
    ("rule", "years", "facts"),
    [
        ("R02", (2022,), placement),
        ("R04", (2022, 2023), base),
        ("R09", (2021,), production),
        ("R15", (2022,), carrier),
        ("R32a", (2022,), training),
        ("R32b", (2022,), schooling),
    ],
)
def test_the_first_in_the_fixed_order_is_left_though_it_came_last(
    world: World, rule: str, years: tuple[int, ...], facts: Callable[[Place], None]
) -> None:
    filed = []
    add(world.station("县", COUNTY), "monitor_line", area=COUNTY, year=2022, amount=600_000)
    stores = [world.station("甲"), world.station("丙", OTHER_VILLAGE)]
    world.settle()
    for store in stores:
        facts(Place(store, late=store is stores[1]))
        with store.write("申请") as session:
            (verdict,) = [each.verdict for each in screening.screen(session, rule=rule, packs=PACKS) if each.unclaimed]
            filed.append(claims.file(session, verdict.to_json()))
    for store in reversed(stores):
        world.sync(store)
    world.settle()
    with world.county.read() as session:
        found = [one for year in years for one in arbitration.rulings(session, year, PACKS)]
    assert [(one.winner, [loser.claim_id for loser in one.losers]) for one in found] == [(filed[0], [filed[1]])]
    assert settled(world, found, years[0]) == 1
    world.settle()
    assert [state(store, id) for store, id in zip(stores, filed, strict=True)] == ["draft", "refused"]
    assert "重复享受" in opinion(stores[1], filed[1])
    with world.county.read() as session:
        assert [one for year in years for one in arbitration.rulings(session, year, PACKS)] == []
