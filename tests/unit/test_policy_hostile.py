"""Packs signed by somebody whose tools are wrong or who means harm: they are refused with a sentence, and nothing hangs or falls over."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
from nacl.signing import SigningKey

from domain.policy.examples import run
from domain.policy.pack import PackUnusable, load
from domain.policy.packs import in_force, replaces, unset
from services import alerts, policies
from services.forms import issued_templates
from tests.packs import head, successor
from tests.unit.test_policy_packs import BASE, CAP, GOOD

RULE = '[[rules]]\nid = "N1"\nkind = "travel"\narticle = "一"\nname = "交通补助"\ngroups = ["lifted"]\nparams = {cap = "800"}\n'
WHOLE = (
    head("X", base="", start="2024-01-01")
    + 'source = "县里"\n[given]\nzhang = "{\\"kind\\": \\"person\\", \\"id\\": \\"p\\", \\"name\\": \\"张三\\"}"\n'
    + '[[supersedes]]\npack = "OLD"\nrules = ["A"]\n'
    + '[[leads]]\nwhen = "park"\narticle = "一"\npolicy = "政策"\ntext = "去问"\n[[examples]]\nrule = "N1"\nname = "例"\n'
    + 'given = ["zhang"]\nfacts = ""\nyear = 2024\non = "2024-12-31"\nexpect = []\n'
    + RULE
)
ODD: list[Any] = [
    *([], {}, [[]], [{}], {"a": 1}, True, -1, 10**11, 10**400, 1.5, float("inf"), float("nan"), "", "\0", "\u202e", "x" * 30_000),
    *("9" * 5000, date(1, 1, 1), date(9999, 12, 31), datetime(2023, 1, 1), time(1), ["a"] * 101, ["\0"], [1]),
]


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value) if value >= 0 else str(value)  # hexadecimal has no limit of digits
    return value.isoformat() if isinstance(value, (date, time)) else repr(value) if isinstance(value, float) else json.dumps(value)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield (*at, name)
        yield from places(one, (*at, name))


def altered(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    value = within = copy.deepcopy(value)
    for name in place[:-1]:
        within = within[name]
    within[place[-1]] = odd
    if odd is None:
        del within[place[-1]]
    return value


@pytest.mark.parametrize("text", [WHOLE, head(start="2024-01-01") + CAP])
def test_no_odd_value_anywhere_in_a_pack_makes_a_station_fall_over(text: str) -> None:
    """A number of 100 000 hexadecimal digits as the id, or a list as the situation of a lead, ended every screening."""
    raw, refused = tomllib.loads(text), list[str]()
    load(text.encode())
    for place in places(raw):
        for odd in (None, *ODD):
            changed = altered(raw, place, odd)
            try:
                pack = load("\n".join(f"{json.dumps(name)} = {toml(value)}" for name, value in changed.items()).encode())
                unset(in_force([BASE, pack]))
                replaces(pack, [pack], known=False)
                run(pack, [BASE, pack])
            except PackUnusable as error:
                refused.append(str(error))
    assert len(refused) > 100 and max(map(len, refused)) < 500


def test_a_pack_that_replaces_itself_is_refused_at_once() -> None:
    """It kept every station counting for ever."""
    with pytest.raises(PackUnusable, match="不能替代自己"):
        load((successor("N", "2025-01-01", replaces="N") + RULE).encode())


def test_packs_that_replace_each_other_are_refused_since_neither_would_pay(tmp_path: Any) -> None:
    one, two, three = (
        load((successor(id, "2025-01-01", replaces=other) + RULE).encode()) for id, other in (("A", "B"), ("B", "C"), ("C", "A"))
    )
    with pytest.raises(PackUnusable, match="互相替代") as told:
        in_force([one, two, three])
    assert len(told.value.packs) == 2
    assert in_force([one, two])
    key = SigningKey.generate()
    for id, other in (("A", policies.shipped()[0].id), ("B", "A")):
        policies.publish(tmp_path, (successor(id, "2025-01-01", replaces=other) + RULE).encode(), key)
    again = successor("A", "2025-01-01", replaces="B").replace('"1.0.0"', '"2.0.0"') + RULE
    with pytest.raises(PackUnusable, match="互相替代"):
        policies.publish(tmp_path, again.encode(), key)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"试"', '"a\\u0000b"', "title 应为文字"),
        ('"协议"', '"协\\u001b[31m议"', "name 应为文字"),
        ('"协议"', f'"{"长" * 401}"', "name 最多 400 字"),
        ("max_months = 12", "max_months = 0x" + "f" * 100_000, "特别大的数"),
        ('id = "X"', "id = 0x" + "f" * 100_000, "特别大的数"),
        ("format = 1", "format = 1\na = " + "[" * 100 + "]" * 100, "套了很多层"),
    ],
)
def test_texts_and_numbers_nobody_writes_are_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(PackUnusable, match=said):
        load(GOOD.replace(old, new, 1).encode())


def test_marks_that_reverse_a_line_are_left_out_of_what_a_pack_says() -> None:
    pack = load(GOOD.replace('"协议"', '"协\\u202e议\\u200b"').encode())
    assert [rule.name for rule in pack.rules] == ["协议"]


def test_looking_for_the_last_day_of_a_pack_takes_one_pass() -> None:
    """A pack of empty lines kept the first page waiting for a minute: each line was searched to the end."""
    assert alerts._LAST_DAY.findall("\nto = 2026-12-31\n  to=2027-01-01  \n") == ["2026-12-31", "2027-01-01"]
    assert not re.search(r"\\s", alerts._LAST_DAY.pattern)  # white space of many lines is never one run


def test_a_signed_template_with_a_name_of_thousands_of_parts_is_passed_over() -> None:
    key = SigningKey.generate()
    body = f"form = 1\n{'.'.join('a' * 16_000)} = 1\n"
    signature = key.sign(b"cunzhan form 1\n" + body.encode()).signature.hex()
    assert issued_templates._read(f"{body}# signature {bytes(key.verify_key).hex()} {signature}\n", bytes(key.verify_key).hex()) is None
