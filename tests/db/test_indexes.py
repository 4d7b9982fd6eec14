"""Indexes that leave rows or columns out are still used by whatever looks something up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen, remove

from db import local, unindexed
from db.mapping import TABLES
from db.session import Session
from domain.fields import kind_of
from services import contacts, merging, villages, work
from services.lists import listing
from services.lists.listing import Filter, Query
from services.quality import quality
from services.reports import monthly
from tests.fresh import fresh_store

PARTIAL = sorted(
    (t.name, next(iter(index.columns)).name, str(index.name))
    for t in TABLES.values()
    for index in t.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)
"""Sorted: a table has its indexes in no order, and those who run tests side by side must agree on theirs."""


@pytest.mark.parametrize(("table", "column", "index"), PARTIAL)
def test_a_look_up_uses_the_index(session: Session, table: str, column: str, index: str) -> None:
    alive = "" if column.endswith("_id") or column in ("claims", "merged_into") else " AND deleted_at IS NULL"
    for condition in (f"\"{column}\" = '1'", f'"{column}" IN (SELECT id FROM household)', f"\"{column}\" BETWEEN '1' AND '2'"):
        query = f'SELECT id FROM "{table}" WHERE {condition}{alive}'
        assert index in str(session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()), query


def plans(session: Session, act: Callable[[Session], object]) -> dict[str, str]:
    """How SQLite runs each statement of an act."""
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        asked.append((statement, given))

    listen(session.conn, "before_cursor_execute", note)
    act(session)
    remove(session.conn, "before_cursor_execute", note)
    explained = ((text, session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given).all()) for text, given in asked)
    return {text: "\n".join(step[3] for step in steps) for text, steps in explained}


@pytest.mark.parametrize("query", [Query("monthly_check", (Filter("month", "=", "2023-06"),)), Query("finding"), Query("claim_step")])
def test_a_whole_list_is_not_read_in_the_order_of_its_ids(session: Session, query: Query) -> None:
    """Rows in that order lie all over the table: the checks of one month took three seconds at a township."""
    (plan,) = plans(session, lambda session: listing.ids(session, query)).values()
    assert "autoindex" not in plan and f"SCAN {query.kind}" in plan
    for plan in plans(session, lambda session: session.select(query.kind)).values():
        assert "autoindex" not in plan


@pytest.mark.parametrize("act", [lambda session: contacts.lasts(session, "2023-06"), merging.matches], ids=["contacts", "matches"])
def test_monthly_checks_are_grouped_along_their_index(session: Session, act: Callable[[Session], object]) -> None:
    """Three records in four are monthly checks; sorting them took most of the time of 同步 and 联系情况."""
    (plan,) = (plan for text, plan in plans(session, act).items() if "GROUP BY monthly_check.person_id" in text)
    assert "SCAN monthly_check USING COVERING INDEX ix_monthly_check_person_id" in plan and "FOR GROUP BY" not in plan


def test_early_warnings_look_up_the_recent_checks_by_person(session: Session) -> None:
    found = plans(session, lambda session: quality.load(session, asked="2023-06"))
    (plan,) = (plan for text, plan in found.items() if text.startswith("SELECT monthly_check"))
    assert "SEARCH monthly_check USING INDEX ix_monthly_check_person_id (person_id=? AND deleted_at=? AND month>?)" in plan
    assert "SCAN person" in str(found) and "SCAN person USING" not in str(found)


def test_the_months_of_the_monthly_report_are_one_statement(session: Session) -> None:
    assert len(plans(session, lambda session: monthly.series(session, "2023-06", 24))) == 1
    report = plans(session, lambda session: monthly.report(session, "2023-06"))
    assert not [plan for plan in report.values() if "SCAN person USING INDEX" in plan]


def test_the_checks_of_a_month_are_looked_up_by_person(session: Session) -> None:
    """After three years those of a township took three seconds, twice for each look at a month."""
    asked: list[tuple[str, Any]] = []
    listen(session.conn, "before_cursor_execute", lambda _conn, _cursor, statement, given, *_more: asked.append((statement, given)))
    work.checks(session, "2023-06")
    ((statement, given),) = asked
    plan = str(session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all())
    assert "ix_monthly_check_person_id (person_id=? AND deleted_at=? AND month=?)" in plan


def test_the_overview_of_the_villages_asks_once_and_fetches_no_rows_by_village(session: Session) -> None:
    """Rows in the order of their villages lie all over the table: SQLCipher decrypted each page many times."""
    asked: list[tuple[str, Any]] = []
    listen(session.conn, "before_cursor_execute", lambda _conn, _cursor, statement, given, *_more: asked.append((statement, given)))
    villages.overview(session, "2023-06")
    people = [statement for statement, _given in asked if statement.startswith("SELECT person.id")]
    assert len(people) == len(set(people))
    for statement, given in asked[:]:
        plan = [step[3] for step in session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
        assert not [step for step in plan if re.fullmatch(r"SCAN \w+ USING INDEX ix_\w+_village", step)], statement


def test_searching_walks_along_the_index_of_what_is_looked_up(session: Session) -> None:
    for column in ("initials", "id_tail", "phone_tail"):
        query = f"SELECT id FROM person WHERE {column} >= 'z' AND {column} < 'zz' AND deleted_at IS NULL ORDER BY {column} LIMIT 20"
        plan = str(session.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
        assert f"ix_person_{column}" in plan and "TEMP B-TREE" not in plan


def test_indexes_left_out_are_made_after_an_older_program_took_them_for_whole(tmp_path: Path) -> None:
    """It found their names and removed the setting, and lists stayed slow for good."""
    store = fresh_store(tmp_path)
    kind = kind_of("person")
    with store.applying() as session:
        for index in unindexed.of(kind):
            index.drop(session.conn)
        unindexed.leave_out(session, kind)
        local.set_meta(session, unindexed.MISSING, None)
    with store.read() as session:
        assert unindexed.missing(session)
    unindexed.complete(store)
    with store.read() as session:
        assert not unindexed.missing(session)
    store.close()
