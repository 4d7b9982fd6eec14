"""Both programs in English: help of every command, answers and complaints, without a Chinese word."""

import json
import os
import re
from collections.abc import Callable, Iterator

import pytest

from cli import county, station
from cli.program import Program
from domain import words
from tests.conftest import PASSWORD

CHINESE = re.compile(r"[\u3400-\u9fff\u3001-\u303f\uff01-\uff65]")
PROGRAMS = (station.PROGRAM, county.PROGRAM)
PEOPLE = (
    {"kind": "household", "id": "h1", "village": "230826101202", "number": "0826", "group": "3"},
    {
        "kind": "person",
        "name": "Wang",
        "document": "resident_id",
        "id_number": "230826197908178768",
        "labour": "ordinary",
    },
    {"kind": "person", "name": "Li", "document": "resident_id", "id_number": "230826197908178767", "labour": "weak", "phone": "12"},
    {"kind": "person", "name": "Sun", "labour": "strong"},
    {"kind": "nothing"},
)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Runs a program in English and answers all it printed."""
    monkeypatch.setenv("CUNZHAN_PASSWORD", PASSWORD)
    mask = os.umask(0o077)

    def run(program: Program, *arguments: object) -> str:
        program.main(["--lang", "en", *map(str, arguments)])
        printed = capsys.readouterr()
        return printed.out + printed.err

    yield run
    os.umask(mask)
    words.set_language("zh")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_help_of_every_command_is_english(say, program: Program) -> None:
    names = [command.name for command in program.commands()]
    assert len(names) >= 7
    for arguments in (["--help"], *([name, "--help"] for name in names)):
        said = say(program, *arguments)
        assert len(said) > 60
        assert not CHINESE.search(said), said


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_function_of_every_command_exists(program: Program) -> None:
    assert all(callable(command.load()) for command in program.commands())


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["init"],
        ["init", "--village", "1", "--role", "nobody"],
        ["init", "--village", "23", "--role", "village"],
        ["import"],
        ["import", "missing.xlsx", "--on", "x"],
        ["undo", "x"],
        ["status"],
        ["export", "person", "x.xlsx", "--plain"],
    ],
    ids=" ".join,
)
def test_what_is_refused_is_refused_in_english(say, tmp_path, arguments: list[str]) -> None:
    said = say(station.PROGRAM, "--home", tmp_path / "none", *arguments)
    assert said
    assert not CHINESE.search(said), said


def test_a_day_of_commands_speaks_english(say, make_store, tmp_path) -> None:
    store = make_store(user="Lee")
    home = store.home
    store.close()
    roster, damaged = tmp_path / "people.jsonl", tmp_path / "damaged.xlsx"
    roster.write_text("\n".join(json.dumps(line) for line in PEOPLE), encoding="utf-8")
    damaged.write_bytes(b"PK not a workbook")
    for arguments in (
        *(["import", "--dry-run", roster], ["import", roster], ["import", damaged], ["import", tmp_path / "missing.xlsx"]),
        *(["search", "Wang"], ["search", "nobody"], ["check"], ["alerts"], ["alerts", "--on", "x"], ["status"], ["report", "list"]),
        *(["report", "nothing", "x.xlsx"], ["export", "nothing", "x.xlsx"], ["export", "person", tmp_path / "out.pdf"]),
        *(["export", "person", tmp_path / "out.xlsx"], ["export", "person", "-"], ["history", "person", "x"], ["delete", "person", "x"]),
        *(["conflicts"], ["held"], ["audit", "verify"], ["sync"], ["enrol"], ["undo", "1"], ["undo", "99"]),
        *(["backup", tmp_path / "b.zip"], ["restore", tmp_path / "missing.zip"], ["restore", damaged]),
    ):
        said = say(station.PROGRAM, "--home", home, *arguments)
        assert said
        assert not CHINESE.search(said), said
