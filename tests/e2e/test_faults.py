"""Power cuts, full disks, damaged stores: each a clear sentence, and nothing that was saved is lost."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from db import backup, changes
from db.store import Store
from domain.errors import CannotWrite
from tests.bench.people import people, workbook
from tests.conftest import PASSWORD, VILLAGE
from tests.e2e.conftest import BIN, SAMPLES, Ended, Run, begun, environment, finished, start
from tests.paths import ROOT

ROWS = 1000


def little_room(room: int) -> dict[str, Any]:
    """How a program is started that may write no file of more than `room` bytes; cut bytecode of its own would break the next one off."""
    return {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        "env": environment(PYTHONDONTWRITEBYTECODE="1"),
    }


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A roster that takes half a second or so to import."""
    file = tmp_path_factory.mktemp("book") / "people.xlsx"
    workbook(file, ROWS)
    return file


def count(home: Path) -> int:
    """How many people the store holds; it opens and is sound."""
    with closing(Store.open(home, user=None, password=PASSWORD)) as store, store.read() as session:
        assert backup.sound(session)
        return session.count("person")


def killed(home: Path, book: Path, after: float) -> int:
    """Kill an import so many seconds after it has the store open."""
    process = start("cunzhan", "--home", home, "import", book, "--json")
    begun(home, process)
    time.sleep(after)
    process.kill()
    process.communicate()
    return count(home)


@pytest.mark.slow
def test_killed_during_import(home: Path, book: Path) -> None:
    trial = home.with_name("trial")
    shutil.copytree(home, trial)
    process = start("cunzhan", "--home", trial, "import", book, "--json")
    begun(trial, process)
    began = time.monotonic()
    process.communicate(timeout=300)
    assert process.returncode == 0
    takes = time.monotonic() - began
    outcomes = [killed(home, book, takes * part) for part in (0, 0.3, 0.5, 0.7, 0.9)]
    assert outcomes[0] == 0  # nothing can have been committed yet
    assert set(outcomes) <= {0, ROWS}
    ended = finished("cunzhan", "--home", home, "import", book, "--json")
    assert (ended.code, ended.value["added"] + ended.value["unchanged"]) == (0, ROWS)
    assert count(home) == ROWS


@pytest.mark.parametrize("presses", [1, 2])
def test_stopped_by_the_person_during_import(home: Path, book: Path, presses: int) -> None:
    process = start("cunzhan", "--home", home, "import", book)
    begun(home, process)
    for _press in range(presses):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _out, err = process.communicate(timeout=300)
    assert "Traceback" not in err
    assert (process.returncode, count(home)) in ((3, 0), (0, ROWS))


def test_stopped_by_the_person_too_late(home: Path) -> None:
    """Once it is answered, nothing up to the end of the process changes how it ends: with rows refused."""
    process = start("cunzhan", "--home", home, "import", SAMPLES / "registry.xlsx", "--json")
    assert process.stdout
    assert '"added"' in process.stdout.readline()
    while process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    _out, err = process.communicate(timeout=300)
    assert process.returncode == 1
    assert not any(word in err for word in ("Traceback", "KeyboardInterrupt", "已停止"))


def test_an_import_onto_a_full_disk_is_told_in_one_line(home: Path, tmp_path: Path) -> None:
    workbook(tmp_path / "people.xlsx", 2500)
    with closing(Store.open(home, user=None, password=PASSWORD)) as store, store.write("一个人") as session:
        changes.insert(session, "person", [{**next(people(1)), "id": session.new_id(), "village": VILLAGE}])
    room = (home / "store.db").stat().st_size + 400_000
    ended = finished("cunzhan", "--home", home, "import", tmp_path / "people.xlsx", **little_room(room))
    assert ended.code == 3
    assert "磁盘" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert count(home) == 1


def test_a_disk_with_no_room_at_all_is_no_damage(home: Path, tmp_path: Path) -> None:
    def limited(room: int, *arguments: object) -> Ended:
        return finished("cunzhan", "--home", home, *arguments, **little_room(room))

    ended = limited(4096, "status")
    assert (ended.code, "磁盘已满" in ended.err, "备份恢复" in ended.err) == (3, True, False)
    ended = limited((home / "store.db").stat().st_size // 2, "backup", tmp_path / "b.zip")
    assert (ended.code, "备份没有做成：磁盘满了" in ended.err) == (3, True)
    assert not list(tmp_path.glob("b.zip*"))


def test_a_store_on_a_disk_that_became_read_only_is_backed_up_to_another(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There SQLite opens nothing: what is in the log of the last hours must come along all the same."""
    file, real = tmp_path / "U 盘.zip", Store.open
    with closing(Store.open(home, user=None, password=PASSWORD)) as store:
        with store.write("一个人") as session:
            changes.insert(session, "person", [{**next(people(1)), "id": session.new_id(), "village": VILLAGE}])
        assert (home / "store.db-wal").stat().st_size
        before = {path.name: path.read_bytes() for path in home.glob("store.db*") if path.suffix != ".db-shm"}

        def unwritable(place: Path, *, user: str | None, password: str) -> Store:
            if place == home:
                raise CannotWrite("只读")
            return real(place, user=user, password=password)

        monkeypatch.setattr(Store, "open", unwritable)
        assert run("--home", home, "backup", tmp_path / "nowhere" / "b.zip").code == 3
        assert run("--home", home, "backup", file, password="another one").code == 5
        made = run("--home", home, "--json", "backup", file)
        assert (made.code, made.value["records"]) == (0, 1)
        assert before == {name: (home / name).read_bytes() for name in before}
    monkeypatch.undo()
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".backup")] == []
    assert run("--home", tmp_path / "new", "restore", file).code == 0
    assert count(tmp_path / "new") == 1


def test_full_disk_while_a_store_is_made(tmp_path: Path) -> None:
    new = tmp_path / "new"
    arguments = ("--home", new, "init", "--village", VILLAGE, "--role", "village", "--user", "李文书")
    ended = finished("cunzhan", *arguments, **little_room(100_000))
    assert ended.code == 3
    assert "磁盘" in ended.err
    assert list(new.iterdir()) == []  # nothing is in the way of another try


def test_full_disk_under_a_workbook(tmp_path: Path) -> None:
    """In a process of its own: what xlsxwriter throws away would be told on standard error when it is collected."""
    code = """
import resource, sys
sys.dont_write_bytecode = True
from pathlib import Path
from domain.errors import InputUnusable
from services.files import written
from services.sheets import Workbook
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with written(Path(sys.argv[1])) as unfinished, Workbook(unfinished) as book:
        sheet = book.sheet("a")
        for _row in range(int(sys.argv[2])):
            sheet.row(["李文书", 1])
except InputUnusable as error:
    print(error)
"""
    for rows in (1, 3000):
        command = [sys.executable, "-c", code, str(tmp_path / "a.xlsx"), str(rows)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        assert done.stderr == ""
        assert done.stdout == (
            "" if rows == 1 else "文件没有存成：文件太大，这个磁盘放不下。数据没有变化；请腾出空间，或换个文件夹、文件名、U 盘再试。\n"
        )
    assert [file.name for file in tmp_path.iterdir()] == ["a.xlsx"]


def test_full_disk_under_a_form(tmp_path: Path) -> None:
    code = """
import resource, sys
sys.dont_write_bytecode = True
from pathlib import Path
from domain.errors import InputUnusable
from services.forms import templates
from services.forms.form import Form
templates.blank("monthly", Path(sys.argv[1]))
template = Path(sys.argv[1]).read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = Path(sys.argv[1])
for write in (lambda: templates.fill(Form("月报"), "monthly", template, file), lambda: templates.blank("monthly", file)):
    try:
        write()
    except InputUnusable as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.xlsx")], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout.count("文件没有存成"), done.stderr) == (2, "")


def test_half_copied_store(run: Run, home: Path) -> None:
    content = (home / "store.db").read_bytes()
    (home / "store.db").write_bytes(content[: len(content) // 2])
    ended = run("--home", home, "status", "--json")
    assert ended.code == 6
    assert "备份" in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("lost", ["keys.json", "store.db"])
def test_part_of_the_store_missing(run: Run, home: Path, lost: str) -> None:
    (home / lost).unlink()
    assert run("--home", home, "status").code == 6


@pytest.mark.parametrize("part", [0.01, 0.25, 0.5, 0.75])
def test_overwritten_store(run: Run, home: Path, part: float) -> None:
    with open(home / "store.db", "r+b") as file:
        file.seek(int((home / "store.db").stat().st_size * part))
        file.write(b"\0" * 40_000)
    ended = run("--home", home, "status", "--json")
    assert ended.code == 6, ended
    assert ended.value.get("store_ok") is False or "损坏" in ended.value["error"], ended
    assert "Traceback" not in ended.err


def test_key_file_is_nonsense(run: Run, home: Path) -> None:
    (home / "keys.json").write_text("{}")
    assert run("--home", home, "status").code == 6


def test_newer_store_is_left_alone(run: Run, home: Path) -> None:
    with closing(Store.open(home, user=None, password=PASSWORD)) as store, store.applying() as session:
        session.conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = (home / "store.db").read_bytes()
    ended = run("--home", home, "search", "张三")
    assert ended.code == 6
    assert "升级" in ended.err
    assert (home / "store.db").read_bytes() == before


def test_backup_and_restore(run: Run, home: Path, tmp_path: Path, make_store: Callable[..., Store]) -> None:
    file, person = tmp_path / "a.bak", '{"kind": "person", "name": "张三", "document": "other", "id_number": "x1", "labour": "ordinary"}'
    assert run("--home", home, "import", "-", stdin=person).code == 0
    made = run("--home", home, "backup", file, "--json")
    assert (made.code, made.value["records"]) == (0, 1)
    assert run("--home", home, "import", "-", stdin=person.replace("张三", "李四").replace("x1", "x2")).code == 0
    assert run("--home", home, "restore", file, password="wrong password").code == 5
    assert run("--home", home, "restore", file, "--json").code == 0
    assert [h["title"] for h in run("--home", home, "search", "张三", "--json").value] == ["张三"]
    assert run("--home", home, "search", "李四", "--json").value == []
    assert list(home.glob("before-restore-*/store.db"))
    assert run("--home", home, "restore", home / "keys.json").code == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_answer_that_no_disk_takes_ends_with_a_line_and_no_traceback(home: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run(
            [BIN / "cunzhan", "--home", home, "--json", "check"],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            text=True,
            encoding="utf-8",
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (3, "文件或磁盘出错：磁盘满了\n")


@pytest.mark.parametrize("name", ["store.db", "keys.json", "STORE.DB-wal"])
def test_a_blank_form_does_not_take_the_place_of_the_store(run: Run, home: Path, name: str) -> None:
    """`template blank NAME store.db` wrote a workbook over every record that was not sent yet."""
    before = (home / "store.db").read_bytes()
    assert run("--home", home, "template", "blank", "monthly", home / name).code in (2, 3)
    assert (home / "store.db").read_bytes() == before
    assert run("--home", home, "status", "--json").code == 0


def test_a_form_that_does_not_exist_has_no_template_to_drop(run: Run, home: Path) -> None:
    """A slip in the name was answered as if the usual layout were in force again."""
    assert run("--home", home, "template", "drop", "monthyl").code == 3
    assert run("--home", home, "template", "drop", "monthly").code == 0
