"""What the county's administrator types for moves and mergers is checked, shown before it is done, and can be mended afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli import console
from cli.county import PROGRAM
from db.exchange import closed_into
from domain import clock
from domain.errors import DomainError
from sync.county.acts import moved_on, moves
from sync.county.keys import county_keys
from tests.sync.conftest import OTHER_VILLAGE, VILLAGE, World, add, assert_equal, both, get, put
from tests.sync.test_moves import THIRD, County, county, family

__all__ = ["county"]

NOWHERE = "230826999202"
ABROAD = "230883101201"
"""A village of another county."""

Server = Callable[..., int]


@pytest.fixture
def server(world: World, tmp_path: Path) -> Server:
    """The county's program; returns its exit code."""
    return lambda *words: PROGRAM.main(["--home", str(tmp_path / "home"), "--database", world.county.url, *words])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody at a terminal answers every question so."""

    def answer(words: str) -> None:
        monkeypatch.setattr(console.Console, "answers", True)
        monkeypatch.setattr(console.Console, "agreed", lambda self, question: (self.say(question), words == "是")[1])

    return answer


def merged(world: World) -> str | None:
    with world.county.read() as session:
        return closed_into(session, VILLAGE)


@pytest.mark.parametrize(
    ("to", "words"),
    [(NOWHERE, "没有代码是 230826999202 的村"), (ABROAD, "别的县"), ("日升", f"村代码，.*{OTHER_VILLAGE}"), ("230826101", "12 位")],
)
def test_nobody_goes_to_a_village_that_is_none_or_that_is_not_the_countys(world: World, county: County, to: str, words: str) -> None:
    id = add(world.station("甲"))
    world.settle()
    with pytest.raises(DomainError, match=words):
        county.move("person", id, to)
    with pytest.raises(DomainError, match=words):
        county.merge(VILLAGE, to)
    with pytest.raises(DomainError, match="没有改动"):
        county.merge(to, VILLAGE)
    assert get(world.county, id).village == VILLAGE
    assert merged(world) is None


def test_a_new_village_is_known_once_it_has_an_enrolment_code(world: World, county: County, server: Server) -> None:
    id = add(world.station("甲"))
    world.settle()
    assert server("enrol", "--scope", NOWHERE, "--role", "village") == 0
    county.merge(VILLAGE, NOWHERE)
    world.settle()
    assert get(world.county, id).village == NOWHERE
    assert_equal(world)


def test_a_trial_says_who_would_go_and_changes_nothing(
    world: World, server: Server, capsys: pytest.CaptureFixture[str], asked: Callable[[str], None]
) -> None:
    ids = family(world.station("甲"))
    world.settle()
    for words in (("merge-villages", VILLAGE, OTHER_VILLAGE), ("move", "--household", ids["household"], "--to", OTHER_VILLAGE)):
        assert server(*words, "--dry-run") == 0
        assert "2 人，共 6 条记录" in capsys.readouterr().out
        assert server(*words, "--dry-run", "--json") == 0
        assert f'{{"left": "{VILLAGE}", "entered": "{OTHER_VILLAGE}", "rows": 6, "people": 2}}' in capsys.readouterr().out
    asked("不")
    assert server("merge-villages", VILLAGE, OTHER_VILLAGE) == 3
    told = capsys.readouterr().err
    assert "2 人、共 6 条记录" in told and "不能撤销" in told and "什么都没有改变" in told
    assert merged(world) is None
    asked("是")
    assert server("merge-villages", VILLAGE, OTHER_VILLAGE) == 0
    assert merged(world) == OTHER_VILLAGE


def test_a_second_merger_names_village_day_and_the_way(world: World, county: County) -> None:
    id = add(world.station("甲"))
    other = add(world.station("乙", OTHER_VILLAGE))
    world.settle()
    county.merge()
    for act in (lambda: county.merge(OTHER_VILLAGE, VILLAGE), lambda: county.merge(), lambda: county.move("person", other, VILLAGE)):
        with pytest.raises(DomainError, match="并村不能撤销") as raised:
            act()
        for words in ("解放村", "日升村", clock.today()[:4], f"move --merged {VILLAGE} --to"):
            assert words in str(raised.value)
    assert get(world.county, id).village == OTHER_VILLAGE


@both
def test_who_was_merged_into_the_wrong_village_is_moved_on_at_once(world: World, county: County, server: Server) -> None:
    """Also what the old laptop made after the merger; who lived in the wrong village, or had moved there before, stays."""
    a, b, right = world.station("甲"), world.station("乙", OTHER_VILLAGE), world.station("丙", THIRD)
    ids, gone, own = family(a), add(a, name="早迁走的"), add(b, name="本来就在的")
    house = add(b, "household", number="0009", address="九组")
    world.settle()
    county.move("person", gone)
    world.settle()
    late = add(a, name="并村时没上传的")
    county.merge()
    world.settle()
    put(b, ids["wife"], household_id=house)
    put(b, ids["person"], note="并过来以后改的")
    world.settle()
    assert server("move", "--merged", VILLAGE, "--to", THIRD, "--dry-run") == 0
    assert get(world.county, ids["person"]).village == OTHER_VILLAGE
    assert server("move", "--merged", VILLAGE, "--to", THIRD) == 0
    world.settle()
    assert_equal(world)
    assert {get(right, id).name for id in (ids["person"], ids["wife"], late)} == {"张三", "李四", "并村时没上传的"}
    assert get(right, ids["person"]).note == "并过来以后改的"
    assert get(right, ids["wife"]).household_id is None
    assert {get(b, id).village for id in (gone, own)} == {OTHER_VILLAGE}
    assert get(b, ids["person"]) is None
    assert server("move", "--merged", VILLAGE, "--to", THIRD) == 3  # nobody is left
    assert server("move", "--merged", VILLAGE, "--to", OTHER_VILLAGE) == 3
    assert server("move", "--merged", THIRD, "--to", OTHER_VILLAGE) == 3
    assert server("move", "--merged", VILLAGE, "--person", gone, "--to", THIRD) == 2


def test_a_village_merged_into_a_code_that_is_none_is_merged_into_the_right_one(
    world: World, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier programs did it."""
    a, b = world.station("甲"), world.station("乙", OTHER_VILLAGE)
    id = add(a)
    world.settle()
    with monkeypatch.context() as before:
        before.setattr(moves, "refuse_strange", lambda *_words, **_more: None)
        county.merge(VILLAGE, NOWHERE)
    with pytest.raises(DomainError, match=f"merge-villages {NOWHERE} 村代码"):
        county.merge(VILLAGE, OTHER_VILLAGE)
    county.merge(NOWHERE, OTHER_VILLAGE)
    late = add(a, name="晚来")
    world.settle()
    assert_equal(world)
    assert {get(b, one).village for one in (id, late)} == {OTHER_VILLAGE}


def test_who_was_moved_out_of_the_county_comes_back(world: World, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    a = world.station("甲")
    id = add(a)
    world.settle()
    with monkeypatch.context() as before:
        before.setattr(moves, "refuse_strange", lambda *_words, **_more: None)
        county.move("person", id, ABROAD)
    county.move("person", id, VILLAGE)
    world.settle()
    assert get(a, id).village == VILLAGE


def test_an_empty_village_and_moving_on_nobody(world: World, county: County, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    world.station("甲")
    assert server("merge-villages", VILLAGE, OTHER_VILLAGE) == 0
    assert "一条记录也没有" in capsys.readouterr().out
    keys = county_keys(world.county)
    with world.county.write() as session, pytest.raises(DomainError, match="没有可迁的"):
        moved_on.move_on(session, keys, VILLAGE, THIRD)
