"""The frame of both programs: usage, exit codes, one JSON value, one line on failure, nothing personal in a crash file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cli import county, station
from cli.access import only
from cli.console import PASSWORD_VARIABLE, Console
from cli.program import Usage
from db import keys
from db.store import Store
from services.importing import applying
from tests.conftest import PASSWORD, VILLAGE
from tests.e2e.conftest import Ended, Run, environment, finished

PERSON = '{"kind": "person", "name": "张三", "document": "other", "id_number": "x1", "labour": "ordinary"}'


def one_line(ended: Ended) -> str:
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended.err
    assert "Traceback" not in ended.err
    return lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["import"],
        ["import", "a.xlsx", "--nonsense"],
        ["undo", "first"],
        ["init", "--role", "village"],
        ["init", "--village", VILLAGE, "--role", "emperor", "--user", "a"],
        ["init", "--village", VILLAGE, "--role", "village"],
        ["undo", "99999999999999999999"],
        ["search", "张", "--limit", "99999999999999999999"],
        ["search", "张", "--limit", "-1"],
        ["search", b"\xd5\xc5".decode(errors="surrogateescape")],
        ["export", "person", "-", "--where", b"name=\xd5\xc5".decode(errors="surrogateescape")],
        ["history", "person", "x", "--plain"],
        ["export", "all", "-", "--plain", "--reason", "  "],
        ["conflicts", "resolve"],
        ["--lang", "tlh", "status"],
        ["alerts", "--on", "2023-13-01"],
        ["report", "nothing", "a.pdf"],
        ["screen", "--year", "26"],
        ["screen", "--rule", ""],
        ["alerts", "--on", ""],
        ["claim", "list", "--state", " "],
        ["notice", "make", "--level", "village", "--start", "2023-12-01", "--days", "7", "--claims", ""],
        ["policy", "evaluate", "--facts", "a.jsonl", "--set", ""],
        ["history", "person", ""],
        ["backup", ""],
        ["--home", "", "status"],
        ["funds", "--year", "20266"],
        ["claim", "file", "--rule", "R99", "--person", "x", "--year", "2023"],
    ],
)
def test_wrong_usage(run: Run, home: Path, arguments: list[str]) -> None:
    ended = run("--home", home, *arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert one_line(ended)


def test_an_empty_value_is_named(run: Run, home: Path) -> None:
    """In a script it is a variable that was not set: every claim was put into the notice, every rule was none."""
    assert "--claims" in one_line(run("notice", "make", "--level", "village", "--start", "2023-12-01", "--days", "7", "--claims", ""))
    assert "FILE" in one_line(run("backup", ""))
    assert run("--home", home, "search", "").code == 0


@pytest.mark.parametrize("folder", [".", "/", ".."])
def test_a_backup_into_a_folder_is_refused(run: Run, home: Path, folder: str) -> None:
    ended = run("--home", home, "backup", folder)
    assert (ended.code, "文件夹" in one_line(ended)) == (3, True)


def test_days_and_months_in_full_width_figures_are_the_same_days(run: Run, home: Path, tmp_path: Path) -> None:
    """The warnings crashed on a day typed with a Chinese keyboard, and no month was found."""
    assert run("--home", home, "import", "-", stdin=PERSON).code == 0
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    plain = run("--home", home, "alerts", "--on", "2026-02-01", "--json")
    typed = run("--home", home, "alerts", "--on", "2026-02-01".translate(wide), "--json")
    assert (typed.code, typed.value) == (0, plain.value)
    assert run("--home", home, "report", "monthly", "--month", "2026-02".translate(wide), tmp_path / "a.xlsx").code == 0


def test_a_day_that_cannot_be_read_is_named(run: Run, home: Path) -> None:
    assert run("alerts", "--on", "soon").err.strip() == "soon：应写成 2023-06-05"


def test_server_without_a_command(run: Run, tmp_path: Path) -> None:
    assert run("--home", tmp_path, program="cunzhan-server").code == 2


def test_a_server_that_was_stopped_has_nothing_more_to_say(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli.county", "--home", str(tmp_path), "serve", "--port", "0", "--json"]
    serving = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    assert serving.stdout is not None
    assert json.loads(serving.stdout.readline())["url"]
    serving.send_signal(signal.SIGINT)
    assert serving.communicate(timeout=60) == ("", "")
    assert serving.returncode == 0


def test_failure_with_json_is_one_json_value(run: Run, home: Path) -> None:
    ended = run("--home", home, "delete", "person", "x", "--json")
    assert ended.code == 3
    assert set(ended.value) == {"error"}
    assert one_line(ended) == ended.value["error"]


def test_options_stand_before_or_after(run: Run, home: Path) -> None:
    before = run("--home", home, "--json", "search", "张三")
    after = run("search", "张三", "--json", "--home", home)
    assert before.value == after.value == []


def test_english_is_chosen_on_the_command_line(run: Run, home: Path) -> None:
    chinese, english = run("--home", home, "search"), run("--home", home, "--lang", "en", "search")
    assert "缺少参数" in chinese.err
    assert "缺少参数" not in english.err
    assert english.code == 2


def test_help_and_version_need_no_store(tmp_path: Path) -> None:
    ended = finished("cunzhan", "--home", tmp_path / "none", "--help")
    assert ended.code == 0
    assert "self-test" in ended.out
    assert finished("cunzhan", "import", "--help").code == 0
    assert finished("cunzhan-server", "--version").code == 0


def test_help_is_in_the_language_of_the_program(run: Run) -> None:
    chinese, english = run("policy", "--help").out, run("--lang", "en", "policy", "--help").out
    assert "用法：cunzhan " in chinese
    assert "list|check|evaluate" in chinese
    assert not any(word in chinese for word in ("usage", "positional", "options"))
    assert "usage" in english.lower()


OWN_FILES = [
    ("cunzhan", ["backup", "{home}/store.db"]),
    ("cunzhan", ["backup", "{home}/../home/KEYS.json"]),
    ("cunzhan", ["bundle", "write", "{home}/store.db-wal"]),
    ("cunzhan-server", ["backup", "{home}/county.db"]),
    ("cunzhan-server", ["--database", "sqlite:///{home}/other.db", "backup", "{home}/other.db"]),
]


@pytest.mark.parametrize(("program", "arguments"), OWN_FILES)
def test_no_command_writes_over_the_data(run: Run, home: Path, program: str, arguments: list[str]) -> None:
    before = {file.name: file.read_bytes() for file in home.iterdir()}
    named = home.rename(home.with_name("home"))
    ended = run("--home", named, *(word.format(home=named) for word in arguments), program=program)
    assert ended.code == 3
    assert "数据文件" in one_line(ended)
    assert before == {name: (named / name).read_bytes() for name in before}


def test_reasons_of_the_system_are_chinese(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("--home", tmp_path / "file", "init", "--village", VILLAGE, "--role", "village", "--user", "李文书")
    assert ended.code == 3
    assert "已经有同名的文件" in one_line(ended)


def test_no_standard_input(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run("--home", home, "import", "-", "--json").value["added"] == 0
    assert run("policy", "evaluate", "--facts", "-", "--json").value == []


@pytest.mark.parametrize("password", [PASSWORD, None])
def test_without_a_console_as_windows_starts_the_window(home: Path, monkeypatch: pytest.MonkeyPatch, password: str | None) -> None:
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, stream, None)
    if password:
        monkeypatch.setenv(PASSWORD_VARIABLE, password)
    assert station.PROGRAM.main(["--home", str(home), "import", "-"]) == (0 if password else 5)
    assert not (home / "crash").exists()


def test_init_says_what_to_do_when_the_county_does_not_answer(run: Run, tmp_path: Path) -> None:
    new, county = tmp_path / "new", ("--server", "http://127.0.0.1:9", "--code", "8NBZ-7V1D-GWN6-T2XS.DWKC-JRH5-8DDH-Y1XR")
    ended = run("--home", new, "init", "--village", VILLAGE, "--role", "village", "--user", "李文书", *county)
    assert ended.code == 4
    assert "cunzhan enrol" in ended.err
    assert run("--home", new, "status").code == 0


@pytest.mark.parametrize("password", ["wrong password", ""])
def test_wrong_password(run: Run, home: Path, password: str) -> None:
    ended = run("--home", home, "status", "--json", password=password)
    assert ended.code == 5
    assert "密码" in one_line(ended)


def test_no_password_and_nobody_to_type_it(run: Run, home: Path) -> None:
    assert run("--home", home, "status", password=None).code == 5


def test_unknown_user(run: Run, home: Path) -> None:
    assert run("--home", home, "--user", "王会计", "status").code == 5


def test_no_store_here(run: Run, tmp_path: Path) -> None:
    ended = run("--home", tmp_path / "none", "status")
    assert ended.code == 3
    assert "cunzhan init" in one_line(ended)
    assert not (tmp_path / "none").exists()


def test_init_never_overwrites(run: Run, home: Path) -> None:
    before = (home / "keys.json").read_bytes()
    assert run("--home", home, "init", "--village", VILLAGE, "--role", "village", "--user", "李文书").code == 3
    assert (home / "keys.json").read_bytes() == before


def test_help_shows_what_a_command_cannot_do_without(run: Run, tmp_path: Path) -> None:
    """`init --help` showed --user as if it could be left out, which was refused afterwards; before the command's name it counts, too."""
    usage = run("init", "--help").out.split("选项")[0]
    assert "--user NAME" in usage
    assert "[--user NAME]" not in usage
    assert "[--server URL]" not in run("enrol", "--help").out
    assert run("--user", "李文书", "--home", tmp_path / "new", "init", "--village", VILLAGE, "--role", "village").code == 0
    assert "用户" not in run("codes", "--help", program="cunzhan-server").out


def test_init_answers_the_contract(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    ended = run("--home", tmp_path / "new", "init", "--village", VILLAGE, "--role", "village", "--user", "李文书", "--json")
    assert ended.code == 0
    assert set(ended.value) == {"home", "device", "village", "role"}
    assert "恢复码" in ended.err


@pytest.mark.parametrize(("village", "role"), [("23082610120", "village"), (VILLAGE, "county"), ("２３０８２６", "county")])
def test_init_checks_the_scope(run: Run, tmp_path: Path, village: str, role: str) -> None:
    assert run("--home", tmp_path / "new", "init", "--village", village, "--role", role, "--user", "a").code == 2
    assert not (tmp_path / "new" / "keys.json").exists()


def test_a_fault_of_the_program_is_one_line_and_a_crash_file(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("张三 230826197908178768")

    monkeypatch.setattr("services.search.search", broken)
    ended = run("--home", home, "search", "张三")
    assert ended.code == 3
    line = one_line(ended)
    crash = next((home / "crash").iterdir())
    assert str(crash) in line
    text = crash.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert "cli/records.py" in text
    assert "张三" not in text + line
    assert "230826197908178768" not in text + line


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights with the folder, not in a mode")
def press(*_given: object, **_more: object) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0)  # the interpreter hears it here at the latest


@pytest.mark.parametrize("moment", ["db.store.Store.close", "cli.rosters._summary", "cli.program._print"])
def test_stopped_after_it_was_saved(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """What was saved is answered as saved: Ctrl-C comes too late, whatever is still to be done."""
    owner, _dot, name = moment.rpartition(".")
    target = Store if owner == "db.store.Store" else import_module(owner)
    real = getattr(target, name)

    def pressed(*given: Any, **more: Any) -> Any:
        press()
        return real(*given, **more)

    monkeypatch.setattr(target, name, pressed)
    ended = run("--home", home, "import", "-", "--json", stdin=PERSON)
    assert (ended.code, ended.value["added"], ended.err) == (0, 1, "")
    monkeypatch.undo()
    assert len(run("--home", home, "search", "张三", "--json").value) == 1


@pytest.mark.parametrize("presses", [1, 2])
def test_stopped_before_it_was_saved(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, presses: int) -> None:
    """The last row is in, the transaction still open: nothing is kept, and the sentence says so."""
    real = applying.apply

    def pressed(*given: Any, **more: Any) -> Any:
        done = real(*given, **more)
        for _press in range(presses):
            press()
        return done

    monkeypatch.setattr("services.importing.apply", pressed)
    ended = run("--home", home, "import", "-", stdin=PERSON)
    assert (ended.code, ended.out) == (3, "")
    assert "已停止" in ended.err.splitlines()[-1]
    monkeypatch.undo()
    assert run("--home", home, "search", "张三", "--json").value == []


def test_stopped_again_while_saying_so(home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.search", press)
    monkeypatch.setattr("sys.argv", ["cunzhan", "--home", str(home), "search", "张三"])
    monkeypatch.setenv("CUNZHAN_PASSWORD", PASSWORD)
    before, say = signal.getsignal(signal.SIGINT), Console.say

    def pressed(console: Console, text: str) -> None:
        press()
        say(console, text)

    monkeypatch.setattr(Console, "say", pressed)
    try:
        code = station.PROGRAM.main()
        press()
    finally:
        signal.signal(signal.SIGINT, before)
    assert code == 3
    assert "已停止" in one_line(Ended(code, *capfd.readouterr()))


def test_what_the_programs_write_is_for_their_user_alone(tmp_path: Path) -> None:
    home, county = tmp_path / "home", tmp_path / "county"
    before = os.umask(0o022)
    try:
        assert finished("cunzhan", "--home", home, "init", "--village", VILLAGE, "--role", "village", "--user", "李文书").code == 0
        assert finished("cunzhan", "--home", home, "backup", home / "a.backup").code == 0
        assert finished("cunzhan", "--home", home, "export", "person", home / "a.csv").code == 0
        assert finished("cunzhan-server", "--home", county, "--database", f"sqlite:///{county}/county.db", "migrate").code == 0
    finally:
        os.umask(before)
    files = [home, county, *home.iterdir(), *county.iterdir()]
    assert {f.name for f in files} >= {"store.db", "keys.json", "a.backup", "a.csv", "county.db"}
    assert {f.name: oct(f.stat().st_mode & 0o077) for f in files} == {f.name: "0o0" for f in files}


@pytest.mark.skipif(sys.platform == "win32", reason="has no core dumps")
def test_a_program_that_dies_leaves_no_picture_of_its_memory() -> None:
    asked = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrlimit(resource.RLIMIT_CORE)))
sys.argv = ["program", "--version"]
from cli import start
sys.exit(start.county())
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment(), timeout=300)
    assert done.stdout.endswith("(0, 0)\n")


@pytest.mark.skipif(sys.platform != "linux", reason="the way of Linux")
def test_what_linux_hands_to_a_program_of_the_system_has_no_memory_in_it() -> None:
    """The limit of core dumps does not hold for those that are piped to a program, as on Ubuntu."""
    asked = "from cli.start import no_core_dumps; no_core_dumps(); print(open('/proc/self/coredump_filter').read())"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment(), timeout=300)
    assert int(done.stdout, 16) == 0


def test_the_page_that_asks_for_the_password_waits_for_no_database() -> None:
    asked = "import desktop.app, desktop.welcome.first_use, desktop.welcome.unlock, cli.window, sys; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment(), timeout=300)
    assert done.stdout == "False\n"


def test_json_is_compact_enough_for_scripts(run: Run, home: Path) -> None:
    ended = run("--home", home, "status", "--json")
    assert ended.code == 0
    assert ended.out.count("\n") == 1
    assert json.loads(ended.out)["unsent"] == 0


LOADING = """
import os, signal, sys

class Press:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Press())
sys.argv = ["program", "--version"]
from cli import start
sys.exit(start.{entry}())
"""


@pytest.mark.parametrize(("entry", "module"), [("station", "cli.station"), ("station", "domain.words"), ("county", "cli.program")])
def test_stopped_while_the_program_is_still_loading(entry: str, module: str) -> None:
    command = [sys.executable, "-c", LOADING.format(entry=entry, module=module)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment(), timeout=300, check=False)
    assert "已停止" in one_line(Ended(done.returncode, done.stdout, done.stderr))
    assert done.returncode == 3


def test_a_station_says_for_which_village_it_was_made_and_where_none_is_known(run: Run, tmp_path: Path) -> None:
    """It stands in every record from then on."""

    def made(scope: str) -> Ended:
        return run("--home", tmp_path / scope, "init", "--village", scope, "--role", "village", "--user", "李文书")

    right, slip = made(VILLAGE), made("230826101999")
    assert "横头山镇解放村的村站数据已建好" in right.out
    assert len(right.err.splitlines()) == 1  # the recovery code
    assert (slip.code, "地名表里没有 230826101999" in slip.err) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["undo", "x"], "BATCH：应为 0 到"),
        (["report", "targets", "--year", "26"], "--year：应为 1900 到 2100 的整数"),
        (["bundle", "fly", "x.czb"], "write、read"),
        (["status", "--lang", "fr"], "zh、en"),
    ],
)
def test_wrong_usage_says_what_may_be_written(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert station.PROGRAM.main(words) == 2
    assert said in capsys.readouterr().err


def test_help_names_the_options_the_program_takes(capsys: pytest.CaptureFixture[str]) -> None:
    station.PROGRAM.main(["--help"])
    assert "cunzhan [--home DIR] [--user NAME] [--lang zh|en] [--json] COMMAND …" in capsys.readouterr().out
    county.PROGRAM.main(["--help"])
    assert "cunzhan-server [--home DIR] [--lang zh|en] [--json] [--database URL] COMMAND …" in capsys.readouterr().out


def test_the_data_key_is_replaced_by_a_command(run: Run, home: Path) -> None:
    before = keys.unlock(home / "keys.json", None, PASSWORD).key
    assert run("--home", home, "rekey", "--json").value == {"code": None, "county": True}
    assert keys.unlock(home / "keys.json", None, PASSWORD).key != before
    assert run("--home", home, "status").code == 0


def test_an_option_that_does_not_fit_is_answered_with_those_that_do() -> None:
    args = Namespace(year="2023", month=None, to=None)
    with pytest.raises(Usage, match=r"^report list 用不上 --year，请去掉。能用的有 --month、--to。$"):
        only(args, "report", {"list": {"to", "month"}, "other": {"year"}}, "list")
    with pytest.raises(Usage, match=r"^report bare 用不上 --year，请去掉。$"):
        only(args, "report", {"bare": (), "other": {"year"}}, "bare")
