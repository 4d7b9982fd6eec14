"""JSON Lines as the contract has them: known and unknown ids, null, masks, scopes, references, and every way a line can be bad."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from db import acts, changes
from db.erased import erased
from db.local import REVOKED, set_meta
from db.store import Store
from domain import json_lines
from domain.errors import InputUnusable, Refused, Stopped
from domain.progress import Progress, unwatched
from domain.records import Employment, Person, Travel
from services import exporting, importing
from services import records as records_service
from services.importing import jsonl
from services.importing.applying import store_state
from services.importing.rows.drafting import Context
from services.importing.rows.home import Home
from services.importing.rows.known import Known
from tests.fresh import fresh_store

VILLAGE, TOWN = "230826101202", "230826101"
Take = Callable[..., importing.ImportResult]


@pytest.fixture
def take(store: Store) -> Take:
    return taker(store)


def taker(store: Store) -> Take:
    def take(
        *records: dict[str, Any] | str,
        kind: str | None = None,
        village: str | None = None,
        dry_run: bool = False,
        progress: Progress = unwatched,
    ) -> importing.ImportResult:
        with store.write("导入") as session:
            context = Context(session, Known(session), Home(session, village), progress)
            plan = jsonl.plan_lines(context, [r if isinstance(r, str) else json.dumps(r) for r in records], kind=kind)
            plan.state = store_state(session)
            return importing.foreseen(plan) if dry_run else importing.apply(session, plan, progress)

    return take


def person(**more: Any) -> dict[str, Any]:
    base = {"kind": "person", "name": "张三", "document": "resident_id", "id_number": "230826197908178768", "labour": "ordinary"}
    return base | more


def get(store: Store, kind: Any, id: str) -> Any:
    with store.read() as session:
        return session.get(kind, id)


def told(result: importing.ImportResult) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.column, issue.code) for issue in result.rejected]


# ---------------------------------------------------------------- ids


def test_an_absent_id_makes_a_record_an_unknown_one_that_record(store: Store, take: Take) -> None:
    id = str(uuid4())
    result = take(person(), person(id=id, id_number="230826197805050956"), person(id=id.upper(), name="x"))
    assert (result.added, told(result)) == (2, [(3, "", "duplicate")])
    assert get(store, Person, id).village == VILLAGE


def test_a_known_id_changes_only_what_is_named_and_null_clears(store: Store, take: Take) -> None:
    id = str(uuid4())
    take(person(id=id, phone="13800138000", note="甲"))
    result = take({"kind": "person", "id": id, "name": "张三丰", "note": None})
    assert (result.added, result.changed) == (0, 1)
    now = get(store, Person, id)
    assert (now.name, now.note, now.phone) == ("张三丰", None, "13800138000")
    assert take({"kind": "person", "id": id, "note": None, "name": "张三丰"}).batch is None
    assert told(take({"kind": "person", "id": id, "name": None})) == [(1, "name", "required")]


def test_system_fields_are_taken_and_ignored(store: Store, take: Take) -> None:
    id = str(uuid4())
    system = {"created_at": "2001-01-01T00:00:00Z", "created_by": "x@y", "updated_at": "2001-01-01T00:00:00Z", "updated_by": "x@y"}
    assert take(person(id=id, **system)).added == 1
    assert get(store, Person, id).created_by.startswith("李文书@")
    assert take({"kind": "person", "id": id, **system}).unchanged == 1


def test_a_deleted_record_comes_back(store: Store, take: Take) -> None:
    id = str(uuid4())
    take(person(id=id, note="旧"))
    with store.write("删") as session:
        changes.delete(session, "person", id)
    assert told(take({"kind": "person", "id": id, "note": "新"})) == [(1, "", "deleted")]
    result = take(person(id=id))
    assert result.added == 1
    assert get(store, Person, id).note is None


def test_natural_keys(store: Store, take: Take) -> None:
    owner, own = str(uuid4()), str(uuid4())
    take(person(id=owner))
    line = {"kind": "travel", "person_id": owner, "year": 2023, "outward": "300.00"}
    assert take(line).added == 1
    with store.read() as session:
        assert session.select(Travel)[0].id == session.natural_id("travel", VILLAGE, {"person_id": owner, "year": 2023})
    assert take(line).unchanged == 1
    assert take(line | {"outward": 280.5}).changed == 1
    assert take(line | {"id": own, "year": 2024}).added == 1
    assert told(take({"kind": "travel", "id": own, "year": 2025})) == [(1, "", "key")]
    assert take({"kind": "travel", "id": own, "year": 2024}).unchanged == 1


def test_lines_without_an_id_are_found_again(store: Store, take: Take) -> None:
    owner = str(uuid4())
    take(person(id=owner))
    spell = {"kind": "employment", "person_id": owner, "channel": "migrant", "place": "210211", "start": "2023-03"}
    lead = {"kind": "policy_lead", "person_id": owner, "policy": "创业担保贷款", "state": "asked"}
    lines = (
        person(name="田玉华", id_number="230826197805050956"),
        spell,
        spell | {"place": "110105"},
        lead,
        {"kind": "household", "number": "9"},
    )
    assert take(*lines).added == 5
    again = take(*lines)
    assert (again.batch, again.unchanged) == (None, 5)
    assert take(lines[0] | {"name": "田玉花"}, lead | {"policy": "稳岗返还"}).changed == 1  # another policy is another lead
    assert take({"kind": "household", "address": "村东"}, {"kind": "household", "address": "村西"}).added == 2  # nothing to find them by


def test_nothing_but_blanks_is_no_name(take: Take) -> None:
    assert told(take(person(name="  "))) == [(1, "name", "required")]


def test_append_only_kinds(store: Store, take: Take) -> None:
    owner, spell, wage = (str(uuid4()) for _n in range(3))
    take(
        person(id=owner),
        {"kind": "employment", "id": spell, "person_id": owner, "channel": "migrant", "place": "210211", "start": "2023-03"},
        {"kind": "wage", "id": wage, "employment_id": spell, "month": "2023-03", "paid_on": "2023-04", "amount": 520},
    )
    assert take({"kind": "wage", "id": wage, "amount": "520.00"}).unchanged == 1
    assert told(take({"kind": "wage", "id": wage, "amount": "530"})) == [(1, "", "append_only")]
    assert told(take({"kind": "wage", "id": wage, "amount": None})) != []
    assert take({"kind": "wage", "id": wage, "pay_way": "bank"}).changed == 1
    assert told(take({"kind": "wage", "id": wage, "pay_way": "cash"})) == [(1, "", "append_only")]


# ---------------------------------------------------------------- people's numbers


def test_what_a_number_tells_is_filled_in(store: Store, take: Take) -> None:
    ids = [str(uuid4()) for _n in range(3)]
    take(
        person(id=ids[0]),
        person(id=ids[1], id_number="230826790817876"),
        person(id=ids[2], id_number="23082619890308136344", document="disability"),
    )
    people = [get(store, Person, id) for id in ids]
    assert [(p.sex, p.birth) for p in people] == [("female", "1979-08-17"), ("female", "1979-08-17"), ("female", "1989-03-08")]
    assert [p.original_number for p in people] == [None, "230826790817876", "23082619890308136344"]
    assert [len(p.id_number) for p in people] == [18, 18, 18]
    assert take(person(id=ids[2], id_number="23082619890308136344", document="disability")).unchanged == 1


def test_a_masked_number_is_taken_only_where_it_hides_the_one_on_record(store: Store, take: Take) -> None:
    id = str(uuid4())
    take(person(id=id, phone="13800138000"))
    assert take({"kind": "person", "id": id, "id_number": "**************8768", "phone": "138****8000"}).unchanged == 1
    assert told(take({"kind": "person", "id": id, "id_number": "**************8769"})) == [(1, "id_number", "masked")]
    assert told(take({"kind": "person", "id": id, "bank_account": "****8769"})) == [(1, "bank_account", "masked")]
    assert told(take(person(id_number="**************8768"))) == [(1, "id_number", "masked")]


# ---------------------------------------------------------------- scopes


def test_whose_a_line_is(store: Store, take: Take) -> None:
    assert told(take(person(village="230826101203"))) == [(1, "village", "village")]
    assert told(take(person(village=TOWN))) == [(1, "village", "village")]
    assert told(take(person(village="解放村"))) == [(1, "village", "village")]
    id = str(uuid4())
    assert take(person(id=id, village=VILLAGE)).added == 1
    assert told(take({"kind": "person", "id": id, "village": "230826101203"})) == [(1, "village", "village")]
    with pytest.raises(Refused):
        take(person(), village="230826101203")


def test_at_a_township(tmp_path: Path) -> None:
    store = fresh_store(tmp_path, TOWN)
    take = taker(store)
    owner, spell = str(uuid4()), str(uuid4())
    take(person(id=owner, village=VILLAGE))
    result = take(
        {"kind": "employment", "id": spell, "person_id": owner, "channel": "migrant", "place": "210211", "start": "2023"},
        {"kind": "employer", "name": "甲", "type": "other"},
        person(name="李四", document="other", id_number="P1"),
        village="230826101203",
    )
    assert result.added == 3
    assert get(store, Employment, spell).village == VILLAGE  # with the person
    with store.read() as session:
        assert [e.village for e in session.select("employer")] == ["230826101203"]
    later = person(village=VILLAGE, id=str(uuid4()), id_number="230826197805050956")
    assert take({"kind": "travel", "person_id": later["id"], "year": 2023}, later).added == 2
    with store.read() as session:
        assert [t.village for t in session.select(Travel)] == [VILLAGE]  # whichever line comes first
    assert take({"kind": "employer", "name": "乙", "type": "other"}).added == 1
    with store.read() as session:
        assert {e.village for e in session.select("employer")} == {"230826101203", TOWN}
    store.close()


# ---------------------------------------------------------------- references


def test_the_order_of_lines_does_not_matter(store: Store, take: Take) -> None:
    owner, home = str(uuid4()), str(uuid4())
    result = take(person(id=owner, household_id=home), {"kind": "household", "id": home, "number": "1", "head_id": owner})
    assert (result.added, result.rejected) == (2, [])


def test_what_is_referred_to_must_be_there(store: Store, take: Take) -> None:
    nobody, spell = str(uuid4()), str(uuid4())
    result = take(
        {"kind": "wage", "employment_id": spell, "month": "2023-03", "paid_on": "2023-03", "amount": 1},
        {"kind": "employment", "id": spell, "person_id": nobody, "channel": "migrant", "place": "210211", "start": "2023-03"},
        {"kind": "visit", "household_id": nobody, "on": "2023-01-01", "content": "x"},
        {"kind": "employer", "name": "甲", "type": "other"},
    )
    assert result.added == 1
    assert told(result) == [(1, "employment_id", "reference"), (2, "person_id", "reference"), (3, "household_id", "reference")]
    assert nobody in result.rejected[1].message


def test_a_refused_line_takes_those_that_lean_on_it_along(store: Store, take: Take) -> None:
    owner = str(uuid4())
    result = take(person(id=owner, labour="强"), {"kind": "travel", "person_id": owner, "year": 2023})
    assert told(result) == [(1, "labour", "choice"), (2, "person_id", "reference")]


# ---------------------------------------------------------------- bad lines


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("not json", "", "json"),
        ("[1]", "", "json"),
        ('{"kind": "person"', "", "json"),
        ('{"kind": "person", "name": "a", "name": "b"}', "name", "json"),
        ("[" * 5000, "", "json"),
        ('{"kind": "nothing"}', "kind", "kind"),
        ('{"kind": 7}', "kind", "kind"),
        ("{}", "kind", "kind"),
        (json.dumps(person(shoe=1)), "shoe", "field"),
        (json.dumps(person(labour="strong")), "labour", "choice"),
        (json.dumps(person(health=["飞"])), "health", "choice"),
        (json.dumps(person(health="健康")), "health", "set"),
        (json.dumps(person(birth="1979-8-17")), "birth", "date"),
        (json.dumps(person(birth="1979-02-30")), "birth", "date"),
        (json.dumps(person(name=7)), "name", "text"),
        (json.dumps(person(name="a\u0000")), "name", "control"),
        (json.dumps(person(note="\ud800")), "note", "control"),
        (json.dumps(person(health=["\udc00"])), "health", "set"),
        (json.dumps({"kind": "claim", "facts": {"\ud800": "\udfff"}}), "facts", "json"),
        (json.dumps(person(residence="２３０８２６")), "residence", "area"),
        (json.dumps(person(name="")), "name", "required"),
        (json.dumps(person(id="7")), "id", "id"),
        (json.dumps(person(id=7)), "id", "id"),
        (json.dumps({"kind": "person", "name": "张三"}), "document", "required"),
        ('{"kind": "target", "year": 2023.5, "area": "230826", "indicator": "x", "value": 1}', "year", "int"),
        ('{"kind": "person", "name": NaN}', "name", "text"),
    ],
)
def test_a_bad_line_is_refused_by_name_and_the_rest_goes_in(take: Take, line: str, column: str, code: str) -> None:
    result = take("", line, person())
    assert result.added == 1
    assert [(i.row, i.column, i.code) for i in result.rejected] == [(2, column, code)]
    assert "230826197908178768" not in str(result)


def test_a_line_without_end_is_refused(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 500)
    result = take(json.dumps(person(note="x" * 600)), person())
    assert (result.added, told(result)) == (1, [(1, "", "length")])
    monkeypatch.setattr(jsonl, "MAX_LINES", 3)
    with pytest.raises(InputUnusable):
        take(*[""] * 4)


def test_kind_for_lines_that_name_none(take: Take) -> None:
    line = person()
    del line["kind"]
    assert take(line, kind="person").added == 1
    assert told(take(line)) == [(1, "kind", "kind")]


def test_a_dry_run_writes_nothing_and_tells_the_same(store: Store, take: Take) -> None:
    dry = take(person(), {"kind": "nothing"}, dry_run=True)
    assert (dry.batch, dry.added, len(dry.rejected)) == (None, 1, 1)
    with store.read() as session:
        assert session.count("person") == 0


def test_a_file_and_standard_input_are_planned_alike(store: Store, tmp_path: Path) -> None:
    text = json.dumps(person(), ensure_ascii=False)
    (tmp_path / "a.jsonl").write_text("\ufeff" + text + "\r\n", "utf-8")
    with store.write("导入") as session:
        assert importing.foreseen(importing.plan(session, tmp_path / "a.jsonl")).added == 1
        assert importing.foreseen(importing.plan(session, text.encode("gb18030"))).added == 1
        assert importing.apply(session, importing.plan(session, text.encode())).added == 1


def test_undo_and_stopping(store: Store, take: Take) -> None:
    result = take(person(), {"kind": "employer", "name": "甲", "type": "other"})
    assert result.batch is not None
    with store.write("撤销") as session:
        assert acts.undo(session, result.batch).removed == 2

    def stop(done: int, total: int, what: str) -> None:
        raise Stopped("停")

    with pytest.raises(Stopped):
        take(*[{"kind": "employer", "name": f"{n}", "type": "other"} for n in range(600)], progress=stop)
    with store.read() as session:
        assert session.count("employer") == 0


def test_a_dump_from_before_an_erasure_brings_nothing_back(store: Store, take: Take) -> None:
    """The county would hold it for good; lines that say what is there are unchanged as ever."""
    who, job = str(uuid4()), str(uuid4())
    spell = {"kind": "employment", "id": job, "person_id": who, "channel": "migrant", "place": "210211", "start": "2023-03"}
    before = person(id=who, name="张三")
    take(before, spell)
    line = {"scope": VILLAGE, "seq": 1, "at": "2026-01-01T00:00:00Z", "reason": "到期", "fields": "{}"}
    with store.write("删除") as session:
        changes.update(session, "person", who, {"name": "已按规定删除"})
        for kind, id in ((Person, who), (Employment, job)):
            session.conn.execute(erased.insert().values(kind=kind.KIND.number, row_id=id, **line))
    wish = {"kind": "job_wish", "person_id": who, "opened_on": "2023-05-01"}
    result = take(before, spell, wish, {**spell, "end": "2023-09"})
    assert (result.added, result.changed, result.unchanged) == (0, 0, 1)
    assert [refused.row for refused in result.rejected] == [1, 3, 4]
    assert "已按规定删除" in result.rejected[0].message


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"id": "0b9c1f1e-0000-4000-8000-000000000001"}, True),
        ({"id": "0b9c1f1e-0000-4000-8000-000000000001", "id_number": "23082619790817876X8"}, False),
        ({"id": "0b9c1f1e-0000-4000-8000-000000000001", "id_number": "230826198001011235"}, False),
    ],
)
def test_an_unknown_id_with_a_known_number_is_pointed_out(store: Store, second: dict[str, Any], told: bool) -> None:
    """The contract has it create a person; nobody was told that there are two now."""
    first = json.dumps(person(id="0b9c1f1e-0000-4000-8000-000000000000"))
    with store.write("导入") as session:
        importing.apply(session, importing.plan(session, first.encode(), name="a.jsonl"))
        plan = importing.plan(session, json.dumps(person(**second)).encode(), name="a.jsonl")
        assert plan.rejected == []
        assert [issue.code for row in plan.rows() for issue in row.issues if issue.code == "twin"] == ["twin"] * told
        assert all("8768" in issue.value and "*" in issue.value for row in plan.rows() for issue in row.issues)
        both = "\n".join(
            [json.dumps(person(**second)), json.dumps(person(id="0b9c1f1e-0000-4000-8000-000000000002") | second | {"id": f"{uuid4()}"})]
        )
        told_of = [row.number for row in importing.plan(session, both.encode(), name="a.jsonl").rows() if row.issues]
        assert told_of == ([1, 2] if told else [2]), "of the second of two new ones, too"
        again = importing.plan(session, first.encode(), name="a.jsonl")
        assert [issue for row in again.rows() for issue in row.issues] == []


def test_a_laptop_that_may_not_show_numbers_does_not_compare_them_in_pieces(store: Store, take: Take) -> None:
    """Ten tries told each hidden digit."""
    id = str(uuid4())
    take(person(id=id, phone="13845678901"))
    assert told(take({"kind": "person", "id": id, "phone": "****5678901"})) == []
    with store.applying() as session:
        set_meta(session, REVOKED, "2023-06-05T08:00:00Z")
    assert told(take({"kind": "person", "id": id, "phone": "138****8901"})) == []
    for piece in ("****5678901", "1384567****", "138****4901"):
        assert told(take({"kind": "person", "id": id, "phone": piece})) == [(1, "phone", "masked")]
    with store.read() as session, pytest.raises(Refused):
        exporting.export(session, "person", io.StringIO(), where=["phone=13845678901"])


# ---------------------------------------------------------------- merged people


def merging_two(store: Store, first: str, second: str) -> tuple[str, str]:
    """Two people with those numbers; one that does not have 18 characters is of another document."""

    def row(name: str, number: str) -> dict[str, Any]:
        document = "resident_id" if len(number) == 18 else "other"
        return {"name": name, "document": document, "id_number": number, "labour": "ordinary"}

    with store.write("登记") as session:
        one = records_service.save(session, "person", row("张三", first))
        return one, records_service.save(session, "person", row("张山", second))


def refused(result: importing.ImportResult) -> list[str]:
    return [issue.code for issue in result.rejected]


def test_people_whom_the_window_would_not_merge_are_not_merged_by_a_file(store: Store, take: Take) -> None:
    one, other = merging_two(store, "230826197908178768", "230826198001010013")
    for into in (other, one):
        result = take({"kind": "person", "id": one, "merged_into": into})
        assert refused(result) == ["merge"]
    with store.read() as session:
        assert session.existing(Person, one).merged_into is None


def test_two_lines_cannot_merge_people_into_each_other(store: Store, take: Take) -> None:
    one, other = merging_two(store, "230826197908178768", "X2")
    result = take({"kind": "person", "id": one, "merged_into": other}, {"kind": "person", "id": other, "merged_into": one})
    assert refused(result) == ["merge"]
    with store.read() as session:
        assert session.existing(Person, one).merged_into == other and session.existing(Person, other).merged_into is None
    assert not refused(take({"kind": "person", "id": one, "merged_into": other}))  # as it is already


def test_people_merged_into_each_other_by_two_stations_are_all_added_elsewhere(store: Store, take: Take) -> None:
    one, other = (str(uuid4()) for _n in range(2))
    rows = [
        {"kind": "person", "id": id, "name": "张三", "labour": "ordinary", "document": "other", "id_number": id[:8], "merged_into": into}
        for id, into in ((one, other), (other, one))
    ]
    result = take(*rows)
    assert not result.rejected and result.added == 2
    with store.read() as session:
        assert session.existing(Person, one).merged_into == other and session.existing(Person, other).merged_into is None


def test_values_that_can_hardly_be_meant_are_pointed_out(take: Take) -> None:
    """They were taken without a word: a death to come, the other sex, a year of five digits, a fare below zero, forty days in February."""
    person = {"kind": "person", "id": str(uuid4()), "name": "甲", "document": "resident_id", "labour": "ordinary"}
    wrong = {"id_number": "230826197908178768", "sex": "male", "died_on": "2030-01-01"}
    post = {"kind": "post", "id": str(uuid4()), "name": "保洁员", "type": "cleaner", "quota": 1, "developer": "hrss", "fund": "employment"}
    held = {"kind": "appointment", "id": str(uuid4()), "post_id": post["id"], "person_id": person["id"], "start": "2023-01-01"}
    sheet = {"kind": "attendance", "appointment_id": held["id"], "month": "2023-02", "marks": "P" * 31, "days": 40}
    fares = [{"kind": "travel", "person_id": person["id"], "year": year, "outward": cost} for year, cost in ((20233, "1"), (2023, "-50"))]
    result = take(person | wrong, post | {"standard": "500"}, held, sheet, *fares)
    assert result.rejected == []
    assert sorted((one.row, one.code) for one in result.warnings) == [
        (1, "bounds"),
        (1, "sex"),
        (4, "days"),
        (4, "marks"),
        (5, "bounds"),
        (6, "bounds"),
    ]
    fine = {"id": str(uuid4()), "id_number": "230826199208180276", "sex": "male", "died_on": "2023-01-01"}
    assert take(person | fine, sheet | {"month": "2023-01", "days": 31}, {**fares[1], "year": 2022, "outward": "50"}).warnings == []


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("employer", {"name": "车间", "type": "workshop"}, ""),
        ("vacancy", {"title": "缝纫工", "place": "230826", "headcount": 0}, "招聘人数不应小于 1"),
        ("vacancy", {"title": "缝纫工", "place": "230826", "headcount": 1, "age_max": 15}, "年龄上限应在 16 至 100 之间"),
        ("vacancy", {"title": "缝纫工", "place": "230826", "headcount": 1, "wage_min": "-1"}, "最低月薪不应小于 0"),
        (
            "course",
            {"title": "班", "trade": "电工", "type": "skills", "start": "2023-03-06", "end": "2023-03-07", "hours": -1},
            "课时不应小于 0",
        ),
        (
            "employment",
            {"channel": "migrant", "place": "210200", "start": "2023-03", "monthly_wage": "50.00"},
            "月工资应在 100 至 30,000 之间",
        ),
        ("employment", {"channel": "migrant", "place": "210200", "start": "2023-03", "monthly_wage": "5000.00"}, ""),
        ("household_income", {"start": "2023-01", "end": "2023-03", "persons": 0}, "家庭人口应在 1 至 30 之间"),
        (
            "person",
            {"name": "乙", "document": "other", "id_number": "B2", "labour": "none", "birth": "2090-01-01"},
            "出生日期应在 1900-01-01 至",
        ),
    ],
)
def test_numbers_out_of_the_bounds_of_their_field_are_pointed_out(take: Take, kind: str, values: dict[str, Any], said: str) -> None:
    person = {"kind": "person", "id": str(uuid4()), "name": "甲", "document": "other", "id_number": "A1", "labour": "ordinary"}
    home = {"kind": "household", "id": str(uuid4()), "number": "1"}
    unit = {"kind": "employer", "id": str(uuid4()), "name": "厂", "type": "enterprise"}
    ours = {
        "vacancy": {"employer_id": unit["id"]},
        "employment": {"person_id": person["id"]},
        "household_income": {"household_id": home["id"]},
    }
    result = take(person, home, unit, {"kind": kind, **values, **ours.get(kind, {})})
    assert not result.rejected and result.added == 4
    assert [one.code for one in result.warnings] == ["bounds"] * bool(said)
    assert all(one.message.startswith(said) for one in result.warnings)


def test_every_pair_in_the_wrong_order_is_pointed_out(take: Take) -> None:
    """An export is taken in whole, so that nothing is refused; but each pair is told, with what was written."""
    person = {"kind": "person", "id": str(uuid4()), "name": "甲", "document": "other", "id_number": "A1", "labour": "ordinary"}
    spell = {"kind": "employment", "id": str(uuid4()), "person_id": person["id"], "channel": "migrant", "place": "210200"}
    terms = {"start": "2023-05", "end": "2023-03", "contract_start": "2023-05-02", "contract_end": "2023-05-01"}
    result = take(person, spell | terms)
    assert result.added == 2
    assert [(one.row, one.code, one.value) for one in result.warnings] == [(2, "order", "2023-03"), (2, "order", "2023-05-01")]
    told = take({"kind": "employment", "id": spell["id"], "contract_end": "2023-04-01"}).warnings  # judged with the start on record
    assert [one.value for one in told] == ["2023-03", "2023-04-01"] and all("不能晚于" in one.message for one in told)


@pytest.mark.parametrize("suffix", [".jsonl", ".xlsx"])
def test_unchanged_records_of_other_levels_are_no_refusals(store: Store, tmp_path: Path, suffix: str) -> None:
    """An export of everything, imported again at the village, refused what the township and the county had written."""
    id = str(uuid4())
    employer = {"id": id, "village": TOWN, "name": "镇里的厂", "type": "enterprise"}
    with store.write("乡镇的") as session:
        changes.insert(session, "employer", [employer])
    with store.read() as session:
        exporting.export(session, "employer", tmp_path / f"a{suffix}")
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, tmp_path / f"a{suffix}", kind="employer"))
    assert (result.rejected, result.unchanged) == ([], 1)
    changed = json.dumps({"kind": "employer", "id": id, "name": "改了名"}).encode()
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, changed, name="b.jsonl"))
    assert len(result.rejected) == 1
