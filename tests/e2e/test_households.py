"""分户, 合户 and 换户主 by command: what is proposed, told beforehand, done as one act and taken back at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Ended, Run

HOME, OTHER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
IDS = {name: f"11111111-1111-4111-8111-11111111111{n}" for n, name in enumerate(("老赵", "老伴", "赵强", "孙女", "李四"))}
_MEMBERS = (
    ("老赵", HOME, "户主", "male"),
    ("老伴", HOME, "配偶", "female"),
    ("赵强", HOME, "之子", "male"),
    ("孙女", HOME, "之孙女", "female"),
    ("李四", OTHER, "户主", "male"),
)

Call = Callable[..., Ended]


@pytest.fixture
def call(run: Run, home: Path) -> Call:
    rows = [{"kind": "household", "id": HOME, "number": "1"}, {"kind": "household", "id": OTHER, "number": "2"}]
    rows += [
        {"kind": "person", "id": IDS[name], "name": name, "household_id": where, "relation": relation, "sex": sex}
        | {"document": "other", "id_number": f"x{name}", "labour": "ordinary"}
        for name, where, relation, sex in _MEMBERS
    ]
    assert run("--home", home, "import", "-", stdin="\n".join(json.dumps(one, ensure_ascii=False) for one in rows)).code == 0
    return lambda *arguments: run("--home", home, "--json", "household", *arguments)


def told(call: Call, id: str) -> dict[str, str]:
    return {one["name"]: one["relation"] for one in call("show", id).value["members"]}


def test_a_son_sets_up_his_own_household_on_trial_and_in_earnest(call: Call, run: Run, home: Path) -> None:
    asked = ("split", IDS["老赵"], "--who", IDS["赵强"], "--who", IDS["孙女"], "--head", IDS["赵强"].upper(), "--number", "9")
    trial = call(*asked, "--dry-run")
    assert (trial.code, trial.value["household"], trial.value["batch"]) == (0, None, None)
    assert any("新立一户：户主赵强，2 口人" in line for line in trial.value["lines"])
    assert len(told(call, HOME)) == 4
    done = call(*asked)
    assert (done.value["lines"], done.value["warnings"]) == (trial.value["lines"], trial.value["warnings"])
    assert told(call, done.value["household"]) == {"赵强": "户主", "孙女": "之女"}
    assert told(call, HOME) == {"老赵": "户主", "老伴": "配偶"}
    assert run("--home", home, "undo", str(done.value["batch"])).code == 0
    assert len(told(call, HOME)) == 4


def test_two_households_become_one(call: Call) -> None:
    words = [part for name in ("老赵", "老伴", "赵强", "孙女") for part in ("--relation", f"{IDS[name]}=其他")]
    lacking = call("join", HOME, "--into", IDS["李四"])
    assert (lacking.code, "请选与户主的关系" in lacking.err) == (3, True)
    assert call("join", HOME, "--into", IDS["李四"], *words).code == 3  # what becomes of the empty one
    done = call("join", HOME, "--into", IDS["李四"], *words, "--emptied", "delete")
    assert (done.code, done.value["household"]) == (0, OTHER)
    assert len(told(call, OTHER)) == 5
    assert call("show", HOME).code == 3


def test_another_head_and_what_they_are_to_her(call: Call) -> None:
    assert call("head", HOME, "--head", IDS["老伴"]).code == 0
    assert told(call, HOME) == {"老伴": "户主", "老赵": "配偶", "赵强": "之子", "孙女": "之孙女"}
    assert call("head", HOME, "--head", IDS["老伴"]).code == 3  # nothing changes


def test_a_head_who_goes_leaves_another(call: Call) -> None:
    asked = ("split", HOME, "--who", IDS["老赵"])
    assert "留下的人里请选一位户主" in call(*asked).err
    done = call(*asked, "--left-head", IDS["赵强"], "--relation", f"{IDS['孙女']}=之女")
    assert (done.code, told(call, HOME)["赵强"], told(call, HOME)["孙女"]) == (0, "户主", "之女")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("split", HOME), 2),
        (("split", HOME, "--who", IDS["赵强"], "--who", IDS["孙女"]), 2),
        (("split", HOME, "--who", IDS["李四"]), 3),
        (("split", HOME, "--who", IDS["赵强"], "--into", OTHER), 2),
        (("join", HOME), 2),
        (("join", HOME, "--into", "nowhere"), 3),
        (("head", HOME), 2),
        (("head", HOME, "--head", IDS["李四"]), 3),
        (("head", HOME, "--head", IDS["老伴"], "--relation", "之子"), 2),
        (("head", HOME, "--head", IDS["老伴"], "--relation", f"{IDS['老赵']}=女婿吧"), 3),
        (("show", "nobody"), 3),
    ],
)
def test_what_is_not_understood_changes_nothing(call: Call, asked: tuple[str, ...], code: int) -> None:
    before = told(call, HOME)
    ended = call(*asked)
    assert (ended.code, len(ended.err.splitlines())) == (code, 1)
    assert told(call, HOME) == before


def test_deleting_says_what_stays(call: Call, run: Run, home: Path) -> None:
    assert call("show", HOME).code == 0
    gone = run("--home", home, "delete", "household", HOME)
    assert (gone.code, gone.out.strip()) == (0, "已删除。仍保留与它有关的：人员 4 条。可用 undelete 恢复。")
