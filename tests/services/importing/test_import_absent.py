"""A roster of a whole village also says whom it does not name."""

from __future__ import annotations

import pytest

from db import changes
from db.store import Store
from domain.records import Person
from tests.services.rosters_taken import HEADS, PEOPLE, Take, number, take

__all__ = ["take"]

VILLAGE = [["解放村", "1003", f"名{n}", "女", number(10 + n), "户主", "普通劳动力", "脱贫户", ""] for n in range(6)]
ORDINARY = ["解放村", "1004", "平常", "女", number(30), "户主", "普通劳动力", "一般农户", ""]
MONITORED = PEOPLE[2]


@pytest.fixture(autouse=True)
def everybody(take: Take) -> None:
    result, plan = take(HEADS, *VILLAGE, ORDINARY, MONITORED)
    assert (result.rejected, plan.absent) == ([], [])


def names(take: Take, *rows: list[str]) -> list[str]:
    _result, plan = take(HEADS, *rows)
    return [one.name for one in plan.absent]


def test_whom_the_roster_does_not_name_is_told_and_left_alone(store: Store, take: Take) -> None:
    assert names(take, *VILLAGE[:4]) == ["名4", "名5"]
    with store.read() as session:
        assert session.count(Person) == 8


def test_only_those_recognised_as_the_rosters_people_are(take: Take) -> None:
    assert names(take, *VILLAGE[1:]) == ["名0"]
    assert names(take, *VILLAGE[1:], ORDINARY) == ["名0"]
    assert names(take, *VILLAGE[2:], ORDINARY, MONITORED) == ["名0", "名1"]


def test_a_list_of_a_few_tells_of_nobody(take: Take) -> None:
    assert names(take, *VILLAGE[:2]) == []


def test_the_dead_the_deleted_and_those_with_a_doubtful_row_are_not_told(store: Store, take: Take) -> None:
    with store.write("改") as session:
        people = {one.name: one.id for one in session.select(Person)}
        changes.update(session, Person, people["名4"], {"died_on": "2023-01-01"})
        changes.delete(session, Person, people["名5"])
    doubtful = [*VILLAGE[3][:4], VILLAGE[3][4][:-1] + ("0" if VILLAGE[3][4][-1] != "0" else "1"), *VILLAGE[3][5:]]
    assert names(take, *VILLAGE[:3], doubtful) == []
