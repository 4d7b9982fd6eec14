"""Rules of the repository that no linter holds."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from desktop import registry
from domain.release import VERSION
from tests.paths import ROOT

LONGEST_MODULE = 400
PACKAGES = ("domain", "db", "services", "sync", "desktop", "server", "cli")
CODE = (*PACKAGES, "packaging")
ADDRESS = re.compile(r"://|(?<!\S)@(?!\S)|(?<!\S)--(?!hash=)")
"""Where something comes from: an address, a direct reference, any option of a lock but the hashes."""


def modules() -> Iterator[Path]:
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_no_module_is_longer_than_one_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_the_program_names_the_version_that_is_built() -> None:
    """A built application has no installed package to ask: its stations told the county and their reports that they are version 0."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION


def test_view_models_see_no_widget() -> None:
    models = [*(ROOT / "desktop").rglob("*_model.py"), *(ROOT / "desktop").rglob("view_model.py")]
    assert len(models) > 20
    assert [path.name for path in models if "QtWidgets" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "folder",
    [
        "domain",
        "db",
        *(str(path.parent.relative_to(ROOT)) for top in ("services", "sync") for path in sorted(ROOT.joinpath(top).rglob("__init__.py"))),
    ],
)
def test_the_map_of_a_folder_names_every_module(folder: str) -> None:
    named = set(re.findall(r"\w+", (ROOT / folder / "__init__.py").read_text(encoding="utf-8")))
    assert {path.stem for path in (ROOT / folder).glob("*.py")} - named == {"__init__"}


def test_what_docstrings_name_is_there() -> None:
    """Modules are renamed, and what is said of them elsewhere is not."""
    naming = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")
    named = {name for path in modules() for name in naming.findall(path.read_text(encoding="utf-8"))} - {"domain.md"}
    assert [name for name in sorted(named) if not _is_there(name.split("."))] == []


def _is_there(parts: list[str]) -> bool:
    for n in range(len(parts), 0, -1):
        places = (ROOT.joinpath(*parts[:n]).with_suffix(".py"), ROOT.joinpath(*parts[:n], "__init__.py"))
        module = next((place for place in places if place.exists()), None)
        if module is not None:
            return n == len(parts) or re.search(rf"\b{parts[n]}\b", module.read_text(encoding="utf-8")) is not None
    return False


def test_packaging_stays_a_folder() -> None:
    """As a package it would shadow the `packaging` library that pip, pytest and PyInstaller import."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_every_package_is_named_to_the_build() -> None:
    """A folder with modules but no `__init__.py` would be left out of the installed program without a word."""
    folders = {path.parent for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_the_areas_of_the_desktop_are_held_apart_by_a_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (each for each in project["tool"]["importlinter"]["contracts"] if each["id"] == "areas")
    held = set(re.findall(r"\((\w+)\)", contract["layers"][0]))
    assert {entry.key for entry in registry.ENTRIES} - held == set()
    # what stands before the window (first use, unlocking) is part of the composition root, not an area; the others are shared by areas
    folders = {path.parent.name for path in (ROOT / "desktop").glob("*/__init__.py")} - {"widgets", "welcome", "paper", "wiring"}
    assert folders - held == set()


@pytest.mark.parametrize("name", ["app", "dev", "package"])
def test_locks_name_versions_and_hashes_but_no_hosts(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert ADDRESS.search(lock) is None
    pins = re.findall(r"^(\S+==\S+)(?: ; [^\\]+)? \\\n {4}--hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\S+==", lock, re.MULTILINE)) > 10


def test_the_program_and_its_tests_run_on_the_same_versions() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.\[\]-]+)==(\S+)", text, re.MULTILINE))

    developer = pins("dev")
    for lock in ("app", "package"):
        assert {name: version for name, version in pins(lock).items() if developer.get(name) != version} == {}, lock


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
    for readme in ("README.md", "README.zh-CN.md"):
        assert re.search(r"^make test\b", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE), readme


def test_what_the_documents_name_is_there() -> None:
    path = re.compile(r"\b(?:cli|db|desktop|docs|domain|server|services|sync|tests)/[\w/.-]*\w")
    for file in (*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))):
        text = file.read_text(encoding="utf-8")
        named = {name for name in path.findall(text) if "NNNN" not in name and not name.endswith("_")}  # patterns of names
        if file.name == "CONTRIBUTING.md":  # its table names tests in short
            named |= {f"tests/sync/test_{name}.py" for row in re.findall(r"^\|.*\| (`.*) \|$", text, re.M) for name in _WORD.findall(row)}
        assert [name for name in sorted(named) if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()] == [], file.name


_WORD = re.compile(r"`(\w+)(?: -k \w+)?`")


def test_what_the_documents_pick_out_of_the_tests_is_there() -> None:
    """`pytest FILE -k WORD` that picks nothing shows nothing: a name of a test, or of its file, holds the word."""
    picked = re.findall(r"(tests/[\w/.]+) -k (\w+)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(picked) >= 3
    for place, word in picked:
        files = [ROOT / place] if (ROOT / place).is_file() else sorted((ROOT / place).glob("test_*.py"))
        names = re.compile(rf"def test_\w*{word}")
        assert any(word in file.name or names.search(file.read_text(encoding="utf-8")) for file in files), (place, word)


@pytest.mark.skipif(sys.platform == "win32", reason="has no bash")
def test_shell_scripts_parse() -> None:
    for script in [ROOT / ".ci" / "run", *sorted((ROOT / "packaging").glob("*.sh"))]:
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_icons_are_drawn_in_one_colour_that_the_theme_can_set() -> None:
    icons = sorted((ROOT / "resources" / "icons").glob("*.svg"))
    drawing = [*ROOT.glob("desktop/**/*.py"), *ROOT.glob("resources/styles/*.qss")]
    source = "".join(path.read_text(encoding="utf-8") for path in drawing)
    assert [icon.stem for icon in icons if not re.search(rf"[\"(]{icon.stem}[\",]", source)] == [], "an icon that nothing draws"
    assert (ROOT / "resources" / "icons" / "LICENSE").exists()
    for icon in icons:
        text = icon.read_text(encoding="utf-8")
        assert ElementTree.fromstring(text).get("viewBox") == "0 0 24 24", icon.name
        assert 'stroke="currentColor"' in text and "#" not in text, icon.name


def test_fonts_carry_their_licence() -> None:
    fonts = ROOT / "resources" / "fonts"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / "OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in fonts.glob("*.otf")) < 16_000_000


_ASKED_OF_THE_COMPUTER = re.compile(
    r"\b(date|datetime)\.(today|now|utcnow)\(\)|\.astimezone\(\)|\.fromtimestamp\([^,()]*\)"
    r"|\b(QDate|QTime|QDateTime)\.current\w+\(|\btime\.(localtime|ctime|strftime)\("
)


def test_only_the_clock_asks_the_computer_what_day_it_is() -> None:
    """A laptop can stand on any time zone, a day is the one of China: asked without a zone it is another one for eight hours a day."""
    asked = ("date.today()", "datetime.now()", "QDate.currentDate()", "at.astimezone()", "datetime.fromtimestamp(at)", "time.localtime(at)")
    assert all(_ASKED_OF_THE_COMPUTER.search(text) for text in asked)
    assert not any(_ASKED_OF_THE_COMPUTER.search(text) for text in ("clock.today()", "datetime.now(UTC)", "at.astimezone(CHINA)"))
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _ASKED_OF_THE_COMPUTER.search(line)
    }
    assert found == set()
