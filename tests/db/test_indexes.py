"""Indexes that leave rows or columns out are still used by whatever looks something up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.event import listen

from db.mapping import TABLES
from db.session import Session
from services import villages, work

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
