"""The demonstration and the self-test, as a newcomer starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import demo
from tests.e2e.conftest import Run, finished
from tests.paths import ROOT


def play(folder: Path) -> subprocess.CompletedProcess[str]:
    """`make run HEADLESS=1` with folders of its own."""
    command = [sys.executable, "-m", "tests.demo", "--home", str(folder / "data"), "--pictures", str(folder / "pictures")]
    env = {**os.environ, "HEADLESS": "1"}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.slow
def test_the_day_plays_by_itself_and_all_three_hold_the_same(tmp_path: Path) -> None:
    done = play(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len({line.rpartition(" ")[2] for line in done.stdout.splitlines() if "SHA-256" in line}) == 1
    assert "求职 8 人" in done.stdout
    pictures = sorted(p.name for p in (tmp_path / "pictures").iterdir())
    assert len(pictures) >= 20
    assert all(name[:2].isdigit() and name.isascii() and name.endswith(".png") for name in pictures)


def test_the_demonstration_wipes_nothing_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.txt").write_text("mine")
    assert play(tmp_path).returncode == 1
    assert (tmp_path / "data" / "mine.txt").read_text() == "mine"


def test_the_demonstration_starts_clean(tmp_path: Path) -> None:
    demo.clean(tmp_path / "data")
    (tmp_path / "data" / "old").write_text("old")
    demo.clean(tmp_path / "data")
    assert [p.name for p in (tmp_path / "data").iterdir()] == [demo.MARK]


@pytest.mark.slow
def test_the_self_test_goes_through_all_its_steps() -> None:
    ended = finished("cunzhan", "self-test", "--json")
    assert ended.code == 0, ended.out
    assert ended.value["ok"]
    assert [step["step"] for step in ended.value["steps"]] == ["store", "upgrade", "backup", "pages", "print", "scan", "sync"]


def test_without_a_screen_the_window_is_wrong_usage(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert run("--home", home).code == 2
    assert run("--home", home, "desktop").code == 2


def test_only_the_window_loads_qt(home: Path) -> None:
    calls = ("--help", "import --help", "nonsense", "status", "search 张三", "sync")
    code = f"""
import sys
from cli.station import PROGRAM
for call in {calls}:
    PROGRAM.main(["--home", sys.argv[1], *call.split()])
    if "PySide6" in sys.modules:
        sys.exit(call)
"""
    env = {**os.environ, "CUNZHAN_PASSWORD": "correct horse"}
    done = subprocess.run([sys.executable, "-c", code, str(home)], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("program", ["station", "county"])
def test_the_command_line_is_read_before_anything_heavy_is_loaded(program: str) -> None:
    """`--help` and wrong usage answer at once on an old laptop; a command's own module is loaded when it is called."""
    code = f"import sys; from cli.{program} import PROGRAM; PROGRAM.main(['--help']); sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_no_start_of_the_window_waits_for_what_reads_rosters() -> None:
    """It is an eighth of a start on an old laptop, for a page that is opened once a month."""
    code = "import sys, desktop.app, desktop.today.page; sys.exit('services.importing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False).returncode == 0
