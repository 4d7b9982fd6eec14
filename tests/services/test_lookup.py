"""Finding other records for a form, and registering a person with their household."""

import pytest

from domain.errors import DomainError
from services import lookup, records, registration

A, B, C = "230826197908178768", "230826197805050956", "23082619620919350X"


@pytest.fixture
def session(make_store):
    with make_store().write("准备") as session:
        yield session


def register(session, name: str, number: str, group: str = "", **more):
    household = {"group": group, "number": f"2308260000{group[:-1]:0>4}"} if group else None
    person = {"name": name, "document": "resident_id", "id_number": number, "labour": "ordinary", **more}
    return registration.register(session, registration.NewPerson(person, household=household))


def test_the_head_registered_with_a_new_household_becomes_its_head(session) -> None:
    done = register(session, "王秀兰", A, "3组", relation="户主")
    assert done.household_name == "王秀兰 户"
    assert session.get("household", done.household_id).head_id == done.id


def test_a_second_head_does_not_take_the_first_ones_place(session) -> None:
    first = register(session, "王秀兰", A, "3组", relation="户主")
    person = {"name": "赵福生", "document": "resident_id", "id_number": B, "labour": "ordinary", "relation": "户主"}
    registration.register(session, registration.NewPerson(person, first.household_id))
    assert session.get("household", first.household_id).head_id == first.id


def test_the_same_number_is_refused_with_the_name_it_belongs_to(session) -> None:
    register(session, "王秀兰", A, "3组")
    with pytest.raises(DomainError, match="王秀兰"):
        register(session, "别人", A)
    assert [one.title for one in lookup.same_number(session, A)] == ["王秀兰"]


@pytest.mark.parametrize("text", ["王秀兰", "wxl", "wangxiulan", "23082600000003", "3组", "赵"])
def test_households_are_found_by_whoever_lives_there_their_number_and_group(session, text: str) -> None:
    home = register(session, "王秀兰", A, "3组", relation="户主").household_id
    registration.register(
        session, registration.NewPerson({"name": "赵福生", "document": "resident_id", "id_number": B, "labour": "ordinary"}, home)
    )
    register(session, "孙玉梅", C, "5组", relation="户主")
    found = lookup.find(session, "household", text)
    assert [one.title for one in found] == ["王秀兰 户"]
    assert "2 口人" in found[0].detail


def test_a_number_of_the_villages_own_is_found_as_it_stands(session) -> None:
    """It stands beside the household in the list, and typed there it found nothing."""
    home = records.save(session, "household", {"number": "H003"})
    assert [one.id for one in lookup.find(session, "household", "h003")] == [home]


def test_households_whose_head_is_meant_come_first(session) -> None:
    other = register(session, "李国", A, "1组", relation="户主").household_id
    registration.register(
        session, registration.NewPerson({"name": "王秀兰", "document": "resident_id", "id_number": B, "labour": "ordinary"}, other)
    )
    register(session, "王秀梅", C, "2组", relation="户主")
    headed, joined = lookup.find(session, "household", "王秀")
    assert (headed.title, joined.title) == ("王秀梅 户", "李国 户")
    assert "家里有" not in headed.detail and joined.detail.startswith("家里有王秀兰　")  # else nobody sees why it is listed


def test_a_household_called_by_its_number_does_not_repeat_it(session) -> None:
    records.save(session, "household", {"number": "23082600000149", "group": "2组"})
    (found,) = lookup.find(session, "household", "0149")
    assert (found.title, found.detail) == ("23082600000149", "2组　0 口人")


def test_deleted_households_are_not_offered(session) -> None:
    home = register(session, "王秀兰", A, "3组", relation="户主").household_id
    records.delete(session, "household", home)
    assert lookup.find(session, "household", "王秀兰") == []


def test_records_without_a_name_are_found_by_whose_they_are(session) -> None:
    id = register(session, "王秀兰", A).id
    spell = records.save(session, "employment", {"person_id": id, "channel": "migrant", "place": "210200", "start": "2026-03"})
    records.save(session, "wage", {"employment_id": spell, "month": "2026-04", "paid_on": "2026-05", "amount": 300000})
    assert [one.id for one in lookup.find(session, "employment", "wxl")] == [spell]
    assert len(lookup.find(session, "wage", "王秀兰")) == 1
    assert lookup.find(session, "employment", "孙") == []
    assert lookup.find(session, "employment", "  ") == []


@pytest.mark.parametrize("text", ["海", "hai", "h"])
def test_a_name_that_begins_with_what_was_typed_comes_before_one_that_contains_it(session, text: str) -> None:
    """The newest stood first, and eight of them left no room for the one that was meant."""
    first = records.save(session, "employer", {"name": "海伦编织厂", "type": "enterprise"})
    for n in range(9):
        records.save(session, "employer", {"name": f"北海分店{n}", "type": "enterprise"})
    found = lookup.find(session, "employer", text)
    assert (found[0].id, len(found), len({one.id for one in found})) == (first, 8, 8)


def test_without_a_text_the_newest_are_listed_but_no_people(session) -> None:
    register(session, "王秀兰", A, "3组")
    made = [records.save(session, "employer", {"name": f"分店{n}", "type": "enterprise"}) for n in range(9)]
    assert [one.id for one in lookup.find(session, "employer", "")] == made[:0:-1]
    records.delete(session, "employer", made[8])
    assert [one.id for one in lookup.find(session, "employer", " ", 2)] == [made[7], made[6]]
    assert [lookup.find(session, kind, "") for kind in ("person", "household", "employment")] == [[], [], []]


def test_groups_stand_in_the_order_of_their_numbers(session) -> None:
    for number, group in ((A, "10组"), (B, "2组"), (C, "2组")):
        register(session, "某", number, group)
    assert lookup.village_groups(session) == [("2组", 2), ("10组", 1)]


def test_the_head_is_shown_for_a_household_or_else_somebody_of_it(session) -> None:
    home = register(session, "王秀兰", A, "3组").household_id
    assert session.get("person", lookup.head_of(session, home)).name == "王秀兰"
    empty = records.save(session, "household", {"group": "9组"})
    assert lookup.head_of(session, empty) == ""
