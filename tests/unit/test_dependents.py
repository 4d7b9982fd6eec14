"""What belongs to whom."""

import domain.records  # noqa: F401  (fills KINDS)
from domain.dependents import blanks, owned, owners
from domain.fields import KINDS
from sync.replica.known_fields import fits


def names(kind: str) -> list[str]:
    return [f.name for f in owners(KINDS[kind])]


def test_the_person_comes_first() -> None:
    assert names("visit") == ["person_id", "household_id"]
    assert names("person") == ["household_id"]
    assert names("claim") == ["person_id", "record_id"]
    assert names("employment") == names("enrolment") == names("placement") == names("trip_member") == ["person_id"]


def test_what_belongs_through_others() -> None:
    assert names("wage") == ["employment_id"]
    assert names("agreement") == ["appointment_id"]
    assert names("claim_step") == ["claim_id"]
    assert names("attachment") == names("finding") == ["record_id"]
    assert names("violation") == ["appointment_id", "claim_id"]


def test_shared_rows_and_heads_belong_to_nobody() -> None:
    assert not any(kind.shared for kind in owned())
    assert names("household") == names("objection") == names("notice") == names("labour_trip") == []
    assert names("household_business") == ["household_id"]


def test_what_takes_the_place_of_erased_values_is_of_their_kind() -> None:
    """The county writes it by itself when something comes late: what it would refuse must not stop it."""
    for kind in owned():
        assert all(fits(kind.by_number[n], [value]) for n, value in blanks(kind, "0123abcd-0000-0000-0000-5a0000000001").items()), kind.name
