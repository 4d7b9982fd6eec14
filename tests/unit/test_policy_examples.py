"""Every worked example inside the packs that ship, one by one; and that an example can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.policy.examples import run
from services import policies

EXAMPLES = [(pack.id, place) for pack in policies.shipped() for place in range(len(pack.examples))]
PACKS = {pack.id: pack for pack in policies.shipped()}


@pytest.mark.parametrize(("name", "place"), EXAMPLES, ids=lambda value: str(value))
def test_the_example_comes_out_as_the_pack_says(name: str, place: int) -> None:
    pack = PACKS[name]
    one = replace(pack, examples=(pack.examples[place],))
    assert run(one, policies.in_use([pack])).failed == ()


def test_an_example_that_is_wrong_is_told_with_what_was_judged() -> None:
    pack = PACKS["HLJ-2021-16"]
    wrong = {**pack.examples[0], "expect": "not_eligible"}
    strange = {**pack.examples[0], "excpect": "eligible"}
    result = run(replace(pack, examples=(wrong, strange)), [pack])
    assert result.examples == 2
    assert [failed["rule"] for failed in result.failed] == ["R03", "R03"]
    assert "eligible 500.00" in result.failed[0]["message"]
    assert "excpect" in result.failed[1]["message"]
