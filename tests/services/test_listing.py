"""Lists: what SQL filters and sorts is what a plain reading of the records says."""

from __future__ import annotations

import random
from typing import Any

import pytest

from db import changes
from db.pinyin import syllables
from domain.divisions import region
from domain.errors import DomainError
from domain.identity import age_on, birth_of, check_digit, sex_of
from domain.records.people import LIFTED, MONITORED
from domain.register import Register, holds
from services import records
from services.lists import listing
from services.lists.listing import Filter, Query
from services.quality import quality
from services.standing import PersonStatus, chip, standings

VILLAGE = "230826101202"
ON = "2023-06-15"


@pytest.fixture
def village(session):
    """Sixty people with every sort of life; answers the records in memory."""
    rng = random.Random(5)
    households = [session.new_id() for _n in range(20)]
    changes.insert(session, "household", [{"id": id, "village": VILLAGE, "group": rng.choice(["1组", "2组", None])} for id in households])
    shop = records.save(session, "employer", {"name": "解放村车间", "type": "workshop"})
    post = {"name": "保洁员", "type": "cleaner", "quota": 9, "developer": "hrss", "fund": "employment", "standard": 50_000}
    post_id = records.save(session, "post", post)
    made: dict[str, list[dict[str, Any]]] = {"person": [], "category_span": [], "employment": [], "appointment": []}
    for n in range(60):
        first = f"230826{rng.randint(1940, 2015)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{n:03d}"
        number = first + check_digit(first)
        who = session.new_id()
        values = {
            "id": who,
            "village": VILLAGE,
            "household_id": rng.choice([*households, None]),
            "name": rng.choice("张李王单") + rng.choice("伟芳三") + rng.choice(["", "丽"]),
            "document": "resident_id",
            "id_number": number,
            "sex": sex_of(number),
            "birth": rng.choice([birth_of(number)] * 9 + [None]),
            "labour": rng.choice(["ordinary", "skilled", "weak", "lost", "none"]),
            "phone": f"1381234{n:04d}",
            "died_on": rng.choice([None] * 9 + ["2023-01-01"]),
            "school_state": rng.choice([None] * 9 + ["本科一年级"]),
        }
        if n < 2:  # sixteen and sixty to the day
            values |= {"birth": ("1963-06-15", "2007-06-15")[n], "labour": "ordinary", "died_on": None, "school_state": None}
        made["person"].append(values)
        start, end = rng.choice([None, "2022", "2023-06", "2023-06-16"]), rng.choice([None, "2023", "2023-06", "2023-06-14"])
        category = rng.choice(["lifted", "lifted_unstable", "marginal", "ordinary"])
        span = {"id": session.new_id(), "village": VILLAGE, "person_id": who, "category": category, "start": start, "end": end}
        made["category_span"].append(span)
        if rng.random() < 0.5 and n > 1:
            job = {"person_id": who, "channel": rng.choice(["migrant", "workshop"]), "place": rng.choice(["210211", "230826", "230103"])}
            dates = {"start": rng.choice(["2022", "2023-06", "2023-06-16"]), "end": rng.choice([None, "2023-06", "2023-05-31"])}
            made["employment"].append({"id": session.new_id(), "village": VILLAGE, "employer_id": shop, **job, **dates})
        if rng.random() < 0.2 and n > 1:
            held = {"person_id": who, "post_id": post_id, "start": "2023-01-01", "exit_on": rng.choice([None, "2023-03-01"])}
            made["appointment"].append({"id": session.new_id(), "village": VILLAGE, **held})
    for kind, rows in made.items():
        changes.insert(session, kind, rows)
    return quality.load(session)


def at_work(register, person):
    return bool(register.working(person.id, ON) or register.on_post(person.id, ON))


def idle(register, person):
    able = person.labour in ("ordinary", "skilled", "weak") and person.birth is not None and 16 <= age_on(person.birth, ON) < 60
    return able and not person.died_on and not person.school_state and not at_work(register, person)


ORACLES = {
    "lifted": (Filter("lifted"), lambda r, p: bool(LIFTED & r.categories(p.id, ON))),
    "monitored": (Filter("monitored"), lambda r, p: bool(MONITORED & r.categories(p.id, ON))),
    "working": (Filter("working"), at_work),
    "workshop": (Filter("workshop"), lambda r, p: any(s.channel == "workshop" for s in r.working(p.id, ON))),
    "post": (Filter("post"), lambda r, p: bool(r.on_post(p.id, ON))),
    "idle": (Filter("idle"), idle),
    "unable": (Filter("unable"), lambda r, p: p.labour in ("lost", "none")),
    "category": (Filter("category", "=", "marginal"), lambda r, p: "marginal" in r.categories(p.id, ON)),
    "channel": (Filter("channel", "in", ["migrant"]), lambda r, p: any(s.channel == "migrant" for s in r.working(p.id, ON))),
    "region": (Filter("region", "=", "outside"), lambda r, p: any(region(s.place, VILLAGE) == "outside" for s in r.working(p.id, ON))),
    "group": (Filter("group", "=", "1组"), lambda r, p: p.household_id is not None and r.households[p.household_id].group == "1组"),
    "old": (Filter("age", ">=", 60), lambda r, p: p.birth is not None and age_on(p.birth, ON) >= 60),
    "young": (Filter("age", "<", 16), lambda r, p: p.birth is not None and age_on(p.birth, ON) < 16),
    "sex": (Filter("sex", "=", "male"), lambda r, p: p.sex == "male"),
    "in": (Filter("labour", "in", ["weak", "lost"]), lambda r, p: p.labour in ("weak", "lost")),
    "not": (Filter("labour", "!=", "weak"), lambda r, p: p.labour != "weak"),
    "empty": (Filter("birth", "empty"), lambda r, p: p.birth is None),
    "filled": (Filter("birth", "filled"), lambda r, p: p.birth is not None),
    "no household": (Filter("household_id", "=", None), lambda r, p: p.household_id is None),
}


def people(register):
    return sorted(register.people.values(), key=lambda p: (" ".join(syllables(p.name)), p.id))


def check(session, register, query, wanted):
    """The ids are those wanted in order, the count agrees, and what is told at once is how they begin."""
    found = listing.ids(session, query)
    assert found == [person.id for person in wanted]
    assert listing.count(session, query) == len(wanted)
    first = listing.first_ids(session, query, 7)
    assert first is None or list(first) == found[:7]


def test_every_filter_alone_and_in_pairs(session, village):
    everybody = people(village)
    check(session, village, Query("person", on=ON), everybody)
    names = list(ORACLES)
    some = 0
    for n, name in enumerate(names):
        for other in (name, names[(n + 3) % len(names)]):
            (one, first), (two, second) = ORACLES[name], ORACLES[other]
            wanted = [person for person in everybody if first(village, person) and second(village, person)]
            check(session, village, Query("person", (one, two), on=ON), wanted)
            some += bool(wanted)
    assert some > len(names)  # the filters do find people, or the test would prove nothing


@pytest.mark.parametrize("descending", [False, True])
def test_lists_are_in_the_order_asked_for(session, village, descending):
    everybody = list(village.people.values())
    by_labour = sorted(everybody, key=lambda p: (p.labour, p.id), reverse=descending)
    check(session, village, Query("person", order="labour", descending=descending, on=ON), by_labour)
    aged = Query("person", (Filter("birth", "filled"),), order="age", descending=descending, on=ON)
    youngest_first = sorted((p for p in everybody if p.birth), key=lambda p: (p.birth, p.id), reverse=not descending)
    check(session, village, aged, youngest_first)


def test_order_by_group_keeps_everybody(session, village):
    query = Query("person", order="group", on=ON)
    found = listing.ids(session, query)
    assert sorted(found) == sorted(village.people)
    groups = [village.households[h].group or "" if (h := village.people[id].household_id) else "~" for id in found]
    assert groups == sorted(groups)


@pytest.mark.parametrize("text", ["zhang", "张", "zw", "1381234", "0007", "1组", "wei", "伟"])
def test_text_within_a_list(session, village, text):
    found = listing.ids(session, Query("person", text=text, on=ON))
    both = listing.ids(session, Query("person", (Filter("lifted"),), text=text, on=ON))
    assert set(both) == {id for id in found if LIFTED & village.categories(id, ON)}
    assert found == [p.id for p in people(village) if p.id in set(found)]
    jobs = session.select("employment")
    theirs = {job.id for job in jobs if job.person_id in set(found)}
    assert theirs <= set(listing.ids(session, Query("employment", text=text)))


@pytest.mark.parametrize("text", ["张", "zhang", "zw", "wei", "w", "单", "shan", "138", "2组", "伟"])
def test_what_is_shown_first_is_how_the_list_begins(session, village, text):
    whole = list(listing.ids(session, Query("person", text=text)))
    assert len(set(whole)) == len(whole)
    for number in (1, 5, 30):
        first = listing.first_ids(session, Query("person", text=text), number)
        assert first is None or list(first) == whole[:number]
    begins = {found.id for found in people(village) if found.name.startswith(text) and found.id in whole}
    assert set(whole[: len(begins)]) == begins


def test_names_that_begin_with_a_text_are_shown_at_once(session, village):
    assert listing.first_ids(session, Query("person", text="张"), 3) is not None
    assert listing.first_ids(session, Query("person", text="张", order="age"), 3) is None  # everybody is known first
    assert listing.first_ids(session, Query("person", text="伟"), 3) is None  # nobody's name begins with it
    assert listing.first_ids(session, Query("person", (Filter("idle"),), text="张"), 3) is None


def test_text_that_matches_nobody(session, village):
    assert listing.ids(session, Query("person", text="龘龘")) == []
    assert listing.count(session, Query("monitor_line", text="龘")) == 0


def test_the_deleted_are_not_listed(session, village):
    gone = next(iter(village.people))
    records.delete(session, "person", gone)
    assert gone not in listing.ids(session, Query("person"))


def test_merged_people_are_not_listed(session, village):
    one, two = list(village.people)[:2]
    changes.update(session, "person", one, {"merged_into": two})
    assert one not in listing.ids(session, Query("person"))
    assert listing.count(session, Query("person")) == len(village.people) - 1


def test_cells_are_masked_and_resolved(session, village):
    (row,) = listing.rows(session, "person", listing.ids(session, Query("person"))[:1], on=ON)
    cells = dict(zip((c.name for c in listing.columns("person")), row.cells, strict=True))
    person = village.people[row.id]
    assert cells["name"] == person.name
    assert cells["phone"] == f"138****{person.phone[-4:]}"
    jobs = listing.ids(session, Query("employment"))
    names = [c.name for c in listing.all_columns("employment")]
    shown = dict(zip(names, listing.rows(session, "employment", jobs[:1], shown=names)[0].cells, strict=True))
    job = session.get("employment", jobs[0])
    assert shown["person_id"] == village.people[job.person_id].name
    assert shown["employer_id"] == "解放村车间"


def test_people_say_what_they_do(session, village):
    names = ("age", "category", "work", "chip", "group", "address", "village", "updated_at")
    for row in listing.rows(session, "person", listing.ids(session, Query("person"))[:100], shown=names, on=ON):
        cells = dict(zip(names, row.cells, strict=True))
        person = village.people[row.id]
        assert cells["age"] == (str(age_on(person.birth, ON)) if person.birth else "")
        assert bool(cells["category"]) is bool(village.categories(row.id, ON))
        if person.died_on:
            assert cells["chip"] == "已故"
        elif village.on_post(row.id, ON):
            assert cells["chip"] == "公益岗"
        elif idle(village, person):
            assert cells["chip"] == "待业"
        elif person.birth:
            assert cells["chip"] != "待业"


@pytest.mark.parametrize(("birth", "word"), [("2007-06-02", "不满 16 岁"), ("1963-05-31", "满 60 岁"), (None, "待业")])
def test_nobody_below_or_above_working_age_is_idle(village, birth: str | None, word: str) -> None:
    """An 84-year-old stood as idle in a list whose chip counted one idle person less."""
    person = {"labour": "ordinary", "birth": birth}
    assert chip(person, PersonStatus(), "2023-06-01")[0] == word


def test_a_page_costs_as_many_queries_as_a_line(session, village):
    from sqlalchemy import event

    everybody = listing.ids(session, Query("person"))

    def queries(limit):
        count = 0

        def counted(*_args):
            nonlocal count
            count += 1

        event.listen(session.conn.engine, "before_cursor_execute", counted)
        listing.rows(session, "person", everybody[:limit], on=ON)
        event.remove(session.conn.engine, "before_cursor_execute", counted)
        return count

    assert queries(50) == queries(1)


@pytest.mark.parametrize("wrong", [Filter("nonsense"), Filter("age", "~", 3), Filter("labour", "like", "x")])
def test_wrong_filters_are_told(session, wrong):
    with pytest.raises(DomainError):
        listing.ids(session, Query("person", (wrong,)))


def test_wrong_orders_are_told(session):
    with pytest.raises(DomainError):
        listing.ids(session, Query("person", order="nonsense"))


def test_every_kind_has_a_list(session):
    from domain.fields import KINDS

    for kind in KINDS:
        assert listing.ids(session, Query(kind, text="张三")) == []
        assert 1 <= len(listing.columns(kind, "230826")) <= 12
        names = [column.name for column in listing.all_columns(kind)]
        assert listing.rows(session, kind, ["nobody"], shown=names) == []
        for column in listing.all_columns(kind):
            if column.sortable:
                assert listing.ids(session, Query(kind, order=column.name)) == []


def test_holding_in_sql_is_holding_in_python(session):
    from sqlalchemy import select

    from db.mapping import table
    from services.standing import holding

    bounds = [None, "2022", "2023", "2023-05", "2023-06", "2023-07", "2023-06-14", "2023-06-15", "2023-06-16"]
    spans = [(session.new_id(), start, end) for start in bounds for end in bounds]
    rows = [{"id": id, "village": VILLAGE, "person_id": id, "category": "lifted", "start": s, "end": e} for id, s, e in spans]
    changes.insert(session, "category_span", rows)
    t = table("category_span")
    for day in ("2022-12-31", "2023-05-31", "2023-06-15", "2023-07-01", "2024-02-29"):
        found = set(session.conn.execute(select(t.c.id).where(holding(t, day))).scalars())
        assert found == {id for id, start, end in spans if holds(start, end, day)}


def test_the_register_is_what_the_store_holds(village):
    assert isinstance(village, Register)
    assert len(village.people) == 60
    assert village.incomplete == []


def test_chips_count_what_a_merged_record_says(village, session) -> None:
    """One person recorded twice: the work and the category stand on the record that was merged into the other."""
    free = next(p.id for p in people(village) if idle(village, p) and not MONITORED & village.categories(p.id, ON))
    twin = session.new_id()
    values = {"id": twin, "village": VILLAGE, "name": "两条", "document": "other", "id_number": "X1", "labour": "ordinary"}
    changes.insert(session, "person", [values])
    dates = {"start": "2023", "end": None}
    for kind, more in (("employment", {"channel": "workshop", "place": "230826"}), ("category_span", {"category": "marginal"})):
        changes.insert(session, kind, [{"id": session.new_id(), "village": VILLAGE, "person_id": twin, **more, **dates}])
    changes.update(session, "person", twin, {"merged_into": free})
    chips = ("working", "workshop", "monitored", "idle")
    asked = {name: listing.ids(session, Query("person", (Filter(name),), on=ON)) for name in chips}
    assert {name: free in found for name, found in asked.items()} == {"working": True, "workshop": True, "monitored": True, "idle": False}
    assert all(twin not in found for found in asked.values())
    stands = standings(session, [free], ON)[free]
    assert chip(session.get("person", free), stands, ON) == ("车间", "workshop")
    assert stands.monitored
