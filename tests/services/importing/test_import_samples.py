"""The sample rosters of 解放村, row for row as their answers say: once, twice, in any order, undone and again."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from db import acts
from db.mapping import table
from db.store import Store
from domain.fields import KINDS
from domain.records import Appointment, Employer, Employment, Post, Wage
from services import exporting, importing
from services.importing.plan import Action, Draft, Plan
from services.office_files.reading import read_workbook
from tests.paths import ROOT
from tests.rosters import write_xlsx
from tests.services.rosters_taken import set_cells

SAMPLES = ROOT / "resources" / "samples"
ANSWERS = json.loads((SAMPLES / "answers.json").read_text("utf-8"))
FILES = ("registry.xlsx", "work.xlsx", "wages.xlsx", "workshop.xlsx", "training.xlsx", "posts.xlsx", "survey.csv")
CODES = {"sex_mismatch": "sex", "duplicate in file": "duplicate", "bad_relation": "choice"}


def take_in(store: Store, file: str) -> tuple[importing.ImportResult, Plan]:
    with store.write(f"导入 {file}") as session:
        plan = importing.plan(session, SAMPLES / file)
        return importing.apply(session, plan), plan


def dump(store: Store) -> list[dict[str, Any]]:
    out = io.StringIO()
    with store.read() as session:
        exporting.export(session, "all", out, plain=True)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture
def people(store: Store) -> Store:
    take_in(store, "registry.xlsx")
    return store


def test_registry_row_for_row(store: Store) -> None:
    result, plan = take_in(store, "registry.xlsx")
    answers = ANSWERS["registry.xlsx"]
    assert [(i.row, i.code) for i in result.rejected] == [(a["row"], CODES.get(a["why"], a["why"])) for a in answers["rejected"]]
    assert [(i.row, i.code) for i in result.questions] == [(a["row"], CODES[a["why"]]) for a in answers["questions"]]
    assert [(i.row, i.code) for i in plan.repaired] == [(a["row"], a["why"]) for a in answers["repaired"]]
    assert sum(1 for row in plan.rows() if not row.skipped) == answers["rows"]
    by_row = {row.number: row for row in plan.rows()}
    for repaired in answers["repaired"]:
        assert by_row[repaired["row"]].drafts[0].values["id_number"] == repaired["id18"]
    with store.read() as session:
        assert session.count("person") == session.count("category_span") == answers["people_if_all_questions_kept_out"]
        assert session.count("household") == ANSWERS["households"]
    assert result.added == 425 + 425 + 150


def test_issues_name_row_column_and_value_without_giving_numbers_away(store: Store) -> None:
    result, _plan = take_in(store, "registry.xlsx")
    told = [issue.to_json() for issue in (*result.rejected, *result.questions)]
    assert all(set(one) == {"row", "column", "value", "message"} for one in told)
    assert {one["row"]: one["column"] for one in told}[405] == "与户主关系"
    assert next(one["value"] for one in told if one["row"] == 405) == "亲戚"
    assert next(one["value"] for one in told if one["row"] == 263) == "2.30826E+17"
    assert "230826" not in json.dumps([one for one in told if one["row"] != 263 and one["row"] != 319])


def test_the_head_of_a_household_is_the_row_that_says_so(people: Store) -> None:
    with people.read() as session:
        persons = {p.id: p for p in session.select("person")}
        homes = session.select("household")
    headed = [home for home in homes if home.head_id]
    assert len(headed) == 145  # five heads were refused or are in question
    assert all(persons[home.head_id].relation == "户主" and persons[home.head_id].household_id == home.id for home in headed)


def test_every_list_in_order(people: Store) -> None:
    counts = {}
    for file in FILES[1:]:
        result, _plan = take_in(people, file)
        assert (result.rejected, result.questions) == ([], [])
        counts[file] = result.added
    with people.read() as session:
        wages = session.select("wage")
        assert len({w.employment_id for w in wages}) == ANSWERS["wages.xlsx"]["people"]
        assert len(wages) == ANSWERS["wages.xlsx"]["wage_lines"]
        assert f"{sum(w.amount for w in wages) / 100:.2f}" == ANSWERS["wages.xlsx"]["total"]
        assert session.count("employment") == 141 + 18 + 60
        assert session.count("course") == ANSWERS["training.xlsx"]["courses"]
        assert session.count("enrolment") == ANSWERS["training.xlsx"]["enrolments"]
        for kind in ("appointment", "agreement", "insurance"):
            assert session.count(kind) == ANSWERS["posts.xlsx"]["holders"]
        posts = {post.id: post for post in session.select(Post)}
        held = [a.post_id for a in session.select(Appointment)]
        assert all(post.quota == held.count(id) for id, post in posts.items())
        employer = session.select(Employer)[0]
        assert (employer.name, employer.type) == ("解放村就业帮扶车间", "workshop")
    assert counts["work.xlsx"] == ANSWERS["work.xlsx"]["rows"]
    assert counts["survey.csv"] == ANSWERS["survey.csv"]["rows"]


@pytest.mark.parametrize("file", FILES)
def test_the_same_file_twice_changes_nothing(people: Store, file: str) -> None:
    take_in(people, file)
    before = dump(people)
    again, plan = take_in(people, file)
    assert (again.batch, again.added, again.changed) == (None, 0, 0)
    assert again.unchanged == sum(1 for draft in plan.chosen().values() if draft.action is Action.UNCHANGED) > 0
    assert dump(people) == before


def facts(records: list[dict[str, Any]]) -> list[str]:
    """What a dump says, with ids replaced by what they stand for."""
    named: dict[str, Any] = {}
    for record in records:
        named[record["id"]] = [record.get(name) for name in ("id_number", "number", "name", "title", "month", "start")]
    said = []
    for record in records:
        fields = {
            k: named.get(v, v) if isinstance(v, str) else v for k, v in record.items() if not k.endswith(("_at", "_by")) and k != "id"
        }
        said.append(json.dumps(fields, ensure_ascii=False, sort_keys=True))
    return sorted(said)


@pytest.mark.parametrize("order", list(itertools.permutations(FILES[1:]))[::90])
def test_the_order_of_the_lists_does_not_matter_for_the_facts(store: Store, order: tuple[str, ...]) -> None:
    for file in ("registry.xlsx", *order):
        result, _plan = take_in(store, file)
        assert len(result.rejected) == (7 if file == "registry.xlsx" else 0)
    with store.read() as session:
        hired = [e for e in session.select(Employment) if e.employer_id]
        assert len(hired) == 18
        assert all(e.contract_start == "2022-10-01" and e.contract_end == "2023-09-30" for e in hired)
        assert session.count("employment") == 219
        assert session.count("wage") == 192


def test_wages_and_workshop_find_each_other(people: Store) -> None:
    take_in(people, "wages.xlsx")
    result, plan = take_in(people, "workshop.xlsx")
    assert (result.added, result.changed) == (0, 18)
    cells = {label for row in plan.rows() for draft in row.drafts for label, _old, _new in set_cells(draft)}
    assert cells == {"工种", "合同类型", "合同起", "合同止", "月工资"}


def test_a_person_who_is_not_there_is_refused_by_name(store: Store) -> None:
    result, _plan = take_in(store, "workshop.xlsx")
    assert len(result.rejected) == 18
    assert all(issue.code == "person" for issue in result.rejected)
    assert "田玉华" in result.rejected[0].message


def test_words_where_a_score_is_due_leave_it_empty(people: Store) -> None:
    _result, plan = take_in(people, "training.xlsx")
    assert [(i.row, i.value) for i in plan.warnings] == [(25, "缺考"), (26, "缺考"), (28, "缺考")]
    with people.read() as session:
        assert sum(1 for e in session.select("enrolment") if e.score is None) == 3


def test_wages_are_paid_in_their_month(people: Store) -> None:
    take_in(people, "wages.xlsx")
    with people.read() as session:
        assert all(w.paid_on == w.month for w in session.select(Wage))


def test_undo_removes_all_an_import_made_and_the_same_file_goes_in_again(people: Store) -> None:
    before = dump(people)
    result, _plan = take_in(people, "wages.xlsx")
    assert result.batch is not None
    with people.write("撤销") as session:
        undone = acts.undo(session, result.batch)
    assert (undone.removed, undone.restored, undone.kept) == (result.added, 0, 0)
    assert facts(dump(people)) == facts(before)
    again, _plan = take_in(people, "wages.xlsx")
    assert again.added == result.added


def test_undoing_and_importing_again_brings_back_rows_with_a_natural_key(people: Store) -> None:
    first, _plan = take_in(people, "training.xlsx")
    assert first.batch is not None
    with people.write("撤销") as session:
        acts.undo(session, first.batch)
    again, _plan = take_in(people, "training.xlsx")
    assert again.added == 27
    with people.read() as session:
        assert session.count("enrolment") == 25


def test_a_plan_writes_nothing(store: Store) -> None:
    with store.read() as session:
        plan = importing.plan(session, SAMPLES / "registry.xlsx")
        foreseen = importing.foreseen(plan)
    assert dump(store) == []
    assert (foreseen.batch, foreseen.added) == (None, 1000)
    result, _plan = take_in(store, "registry.xlsx")
    assert (result.added, result.rejected, result.questions) == (foreseen.added, foreseen.rejected, foreseen.questions)


def test_the_preview_says_what_was_taken_for_what(store: Store) -> None:
    with store.read() as session:
        plan = importing.plan(session, SAMPLES / "registry.xlsx")
    table = plan.tables[0]
    assert (table.label, table.heading_row, table.sheet) == ("人员信息表", 3, "监测对象信息")
    assert {c.heading: c.label for c in table.columns}["人编号"] == "人编号"
    row = next(row for row in plan.rows() if row.number == 4)
    assert (row.title, row.action) == ("田玉华", Action.NEW)
    assert [draft.kind.name for draft in (*row.uses, *row.drafts)] == ["household", "person", "category_span"]
    shown = {label: new for label, _old, new in set_cells(row.drafts[0])}
    assert (shown["姓名"], shown["证件号码"], shown["劳动技能"]) == ("田玉华", "**************8768", "普通劳动力")
    assert all(isinstance(draft, Draft) for draft in row.drafts)


def test_a_newer_registry_changes_only_what_differs(people: Store, tmp_path: Path) -> None:
    rows = read_workbook((SAMPLES / "registry.xlsx").read_bytes())[0].rows
    rows[3][19], rows[4][13] = "13900000001", "高中"
    write_xlsx(tmp_path / "newer.xlsx", rows)
    with people.write("导入") as session:
        plan = importing.plan(session, tmp_path / "newer.xlsx")
        result = importing.apply(session, plan)
    assert (result.added, result.changed) == (0, 2)
    changed = [
        (row.number, cell) for row in plan.rows() for draft in row.drafts for cell in set_cells(draft) if draft.action is Action.CHANGED
    ]
    assert changed == [(4, ("联系电话", "131****4292", "139****0001")), (5, ("文化程度", "大专", "高中"))]


def test_undoing_the_registry_under_later_lists_and_importing_again_doubles_nothing(people: Store) -> None:
    """People whom lists taken in since refer to stay; what comes again finds them."""
    later = [take_in(people, name)[0] for name in ("work.xlsx", "wages.xlsx", "posts.xlsx", "training.xlsx")]
    with people.read() as session:
        before = {kind: session.count(kind) for kind in KINDS}
        first = next(act for act in acts.latest(session) if act.id < (later[0].batch or 0))
    with people.write("撤销") as session:
        undone = acts.undo(session, first.id)
    with people.read() as session:
        p = table("person")
        living = select(p.c.id).where(p.c.deleted_at.is_(None))
        for c in map(table, ("employment", "appointment", "enrolment")):
            orphans = select(func.count()).select_from(c).where(c.c.deleted_at.is_(None), c.c.person_id.not_in(living))
            assert session.conn.execute(orphans).scalar_one() == 0
        assert 0 < undone.kept < before["person"]
    for name in ("registry.xlsx", "work.xlsx", "wages.xlsx", "posts.xlsx", "training.xlsx"):
        take_in(people, name)
    with people.read() as session:
        assert {kind: session.count(kind) for kind in KINDS} == before
