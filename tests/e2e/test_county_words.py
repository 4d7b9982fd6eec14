"""What the county's commands say: what happened, in the reader's words, with counts."""

from __future__ import annotations

from pathlib import Path

from domain import divisions
from tests.conftest import VILLAGE
from tests.e2e.conftest import Run
from tests.e2e.test_county_commands import TOWN, Office, office

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
