"""The monthly work report: every figure against a reckoning by hand, and its names."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from db import changes
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.alerts import fell
from domain.divisions import Region
from domain.errors import DomainError, FieldError, NotFound
from services import forms, records, standing, work
from services.reports import monthly
from tests.fresh import taken_back

TOWN = "230826101"
VILLAGES = ("230826101202", "230826101203")
MONTH, DAY, BEFORE = "2023-06", "2023-06-30", "2023-05-31"
PLACES = {"230826": "county", "230882": "city", "230100": "province", "210200": "outside", "990000": "outside"}
ORDER = ("county", "city", "province", "outside")


@pytest.fixture
def session(township: Store) -> Iterator[Session]:
    """A writing session of an empty township; nothing of it is kept."""
    with taken_back(township) as session:
        yield session


@dataclass
class One:
    """A person as the test made them: spells as (place, start, end), the day of death, what else was said."""

    id: str
    village: str
    labour: str
    died: str | None = None
    gone: bool = False
    spells: list[tuple[str, str, str | None]] = field(default_factory=list)
    posts: list[tuple[str, str | None]] = field(default_factory=list)
    monitored: bool = False
    workshop: bool = False
    wish: tuple[str, str | None] | None = None

    def region(self, day: str) -> str | None:
        there = [PLACES[place] for place, start, end in self.spells if start <= day and (end is None or end >= day)]
        there += ["county" for start, end in self.posts if start <= day and (end is None or end >= day)]
        return max(there, key=ORDER.index) if there else None

    def alive(self, day: str) -> bool:
        return not self.gone and (self.died is None or self.died > day)


def make(session: Session, one: One, into: str | None = None) -> None:
    row: dict[str, object] = {
        "id": one.id,
        "village": one.village,
        "name": f"人{one.id[:4]}",
        "document": "other",
        "id_number": one.id[:12],
    }
    row |= {"labour": one.labour, "died_on": one.died, "merged_into": into}
    changes.insert(session, "person", [{name: value for name, value in row.items() if value is not None}])
    for place, start, end in one.spells:
        channel = "workshop" if one.workshop else "migrant"
        spell = {"id": session.new_id(), "village": one.village, "person_id": one.id, "channel": channel, "place": place, "start": start}
        changes.insert(session, "employment", [spell | ({"end": end} if end else {})])
    for start, end in one.posts:
        held = {"id": session.new_id(), "village": one.village, "person_id": one.id, "post_id": session.new_id(), "start": start}
        changes.insert(session, "appointment", [held | ({"exit_on": end} if end else {})])
    if one.monitored:
        changes.insert(
            session, "category_span", [{"id": session.new_id(), "village": one.village, "person_id": one.id, "category": "marginal"}]
        )
    if one.wish:
        wish = {"id": session.new_id(), "village": one.village, "person_id": one.id, "opened_on": one.wish[0]}
        changes.insert(session, "job_wish", [wish | ({"closed_on": one.wish[1]} if one.wish[1] else {})])
    if one.gone:
        changes.delete(session, "person", one.id)


def anybody(rng: random.Random, session: Session) -> One:
    days = ("2023-04-10", "2023-05-31", "2023-06-01", "2023-06-29", "2023-06-30", "2023-07-01")
    one = One(session.new_id(), rng.choice(VILLAGES), rng.choice(("ordinary", "skilled", "weak", "lost", "none")))
    one.died = rng.choice((None, None, None, None, *days))
    one.gone = rng.random() < 0.1
    for _n in range(rng.choice((0, 1, 1, 2))):
        start = rng.choice(days[:4])
        one.spells.append((rng.choice(tuple(PLACES)), start, rng.choice((None, *(day for day in days if day >= start)))))
    if rng.random() < 0.2:
        one.posts.append((rng.choice(days[:3]), rng.choice((None, *days[3:]))))
    one.monitored, one.workshop = rng.random() < 0.3, rng.random() < 0.3
    if rng.random() < 0.4:
        one.wish = (rng.choice(days[:4]), rng.choice((None, *days[3:])))
    return one


def by_hand(people: list[One]) -> dict[str, Counter[str]]:
    """The figures of each village, person by person."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in people:
        told = found[one.village]
        now, was = one.region(DAY), one.region(BEFORE)
        told["before"] += one.alive(BEFORE) and was is not None
        if not one.alive(DAY):
            continue
        told["labour"] += one.labour not in ("lost", "none")
        told["started"] += now is not None and was is None
        told["returned"] += now is None and was is not None
        held = any(start <= DAY and (end is None or end >= DAY) for start, end in one.posts)
        hired = any(start <= DAY and (end is None or end >= DAY) for _place, start, end in one.spells)
        wished = one.wish is not None and one.wish[0] <= DAY and (one.wish[1] is None or one.wish[1] > DAY)
        told["wishing"] += now is None and wished
        if now is not None:
            told[now] += 1
            told["working"] += 1
            told["monitored"] += one.monitored
            told["post"] += held
            told["workshop"] += hired and one.workshop
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_what_a_reckoning_by_hand_gives_and_has_its_names(session: Session, seed: int) -> None:
    rng = random.Random(seed)
    people = [anybody(rng, session) for _n in range(80)]
    for one in people:
        make(session, one)
    made, expected = monthly.report(session, MONTH), by_hand(people)
    assert (made.day, [line.area for line in made.lines]) == (DAY, list(VILLAGES))
    for line in (*made.lines, made.total):
        inside = [expected[village] for village in VILLAGES if village.startswith(line.area)]
        for name, figure in line.figures.items():
            if name != "change":
                assert figure == sum(told[name] for told in inside), (line.area, name)
        assert line.figures["working"] == sum(line.figures[name] for name in ORDER)
        assert line.figures["change"] == line.figures["working"] - line.figures["before"]
        for name in monthly.MEASURES:
            names = monthly.ids(session, MONTH, line.area, name)
            assert len(names) == len(set(names))
            if name != "change":
                assert len(names) == line.figures[name], (line.area, name)
    first_page = work.by_region(session, DAY)
    assert sum(first_page.values()) == made.total.figures["working"] and first_page[Region.CITY] == made.total.figures["city"]
    assert monthly.report(session, "2023-05").total.figures["working"] == made.total.figures["before"]
    assert {area: told[-1] for area, told in monthly.series(session, MONTH).items()} == {
        line.area: (MONTH, line.figures["working"]) for line in made.lines
    }


def test_who_is_recorded_twice_counts_once_with_the_work_of_both(session: Session) -> None:
    kept, twin, further = (One(session.new_id(), VILLAGES[0], "ordinary") for _n in range(3))
    twin.spells, further.spells = [("210200", "2023-06-10", None)], [("230826", "2023-03-01", None)]
    make(session, kept)
    make(session, twin, into=kept.id)
    make(session, further, into=twin.id)
    figures = monthly.report(session, MONTH).total.figures
    assert (figures["labour"], figures["working"], figures["outside"], figures["county"], figures["started"]) == (1, 1, 1, 0, 0)
    assert monthly.ids(session, MONTH, TOWN, "outside") == [kept.id]


def test_work_whose_place_nobody_sent_is_work_at_home(session: Session) -> None:
    """A laptop of another program may have signed it: one such record must not stop a county's report, nor the ledger of work."""
    one = One(session.new_id(), VILLAGES[0], "ordinary", spells=[("210200", BEFORE, None)])
    make(session, one)
    session.conn.execute(table("employment").update().values(place=None))
    figures = monthly.report(session, MONTH).total.figures
    assert (figures["working"], figures["county"]) == (1, 1)
    assert standing.standings(session, [one.id], DAY)[one.id].works[0].region == Region.COUNTY


def test_a_circle_of_two_merged_each_way_counts_one_and_ends(session: Session) -> None:
    one, other = (One(session.new_id(), VILLAGES[0], "ordinary", spells=[("210200", "2023-01-01", None)]) for _n in range(2))
    make(session, one, into=other.id)
    make(session, other, into=one.id)
    assert monthly.report(session, MONTH).total.figures["working"] == 1
    assert len(monthly.ids(session, MONTH, TOWN, "outside")) == 1


def test_a_sharp_drop_is_marked_and_its_names_are_those_who_left(session: Session) -> None:
    left = [One(session.new_id(), VILLAGES[0], "ordinary", spells=[("210200", "2023-01-01", "2023-06-15")]) for _n in range(2)]
    left[1].died = "2023-06-15"
    for one in (*left, *(One(session.new_id(), VILLAGES[0], "ordinary", spells=[("210200", "2023-01-01", None)]) for _n in range(9))):
        make(session, one)
    for _n in range(40):
        make(session, One(session.new_id(), VILLAGES[1], "ordinary", spells=[("230100", "2023-01-01", None)]))
    made = monthly.report(session, MONTH)
    assert [(line.fell, line.figures["change"], line.figures["returned"]) for line in made.lines] == [(True, -2, 1), (False, 0, 0)]
    assert not made.total.fell
    assert set(monthly.ids(session, MONTH, VILLAGES[0], "change")) == {one.id for one in left}


@pytest.mark.parametrize(("now", "before", "sharp"), [(9, 10, True), (10, 10, False), (8, 9, False), (91, 100, False), (90, 100, True)])
def test_a_tenth_of_at_least_ten_people_is_a_sharp_drop(now: int, before: int, sharp: bool) -> None:
    assert fell(now, before) is sharp


def test_villages_nothing_is_known_of_are_named(session: Session) -> None:
    make(session, One(session.new_id(), VILLAGES[0], "ordinary"))
    made = monthly.report(session, MONTH)
    assert [line.area for line in made.lines] == [VILLAGES[0]]
    assert len(made.silent) > 3 and made.lines[0].name not in made.silent


@pytest.mark.parametrize("month", ["2023-13", "六月", "", "2023-6-1", None])
def test_what_is_no_month_is_refused(session: Session, month: str) -> None:
    with pytest.raises(FieldError):
        monthly.report(session, month)


def test_a_month_to_come_and_a_column_nobody_knows_are_refused(session: Session) -> None:
    with pytest.raises(DomainError):
        monthly.report(session, "2100-01")
    with pytest.raises(NotFound):
        monthly.ids(session, MONTH, TOWN, "x'; drop table person")


def test_unemployed_in_the_months_check_wishes_to_work(session: Session) -> None:
    one = One(session.new_id(), VILLAGES[0], "ordinary")
    make(session, one)
    records.save(session, "monthly_check", {"person_id": one.id, "month": MONTH, "status": "unemployed"})
    assert monthly.ids(session, MONTH, VILLAGES[0], "wishing") == [one.id]
    assert monthly.ids(session, "2023-07", VILLAGES[0], "wishing") == []


def test_on_paper_the_report_says_what_it_counts_and_where_people_are_fewer(session: Session) -> None:
    for n in range(12):
        end = "2023-06-15" if n < 3 else None
        make(session, One(session.new_id(), VILLAGES[0], "ordinary", spells=[("210200", "2023-01-01", end)]))
    form = forms.make(session, "monthly", month=MONTH)
    assert form.title == "务工监测月报（2023年6月）" and form.heads["统计时间"] == "截至2023年6月30日"
    (row,) = form.rows
    expected = {"劳动力总数": 12, "已务工合计": 9, "省外": 9, "本月返乡": 3, "有意愿未就业": "—", "较上月": -3, "备注": "务工人数下降明显"}
    assert {name: cell for name, cell in zip(form.columns[2:], row[2:], strict=True) if cell} == expected
    assert list(form.total)[1:] == ["合计", *row[2:]]
    assert "县内：已务工的人里，在本县的，公益岗也算在县内" in form.text[-1] and form.text[0].startswith("没有人员记录的村")


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2023-04-30", "2023-05-30", {"2023-04"}),
        ("2023-05", "2023-05", {"2023-05"}),
        ("2022", "2023-05-31", {"2023-03", "2023-04", "2023-05"}),
        ("2023-05-31", None, {"2023-05", "2023-06"}),
    ],
)
def test_the_months_of_the_series_are_those_of_the_reports(session: Session, start: str, end: str | None, months: set[str]) -> None:
    """Also with dates of unequal length, for somebody who died, and for a twin with the same work."""
    alive, dead, twin = (One(session.new_id(), VILLAGES[0], "ordinary") for _n in range(3))
    for one in (alive, dead, twin):
        one.spells = [("210200", start, end)]
        make(session, one, **({"into": alive.id} if one is twin else {}))
    changes.update(session, "person", dead.id, {"died_on": "2023-04-30"})
    found = dict(monthly.series(session, MONTH, 4)[VILLAGES[0]])
    assert {month for month, people in found.items() if people} == months
    assert found == {month: monthly.total(session, month).figures["working"] for month in found}


def test_a_month_typed_with_wide_digits_is_that_month(session: Session) -> None:
    person = session.new_id()
    make(session, One(person, VILLAGES[0], "ordinary"))
    check = {"id": session.new_id(), "village": VILLAGES[0], "person_id": person, "month": MONTH, "status": "unemployed"}
    changes.insert(session, "monthly_check", [check])
    wide = MONTH.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert monthly.by_village(session, wide) == monthly.by_village(session, MONTH)
    assert monthly.ids(session, wide, TOWN, "wishing") == [person]
