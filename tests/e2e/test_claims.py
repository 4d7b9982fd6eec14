"""A claim by the program alone: judged, filed, taken along, put on notice; every refusal with its exit code."""

from __future__ import annotations

import json
import re
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from db import wrong_clock
from domain.identity import check_digit
from services.office_files.reading import read_workbook
from tests.e2e.conftest import Run

FIRST = "23082619800505011"
PERSON, SPELL, SPAN = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
LINES = [
    {
        "kind": "person",
        "id": PERSON,
        "name": "张三",
        "document": "resident_id",
        "id_number": FIRST + check_digit(FIRST),
        "labour": "ordinary",
    },
    {"kind": "category_span", "id": SPAN, "person_id": PERSON, "category": "lifted", "source": "import"},
    {
        "kind": "employment",
        "id": SPELL,
        "person_id": PERSON,
        "channel": "migrant",
        "place": "210211",
        "start": "2023-02-10",
        "end": "2023-11-20",
        "proofs": ["contract"],
    },
]


@pytest.fixture
def village(run: Run, home: Path, tmp_path: Path) -> Path:
    facts = tmp_path / "facts.jsonl"
    facts.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES), encoding="utf-8")
    assert run("--home", home, "import", facts).code == 0
    return home


def test_the_path_of_a_claim(run: Run, village: Path) -> None:
    def call(*words: str) -> object:
        ended = run("--home", village, "--json", *words)
        assert ended.code == 0, ended.err
        return ended.value

    made = call("claim", "file", "--rule", "R03", "--person", PERSON, "--year", "2023")
    assert isinstance(made, dict)
    assert (made["state"], made["amount"], made["outcome"], made["pack"]) == ("draft", "500.00", "eligible", "HLJ-2021-16")
    screened = call("screen", "--rule", "R03", "--year", "2023")
    assert isinstance(screened, list) and [each["claim_id"] for each in screened] == [made["id"]]
    call("claim", "step", made["id"], "--to", "village_reviewed")
    notice = call("notice", "make", "--level", "village", "--start", "2023-06-05", "--days", "7", "--claims", made["id"])
    assert isinstance(notice, dict) and (notice["last_day"], notice["claims"]) == ("2023-06-11", [made["id"]])
    assert isinstance(call("notice", "close", notice["id"], "--result", "clear"), dict)
    listed = call("claim", "list", "--state", "village_notice")
    assert isinstance(listed, list) and [step["to_state"] for step in listed[0]["steps"]] == ["village_reviewed", "village_notice"]
    assert run("--home", village, "claim", "step", made["id"], "--to", "approved").code == 5  # wherever it stands: not a village's
    assert run("--home", village, "claim", "step", made["id"], "--to", "township_reviewed").code == 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["file", "--rule", "R03", "--year", "2023"], 2),
        (["file", "--rule", "R03", "--person", PERSON, "--year", "2022"], 3),  # nothing that year
        (["file", "--rule", "R99", "--person", PERSON, "--year", "2023"], 2),
        (["file", "--rule", "R29", "--person", PERSON, "--year", "2023"], 3),
        (["step", PERSON, "--to", "approved"], 3),
        (["step", PERSON, "--to", "nowhere"], 2),
        (["step"], 2),
        (["list", "--state", "nowhere"], 2),
    ],
)
def test_a_refused_claim_says_why_in_one_line(run: Run, village: Path, words: list[str], code: int) -> None:
    ended = run("--home", village, "claim", *words)
    assert ended.code == code, ended.err
    assert len(ended.err.splitlines()) == 1


def test_with_a_clock_in_the_past_filing_and_steps_say_so(run: Run, village: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were dated by a laptop that had started in 2019, without a word."""
    made = run("--home", village, "--json", "claim", "file", "--rule", "R03", "--person", PERSON, "--year", "2023")
    assert (made.code, made.err) == (0, "")
    assert run("--home", village, "claim", "step", made.value["id"], "--to", "withdrawn").err == ""
    monkeypatch.setattr(wrong_clock, "utc_now", lambda: "2019-01-01T00:00:00Z")
    again = run("--home", village, "--json", "claim", "file", "--rule", "R03", "--person", PERSON, "--year", "2023")
    stepped = run("--home", village, "--json", "claim", "step", again.value["id"], "--to", "village_reviewed")
    posted = run("--home", village, "--json", "notice", "make", "--level", "village", "--start", "2023-06-05", "--days", "7")
    assert [(one.code, len(one.err.splitlines()), "这台电脑的时间不对" in one.err) for one in (again, stepped, posted)] == [
        (0, 1, True)
    ] * 3
    assert "warning" not in again.value


def test_a_step_of_another_level_is_not_imported(run: Run, village: Path, tmp_path: Path) -> None:
    made = run("--home", village, "--json", "claim", "file", "--rule", "R03", "--person", PERSON, "--year", "2023").value
    for to_state, code in (("approved", 1), ("paid", 1), ("village_reviewed", 0)):
        line = {"kind": "claim_step", "claim_id": made["id"], "to_state": to_state, "by": "县业务", "at": "2023-12-01T00:00:00Z"}
        (tmp_path / "step.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
        ended = run("--home", village, "--json", "import", tmp_path / "step.jsonl")
        assert (ended.code, ended.value["added"]) == (code, 1 - code), ended.err
    dump = tmp_path / "all.jsonl"
    assert run("--home", village, "--json", "export", "all", dump).code == 0
    again = run("--home", village, "--json", "import", dump)
    assert (again.code, again.value["added"], again.value["changed"]) == (0, 0, 0)


def test_everything_about_a_claim_in_one_file(run: Run, village: Path, tmp_path: Path) -> None:
    def call(*words: object) -> object:
        ended = run("--home", village, "--json", *words)
        assert ended.code == 0, ended.err
        return ended.value

    made = call("claim", "file", "--rule", "R03", "--person", PERSON, "--year", "2023")
    assert isinstance(made, dict)
    id, file = made["id"], tmp_path / "审计包.zip"
    call("claim", "step", id, "--to", "village_reviewed", "--opinion", "看过合同")
    notice = call("notice", "make", "--level", "village", "--start", "2023-06-05", "--days", "7", "--claims", id)
    (tmp_path / "合同.pdf").write_bytes(b"%PDF-1.4 contract")
    call("attach", "claim", id, tmp_path / "合同.pdf")
    assert isinstance(notice, dict)
    assert run("--home", village, "claim", "dossier", id, file).code == 2
    assert run("--home", village, "claim", "dossier", PERSON, file, "--reason", "审计").code == 3
    assert not file.exists()
    told = call("claim", "dossier", id, file, "--reason", "审计")
    assert isinstance(told, dict) and "身份证" in told["missing"]
    with zipfile.ZipFile(file) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert len(inside) == told["files"]
    listed = inside["清单.txt"].decode()
    pairs = [line.split("  ", 1) for line in listed.splitlines() if len(line.partition("  ")[0]) == 64]
    hashes = {name: digest for digest, name in pairs}
    assert hashes == {name: sha256(data).hexdigest() for name, data in inside.items() if name != "清单.txt"}
    assert "要核对的地方：\n· 村公示：补记：公示从 2023-06-05 起，早于 " in listed and "· 没有的材料：" in listed
    assert "都与封存时一样" in listed and "3个月以上" in inside["政策条文.txt"].decode()
    assert [data for name, data in inside.items() if name.endswith("合同.pdf")] == [b"%PDF-1.4 contract"]
    story = {sheet.name: str(sheet.rows) for sheet in read_workbook(inside["办理情况.xlsx"])}
    assert "看过合同" in story["办理经过"] and "满 3 个月" in story["判定依据"] and "县里" not in story["每次改动"]
    assert "R03 跨省务工一次性交通补助" in story["申请"] and not re.search("[0-9a-f]{8}-[0-9a-f]{4}-", story["申请"] + story["拨付"])
    assert "满 3 个月" in story["每次改动"] and "'met'" not in story["每次改动"]
    who = next(sheet for sheet in read_workbook(inside["办理情况.xlsx"]) if sheet.name == "谁录入的")
    assert {str(row[0]) for row in who.rows[2:]} >= {"人员", "身份认定", "务工就业", "补助申请", "办理记录"}
    assert all(row[3] and row[4] for row in who.rows[2:])
    assert "所据登记的改动" in story
    assert who.rows[1][-1] == "怎么来的" and any(str(row[-1]).startswith("导入 ") for row in who.rows[2:])
    (form,) = read_workbook(inside["补助申请表（含承诺书）.xlsx"])
    assert FIRST + check_digit(FIRST) in str(form.rows)
    assert any(name.startswith("公示结果报告") for name in inside)
    told = run("--home", village, "--json", "report", "verify", file)  # a station that no county knows signs nothing
    assert (told.code, told.value["ok"], told.value["differing"]) == (1, False, []) and "没有签名" in told.value["signature"]
    own = tmp_path / "样表.docx"
    for act in ("blank", "set"):
        call("template", act, "application", own)
    call("claim", "dossier", id, file, "--reason", "审计")
    with zipfile.ZipFile(file) as archive:  # in the county's layout, a Word document
        assert [name for name in archive.namelist() if "申请表（" in name] == ["补助申请表（含承诺书）.docx"]
    views = call("audit", "views")
    assert isinstance(views, list) and f"dossier {id}" in {one["what"] for one in views}
    told = run("--home", village, "audit", "views").out
    assert "审计包 " in told and id not in told and "dossier" not in told
