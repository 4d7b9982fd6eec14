"""What entering costs: minutes between saves, batches apart from forms, and questions that need not be asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, update

from db.capture import control, op
from db.mapping import table
from db.session import Session
from db.store import Store
from domain.fields import KINDS
from services import forms
from services.reports import workload
from services.surveys import design
from services.surveys.design import Question
from tests.fresh import taken_back

ONE, OTHER = "230826101202", "230826101203"
PERSON, CHECK = KINDS["person"].number, KINDS["monthly_check"].number
LI, WANG = f"李文书@{ONE}-0000aaaa", f"王会计@{OTHER}-0000bbbb"


@pytest.fixture
def session(township: Store) -> Iterator[Session]:
    with taken_back(township) as session:
        yield session


def log(session: Session, by: str, at: str, what: str = "I", kind: int = PERSON, count: int = 1) -> None:
    """What other stations' saves leave here: records, and lines of the log for changes alone."""
    ids = [session.new_id() for _n in range(count)]
    if what == "I":
        made = {"village": session.scope, "created_by": by, "created_at": at}
        session.conn.execute(update(control).values(quiet=1))
        session.conn.execute(insert(table(kind)), [{"id": id, **made} for id in ids])
        session.conn.execute(update(control).values(quiet=None))
    else:
        line = {"kind": kind, "what": what, "mask": 0, "by": by, "at": at, "author": by}
        session.conn.execute(insert(op), [{**line, "row_id": id} for id in ids])


def test_saves_within_ten_minutes_are_one_sitting(session: Session) -> None:
    for at in ("01:00:00", "01:04:00", "01:14:00", "01:24:01"):  # the last comes after a pause
        log(session, LI, f"2023-05-10T{at}Z")
    log(session, LI, "2023-05-11T01:00:00Z", "U")
    log(session, WANG, "2023-05-10T01:02:00Z", kind=CHECK)  # another author's saves are no pause's end
    one, other = workload.workload(session, "2023-05")
    assert (one.area, one.name, one.days, one.single, one.batch, one.changed) == (ONE, "解放村", 2, 4, 0, 1)
    assert (one.minutes, one.single_minutes, one.each) == (1 + 4 + 10 + 1 + 1, 16, 4.0)
    assert dict(one.kinds) == {"person": 17}
    assert (other.area, other.single, other.minutes, dict(other.kinds)) == (OTHER, 1, 1, {"monthly_check": 1})
    total = workload.total([one, other], ONE[:9])
    assert (total.single, total.minutes, total.each) == (5, 18, 3.4)


def test_a_batch_is_no_form_and_its_time_is_not_that_of_single_records(session: Session) -> None:
    log(session, LI, "2023-05-10T01:00:00Z", count=workload.BATCH)
    log(session, LI, "2023-05-10T01:05:00Z", count=workload.BATCH - 1)
    (one,) = workload.workload(session, "2023-05")
    assert (one.batch, one.single, one.minutes, one.single_minutes) == (10, 9, 6, 5)


def test_a_month_begins_at_midnight_in_china(session: Session) -> None:
    log(session, LI, "2023-04-30T15:59:59Z")
    log(session, LI, "2023-04-30T16:00:00Z")
    log(session, LI, "2023-05-31T15:59:59Z")
    log(session, LI, "2023-05-31T16:00:00Z")
    (one,) = workload.workload(session, "2023-05")
    assert (one.single, one.days) == (2, 2)
    assert workload.workload(session, "2023-07") == []


def test_questions_whose_answer_is_on_record_are_named(session: Session) -> None:
    asked = ["联系电话", "身份证号码", "现在在哪打工", "明年还出去吗", "备注"]
    assert workload.on_record(asked) >= {"联系电话", "身份证号码"}
    assert workload.on_record(asked).isdisjoint({"明年还出去吗", "备注"})
    month = session.today[:7]
    design.save(session, {"title": "返乡意愿", "about": "poor"}, [Question("联系电话", "text"), Question("明年还出去吗", "yes_no")])
    log(session, LI, f"{session.today}T03:00:00Z")
    one = next(line for line in workload.workload(session, month) if line.area == ONE)
    assert (one.questions, list(one.repeated)) == (2, ["联系电话"])
    form = forms.make(session, "workload", month=month)
    assert all(len(row) == len(form.columns) for row in form.rows)
    assert any("联系电话" in text and "填上级表格" in text for text in form.text)


def test_own_changes_count_too(session: Session) -> None:
    """The triggers' own lines: the survey and its question of this act."""
    design.save(session, {"title": "返乡意愿", "about": "poor"}, [Question("明年还出去吗", "yes_no")])
    (one,) = workload.workload(session, session.today[:7])
    assert (one.area, one.single) == (session.scope, 2)
