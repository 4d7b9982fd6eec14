"""People merged in two steps, also on two laptops at once: everything follows to the end, and taking a merge back is its inverse."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import select

from db import changes
from db.mapping import table
from db.merged import replaced, roots, selves, stands
from db.session import Session
from domain.errors import DomainError
from domain.identity import check_digit
from domain.records import Employment, Household, Person
from services import facts, merging
from services.claims import claims, twins, work
from services.filling.answers import Answers
from services.filling.content import Span
from services.households import income
from services.importing.rows.known import Known
from services.records import save
from tests.services.test_claims import verdict


def number(serial: int) -> str:
    first = f"23082619800505{serial:03d}"
    return first + check_digit(first)


@pytest.fixture
def three(session: Session) -> list[str]:
    """甲, 乙 and 丙 of one household; 甲 works in 大连."""
    home = save(session, "household", {"number": "1"})
    given = {"document": "resident_id", "labour": "ordinary", "household_id": home}
    ids = [save(session, "person", {**given, "name": name, "id_number": number(n)}) for name, n in (("甲", 11), ("乙", 13), ("丙", 15))]
    save(session, "employment", {"person_id": ids[0], "channel": "migrant", "place": "210211", "start": "2023-01"})
    return ids


def merge_at_once(session: Session, ids: list[str]) -> None:
    """甲 into 乙 on one laptop while another merges 乙 into 丙."""
    for id, into in pairwise(ids):
        changes.update(session, "person", id, {"merged_into": into})


def test_everything_follows_to_the_end(session: Session, three: list[str]) -> None:
    first, second, last = three
    filed = [
        claims.standing(session, claims.file(session, verdict(id, year=year))).claim
        for id, year in ((last, 2022), (last, 2023), (first, 2023))
    ]
    merge_at_once(session, three)
    assert roots(session, three) == dict.fromkeys(three, last) and set(selves(session, last)) == set(three)
    assert {tuple(row) for row in session.conn.execute(select(replaced()))} == {(first, last), (second, last)}
    found = work.spells(session, filed)
    assert [len(found[claim.id]) for claim in filed] == [0, 1, 1]
    assert [{one.claim.person_id for one in pair} for pair in twins.pairs(session)] == [{first, last}]
    assert [spell.person_id for spell in facts.everybody(session).of(Employment, "person_id", last)] == [last]
    household = session.existing(Household, session.existing("person", last).household_id)
    assert income.to_collect(session, household, three, "2023-06-15", "10-01").persons == 1
    assert [row["id"] for row in Answers(Known(session), [last], Span("2023-06-15", "2023-06-15")).members(last)] == [last]


def test_of_people_merged_into_each_other_one_is_counted(session: Session, three: list[str]) -> None:
    _first, second, last = three
    merge_at_once(session, three)
    changes.update(session, "person", last, {"merged_into": second})
    one = min(second, last)
    assert set(roots(session, three).values()) == {one}
    assert [person.id for person in facts.everybody(session).of(Person, "id", one)] == [one]
    household = session.existing(Household, session.existing("person", last).household_id)
    assert income.to_collect(session, household, three, "2023-06-15", "10-01").persons == 1
    assert [row["id"] for row in Answers(Known(session), [one], Span("2023-06-15", "2023-06-15")).members(one)] == [one]


def test_of_three_merged_in_a_circle_one_is_counted(session: Session, three: list[str]) -> None:
    merge_at_once(session, [*three, three[0]])
    assert set(roots(session, three).values()) == {min(three)}
    assert session.conn.execute(select(table("person").c.id).where(stands())).scalars().all() == [min(three)]
    assert {tuple(row) for row in session.conn.execute(select(replaced()))} == {(id, min(three)) for id in three}


@pytest.mark.parametrize("seed", range(6))
def test_taking_a_merge_back_leaves_what_was_before(session: Session, seed: int) -> None:
    random = Random(seed)
    given = {"document": "other", "labour": "ordinary"}
    ids = [save(session, "person", {**given, "name": f"人{n}", "id_number": f"无证{n}"}) for n in range(6)]
    pointer: dict[str, str] = {}

    def end(id: str) -> str:
        return end(pointer[id]) if id in pointer else id

    for _step in range(25):
        one, other = random.sample(ids, 2)
        before = roots(session, ids)
        if one in pointer and random.random() < 0.5:
            merging.unmerge(session, one)
            del pointer[one]
        elif end(other) == one or end(other) == end(one) == one:
            with pytest.raises(DomainError):
                merging.merge(session, one, other)
        else:
            taken = one in pointer
            merging.merge(session, one, other)
            if not taken and random.random() < 0.5:
                merging.unmerge(session, one)
                assert roots(session, ids) == before
            else:
                pointer[one] = end(other)
        assert roots(session, ids) == {id: end(id) for id in ids}
