"""Windows neither moves nor replaces a file that somebody has open. What is done then, and that nothing here keeps files open."""

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db import backup, files, key_swap, keys
from db.files import STORE_FILE
from db.store import KEY_FILE, Store
from domain.errors import DomainError, InputUnusable, StoreDamaged, os_reason
from services.files import written
from services.office_files.reading import load
from services.sheets import write_list
from sync.wire import bundle
from tests.fresh import PASSWORD

REPLACE = os.replace


def held(number: int) -> PermissionError:
    error = PermissionError(errno.EACCES, "held")
    error.winerror = number  # type: ignore[attr-defined]  # every OSError has one on Windows
    return error


def open_here(file: Path) -> bool:
    if not file.exists():
        return False
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    return any(link.exists() and link.samefile(file) for link in links)


@pytest.fixture(autouse=True)
def as_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tests do not run on it: moving and replacing what this process has open is refused."""
    if sys.platform == "win32":
        return

    def replace(source: Path, target: Path) -> None:
        if open_here(source):
            raise held(32)
        if open_here(target):
            raise held(5)
        REPLACE(source, target)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@pytest.fixture
def kept(store: Store, tmp_path: Path) -> Path:
    return backup.backup(store, tmp_path / "backup.zip").file


def test_nothing_is_restored_and_nothing_lost_while_a_window_has_the_store_open(store: Store, home: Path, kept: Path) -> None:
    before = sorted(home.iterdir())
    with pytest.raises(DomainError, match=r"正被别的程序使用.*关掉村站通的其他窗口"):
        backup.restore(home, kept, user=None, password=PASSWORD)
    assert sorted(path for path in home.iterdir() if path.name != key_swap.LOCK) == before
    Store.open(home, user=None, password=PASSWORD).close()


def damage(store: Store) -> None:
    store.close()
    with (store.home / STORE_FILE).open("r+b") as file:
        file.write(bytes(4096))


def make_newer(store: Store) -> None:
    with store.applying() as session:
        session.conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()


@pytest.mark.parametrize("spoil", [damage, make_newer])
def test_a_store_is_restored_by_the_program_that_could_not_open_it(
    store: Store, home: Path, kept: Path, spoil: Callable[[Store], None]
) -> None:
    spoil(store)
    with pytest.raises(StoreDamaged) as told:  # whoever shows the error holds on to it, and to all that it knows of
        Store.open(home, user=None, password=PASSWORD).close()
    backup.restore(home, kept, user=None, password=PASSWORD)
    Store.open(home, user=None, password=PASSWORD).close()
    assert told.value.exit_code == 6


@pytest.mark.parametrize("held_one", ["what is there", "the restored store"])
def test_a_store_that_cannot_be_laid_aside_whole_stays_where_it_is(
    store: Store, home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, held_one: str
) -> None:
    store.close()

    def replace(source: Path, target: Path) -> None:
        if (
            source == home / STORE_FILE
            if held_one == "what is there"
            else target == home / KEY_FILE and source.parent.name == keys.RESTORING
        ):
            raise held(32)
        REPLACE(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(DomainError, match="什么都没有改变"):
        backup.restore(home, kept, user=None, password=PASSWORD)
    assert not list(home.glob("before-restore-*")) and not keys.to_be_replaced(home)
    monkeypatch.undo()
    Store.open(home, user=None, password=PASSWORD).close()


def test_a_scanner_that_reads_a_new_file_for_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, target = tmp_path / "fresh", tmp_path / "target"
    fresh.write_text("new")
    target.write_text("old")
    refused = [held(5), held(32)]

    def replace(source: Path, target: Path) -> None:
        if refused:
            raise refused.pop()
        REPLACE(source, target)

    monkeypatch.setattr(os, "replace", replace)
    files.put(fresh, target)
    assert target.read_text() == "new"


def test_a_file_that_a_scanner_keeps_for_long_is_left_where_it_was_copied(
    store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup is there and sound: that its copy is still read is no failure of it."""
    gone = os.unlink

    def unlink(path: str | Path, **how: int) -> None:
        if Path(path).name == STORE_FILE and (how or Path(path).exists()):
            raise held(32)
        gone(path, **how)

    monkeypatch.setattr(os, "unlink", unlink)
    kept = backup.backup(store, tmp_path / "backup.zip")
    assert backup.verify(kept.file, user=None, password=PASSWORD).records == kept.records
    store.close()
    backup.restore(home, kept.file, user=None, password=PASSWORD)
    left = next(home.glob(".backup-*"))
    monkeypatch.undo()
    os.utime(left, (0, 0))
    for each in left.iterdir():
        os.utime(each, (0, 0))
    backup.restore(home, kept.file, user=None, password=PASSWORD)
    assert not left.exists()


def test_a_name_that_was_taken_away_but_is_still_read_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sticks free a name only when the last reader lets go of it."""
    pending, made = [held(5)], Path.touch

    def touch(path: Path, **how: bool) -> None:
        if pending:
            raise pending.pop()
        made(path, **how)

    monkeypatch.setattr(Path, "touch", touch)
    assert bundle.write_file(tmp_path / "up.czb", []) > 0
    assert [one.name for one in tmp_path.iterdir()] == ["up.czb"]


@pytest.mark.parametrize("error", [held(32), PermissionError(errno.EACCES, "no right")], ids=["held", "no-right"])
def test_who_holds_on_or_has_no_right_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    tries: list[Path] = []

    def replace(source: Path, target: Path) -> None:
        tries.append(source)
        raise error

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    with pytest.raises(PermissionError):
        files.put(tmp_path / "a", tmp_path / "b")
    assert len(tries) == (8 if hasattr(error, "winerror") and error.winerror else 1)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (5, "没有写入或读取的权限"),
        (19, "这个磁盘是只读的"),
        (21, "磁盘或 U 盘出了故障，或者已经拔下"),
        (32, "正被别的程序使用"),
        (1167, "磁盘或 U 盘出了故障，或者已经拔下"),
        (123, "文件名里有不能用的字符"),
    ],
)
def test_what_windows_says_exactly_is_told_exactly(number: int, reason: str) -> None:
    assert os_reason(held(number)) == reason  # C calls nearly all of these "permission denied"


def test_a_workbook_open_in_another_program_is_named_and_left(tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(b"old")
    with file.open("rb"), pytest.raises(InputUnusable, match=r"名册[.]xlsx。它可能正开在 Excel 或 WPS 里"), written(file) as unfinished:
        unfinished.write_bytes(b"new")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"old"]
    write_list(file, "名册", ["姓名"], [["张三"]])
    assert file.read_bytes() != b"old"


def test_a_folder_is_told_from_a_workbook_that_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever drops a folder on the window is not to look for the program that has it open."""

    def refuse(_path: Path, *_how: int) -> int:
        raise held(5)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputUnusable, match="这是一个文件夹"):
        load(tmp_path)


def test_a_folder_where_nothing_may_be_written_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Path] = []

    def refuse(path: Path, *_how: int) -> int:
        tries.append(path)
        raise held(5)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputUnusable, match="没有写入或读取的权限"), written(tmp_path / "a.xlsx"):
        pass
    assert len(tries) == 1


def test_a_folder_given_for_a_backup_is_told_what_to_write(store: Store, tmp_path: Path) -> None:
    """It was told to look after its disk."""
    with pytest.raises(InputUnusable, match="后面写上文件名"):
        backup.backup(store, tmp_path)
    assert list(tmp_path.glob("*.zip")) == []
