"""Forms: what stands in them, what never does, and that text stays text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from db import changes
from db.store import Store
from domain.errors import DomainError
from services import claims, forms, notices
from tests.fresh import fresh_store

NUMBER, PHONE = "230826198005050118", "13800000001"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    fresh = fresh_store(tmp_path)
    yield fresh
    fresh.close()


def filed(store: Store, name: str = "王强") -> str:
    with store.write("申请") as session:
        id = session.new_id()
        row = {"name": name, "document": "resident_id", "id_number": NUMBER, "labour": "ordinary", "phone": PHONE}
        changes.insert(session, "person", [{"id": id, "village": store.scope, **row}])
        verdict = {"rule": "R03", "year": 2023, "person_id": id, "employer_id": None, "record_id": None, "outcome": "eligible"}
        verdict |= {"amount": "500.00", "pack": "P", "version": "1", "missing": ["车票或承诺书"], "reasons": []}
        return claims.file(session, verdict)


def cells(form: forms.Form, file: Path) -> list[tuple[Any, str]]:
    forms.write(form, file)
    sheet: Any = openpyxl.load_workbook(file).active
    return [(cell.value, cell.data_type) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_roster_masks_numbers_unless_looked_at_for_a_reason(store: Store, tmp_path: Path) -> None:
    filed(store)
    with store.write("名册") as session:
        masked, plain = forms.claim_roster(session), forms.claim_roster(session, reason="上报")
    shown = cells(masked, tmp_path / "a.xlsx")
    assert ("王强", "s") in shown and (500, "n") in shown and ("合计 1 笔，500.00 元", "s") in shown
    assert not any(NUMBER in str(value) or PHONE in str(value) for value, _type in shown)
    assert any(value == NUMBER for value, _type in cells(plain, tmp_path / "b.xlsx"))


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "@SUM(A1)", "-2"])
def test_no_text_becomes_a_formula(store: Store, tmp_path: Path, name: str) -> None:
    filed(store, name)
    with store.read() as session:
        assert (name, "s") in cells(forms.claim_roster(session), tmp_path / "a.xlsx")


def test_a_notice_shows_the_whitelist_only(store: Store, tmp_path: Path) -> None:
    id = filed(store)
    with store.write("公示") as session:
        claims.step(session, id, "village_reviewed")
        made = notices.make(session, "village", "2023-06-05", 7, phone="0454-1234567")
        form = forms.notice_form(session, made)
    shown = cells(form, tmp_path / "a.xlsx")
    assert ("2023-06-05 至 2023-06-11", "s") in shown and ("王强", "s") in shown
    assert not any(secret in str(value) for value, _type in shown for secret in (NUMBER, NUMBER[-4:], PHONE))


def test_a_note_says_why_and_what_is_missing(store: Store, tmp_path: Path) -> None:
    id = filed(store)
    with store.write("退回") as session:
        with pytest.raises(DomainError):
            forms.refusal_note(session, id)
        claims.step(session, id, "village_reviewed")
        claims.step(session, id, "returned", "缺车票")
        form = forms.refusal_note(session, id)
    assert (form.title, list(form.text)) == ("补正通知书", ["原因：缺车票", "还缺：车票或承诺书", "请补齐后再报。"])
    assert ("原因：缺车票", "s") in cells(form, tmp_path / "a.xlsx")


def test_the_command_lists_forms_and_writes_one(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    from cli import access, forms as command  # noqa: I001 (beside the service of the same name)
    from cli.station import PROGRAM

    filed(store)

    @contextmanager
    def opened(_call: Any) -> Iterator[Store]:
        yield store

    monkeypatch.setattr(access, "opened", opened)
    monkeypatch.setattr(command, "opened", opened)
    assert PROGRAM.main(["report", "list", "--json"]) == 0
    assert set(command.NAMES) <= {each["name"] for each in json.loads(capsys.readouterr().out)}
    file = tmp_path / "a.xlsx"
    assert PROGRAM.main(["report", "claim_roster", str(file), "--json"]) == 0
    assert (json.loads(capsys.readouterr().out), file.exists()) == ({"file": str(file), "rows": 1}, True)
    assert PROGRAM.main(["report", "notice_form", str(file)]) == 2
