"""`cunzhan policy` as scripts call it: the exact JSON of the contract, exit codes, and nothing needed but the facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Run
from tests.packs import head, successor
from tests.paths import ROOT

PERSON = {"kind": "person", "id": "p1", "name": "张三", "document": "resident_id", "id_number": "230826197908178768", "labour": "ordinary"}
LIFTED = {"kind": "category_span", "id": "c1", "person_id": "p1", "category": "lifted"}
AWAY = {
    "kind": "employment",
    "id": "e1",
    "person_id": "p1",
    "channel": "migrant",
    "place": "210200",
    "start": "2023-02-10",
    "end": "2023-11-20",
    "proofs": ["contract", "ticket"],
}


def facts(folder: Path, *records: dict[str, Any] | str) -> Path:
    file = folder / "facts.jsonl"
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records), "utf-8")
    return file


def test_a_verdict_is_the_contracts_to_the_letter(run: Run, tmp_path: Path) -> None:
    person = {**PERSON, "bank_account": "6228480000000000000"}
    file = facts(tmp_path, person, LIFTED, AWAY)
    ended = run("policy", "evaluate", "--facts", file, "--year", 2023, "--rule", "R03", "--on", "2023-12-01", "--json")
    assert ended.code == 0
    (verdict,) = ended.value
    reasons = verdict.pop("reasons")
    assert verdict == {
        "rule": "R03",
        "article": "（三）",
        "year": 2023,
        "person_id": "p1",
        "employer_id": None,
        "record_id": None,
        "outcome": "eligible",
        "amount": "500.00",
        "fund": "衔接推进乡村振兴补助资金",
        "provisional": True,
        "missing": [],
        "pack": "HLJ-2021-16",
        "version": "1.0.0",
    }
    assert all(reason.keys() == {"met", "text"} and reason["met"] and "（三）" in reason["text"] for reason in reasons)
    assert any("跨省就业 2023-02-10 至 2023-11-20，共 9 个月 11 天，满 3 个月" in reason["text"] for reason in reasons)


def test_lines_in_any_order_give_the_same(run: Run, tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [PERSON, LIFTED, AWAY]
    ways = [
        run("policy", "evaluate", "--facts", facts(tmp_path, *order), "--json", "--on", "2023-12-01").out
        for order in (records, records[::-1])
    ]
    assert ways[0] == ways[1]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ({**PERSON, "colour": "red"}, "colour"),
        ({"kind": "dragon", "id": "x"}, "dragon"),
        ({**LIFTED, "category": "rich"}, "category"),
        ({**AWAY, "start": "2023-02-30"}, "start"),
        ({**LIFTED, "person_id": None}, "person_id"),
        ("{not json", "1"),
        ('{"kind":"person","id":"a","id":"b"}', "id"),
    ],
)
def test_unusable_facts_end_with_3_and_name_what_is_wrong(run: Run, tmp_path: Path, line: dict[str, Any] | str, named: str) -> None:
    ended = run("policy", "evaluate", "--facts", facts(tmp_path, line), "--json")
    assert ended.code == 3
    assert named in ended.value["error"]
    assert "Traceback" not in ended.err


def test_a_parameter_set_by_hand_counts(run: Run, tmp_path: Path) -> None:
    file = facts(tmp_path, PERSON, LIFTED, AWAY)
    ended = run("policy", "evaluate", "--facts", file, "--rule", "R03", "--set", "R03.cap=800", "--set", "R03.fare=flat", "--json")
    assert [(v["outcome"], v["amount"]) for v in ended.value] == [("eligible", "800.00")]


@pytest.mark.parametrize("setting", ["R03.cap", "R99.cap=1", "R03.colour=1", "R03.cap=viel", "R03.cap=-1", "R03.months=3.5", "=", "R03.=1"])
def test_a_setting_that_fits_nothing_is_wrong_usage(run: Run, tmp_path: Path, setting: str) -> None:
    assert run("policy", "evaluate", "--facts", facts(tmp_path, PERSON), "--set", setting, "--json").code == 2


def test_packs_are_listed_and_checked(run: Run, home: Path, tmp_path: Path) -> None:
    listed = {pack["id"]: pack for pack in run("policy", "list", "--json").value}
    assert listed["HLJ-2021-16"]["active"] is True
    assert listed["HLJ-2021-16"]["from"] == "2021-09-09"
    checked = run("policy", "check", "HLJ-2021-16", "--json")
    assert checked.code == 0
    assert checked.value["failed"] == []
    assert checked.value["examples"] > 60
    assert run("policy", "check", tmp_path / "none.toml", "--json").code == 3
    assert run("--home", home, "status", "--json").value["packs"] == [
        {"id": pack["id"], "version": pack["version"]} for pack in listed.values()
    ]
    assert run("policy", "check", "--json").code == 2


def uuid(n: int) -> str:
    return f"11111111-1111-4111-8111-{n:012d}"


def test_a_store_is_screened_with_its_claims(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "station"
    assert run("--home", home, "init", "--village", "230826101202", "--role", "village", "--user", "李", "--json").code == 0
    person = {**PERSON, "id": uuid(1)}
    claim = {
        "kind": "claim",
        "id": uuid(4),
        "rule": "R03",
        "pack": "HLJ-2021-16",
        "pack_version": "1.0.0",
        "person_id": uuid(1),
        "year": 2023,
    }
    records: list[dict[str, Any]] = [
        person,
        {**LIFTED, "id": uuid(2), "person_id": uuid(1)},
        {**AWAY, "id": uuid(3), "person_id": uuid(1)},
        {**claim, "outcome": "eligible", "amount": "500.00", "filed_on": "2023-12-01"},
    ]
    assert run("--home", home, "import", facts(tmp_path, *records), "--json").value["rejected"] == []
    screened = run("--home", home, "screen", "--rule", "R03", "--on", "2023-12-31", "--json")
    assert [(v["outcome"], v["amount"], v["claim_id"]) for v in screened.value] == [("eligible", "500.00", uuid(4))]
    one = run("--home", home, "screen", "--person", uuid(1), "--year", 2023, "--on", "2023-12-31", "--json")
    assert {v["rule"]: v["outcome"] for v in one.value} == {"R03": "eligible", "R09": "expired"}
    assert run("--home", home, "screen", "--person", uuid(9), "--json").code == 3
    assert run("--home", home, "screen", "--rule", "R99", "--json").code == 2
    assert "没有要办的" in run("--home", home, "screen", "--rule", "R03", "--on", "2023-12-31").out
    late = run("--home", home, "screen", "--rule", "R03", "--year", 2026, "--person", uuid(1), "--on", "2026-12-31").out
    assert late.startswith("没有要办的。有 1 条不能按本文件办：") and "政策已到期" in late
    said = run("--home", home, "screen", "--person", uuid(1), "--rule", "R03", "--on", "2023-12-31").out
    assert "没有应享未享的。2023 年 R03 已申请，现在是「草稿」。" in said
    assert run("--home", home, "delete", "claim", uuid(4)).code == 0
    told = run("--home", home, "screen", "--rule", "R03", "--on", "2023-12-31").out
    assert PERSON["name"] in told
    assert uuid(1) not in told


def test_a_pack_is_signed_by_the_county_and_a_changed_one_is_refused(run: Run, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.toml"
    overlay.write_text(head(start="2023-01-01") + '[[rules]]\nid = "R03"\nparams = {cap = "900"}\n', "utf-8")
    county = tmp_path / "county"
    published = run("--home", county, "pack", "publish", overlay, "--json", program="cunzhan-server")
    assert (published.code, published.value["id"], len(published.value["signer"])) == (0, "O", 64)
    signed = county / "policy" / "O.toml"
    file = facts(tmp_path, {**PERSON, "village": "230826101202"}, LIFTED, AWAY)
    judged = run("policy", "evaluate", "--facts", file, "--pack", signed, "--rule", "R03", "--json")
    assert [(v["amount"], v["version"]) for v in judged.value] == [("900.00", "1.0.0+O@1.0.0")]
    signed.write_bytes(signed.read_bytes().replace(b"900", b"990"))
    assert run("policy", "evaluate", "--facts", file, "--pack", signed, "--json").code == 3
    overlay.write_text("format = 1\n", "utf-8")
    assert run("--home", county, "pack", "publish", overlay, "--json", program="cunzhan-server").code == 3


def test_a_supplement_to_an_expired_policy_is_signed_only_when_told_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was signed without a word, and changed nothing of this year."""
    overlay, home = tmp_path / "overlay.toml", tmp_path / "county"
    overlay.write_text(head(start="2025-01-01", end="2030-12-31") + '[[rules]]\nid = "R03"\nparams = {cap = "900"}\n', "utf-8")
    monkeypatch.setattr("cli.console.Console.answers", True)
    signed = home / "policy" / "O.toml"

    def publish(*options: str, answer: str) -> Any:
        return run("--home", home, "pack", "publish", overlay, *options, program="cunzhan-server", stdin=answer)

    for answer in ("", "\n", "否\n"):
        refused = publish(answer=answer)
        assert (refused.code, signed.exists()) == (3, False)
        assert "HLJ-2021-16 执行到 2025-12-31" in refused.err and "没有签名" in refused.err
    told = publish(answer="是\n")
    assert told.code == 0 and "已到期" in told.err and signed.exists()
    asked = publish("--expired", answer="")
    assert (asked.code, "到期" in asked.err) == (0, False)
    monkeypatch.setattr("cli.console.Console.answers", False)  # a script: said, and signed as ever
    scripted = publish("--json", answer="")
    assert (scripted.code, scripted.value["id"], "到期" in scripted.err) == (0, "O", True)


def test_an_overlay_is_checked_beside_what_it_is_built_on(run: Run, tmp_path: Path) -> None:
    for name, text in zip(("base", "own"), (ROOT / "docs" / "packs.md").read_text("utf-8").split("```toml\n")[1:3], strict=True):
        (tmp_path / f"{name}.toml").write_text(text.split("```")[0], "utf-8")
    own, base = str(tmp_path / "own.toml"), str(tmp_path / "base.toml")
    assert run("policy", "check", own).code == 3
    assert run("policy", "check", own, "--pack", base).code == 0


def test_a_rule_that_takes_over_within_a_year_should_say_from_when_facts_count(run: Run, tmp_path: Path) -> None:
    rule = """
[[rules]]
id = "N3"
kind = "travel"
article = "（一）"
name = "交通补助"
groups = ["lifted"]
params = {cap = "800", fare = "flat", months = 2, aggregation = "cumulative", convention = "inclusive"}
"""
    file = tmp_path / "new.toml"
    for start, more, told in (("2023-07-01", "", True), ("2023-07-01", ", facts_from = 2023-01-01", False), ("2024-01-01", "", False)):
        file.write_text(successor("NEW", start) + rule.replace('"inclusive"', '"inclusive"' + more), "utf-8")
        said = run("policy", "check", str(file))
        assert (said.code, "没有写 facts_from" in said.err) == (0, told)


def test_places_that_do_not_exist_are_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    job = {"kind": "employment", "person_id": "p1", "channel": "migrant", "start": "2023-02-01", "end": "2023-08-31"}
    lines = [PERSON, *({**job, "id": place, "place": place} for place in ("120999", "110105", "990000"))]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    said = run("policy", "evaluate", "--facts", str(file))
    assert said.code == 0 and "地名表里没有这些务工地：120999。" in said.err
