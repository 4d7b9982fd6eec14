"""Forms: what stands in them, what never does, and that text stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from db import changes, unmasked
from db.store import Store
from domain import divisions, words
from domain.claims import PATH
from domain.errors import DomainError, NotFound
from domain.han_amounts import capitals
from domain.identity import check_digit
from domain.records import Household, Person
from services import forms, records
from services.claims import claims, notices, steps
from services.forms import template_fields
from services.forms.subjects import Subjects
from services.surveys import design
from tests.paths import ROOT

NUMBER, PHONE = "230826198005050118", "13800000001"
ANOTHER = "23082619800505012" + check_digit("23082619800505012")


def filed(store: Store, name: str = "王强", number: str = NUMBER) -> str:
    with store.write("申请") as session:
        id = session.new_id()
        row = {"name": name, "document": "resident_id", "id_number": number, "labour": "ordinary", "phone": PHONE}
        changes.insert(session, "person", [{"id": id, "village": store.scope, **row}])
        verdict = {"rule": "R03", "year": 2023, "person_id": id, "employer_id": None, "record_id": None, "outcome": "eligible"}
        verdict |= {"amount": "500.00", "pack": "P", "version": "1", "missing": ["车票或承诺书"], "reasons": []}
        return claims.file(session, verdict)


def reviewed(store: Store, name: str = "王强") -> str:
    id = filed(store, name)
    with store.write("村初审") as session:
        steps.step(session, id, "village_reviewed")
    return id


def cells(form: forms.Form, file: Path) -> list[tuple[Any, str]]:
    forms.write(form, file)
    sheet: Any = openpyxl.load_workbook(file).active
    return [(cell.value, cell.data_type) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_roster_masks_numbers_unless_looked_at_for_a_reason(store: Store, tmp_path: Path) -> None:
    reviewed(store)
    with store.write("名册") as session:
        masked, plain = forms.make(session, "claim_roster"), forms.make(session, "claim_roster", reason="上报")
    shown = cells(masked, tmp_path / "a.xlsx")
    assert ("王强", "s") in shown and (500, "n") in shown and ("　　合计 1 笔，500.00 元（大写：伍佰元整）。", "s") in shown
    assert not any(NUMBER in str(value) or PHONE in str(value) for value, _type in shown)
    assert any(value == NUMBER for value, _type in cells(plain, tmp_path / "b.xlsx"))
    assert not masked.note and "李文书" in plain.note and "含完整号码" in plain.note  # who took it out of the office


def test_the_foot_of_a_sheet_says_who_printed_it_and_nothing_in_a_name_is_a_code(tmp_path: Path) -> None:
    forms.write(forms.Form("名册", note="甲&P乙　2026-11-27 印"), tmp_path / "a.xlsx")
    with ZipFile(tmp_path / "a.xlsx") as book:
        assert "&amp;L甲&amp;&amp;P乙" in book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "@SUM(A1)", "-2"])
def test_no_text_becomes_a_formula(store: Store, tmp_path: Path, name: str) -> None:
    reviewed(store, name)
    with store.read() as session:
        assert (name, "s") in cells(forms.make(session, "claim_roster"), tmp_path / "a.xlsx")


def test_a_notice_shows_the_whitelist_only(store: Store, tmp_path: Path) -> None:
    id = filed(store)
    with store.write("公示") as session:
        steps.step(session, id, "village_reviewed")
        made = notices.make(session, "village", "2023-06-05", 7, phone="0454-1234567")
        form = forms.make(session, "notice_form", made)
    shown = cells(form, tmp_path / "a.xlsx")
    assert any("2023年6月5日至2023年6月11日（7 个自然日）" in str(value) for value, _type in shown) and ("王强", "s") in shown
    assert not any(secret in str(value) for value, _type in shown for secret in (NUMBER, NUMBER[-4:], PHONE))


def test_a_note_says_why_and_what_is_missing(store: Store, tmp_path: Path) -> None:
    id = filed(store)
    with store.write("退回") as session:
        with pytest.raises(DomainError):
            forms.make(session, "refusal_note", id)
        steps.step(session, id, "village_reviewed")
        steps.step(session, id, "returned", "缺车票")
        form = forms.make(session, "refusal_note", id)
    assert form.title == "补正通知书"
    assert {"原因：缺车票", "还缺：车票或承诺书。"} <= set(form.text)
    assert ("　　原因：缺车票", "s") in cells(form, tmp_path / "a.xlsx")


def worked(store: Store) -> tuple[str, str, str]:
    """王强 worked in 大连 for nine months of 2023 and for a workshop: a claim of his own, one of the workshop, the workshop."""
    personal = filed(store)
    with store.write("务工") as session:
        person = session.get("claim", personal).person_id
        spell = {"person_id": person, "channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20"}
        records.save(session, "employment", {**spell, "employer_name": "大连港", "monthly_wage": 520000})
        records.save(session, "employment", {**spell, "place": "230100", "employer_name": "哈尔滨某厂"})
        records.save(session, "travel", {"person_id": person, "year": 2023, "outward": 21000, "homeward": 23000})
        unit = records.save(session, "employer", {"name": "服装车间", "type": "workshop", "place": "230826101202"})
        job = records.save(
            session,
            "employment",
            {"person_id": person, "employer_id": unit, "channel": "workshop", "place": "230826", "start": "2022-10-01"},
        )
        records.save(session, "wage", {"employment_id": job, "month": "2023-03", "paid_on": "2023-04-05", "amount": 700000})
        records.save(session, "monitor_line", {"area": "230000", "year": 2023, "amount": 600000})
        verdict = {"rule": "R15", "year": 2023, "person_id": person, "employer_id": unit, "record_id": None, "outcome": "eligible"}
        verdict |= {"amount": "1000.00", "pack": "P", "version": "1", "missing": [], "reasons": []}
        return personal, claims.file(session, verdict), unit


def test_the_document_names_every_form() -> None:
    lines = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8").partition("\n## ")[0].splitlines()
    named = [name for line in lines if line.startswith("| `") for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])]
    assert sorted(named) == sorted(forms.CATALOGUE), "docs/forms.md: the table names every form"


def test_every_form_is_made_and_says_nothing_its_template_could_not(store: Store, tmp_path: Path) -> None:
    personal, of_unit, unit = worked(store)
    with store.write("办理") as session:
        records.save(session, "category_span", {"person_id": session.get("claim", personal).person_id, "category": "lifted"})
        steps.step(session, personal, "village_reviewed")
        notice = notices.make(session, "village", "2023-12-05", 7, claim_ids=[personal])
        steps.step(session, personal, "returned", "缺车票")
        person = session.get("claim", personal).person_id
        asked = design.save(session, {"title": "返乡意愿", "about": "everyone"}, [design.Question("还出去吗", "yes_no")])
        ids = {"claim": personal, "employer": unit, "notice": notice, "person": person, "survey": asked, "": ""}
        for name, entry in forms.CATALOGUE.items():
            if name in ("fund_request", "recovery_note"):
                with pytest.raises(DomainError):  # nothing waits for money and none was paid: tests/services/test_payments.py
                    forms.make(session, name, ids[entry.about])
                continue
            id = of_unit if name == "employer_application" else ids[entry.about]
            form = forms.make(session, name, id, year=2023)
            assert set(form.values()) <= {*template_fields.COMMON, *entry.fields}, name
            columns = tuple(form.columns)[: len(entry.columns)] if name == "survey" else tuple(form.columns)  # its questions follow
            offered = [column for column in entry.columns if column in columns or name != "post_attendance"]  # no 31 in a shorter month
            assert not columns or columns == tuple(offered), name
            assert all(len(row) == len(form.columns) for row in (*form.rows, *([form.total] if form.total else []))), name
            assert NUMBER not in str(form) and PHONE not in str(form), name
            forms.write(form, tmp_path / f"{name}.xlsx")


def test_the_policy_card_says_what_a_person_has_and_lacks(store: Store) -> None:
    """Also for whom nothing can be judged, and for somebody who was merged into another."""
    personal, _of_unit, _unit = worked(store)
    with store.write("看") as session:
        person = session.get("claim", personal).person_id
        records.save(session, "category_span", {"person_id": person, "category": "lifted", "start": "2014-01-01"})
        form = forms.make(session, "policy_card", person)
        (row,) = [row for row in form.rows if row[1] == "跨省务工一次性交通补助"]
        assert row[2:6] == ("（三）", "2023", "已申请（草稿）", 500.0) and "还缺" in str(row[6])
        assert [row[0] for row in form.rows] == list(range(1, len(form.rows) + 1))
        assert form.values()["身份证号码"] == "**************0118" and "以县里审核为准" in form.text[0]
        stranger = {"name": "李四", "document": "resident_id", "id_number": ANOTHER, "labour": "none"}
        other = records.save(session, "person", stranger)
        bare = forms.make(session, "policy_card", other)
        assert not bare.rows and bare.text[0] == "现在没有可以判定的补助项目。"
        on_the_day = [forms.make(replace(session, at=f"{day}T01:00:00Z"), "policy_card", other) for day in ("2025-12-31", "2026-01-01")]
        assert ["已经到期" in str(form.text) for form in on_the_day] == [False, True]
        changes.update(session, "person", other, {"merged_into": person})
        assert forms.make(session, "policy_card", other).values()["姓名"] == "王强"
        with pytest.raises(NotFound):
            forms.make(session, "policy_card", session.new_id())


def test_the_policy_card_says_what_was_claimed_and_how_far_it_is(store: Store) -> None:
    """It showed the year that can best be acted on: money of an earlier year, and a claim under way for it, were missing."""
    personal, _of_unit, _unit = worked(store)
    with store.write("办理") as session:
        person = session.get("claim", personal).person_id
        records.save(session, "category_span", {"person_id": person, "category": "lifted", "start": "2014-01-01"})
        for year, start in ((2024, "2024-02-10"), (2025, "2025-02-10")):
            away = {"person_id": person, "channel": "migrant", "place": "210200", "start": start, "end": f"{year}-11-20"}
            records.save(session, "employment", away)
        earlier = claims.judge_and_file(session, "R03", 2024, person_id=person)
        for state in PATH[1:9]:
            steps.write_step(session, claims.standing(session, personal).claim, state)
        steps.step(session, earlier, "village_reviewed")
        form = forms.make(session, "policy_card", person)
        told = [row[3:7] for row in form.rows if row[1] == "跨省务工一次性交通补助"]
        assert [row[:3] for row in told] == [
            ("2025", "可以申请", 500.0),
            ("2024", "已申请（村初审）", 500.0),
            ("2023", "已享受", 500.0),
        ]
        assert all("提出申请" in str(row[3]) for row in told[1:])
        steps.step(session, earlier, "refused", "不是跨省")
        form = forms.make(session, "policy_card", person)
        assert ("2024", "申请过（不予通过）") in [tuple(row[3:5]) for row in form.rows]


def test_the_service_card_lists_what_was_given_since_the_wish(store: Store) -> None:
    personal, _of_unit, unit = worked(store)
    with store.write("服务") as session:
        person = session.get("claim", personal).person_id
        assert forms.make(session, "service_card", person).text == ["没有登记就业需求。"]
        records.save(session, "job_wish", {"person_id": person, "opened_on": "2023-05-04", "trades": "缝纫工", "wage_min": 200000})
        job = records.save(session, "vacancy", {"employer_id": unit, "title": "缝纫工", "place": "230826", "headcount": 2})
        for given in (
            {"type": "guidance", "on": "2023-05-05"},
            {"type": "job", "on": "2023-05-06", "vacancy_id": job, "result": "refused"},
        ):
            records.save(session, "service", {"person_id": person, **given})
        form = forms.make(session, "service_card", person)
        assert [(row[1], row[2], row[4]) for row in form.rows] == [("2023-05-05", "职业指导", ""), ("2023-05-06", "岗位推荐", "拒绝")]
        assert "缝纫工" in str(form.rows[1][3]) and form.text == ["已提供：职业指导 1 次，合适的岗位 1 个，免费培训 0 次。"]
        assert (form.values()["登记日期"], form.values()["期望月薪（元）"]) == ("2023年5月4日", "2,000.00")


def test_an_application_is_filled_from_the_facts(store: Store) -> None:
    personal, of_unit, unit = worked(store)
    with store.write("看") as session:
        form = forms.make(session, "application", personal, reason="打印")
        assert [(view.what, view.reason) for view in unmasked.views(session)] == [(f"form application {personal}", "打印")]
        values = form.values()
        assert (values["姓名"], values["身份证号码"], values["往返交通费"]) == ("王强", NUMBER, "去 210.00 元，返 230.00 元")
        assert [row[1:4] for row in form.rows] == [("2023-02-10 至 2023-11-20", "辽宁省大连市", "大连港")]  # not the work at home
        assert "虚报冒领" in str(values["承诺书"])
        asked = forms.make(session, "employer_application", of_unit)
        assert (asked.values()["单位名称"], asked.rows[0][-2:], asked.values()["金额大写"]) == ("服装车间", (7000.0, 1000.0), "壹仟元整")
        wages = forms.make(session, "workshop_wages", unit, year=2023)
        assert (wages.rows[0][1], wages.rows[0][8], wages.rows[0][-3:-1]) == ("王强", 7000.0, (7000.0, "是"))
        with pytest.raises(DomainError):
            forms.make(session, "employer_application", personal)


def test_forms_are_chinese_in_an_english_window(store: Store) -> None:
    reviewed(store)
    words.set_language("en")
    try:
        with store.read() as session:
            assert "村初审" in forms.make(session, "claim_roster").rows[0]
    finally:
        words.set_language("zh")


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (0, "零元整"),
        (50000, "伍佰元整"),
        (100_000_00, "壹拾万元整"),
        (10_0501, "壹仟零伍元零壹分"),
        (1_0010_0000, "壹佰万壹仟元整"),
        (30_0002_30, "叁拾万零贰元叁角"),
        (5, "伍分"),
        (-12050, "负壹佰贰拾元伍角"),
    ],
)
def test_capital_figures(fen: int, said: str) -> None:
    assert capitals(fen) == said


def test_the_command_lists_forms_and_writes_one(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    from cli import forms as command, rosters  # noqa: I001 (beside the service of the same name)
    from cli.station import PROGRAM

    reviewed(store)

    @contextmanager
    def opened(_call: Any) -> Iterator[Store]:
        yield store

    for module in (rosters, command):
        monkeypatch.setattr(module, "opened", opened)
    assert PROGRAM.main(["report", "list", "--json"]) == 0
    assert set(command.NAMES) <= {each["name"] for each in json.loads(capsys.readouterr().out)}
    file = tmp_path / "a.xlsx"
    assert PROGRAM.main(["report", "claim_roster", str(file), "--json"]) == 0
    assert (json.loads(capsys.readouterr().out), file.exists()) == ({"file": str(file), "rows": 1}, True)
    own = tmp_path / "样表.docx"
    for given in (["blank", "claim_roster", str(own)], ["set", "claim_roster", str(own)]):
        assert PROGRAM.main(["--home", str(tmp_path), "template", *given]) == 0
    assert PROGRAM.main(["--home", str(tmp_path), "report", "claim_roster", str(tmp_path / "a.docx")]) == 0
    assert PROGRAM.main(["--home", str(tmp_path), "template", "blank", "claim_roster", str(tmp_path / "a.doc")]) == 2
    assert (tmp_path / "a.docx").stat().st_size > 1000
    capsys.readouterr()
    assert PROGRAM.main(["report", "monthly", "--month", "2023-06", str(file), "--json"]) == 0
    sheet: Any = openpyxl.load_workbook(file).active
    assert sheet["A1"].value == "务工监测月报（2023年6月）"
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    for month, code in (("2023-13", 2), ("2100-01", 3), ("六月", 2)):
        assert PROGRAM.main(["report", "monthly", "--month", month, str(file), "--json"]) == code
        assert json.loads(capsys.readouterr().out)["error"]
    assert PROGRAM.main(["report", "notice_form", str(file)]) == 2
    assert PROGRAM.main(["report", "claim_roster", str(tmp_path / "a.html")]) == 2
    assert PROGRAM.main(["report", "refusal_note", str(file), "--id", "none", "--json"]) == 3


def test_what_is_signed_for_says_by_what_it_was_judged(store: Store) -> None:
    """The roster too; in it stands nothing that the village has not reviewed, or that was sent back to it."""
    draft, id = filed(store, "李四", ANOTHER), filed(store)
    with store.write("看") as session:
        changes.update(session, "claim", id, {"pack": "HLJ-2021-16", "pack_version": "1.0.0+FY-2024-2@1.0.0"})
        steps.step(session, id, "village_reviewed")
        basis = "黑人社发〔2021〕16号（三）、抚农组字〔2024〕2号（HLJ-2021-16 1.0.0+FY-2024-2@1.0.0）"
        assert forms.make(session, "application", id).values()["政策依据"] == basis
        roster = forms.make(session, "claim_roster")
        assert [row[1] for row in roster.rows] == ["王强"] and basis in roster.text[-1]
        steps.step(session, draft, "village_reviewed")
        steps.step(session, id, "returned", "缺车票")
        assert [row[1] for row in forms.make(session, "claim_roster").rows] == ["李四"]


@pytest.mark.parametrize(
    ("group", "address", "shown"),
    [
        ("1组", None, "1组"),
        ("1组", "12号", "1组12号"),
        ("1组", "1组12号", "1组12号"),
        ("1组", "{village}1组12号", "1组12号"),
        ("1组", "{town}{village}1组12号", "1组12号"),
        ("1组", "{county}{village}1组12号", "1组12号"),
        (None, "{village}12号", "12号"),
        ("2组", "{village}12号", "2组12号"),
    ],
)
def test_the_address_on_a_form_names_village_and_group_once(session, group: str | None, address: str | None, shown: str) -> None:
    """It was 解放村1组横头山镇解放村1组1号."""
    assert _home(session, group, address) == f"{divisions.full_name(session.scope)}{shown}"


def test_an_address_in_another_place_of_the_same_name_is_written_in_full(session) -> None:
    """Many villages are called 解放村: 哈尔滨市道里区解放村12号 became house 12 of this one."""
    village = divisions.name(session.scope)
    assert _home(session, None, "哈尔滨市道里区{village}12号").endswith(f"哈尔滨市道里区{village}12号")
    assert _home(session, None, "东{village}12号").endswith(f"东{village}12号")


def _home(session, group: str | None, address: str | None) -> str:
    """The address on a form of somebody with this group and address."""
    names = {name: divisions.name(session.scope[:n]) for name, n in (("county", 6), ("town", 9), ("village", 12))}
    home = {"group": group, "address": address and address.format(**names)}
    house = records.save(session, "household", {name: value for name, value in home.items() if value})
    person = {"name": "王强", "document": "other", "id_number": f"n{address}", "labour": "ordinary", "household_id": house}
    who = session.existing(Person, records.save(session, "person", person))
    subjects = Subjects(session, [])
    subjects.households = {house: session.existing(Household, house)}
    return subjects.home(who)
