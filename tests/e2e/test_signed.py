"""`cunzhan signed`: printed by a command, taken back by another."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.conftest import Run

WHO = "11111111-1111-4111-8111-111111111111"


def test_a_printed_card_is_filed_with_its_person_and_what_is_no_page_is_told(run: Run, home: Path, tmp_path: Path) -> None:
    person = {"kind": "person", "id": WHO, "name": "张三", "document": "other", "id_number": "x1", "labour": "ordinary"}
    assert run("--home", home, "import", "-", stdin=json.dumps(person, ensure_ascii=False)).code == 0
    card, other = tmp_path / "卡.pdf", tmp_path / "说明.txt"
    assert run("--home", home, "report", "service_card", card, "--id", WHO).code == 0
    other.write_text("不是页", encoding="utf-8")
    done = run("--home", home, "signed", card, other, "--json")
    assert done.code == 1, "a file was left out"
    assert [(one["kind"], one["id"], one["document"]) for one in done.value["kept"]] == [("person", WHO, "就业服务记录卡")]
    assert [one["file"] for one in done.value["left"]] == ["说明.txt"]
    (kept,) = run("--home", home, "attachments", "person", WHO, "--json").value
    assert kept["name"] == "就业服务记录卡.jpg"
    again = run("--home", home, "signed", card)
    assert (again.code, "张三" in again.out) == (0, True)
    assert len(run("--home", home, "attachments", "person", WHO, "--json").value) == 1
