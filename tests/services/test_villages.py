"""How the villages of a township stand, from what its store holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db import changes
from db.exchange import conflict, entry, moved
from db.session import Session
from db.store import Store
from domain.errors import NotFound
from domain.periods import add_days, add_months
from services import records, today, villages, work
from services.claims import claims, steps
from tests.fresh import taken_back

TOWN, NEAR, FAR = "230826101", "230826101202", "230826101203"


@pytest.fixture
def session(township: Store) -> Iterator[Session]:
    """A writing session of an empty township; nothing of it is kept."""
    with taken_back(township) as session:
        yield session


def person(session: Session, village: str, **more: str) -> str:
    id = session.new_id()
    row = {
        "id": id,
        "village": village,
        "name": "王芳",
        "document": "other",
        "id_number": id[:12],
        "labour": "ordinary",
        "birth": "1980-05-01",
    }
    changes.insert(session, "person", [row | more])
    return id


def line(session: Session, area: str) -> villages.Village:
    (found,) = (one for one in villages.overview(session, session.today[:7]) if one.area == area)
    return found


def arrived(session: Session, village: str, station: str, at: str, seq: int = 1) -> None:
    blank = {"incarnation": 1, "number": seq, "sha256": b"", "body": b"", "refused": "[]", "signature": b""}
    session.conn.execute(entry.insert().values(scope=village, seq=seq, station=station, at=at, **blank))


def test_every_village_has_a_line_even_if_nothing_came(session: Session) -> None:
    found = villages.overview(session, session.today[:7])
    assert len(found) > 5 and {NEAR, FAR} <= {one.area for one in found}
    assert all(one.silent == 1 and not one.sent and not any(one.figures.values()) for one in found)


def test_villages_in_use_come_first(session: Session) -> None:
    """A township opened on ten rows of zeros, the two villages with records below them."""
    before = [one.area for one in villages.overview(session, session.today[:7]) if len(one.area) == len(FAR)]
    assert before.index(FAR) > 0
    person(session, FAR)
    after = [one.area for one in villages.overview(session, session.today[:7]) if len(one.area) == len(FAR)]
    assert after[0] == FAR and sorted(after) == sorted(before)


def test_figures_are_the_names_behind_them(session: Session) -> None:
    month = session.today[:7]
    here, there, dead = person(session, NEAR), person(session, FAR), person(session, NEAR, died_on="2020-01-01")
    records.save(session, "employment", {"person_id": here, "channel": "migrant", "place": "210200", "start": add_months(month, -3)})
    work.save_checks(session, month, {here: {"status": "away"}})
    assert line(session, NEAR).figures == {"people": 1, "working": 1, "unchecked": 0, "asked": 1, "due": 0, "changes": 0, "quiet": 0}
    assert line(session, FAR).figures == {"people": 1, "working": 0, "unchecked": 1, "asked": 1, "due": 0, "changes": 0, "quiet": 1}
    assert villages.ids(session, month, NEAR, "people") == [here]
    assert villages.ids(session, month, TOWN, "unchecked") == [there]
    assert dead not in villages.ids(session, month, TOWN, "people")
    with pytest.raises(NotFound):
        villages.ids(session, month, TOWN, "sent; drop table person")


def test_a_claim_is_due_here_when_the_next_step_is_the_townships_own(session: Session) -> None:
    month = session.today[:7]
    verdict = {"rule": "R03", "year": 2023, "person_id": person(session, NEAR), "employer_id": None, "record_id": None}
    verdict |= {"outcome": "eligible", "amount": "500.00", "pack": "P", "version": "1", "missing": [], "reasons": []}
    id = claims.file(session, verdict)
    steps.step(session, id, "village_reviewed")
    assert line(session, NEAR).figures["due"] == 0
    steps.step(session, id, "village_notice")
    assert villages.ids(session, month, NEAR, "due") == [id]
    assert today.today(session, session.today).claims == [id]
    hung = {"level": "village", "start": session.today, "days": 7, "claims": [id], "village": NEAR}
    notice = records.save(session, "notice", hung)
    assert line(session, NEAR).figures["due"] == 0 == len(today.today(session, session.today).claims)  # nobody can take it on before
    changes.update(session, "notice", notice, {"result": "clear"})
    assert villages.ids(session, month, NEAR, "due") == [id]
    steps.step(session, id, "returned", "缺务工证明")
    assert today.today(session, session.today).claims == []


def test_who_sent_nothing_for_long_is_told_from_who_did(session: Session) -> None:
    today = session.today
    arrived(session, NEAR, f"{NEAR}-0a1b", f"{today}T08:00:00Z")
    arrived(session, FAR, f"{FAR}-0a1b", f"{add_days(today, -villages.SILENT_DAYS - 1)}T08:00:00Z")
    arrived(session, FAR, f"{TOWN}-77aa", f"{today}T08:00:00Z", seq=2)  # the township's own entries for the village are not its word
    assert (line(session, NEAR).silent, line(session, NEAR).sent) == (0, f"{today}T08:00:00Z")
    assert line(session, FAR).silent == 1 and line(session, FAR).sent < today


def test_what_came_in_a_snapshot_tells_by_its_records(session: Session, township: Store) -> None:
    id = person(session, NEAR)
    assert line(session, NEAR).silent == 1  # entered at the township
    changed = {"by": f"李文书@{NEAR}-0a1b", "at": f"{session.today}T07:00:00Z", "id": id}
    session.conn.exec_driver_sql("UPDATE person SET updated_by = :by, updated_at = :at WHERE id = :id", changed)
    assert line(session, NEAR).silent == 0


def test_open_conflicts_are_counted_where_they_are(session: Session) -> None:
    blank = dict.fromkeys(
        ("base", "earlier", "earlier_author", "earlier_by", "earlier_at", "later", "later_author", "later_by", "later_at"), ""
    )
    for n, state in enumerate(("open", "open", "settled")):
        values = {"id": str(n), "scope": FAR, "sort": "value", "kind": 2, "row_id": "r", "field": 1, "seq": 1, "place": n, "state": state}
        session.conn.execute(conflict.insert().values(**values, **blank))
    assert (line(session, FAR).disputed, line(session, NEAR).disputed) == (2, 0)


def test_a_village_that_is_part_of_another_is_not_missed(session: Session) -> None:
    whole = {"scope": FAR, "kind": 0, "row_id": "", "entered": NEAR, "seq": 3, "at": "2023-06-05T08:00:00Z", "states": "{}"}
    before = villages.overview(session, session.today[:7])
    session.conn.execute(moved.insert().values(**whole))
    after = villages.overview(session, session.today[:7])
    assert [one.area for one in after] == [one.area for one in before if one.area != FAR]
    assert sum(one.silent for one in after) == len(after)
