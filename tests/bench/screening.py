"""Screening a store of many people under every rule, and one person's cards."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from typing import Any

from db import changes
from db.session import Session
from db.store import Store
from domain.identity import check_digit
from services import screening
from tests.bench.figures import Figure, milliseconds, seconds
from tests.bench.people import VILLAGE

ON = "2024-06-30"
PLACES = ("210200", "110000", "220100", "230826", "230100", "310000")


def figures(store: Store, people: int) -> list[Figure]:
    """The two figures; `store` is filled first."""
    with store.write("bench") as session:
        ids = fill(session, people)
    with store.read() as session:
        whole = seconds(lambda: screening.screen(session, on=ON))
        found = screening.screen(session, on=ON, rule="R03", year=2023)
        one = [seconds(lambda id=id: screening.screen(session, on=ON, person_id=id)) * 1000 for id in ids[:: people // 30]]  # type: ignore[misc]
    return [
        Figure(
            f"screening of {people:,} people, all rules", whole, "s", 20, f"{sum(s.unclaimed for s in found):,} entitled under R03 in 2023"
        ),
        milliseconds("one person's verdicts", one, 50),
        Figure("slowest of them", max(one), "ms", None, f"mean {statistics.mean(one):.1f} ms"),
    ]


def fill(session: Session, people: int) -> list[str]:
    """People in households of three, a third lifted, half of them working, a tenth in workshops with wages, some on posts."""
    rng = random.Random(7)
    ids = [session.new_id() for _n in range(people)]
    homes = [session.new_id() for _n in range(people // 3 + 1)]
    shops, post = [session.new_id() for _n in range(20)], session.new_id()
    for kind, rows in (
        ("household", ({"id": h} for h in homes)),
        ("person", _people(ids, homes)),
        ("category_span", _spans(session, ids, rng)),
        ("employer", ({"id": s, "name": f"车间{n}", "type": "workshop"} for n, s in enumerate(shops))),
        ("recognition", ({"id": session.new_id(), "employer_id": s, "type": "workshop", "start": "2021-10-01"} for s in shops)),
        ("monitor_line", ({"id": session.new_id(), "area": "230000", "year": y, "amount": 600_000} for y in range(2021, 2026))),
        (
            "post",
            [{"id": post, "name": "保洁员", "type": "cleaner", "quota": 500, "developer": "hrss", "fund": "solar", "standard": 50_000}],
        ),
    ):
        changes.insert(session, kind, ({"village": VILLAGE, **row} for row in rows))
    work = list(_work(session, ids, shops, rng))
    changes.insert(session, "employment", work)
    changes.insert(session, "wage", _wages(session, work))
    held = [{"id": session.new_id(), "post_id": post, "person_id": id, "start": "2023-01-01", "village": VILLAGE} for id in ids[::200]]
    changes.insert(session, "appointment", held)
    terms = ({"start": "2023-01-01", "end": "2023-12-31", "appointment_id": h["id"], "village": VILLAGE} for h in held)
    changes.insert(session, "agreement", ({"id": session.new_id(), "type": "service", **t} for t in terms))
    months = ({"appointment_id": h["id"], "month": f"2023-{m:02d}", "days": 20 + m % 10} for h in held for m in range(1, 13))
    changes.insert(session, "attendance", ({"id": session.new_id(), "village": VILLAGE, **m} for m in months))
    return ids


def _people(ids: list[str], homes: list[str]) -> Iterator[dict[str, Any]]:
    for n, id in enumerate(ids):
        first17 = f"23082{n // 20_000}{1950 + n % 50}{n // 1000 % 12 + 1:02d}{n // 50 % 20 + 1:02d}{n % 1000:03d}"
        number = first17 + check_digit(first17)
        yield {
            "id": id,
            "name": f"人{n}",
            "document": "resident_id",
            "id_number": number,
            "labour": "ordinary",
            "household_id": homes[n // 3],
        }


def _spans(session: Session, ids: list[str], rng: random.Random) -> Iterator[dict[str, Any]]:
    for n, id in enumerate(ids):
        if n % 3 == 0:
            yield {"id": session.new_id(), "person_id": id, "category": "lifted"}
        elif n % 30 == 1:
            yield {"id": session.new_id(), "person_id": id, "category": "marginal", "start": f"2022-0{rng.randint(1, 9)}-01"}


def _work(session: Session, ids: list[str], shops: list[str], rng: random.Random) -> Iterator[dict[str, Any]]:
    for n, id in enumerate(ids):
        base = {"person_id": id, "village": VILLAGE}
        if n % 2 == 0:
            for year in (2022, 2023):
                start, end = f"{year}-0{rng.randint(2, 4)}-{rng.randint(1, 28):02d}", f"{year}-{rng.choice(('06', '10', '11'))}-20"
                yield base | {
                    "id": session.new_id(),
                    "channel": "migrant",
                    "place": rng.choice(PLACES),
                    "start": start,
                    "end": end,
                    "employer_id": None,
                }
        if n % 10 == 3:
            yield base | {
                "id": session.new_id(),
                "channel": "workshop",
                "place": "230826",
                "start": "2022-09-01",
                "end": None,
                "employer_id": rng.choice(shops),
            }


def _wages(session: Session, work: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for spell in work:
        if spell["channel"] == "workshop":
            for month in range(1, 13):
                day = f"2023-{month:02d}"
                yield {
                    "id": session.new_id(),
                    "village": VILLAGE,
                    "employment_id": spell["id"],
                    "month": day,
                    "paid_on": f"{day}-10",
                    "amount": 62_000,
                }
