"""Searching a real store."""

from __future__ import annotations

import pytest

from db import changes
from db.search import search_columns
from db.store import Store
from domain.fields import KINDS
from services import records
from services.lists import listing
from services.lists.listing import Query
from services.search import search
from tests.numbers import number

VILLAGE = "230826101202"


PEOPLE = (
    ("张三", "1980-05-05", 11, "13812340001"),
    ("张珊", "1981-05-05", 12, "13812340002"),
    ("单田芳", "1950-01-01", 13, "13912345678"),
    ("尉迟恭", "1960-01-01", 15, None),
    ("欧阳涛垚", "1970-01-01", 17, "0454-3831234"),
    ("李伟", "1985-01-01", 19, None),
    ("李单", "1986-01-01", 21, None),
    ("JOHN SMITH", "1987-01-01", 23, None),
    ("Иван Petrov", "1988-01-01", 25, None),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """One store for all questions; nobody writes to it."""
    home = tmp_path_factory.mktemp("search") / "home"
    made, _code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password="correct horse")
    fill(made)
    yield made
    made.close()


@pytest.fixture
def session(filled):
    with filled.read() as session:
        yield session


def fill(store):
    with store.write("造数") as session:
        first = records.save(session, "household", {"number": "1", "group": "三组"})
        second = records.save(session, "household", {"number": "2", "group": "东屯"})
        for n, (name, birth, serial, phone) in enumerate(PEOPLE):
            values = {"name": name, "document": "resident_id", "id_number": number(birth, serial), "labour": "ordinary", "phone": phone}
            records.save(session, "person", {**values, "household_id": first if n < 2 else second})
        records.save(session, "employer", {"name": "大连港务有限公司", "type": "enterprise"})
        course = {"title": "第1期缝纫工培训班", "trade": "缝纫工", "type": "skills", "start": "2023-03-06", "end": "2023-03-15"}
        records.save(session, "course", course)


def titles(session, text, **options):
    return [hit.title for hit in search(session, text, **options)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *[(text, "JOHN SMITH") for text in ("John", "SMITH", "smith", "john sm", "Smith John", "js", "Jo")],
        *[(text, "Иван Petrov") for text in ("Petrov", "petr", "Иван", "иван", "ИВАН", "Иван Petrov", "иван petrov")],
    ],
)
def test_latin_and_cyrillic_names_are_found_by_their_words_in_any_case(session, text: str, name: str) -> None:
    assert name in titles(session, text)
    ids = listing.ids(session, listing.Query("person", text=text))
    assert name in [session.get("person", id).name for id in ids]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("张三", "张三"),
        ("zhangsan", "张三"),
        ("ZhangSan", "张三"),
        ("zhang s", "张三"),
        ("zhangsh", "张珊"),
        ("stf", "单田芳"),
        ("shantian", "单田芳"),
        ("单", "单田芳"),
        ("尉", "尉迟恭"),
        ("yuchi", "尉迟恭"),
        ("ycg", "尉迟恭"),
        ("田芳", "单田芳"),
        ("垚", "欧阳涛垚"),
        ("taoyao", "欧阳涛垚"),
        ("oytyao", "欧阳涛垚"),
        ("5678", "单田芳"),
        ("1234", "欧阳涛垚"),
        ("１３９１２３４５６７８", "单田芳"),
        ("大连", "大连港务有限公司"),
        ("dlgw", "大连港务有限公司"),
        ("缝纫", "第1期缝纫工培训班"),
    ],
)
def test_what_people_type_finds_what_they_mean(session, text, first):
    assert titles(session, text)[:1] == [first]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((text, "单田芳") for text in ("shantian", "dantian", "dan", "da", "dant", "dan t", "dtf", "DanTianFang")),
        *((text, "尉迟恭") for text in ("yuchi", "weichi", "weichigong", "wei", "wcg")),
    ],
)
def test_a_surname_is_found_by_its_other_reading_too(session, text, name):
    assert name in titles(session, text)
    ids = listing.ids(session, Query("person", text=text))
    assert name in {session.get("person", id).name for id in ids}


@pytest.mark.parametrize("text", ["lidan", "lishan"])
def test_the_other_reading_is_that_of_a_surname_only(session, text):
    assert ("李单" in titles(session, text)) == (text == "lidan")


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("张山", {"张三", "张珊"}),
        ("章伞", {"张三", "张珊"}),
        ("善田方", {"单田芳"}),
        ("尼维", {"李伟"}),
        ("李 伟", {"李伟"}),
        ("于迟公", {"尉迟恭"}),
        ("章", set()),
        ("张三丰", set()),
        ("赵三", set()),
    ],
)
def test_a_name_as_it_was_heard_finds_how_it_is_written(session, heard, written):
    assert set(titles(session, heard)) == written


def test_the_exact_homophone_stands_before_the_likeness(session):
    assert titles(session, "章珊") == ["张珊", "张三"]


def test_initials_find_everybody_with_them(session):
    assert set(titles(session, "zs")) == {"张三", "张珊"}
    assert set(titles(session, "单")) == {"单田芳", "李单"}


def test_last_digits_of_the_id_number(session):
    own = number("1980-05-05", 11)
    assert titles(session, own[-4:]) == ["张三"]
    assert titles(session, own) == ["张三"]
    assert titles(session, own[-2:]) == []  # two digits are a group, not a tail


def test_last_digits_of_a_household_number(store):
    with store.write("造数") as session:
        home = records.save(session, "household", {"number": "2308261012020017", "group": "三组"})
        records.save(session, "household", {"number": "2308261012020170"})
        values = {"name": "张三", "document": "other", "id_number": "A0170", "labour": "ordinary", "household_id": home}
        who = records.save(session, "person", values)
        records.save(session, "household", {"head_id": who}, home)
        assert [(hit.kind, hit.id, hit.title) for hit in search(session, "0017")] == [("household", home, "张三 户")]
        assert search(session, "0017")[0].detail == "户编号 2308261012020017 · 三组"
        assert titles(session, "0170") == ["张三", "户"]
        assert titles(session, "17") == []
        own = records.save(session, "household", {"number": "H003"})
        assert [hit.id for hit in search(session, "h003")] == [own]


@pytest.mark.parametrize("text", ["3组", "三组", "第三村民小组", "3", "３组"])
def test_village_groups(session, text):
    assert set(titles(session, text)) == {"张三", "张珊"}


@pytest.mark.parametrize(("text", "there"), [("解放村", True), ("横头山镇", True), ("日升村", False)])
def test_a_list_is_narrowed_by_the_name_of_a_village(session, text, there):
    """A county that typed one was told that nobody meets the conditions."""
    everybody = listing.ids(session, listing.Query("person"))
    assert listing.ids(session, listing.Query("person", text=text)) == (everybody if there else [])


def test_a_group_with_a_name(session):
    assert len(titles(session, "东屯")) == 7


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "'", "'; drop table person; --", "\\", "x" * 500, "﷽", "\x00", "张%"])
def test_odd_text_finds_nothing_and_breaks_nothing(session, text):
    assert titles(session, text) == []


def test_hits_are_masked_and_limited(session):
    hits = search(session, "zs", limit=1)
    assert len(hits) == 1
    assert number("1980-05-05", 11) not in hits[0].detail
    assert number("1980-05-05", 11)[-4:] in hits[0].detail
    assert search(session, "zs", limit=0) == []


def test_the_deleted_and_the_merged_are_not_found(store):
    fill(store)
    with store.write("删除") as writing:
        one, two, third = (records.duplicates(writing, number(birth, serial))[0].id for _n, birth, serial, _p in PEOPLE[:3])
        records.delete(writing, "person", one)
        changes.update(writing, "person", two, {"merged_into": third})
    with store.read() as later:
        assert titles(later, "zs") == []
        assert titles(later, "zhang") == []


def test_renaming_moves_the_search_columns(store):
    fill(store)
    with store.write("改名") as writing:
        id = records.duplicates(writing, number("1985-01-01", 19))[0].id
        records.save(writing, "person", {"name": "仇英"}, id)
    with store.read() as later:
        assert titles(later, "qiuying") == ["仇英"]
        assert titles(later, "liwei") == []


def test_columns_come_only_from_the_fields_given():
    person, wage = KINDS["person"], KINDS["wage"]
    assert search_columns(person, {"labour": "ordinary"}) == {}
    assert search_columns(person, {"phone": None}) == {"phone_tail": None}
    assert search_columns(person, {"id_number": "230826198903081363" + "41"})["id_tail"] == "230826198903081363"[::-1]
    assert search_columns(wage, {"amount": 1}) == {}
    assert search_columns(KINDS["employer"], {"phone": "0411-8888 1234"}) == {"phone_tail": "432188881140"}


@pytest.mark.parametrize(
    ("digits", "found"), [(3, True), (4, True), (5, False), (6, True), (7, False), (12, False), (17, False), (18, True)]
)
def test_numbers_are_not_found_out_digit_by_digit(store: Store, digits: int, found: bool) -> None:
    """Forty-eight searches told an ID number to somebody who may not see it."""
    with store.write("登记") as session:
        person = {
            "village": session.scope,
            "name": "甲",
            "document": "resident_id",
            "id_number": "230826197001010014",
            "labour": "ordinary",
        }
        changes.insert(session, "person", [person | {"id": session.new_id(), "phone": "13845678901"}])
    with store.read() as session:
        assert bool(search(session, "230826197001010014"[-digits:])) is found
        phone = search(session, "13845678901"[-digits:]) if digits < 12 else search(session, "13845678901")
        assert bool(phone) is (digits in (3, 4) or digits >= 12)
