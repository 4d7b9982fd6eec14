"""The data checks by village: how many, which, and the list each village is asked to put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from db.erased import erased
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.records import Person
from domain.register import KINDS_READ
from services import forms, records
from services.quality import overview, quality
from tests.fresh import taken_back

ONE, OTHER = "230826101202", "230826101203"


@pytest.fixture
def session(township: Store) -> Iterator[Session]:
    """Two people of one village, one grown; one of another, complete."""
    with taken_back(township) as session:
        known = {"document": "other", "labour": "ordinary", "education": "初中", "relation": "户主", "phone": "13912345678"}
        for name, village, more in (
            ("张三", ONE, {"birth": "1980-05-05", "phone": None, "education": None}),
            ("张小", ONE, {"birth": "2022-05-05", "phone": None, "labour": "none", "relation": "之子"}),
            ("李四", OTHER, {"birth": "1970-05-05", "bank_account": "6217000010001234567", "health": ["健康"]}),
        ):
            records.save(session, "person", {**known, "name": name, "id_number": f"n{name}", "village": village, **more})
        yield session


def test_each_village_has_its_doubts_and_what_its_grown_people_lack(session: Session) -> None:
    one, other = overview.overview(session)
    assert (one.area, one.name, one.people, other.area, other.people) == (ONE, "解放村", 2, OTHER, 1)
    doubts = quality.check(session)
    assert sum(one.counts.values()) + sum(other.counts.values()) == len(doubts) > 0
    assert one.rules["I10"] == 1
    assert one.missing == {"phone": 1, "bank_account": 1, "relation": 0, "health": 1}  # of the child nothing
    assert other.missing == dict.fromkeys(one.missing, 0)
    assert one.rate == one.counts["error"] * 50
    assert "没有归到户 2" in one.most
    total = overview.total([one, other], ONE[:9])
    assert (total.people, total.rules["I10"], total.missing["phone"]) == (3, 1, 1)


def test_what_was_settled_is_counted_no_more(session: Session) -> None:
    before = overview.overview(session)[0].rules["I10"]
    who = next(doubt.id for doubt in quality.check(session) if doubt.rule == "I10")
    records.save(session, "finding", {"code": "I10", "record_id": who, "state": "verified", "village": ONE})
    assert (before, overview.overview(session)[0].rules.get("I10", 0)) == (1, 0)


def test_a_record_without_a_required_field_is_counted_in_its_village(session: Session) -> None:
    """As another program may have written it."""
    before = overview.overview(session)[1].rules
    row = {"id": session.new_id(), "village": OTHER, "person_id": session.new_id(), "month": "2026-05"}
    session.conn.execute(table("monthly_check").insert(), row)
    assert Counter(overview.overview(session)[1].rules) - Counter(before) == Counter({"E18": 1})


def test_the_overview_tells_how_far_it_is(session: Session) -> None:
    """While it reads the records, and while it checks them."""
    told: list[tuple[int, int]] = []
    overview.overview(session, lambda done, total, what: told.append((done, total)))
    assert told == [*((n, len(KINDS_READ)) for n in range(len(KINDS_READ))), *((n, len(quality.RULES)) for n in range(len(quality.RULES)))]


def test_nobody_is_asked_for_what_was_erased(session: Session) -> None:
    """Their telephones were missing and their household without a head, and no one may write about them."""
    before, doubts = overview.overview(session), quality.check(session)
    house = records.save(session, "household", {"number": "0009", "village": ONE})
    gone = {"name": "已按规定删除", "document": "other", "id_number": "n", "labour": "ordinary", "household_id": house, "village": ONE}
    who = records.save(session, "person", gone)
    assert {doubt.id for doubt in quality.check(session)} - {doubt.id for doubt in doubts} == {house, who}
    line = {"scope": ONE, "seq": 1, "at": "2026-01-01T00:00:00Z", "reason": "到期", "fields": "{}"}
    session.conn.execute(erased.insert().values(kind=Person.KIND.number, row_id=who, **line))
    assert (overview.overview(session), quality.check(session)) == (before, doubts)


def test_the_forms_show_what_the_overview_counts(session: Session) -> None:
    form = forms.make(session, "quality")
    assert [row[1:3] for row in form.rows] == [("解放村", 2), ("日升村", 1)]
    assert form.total[2] == 3
    listed = forms.make(session, "quality_list")
    assert all(len(row) == len(listed.columns) for row in listed.rows)
    assert {row[2] for row in listed.rows} <= {"错误", "疑点"}
    assert any("张三" in str(row[3]) and row[1] == "解放村" for row in listed.rows)
    assert list(dict.fromkeys(row[1] for row in listed.rows)) == ["解放村", "日升村"]  # village by village
    assert len([n for n, row in enumerate(listed.rows) if n and row[1] != listed.rows[n - 1][1]]) == 1


def test_without_people_there_is_nothing_to_mend(shared_store: Store) -> None:
    with taken_back(shared_store) as session:
        assert overview.overview(session) == []
        assert forms.make(session, "quality_list").text == ["没有发现问题。"]
