"""What goes out and comes in again changes nothing: every kind, any values, JSON Lines and sheets, masked and plain."""

from __future__ import annotations

import csv
import gettext
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from db import changes
from db.session import Session
from db.store import Store
from domain import words
from domain.errors import FieldError, InputUnusable, Stopped
from domain.fields import KINDS, Kind
from domain.records import Employment, Person
from domain.values import Type
from services import exporting, importing, records
from services.importing import blank
from services.importing.tables.rosters import templates
from services.lists import listing
from services.lists.titles import titles
from tests.anything import fill
from tests.fresh import PASSWORD, fresh_store
from tests.paths import ROOT
from tests.rosters import write_xlsx

SAMPLES = ROOT / "resources" / "samples"


@pytest.fixture(scope="module")
def village_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a village that took the rosters in; tests work on copies."""
    with closing(fresh_store(tmp_path_factory.mktemp("model"))) as store:
        for file in ("registry.xlsx", "workshop.xlsx", "wages.xlsx", "training.xlsx", "posts.xlsx"):
            take_in(store, SAMPLES / file)
    return store.home


@pytest.fixture
def village(village_home: Path, tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(shutil.copytree(village_home, tmp_path / "village"), user="李文书", password=PASSWORD)) as store:
        yield store


def take_in(store: Store, source: Path | bytes, **how: Any) -> importing.ImportResult:
    with store.write("导入") as session:
        return importing.apply(session, importing.plan(session, source, **how))


def lines(store: Store, kind: str = "all", *, plain: bool = True, **how: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    with store.read() as session:
        exporting.export(session, kind, out, plain=plain, **how)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def said(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the system fields, which an import gives anew."""
    return [{k: v for k, v in record.items() if not k.endswith(("_at", "_by"))} for record in records]


def send(store: Store, kind: str, file: Path | io.StringIO, **how: Any) -> exporting.ExportResult:
    with store.read() as session:
        return exporting.export(session, kind, file, **how)


# ---------------------------------------------------------------- round trips


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("suffix", [".jsonl", ".xlsx"])
@pytest.mark.parametrize("plain", [True, False])
def test_whatever_is_in_the_store_comes_back_unchanged(store: Store, tmp_path: Path, seed: int, suffix: str, plain: bool) -> None:
    with store.write("fill") as session:
        fill(session, seed)
    before = lines(store)
    assert send(store, "all", tmp_path / f"all{suffix}", plain=plain).rows == len(before)
    result = take_in(store, tmp_path / f"all{suffix}")
    assert ([i.to_json() for i in (*result.rejected, *result.questions)], result.added, result.changed) == ([], 0, 0)
    assert result.unchanged == len(before)
    assert lines(store) == before


@pytest.mark.parametrize("seed", range(2, 4))
def test_json_lines_carry_everything_into_an_empty_store(store: Store, tmp_path: Path, seed: int) -> None:
    with store.write("fill") as session:
        fill(session, seed)
    send(store, "all", tmp_path / "all.jsonl", plain=True)
    other = fresh_store(tmp_path)
    result = take_in(other, tmp_path / "all.jsonl")
    assert result.rejected == []
    assert said(lines(other)) == said(lines(store))
    other.close()


def test_a_set_that_begins_like_a_formula_comes_back_without_its_mark(store: Store, tmp_path: Path) -> None:
    with store.write("vacancy") as session:
        employer = records.save(session, "employer", {"name": "车间", "type": "workshop"})
        wanted = {"employer_id": employer, "title": "焊工", "place": "230826", "headcount": 1, "requires": frozenset({"+86", "驾驶证"})}
        records.save(session, "vacancy", wanted)
    before = lines(store)
    send(store, "vacancy", tmp_path / "a.csv")
    assert take_in(store, tmp_path / "a.csv", kind="vacancy").changed == 0
    assert lines(store) == before


def test_each_kinds_own_sheet_and_csv(store: Store, tmp_path: Path) -> None:
    with store.write("fill") as session:
        fill(session, 7, each=2)
    before = lines(store)
    for kind in KINDS:
        for suffix in (".xlsx", ".csv"):
            file = tmp_path / f"{kind}{suffix}"
            rows = send(store, kind, file, plain=True).rows
            result = take_in(store, file, kind=kind)
            assert ([i.to_json() for i in (*result.rejected, *result.questions)], result.added, result.changed) == ([], 0, 0), file.name
            assert result.unchanged == rows > 0, file.name
    assert lines(store) == before


def test_a_record_whose_words_are_also_column_names_is_no_heading(store: Store, tmp_path: Path) -> None:
    with store.write("insurance") as session:
        person = records.save(session, "person", {"name": "甲", "document": "other", "id_number": "X1", "labour": "ordinary"})
        paid = {"developer": "hrss", "fund": "employment", "standard": 50000}
        post = records.save(session, "post", {"name": "保洁员", "type": "cleaner", "quota": 1, **paid})
        held = records.save(session, "appointment", {"post_id": post, "person_id": person, "start": "2023-01-01"})
        wanted = {"appointment_id": held, "insurer": "户主", "policy_number": "合计", "start": "2023-01-01", "end": "2023-12-31"}
        records.save(session, "insurance", wanted)
    send(store, "insurance", tmp_path / "a.xlsx", plain=True)
    result = take_in(store, tmp_path / "a.xlsx", kind="insurance")
    assert (result.rejected, result.unchanged) == ([], 1)


def test_the_sheets_of_a_village_rebuild_it_elsewhere(village: Store, tmp_path: Path) -> None:
    send(village, "all", tmp_path / "all.xlsx", plain=True)
    other = fresh_store(tmp_path)
    assert take_in(other, tmp_path / "all.xlsx").rejected == []
    assert said(lines(other)) == said(lines(village))
    other.close()


def test_sheets_speak_chinese_whatever_the_window_speaks(village: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Foreign(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"[{message}]"

    monkeypatch.setattr(words, "_current", Foreign())
    assert send(village, "all", tmp_path / "all.xlsx").rows == take_in(village, tmp_path / "all.xlsx").unchanged
    assert take_in(village, SAMPLES / "registry.xlsx").unchanged == 1000
    blank.roster_template("registry", tmp_path / "p.xlsx", 2026)
    assert take_in(village, tmp_path / "p.xlsx").added == 0


@pytest.mark.parametrize(("name", "kind"), [(t.name, t.kind) for t in templates().values()])
@pytest.mark.parametrize("plain", [True, False])
def test_layouts_come_back_as_rosters(village: Store, tmp_path: Path, name: str, kind: str, plain: bool) -> None:
    before = lines(village)
    file = tmp_path / f"{name}.xlsx"
    assert send(village, kind, file, template=name, plain=plain).rows == sum(1 for r in before if r["kind"] == kind)
    with village.write("导入") as session:
        plan = importing.plan(session, file)
        result = importing.apply(session, plan)
    assert plan.tables[0].roster == name
    assert (result.added, result.changed, result.rejected, result.questions) == (0, 0, [], [])
    assert lines(village) == before


def test_the_registry_layout_has_the_national_order(village: Store, tmp_path: Path) -> None:
    send(village, "person", tmp_path / "r.xlsx", template="registry", plain=True)
    ours = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python(skip_empty_area=False)
    theirs = CalamineWorkbook.from_path(SAMPLES / "registry.xlsx").get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert ours[1][:20] == theirs[2]
    assert ours[1][20:] == ["监测对象类别", "识别监测时间", "风险是否已消除", "消除监测时间", "风险消除方式", "致贫/返贫风险1"]
    work = CalamineWorkbook.from_path(SAMPLES / "work.xlsx").get_sheet_by_index(0).to_python(skip_empty_area=False)
    send(village, "employment", tmp_path / "w.xlsx", template="work", plain=True)
    assert CalamineWorkbook.from_path(tmp_path / "w.xlsx").get_sheet_by_index(0).to_python(skip_empty_area=False)[1] == work[2]
    assert ours[2][5:17] == theirs[3][5:17]
    assert ours[2][17] == theirs[3][17] == "脱贫户"
    assert ours[2][:5] == theirs[3][:5]


# ---------------------------------------------------------------- what is in a file


def test_the_order_is_kind_then_id_and_the_deleted_are_left_out(village: Store) -> None:
    found = lines(village)
    assert [(r["kind"], r["id"]) for r in found] == sorted((r["kind"], r["id"]) for r in found)
    gone = next(r["id"] for r in found if r["kind"] == "wage")
    with village.write("删") as session:
        changes.delete(session, "wage", gone)
    assert [r["id"] for r in lines(village)] == [r["id"] for r in found if r["id"] != gone]


def test_money_sets_and_system_fields(village: Store) -> None:
    found = lines(village)
    wage = next(r for r in found if r["kind"] == "wage")
    assert wage["amount"].count(".") == 1
    person = next(r for r in found if r["kind"] == "person" and "health" in r)
    assert isinstance(person["health"], list)
    assert list(person)[:3] == ["kind", "id", "village"]
    assert {"created_at", "created_by", "updated_at", "updated_by"} <= set(person)


def test_secrets_are_masked_in_every_format_unless_plain(village: Store, tmp_path: Path) -> None:
    number = next(r["id_number"] for r in lines(village, "person"))
    for plain in (True, False):
        for suffix in (".jsonl", ".xlsx", ".csv"):
            send(village, "person", tmp_path / f"p{suffix}", plain=plain)
            data = (tmp_path / f"p{suffix}").read_bytes()
            if suffix == ".xlsx":
                with zipfile.ZipFile(io.BytesIO(data)) as book:
                    data = b"".join(book.read(name) for name in book.namelist())
            assert (number.encode() in data) is plain


def test_no_text_becomes_a_formula(store: Store, tmp_path: Path) -> None:
    nasty = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＠SUM(1)", " =1+1", "http://example.org", "mailto:a@b"]
    with store.write("导入") as session:
        changes.insert(
            session,
            "employer",
            [{"id": session.new_id(), "village": session.scope, "name": text, "type": "other", "business": text} for text in nasty],
        )
    send(store, "employer", tmp_path / "e.xlsx")
    with zipfile.ZipFile(tmp_path / "e.xlsx") as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in name.lower() or ("rels" in name.lower() and "sheet" in name) for name in book.namelist())
    assert "<f>" not in xml
    send(store, "employer", tmp_path / "e.csv")
    cells = list(csv.reader((tmp_path / "e.csv").read_text("utf-8-sig").splitlines()))
    assert all(cell.lstrip()[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠") for row in cells for cell in row)
    assert take_in(store, tmp_path / "e.csv", kind="employer").changed == 0


def test_a_csv_opens_in_a_spreadsheet_without_losing_digits(village: Store, tmp_path: Path) -> None:
    send(village, "person", tmp_path / "p.csv", plain=True)
    assert (tmp_path / "p.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    text = (tmp_path / "p.csv").read_text("utf-8-sig")
    number = lines(village, "person")[0]["id_number"]
    assert f"\t{number}" in text


def test_a_csv_keeps_zeros_and_letters_of_numbers(store: Store, tmp_path: Path) -> None:
    """Excel made 454622 of the telephone 0454622, and 300000 of the house 3E5."""
    with store.write("登记") as session:
        changes.insert(
            session,
            "household",
            [{"id": session.new_id(), "village": session.scope, "number": "0007", "address": "3E5", "phone": "0454622"}],
        )
    send(store, "household", tmp_path / "h.csv", plain=True)
    (cells,) = list(csv.reader((tmp_path / "h.csv").read_text("utf-8-sig").splitlines()))[1:]
    assert {"\t0007", "\t3E5", "\t0454622"} <= set(cells)
    read = take_in(store, tmp_path / "h.csv", kind="household")
    assert (read.changed, read.unchanged, read.rejected) == (0, 1, [])


# ---------------------------------------------------------------- choosing


@pytest.mark.parametrize(
    ("term", "count"),
    [
        ("labour=普通劳动力", None),
        ("labour=ordinary", None),
        ("name=田玉华", 1),
        ("health=残疾", None),
        ("bank_name=", 425),
        ("village=230826101202", 425),
    ],
)
def test_conditions_of_an_export_choose_the_same_people_as_python(village: Store, term: str, count: int | None) -> None:
    found = lines(village, "person", where=[term])
    with village.read() as session:
        everyone = session.select(Person)
    wanted = {
        "labour=普通劳动力": sum(p.labour == "ordinary" for p in everyone),
        "labour=ordinary": sum(p.labour == "ordinary" for p in everyone),
        "health=残疾": sum("残疾" in (p.health or ()) for p in everyone),
    }
    assert len(found) == (count if count is not None else wanted[term])
    assert len(found) > 0


def test_several_conditions_and_pairs(village: Store) -> None:
    found = lines(village, "person", where=[("sex", "女"), "labour=普通劳动力"])
    assert found
    assert all(r["sex"] == "female" and r["labour"] == "ordinary" for r in found)
    assert len(lines(village, "all", where=["village=230826101202"])) == len(lines(village))


@pytest.mark.parametrize("term", ["shoe=1", "labour", "labour=强", "start=去年"])
def test_conditions_that_make_no_sense(village: Store, term: str) -> None:
    with pytest.raises(FieldError):
        lines(village, "employment" if term.startswith("start") else "person", where=[term])
    with pytest.raises(FieldError):
        lines(village, "all", where=["labour=ordinary"])


def test_what_cannot_be_written(village: Store, tmp_path: Path) -> None:
    for kind, file, how in (
        ("all", tmp_path / "a.csv", {}),
        ("person", tmp_path / "a.pdf", {}),
        ("person", tmp_path / "none" / "a.xlsx", {}),
        ("person", tmp_path / "a.csv", {"template": "registry"}),
    ):
        with pytest.raises(InputUnusable):
            send(village, kind, file, **how)
    for kind, name in (("person", "nothing"), ("wage", "registry")):
        for out in (tmp_path / "a.xlsx", io.StringIO()):
            with pytest.raises(FieldError):
                send(village, kind, out, template=name)
    with pytest.raises(InputUnusable):
        send(village, "person", io.StringIO(), template="registry")
    with pytest.raises(FieldError):
        send(village, "nothing", tmp_path / "a.xlsx")


def test_stopped_in_the_middle_the_old_file_stays(village: Store, tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text("old")

    def stop(done: int, total: int, what: str) -> None:
        raise Stopped("停")

    with pytest.raises(Stopped):
        send(village, "person", file, progress=stop)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["p.jsonl"]


def test_an_empty_store(store: Store, tmp_path: Path) -> None:
    assert send(store, "all", tmp_path / "a.xlsx").rows == 0
    assert send(store, "person", tmp_path / "p.xlsx").rows == 0
    assert take_in(store, tmp_path / "p.xlsx").added == 0
    assert send(store, "wage", tmp_path / "w.xlsx", template="wages").rows == 0
    assert lines(store) == []


# ---------------------------------------------------------------- blank rosters


def test_a_blank_roster_of_every_kind_is_recognised_when_filled_in(store: Store, tmp_path: Path) -> None:
    for name, _label in blank.roster_templates():
        path = blank.roster_template(name, tmp_path / "blank.xlsx", 2026)
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
        assert rows[0][0]
        assert all(rows[1])
        result = take_in(store, path)
        assert (result.added, result.rejected) == (0, []), name


def headed(path: Path, kind: Kind, *rows: dict[str, str]) -> Path:
    """A list of a kind under its own labels, of whom it is about by name and number."""
    about = {"person_id", "household_id", "employment_id", "appointment_id"} & set(kind.by_name) if kind.name != "person" else set()
    own = [f.label for f in kind.fields if f.type not in (Type.IDS, Type.JSON) and f.name not in about]
    heads = [*(["姓名", "证件号码"] if about else []), *own]
    return write_xlsx(path, [[f"{kind.label}登记表"], heads, *([row.get(head, "") for head in heads] for row in rows)])


def test_a_list_of_every_kind_is_recognised_by_its_own_labels(store: Store, tmp_path: Path) -> None:
    for kind in KINDS.values():
        result = take_in(store, headed(tmp_path / "list.xlsx", kind), kind=kind.name)
        assert (result.added, result.rejected) == (0, []), kind.name


def test_a_list_under_its_own_labels_goes_in(village: Store, tmp_path: Path) -> None:
    row = {"姓名": "田玉华", "证件号码": "230826197908178768", "走访日期": "2023年6月5日", "走访内容": "了解务工意愿"}
    filled = headed(tmp_path / "filled.xlsx", KINDS["visit"], row)
    result = take_in(village, filled, kind="visit")
    assert (result.added, result.rejected) == (1, [])
    assert take_in(village, filled, kind="visit").unchanged == 1
    with village.read() as session:
        person = next(p for p in session.select(Person) if p.name == "田玉华")
        visit = session.select("visit")[0]
    assert (visit.person_id, visit.household_id, visit.on) == (person.id, person.household_id, "2023-06-05")


def test_a_list_of_attendance_finds_the_appointment_through_the_person(village: Store, tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "a.xlsx", [["姓名", "证件号码", "月份", "出勤天数"], ["叶翠江", "230826196312038743", "2023年6月", 22.0]])
    assert take_in(village, file, kind="attendance").added == 1
    assert take_in(village, file).unchanged == 1
    with village.read() as session:
        attendance = session.select("attendance")[0]
        assert session.get("appointment", attendance.appointment_id) is not None
        assert attendance.id == session.natural_id("attendance", session.scope, attendance.__dict__)


def test_lists_to_choose_from_stand_in_the_blank_roster(tmp_path: Path) -> None:
    blank.roster_template("registry", tmp_path / "p.xlsx", 2026)
    with zipfile.ZipFile(tmp_path / "p.xlsx") as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    assert xml.count('type="list"') >= 5
    assert "普通劳动力,技能劳动力" in xml
    assert Employment.KIND.name == "employment"


def test_a_workbook_with_numbers_in_full_says_who_took_them(village: Store, tmp_path: Path) -> None:
    for plain in (True, False):
        file = tmp_path / f"{plain}.xlsx"
        send(village, "person", file, plain=plain)
        with zipfile.ZipFile(file) as book:
            said = [book.read(name).decode() for name in ("docProps/core.xml", "xl/worksheets/sheet1.xml")]
        assert [("李文书" in text, "含完整号码" in text) for text in said] == [(plain, plain)] * 2
        assert take_in(village, file).batch is None


def test_a_record_of_a_term_is_called_by_its_days_with_a_word_between(session: Session) -> None:
    who = records.save(session, "person", {"name": "张三", "document": "other", "id_number": "X1", "labour": "ordinary"})
    values = {"type": "forest", "developer": "forestry", "fund": "employment", "standard": 80000}
    post = records.save(session, "post", {"name": "护林员", "quota": 1} | values)
    held = records.save(session, "appointment", {"post_id": post, "person_id": who, "start": "2023-01-01"})
    dates = {"start": "2023-06-01", "end": "2024-05-31"}
    agreement = records.save(session, "agreement", {"appointment_id": held, "type": "service", **dates})
    assert titles(session, "agreement", [agreement])[agreement] == "张三 2023-01-01 2023-06-01 至 2024-05-31"


def test_a_ledger_of_claims_names_the_measure_and_the_reasons(session: Session) -> None:
    """Its sheet goes in again unchanged; on paper there is no JSON."""
    who = records.save(session, "person", {"name": "张三", "document": "other", "id_number": "X1", "labour": "ordinary"})
    facts = {"on": "2023-12-01", "reasons": [{"met": True, "text": "（三）满 3 个月"}, {"met": False, "text": "（三）算不算请县里定"}]}
    made = {"rule": "R03", "pack": "HLJ-2021-16", "pack_version": "1.0.0", "year": 2023, "outcome": "eligible", "amount": 50000}
    claim = records.save(session, "claim", {**made, "person_id": who, "facts": facts, "missing": frozenset({"合同、流水", "车票"})})
    heads, rows = exporting.ledger(session, "claim")[0].filled()
    row = dict(zip(heads, rows[0], strict=True))
    assert row["补助项目"] == "R03 跨省务工一次性交通补助"
    assert row["所据事实"] == "（三）满 3 个月；（三）算不算请县里定"
    assert row["缺少材料"] == "合同、流水；车票"
    assert titles(session, "claim", [claim])[claim] == "张三 跨省务工一次性交通补助 2023"
    step = {"claim_id": claim, "to_state": "returned", "by": "王", "at": "2023-06-05T17:00:24Z"}
    id = records.save(session, "claim_step", step)
    assert titles(session, "claim_step", [id])[id] == "张三 跨省务工一次性交通补助 2023 退回补正 2023-06-06 01:00:24"
    assert listing.rows(session, "claim", [claim], shown=("rule",))[0].cells == ("跨省务工一次性交通补助",)
    assert KINDS["claim"].by_name["rule"].read("R03 跨省务工一次性交通补助") == "R03"
