"""What the county's commands say: what happened, in the reader's words, with counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain import divisions
from tests.conftest import VILLAGE
from tests.e2e.conftest import Run
from tests.e2e.test_county_commands import TOWN, Office, office
from tests.packs import head

__all__ = ["office"]


def test_codes_made_again_say_how_many_of_the_old_are_withdrawn(office: Office) -> None:
    office("enrol", "--scope", VILLAGE, "--role", "village")
    first = office("enrol-all", "--scope", TOWN, "--json").value
    assert first["withdrawn"] == []
    again = office("enrol-all", "--scope", TOWN, "--again")
    assert f"早先发的 {len(first['codes']) + 1} 个收回了" in again.out
    assert len(office("enrol-all", "--scope", TOWN, "--again", "--json").value["withdrawn"]) == len(first["codes"]) + 1


def test_a_stick_taken_in_is_told_with_place_count_code_and_answer(run: Run, home: Path, office: Office, tmp_path: Path) -> None:
    code = office("enrol", "--scope", VILLAGE, "--role", "village", "--json").value["code"]
    up, down = tmp_path / "up.czb", tmp_path / "down.czb"
    assert run("--home", home, "bundle", "write", up, "--code", code).code == 0
    told = office("bundle", "read", up, "--reply", down)
    assert told.code == 0
    for words in (divisions.called(VILLAGE), " 条，回执码 ", "县里已收", str(down)):
        assert words in told.out


def test_a_scope_that_is_none_lists_no_empty_matches(office: Office) -> None:
    for wrong in ("2308", "横头山", "2308261012023"):
        assert (office("matches", "--scope", wrong).code, office("matches", "--scope", TOWN).code) == (2, 0)


def test_a_day_that_is_none_is_wrong_usage(office: Office) -> None:
    assert office("erase", "--before", "garbage", "--reason", "x", "--dry-run").code == 2
    assert office("erase", "--before", "2020-01-01", "--reason", "x", "--dry-run").code == 0


@pytest.mark.parametrize(
    "words", [("funds",), ("status",), ("serve", "--port", "0"), ("migrate",), ("enrol", "--scope", VILLAGE, "--role", "village")]
)
def test_a_laptop_s_folder_is_not_made_a_county_s(run: Run, home: Path, words: tuple[str, ...]) -> None:
    """Every command made a key and an empty county in it, and answered about that."""
    before = sorted(home.rglob("*"))
    refused = run("--home", home, *words, program="cunzhan-server")
    assert (refused.code, refused.out) == (3, "")
    assert "一台站的电脑" in refused.err and "空的文件夹" in refused.err
    assert sorted(home.rglob("*")) == before


def test_who_is_revoked_already_is_not_revoked_again(office: Office) -> None:
    office("status")
    office.enter("b", days_ago=3)
    first = office("revoke", "b")
    assert divisions.called(VILLAGE) in first.out and "注册码" in first.out
    again = office("revoke", "b")
    assert again.code == 0 and "这次没有改动" in again.out
    assert len(office("audit", "acts", "--json").value) == 1


def test_what_changed_nothing_says_so(office: Office) -> None:
    assert "没有到期的人。没有删除任何人。" in office("erase", "--before", "2020-01-01", "--reason", "到期").out
    for more in ((), ("--dry-run",)):
        assert "2062 年没有重复申报，一笔也没有改" in office("arbitrate", "--year", "2062", *more).out
    refused = office("template", "withdraw", "claim_roster")
    assert refused.code == 3 and "没有下发过" in refused.err
    assert office("template", "withdraw", "none").code == 3


def test_places_that_are_none_or_not_the_countys_are_said(office: Office, tmp_path: Path) -> None:
    assert "不在黑" not in office("enrol", "--scope", VILLAGE, "--role", "village").err
    for made in (
        office("enrol", "--scope", "230883101201", "--role", "village"),
        office("enrol-all", "--scope", divisions.children("230882")[0]),
    ):
        assert made.code == 0 and "不在黑龙江省佳木斯市桦川县" in made.err and "codes withdraw" in made.err
    assert office("matches", "--scope", "230826999").code == 2
    package = tmp_path / "cunzhan-9.0.0-windows-x86_64.zip"
    refused = office("program", "publish", package, "--to", divisions.children("230881")[0])
    assert refused.code == 2 and "不在本县" in refused.err


def test_a_password_that_is_set_again_is_said(office: Office) -> None:
    assert "原来就有" not in office("console", "add", "王局长").out
    assert "原来就有 王局长" in office("console", "add", "王局长", "--readonly").out


def test_a_pack_for_another_county_is_told(office: Office, tmp_path: Path) -> None:
    office("enrol", "--scope", VILLAGE, "--role", "village")
    for area, told in (("230826", False), ("230883", True), ("230800", False)):
        own = tmp_path / f"{area}.toml"
        level = "city" if area.endswith("00") else "county"
        text = head(id=f"O{area}", area=area, level=level, end="2030-12-31") + '[[rules]]\nid = "R03"\nparams = {cap = "900"}\n'
        own.write_text(text, "utf-8")
        published = office("pack", "publish", own, "--expired")
        assert published.code == 0, published.err
        assert ("不在本县" in published.err) is told


def test_a_checked_pack_says_what_was_reckoned(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(head() + '[[rules]]\nid = "R03"\nparams = {cap = "900", months = 2}\n', "utf-8")
    assert "改了 2 项标准。没有附例子，金额没有验算。" in run("policy", "check", own).out
    assert "个例子都对" in run("policy", "check", "HLJ-2021-16").out
