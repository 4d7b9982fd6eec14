"""Records entered twice are deleted at once, without leaving anything that refers to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from db import changes
from db.session import Session
from db.store import Store
from domain.records import Employment, LabourTrip, Wage
from services import records
from services.quality import quality
from services.quality.repeats import delete_repeats
from tests.fresh import taken_back

PAPER = {"name": "名单.jpg", "media_type": "image/jpeg", "sha256": "0" * 64, "size": 1}


@pytest.fixture
def session(shared_store: Store) -> Iterator[Session]:
    with taken_back(shared_store) as session:
        yield session


def repeats(session: Session) -> list[str]:
    return [doubt.id for doubt in quality.check(session) if doubt.rule == "E20"]


@pytest.fixture
def roster(session: Session) -> Callable[[], tuple[str, str]]:
    """Enters an employer, a job and two wages of one person, as one import of a roster does."""
    who = records.save(session, "person", {"name": "张三", "document": "other", "id_number": "n1", "labour": "ordinary"})

    def enter() -> tuple[str, str]:
        unit = records.save(session, "employer", {"name": "柳编车间", "type": "workshop"})
        said = {
            "person_id": who,
            "employer_id": unit,
            "employer_name": "柳编车间",
            "channel": "workshop",
            "place": "230826",
            "start": "2023-01-01",
        }
        job = records.save(session, "employment", said)
        for month in ("2023-01", "2023-02"):
            wage = {"employment_id": job, "month": month, "amount": 900_00, "paid_on": f"{month}-28"}
            records.save(session, "wage", wage)
        return unit, job

    return enter


def test_of_a_roster_entered_twice_one_copy_stays(session: Session, roster: Callable[[], tuple[str, str]]) -> None:
    roster(), roster()
    assert len(repeats(session)) == 4
    done = delete_repeats(session)
    assert done.counts == {"employer": 1, "employment": 1, "wage": 2} and not done.left
    assert "劳动报酬 2 条" in done.text
    (job,), wages = session.select(Employment), session.select(Wage)
    assert [wage.employment_id for wage in wages] == [job.id] * 2
    assert repeats(session) == []
    assert delete_repeats(session).text == "没有删。"


def test_what_something_refers_to_stays(session: Session, roster: Callable[[], tuple[str, str]]) -> None:
    (_unit, first), (_other, second) = roster(), roster()
    gone = max(first, second)
    records.save(session, "wage", {"employment_id": gone, "month": "2023-03", "amount": 900_00, "paid_on": "2023-03-28"})
    done = delete_repeats(session)
    assert done.counts == {"wage": 2} and list(done.left.values()) == [2]
    assert session.existing(Employment, gone).deleted_at is None


def test_what_has_a_remark_of_its_own_stays(session: Session) -> None:
    notes = {records.save(session, "labour_trip", {"on": "2023-01-01", "note": note}): note for note in ("一号车", "二号车", "")}
    kept = notes[min(notes)]
    staying = {id for id, note in notes.items() if id == min(notes) or note not in ("", kept)}
    done = delete_repeats(session)
    assert {trip.id for trip in session.select(LabourTrip)} == staying
    assert done.counts.get("labour_trip", 0) == len(notes) - len(staying)


def test_what_has_a_paper_stays(session: Session) -> None:
    trips = [records.save(session, "labour_trip", {"on": "2023-01-01"}) for _n in range(2)]
    changes.insert(session, "attachment", [{"id": session.new_id(), "village": session.scope, "record_id": max(trips), **PAPER}])
    assert list(delete_repeats(session).left.items()) == [("名下有附件", 1)]


def test_what_was_settled_stays(session: Session, roster: Callable[[], tuple[str, str]]) -> None:
    roster(), roster()
    for id in repeats(session):
        records.save(session, "finding", {"code": "E20", "record_id": id, "state": "verified", "by": "李文书", "closed_on": "2023-06-01"})
    assert repeats(session) == [] and not delete_repeats(session).counts
