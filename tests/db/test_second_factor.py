"""The key stick: the password alone opens nothing, a spare does, and the recovery code is the way back when every stick is gone."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db import acts, backup, key_stick, keys, removable, unlocking
from db.key_stick import StickMissing
from db.store import Store
from domain.errors import DomainError, Refused, StoreDamaged
from tests.fresh import PASSWORD

OTHER = "another horse"


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stick that is plugged in."""
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.setattr("db.removable.roots", lambda: [tmp_path / "empty", folder])
    return folder


def reopened(store: Store, password: str = PASSWORD) -> None:
    Store.open(store.home, user=None, password=password).close()


def test_the_password_opens_only_with_the_stick(store: Store, stick: Path) -> None:
    unlocking.use_stick(store, PASSWORD, stick)
    (file,) = stick.iterdir()
    reopened(store)
    with pytest.raises(Refused, match="密码不对"):
        reopened(store, OTHER)
    held = file.read_bytes()
    file.unlink()
    for content in (None, b"", b"zz" * 32, held[:10], b"0" * 10_000):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(StickMissing, match=file.name):
            reopened(store)
        with pytest.raises(StickMissing):
            store.check_password(PASSWORD)
    file.write_bytes(b"00" * key_stick.SECRET_BYTES)
    with pytest.raises(Refused, match="密码不对"):
        reopened(store)
    file.write_bytes(held)
    reopened(store)
    assert held.strip() not in (store.home / keys.KEY_FILE).read_bytes()


def test_a_new_password_keeps_the_stick_and_a_new_stick_replaces_it(store: Store, stick: Path) -> None:
    unlocking.use_stick(store, PASSWORD, stick)
    (first,) = stick.iterdir()
    store.change_password(PASSWORD, OTHER)
    assert first.name == key_stick.file_name(unlocking.stick_of(store))
    unlocking.use_stick(store, OTHER, stick)
    first.unlink()
    reopened(store, OTHER)
    unlocking.drop_stick(store, OTHER)
    for file in stick.iterdir():
        file.unlink()
    reopened(store, OTHER)
    with store.read() as session:
        told = [act.label for act in acts.latest(session)]
    assert ["不再用钥匙" in told[0], "要插钥匙" in told[1], "要插钥匙" in told[2]] == [True, True, True]


def test_a_spare_stick_opens_too(store: Store, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlocking.use_stick(store, PASSWORD, stick)
    unlocking.spare_stick(store, tmp_path)
    (spare,) = tmp_path.glob("*.key")
    for file in stick.iterdir():
        file.unlink()
    monkeypatch.setenv(key_stick.FOLDER, str(tmp_path))
    reopened(store)
    spare.unlink()
    with pytest.raises(StickMissing):
        unlocking.spare_stick(store, stick)


def test_without_any_stick_the_recovery_code_opens(home: Path, stick: Path) -> None:
    store, code = Store.create(home, scope="230826101202", role="village", user="李会计", password=PASSWORD)
    unlocking.use_stick(store, PASSWORD, stick)
    store.close()
    for file in stick.iterdir():
        file.unlink()
    unlocking.recover(home, code=code, user="李会计", password=OTHER).close()
    reopened(store, OTHER)
    assert keys.read(home / keys.KEY_FILE).version == 1


def test_a_stick_that_cannot_be_written_changes_nothing(store: Store, stick: Path) -> None:
    with pytest.raises(DomainError, match="钥匙没有写到"):
        unlocking.use_stick(store, PASSWORD, stick / "pulled out")
    with pytest.raises(Refused):
        unlocking.use_stick(store, OTHER, stick)
    assert not list(stick.iterdir())
    reopened(store)


@pytest.mark.skipif(sys.platform == "win32", reason="opens no folders")
def test_the_name_of_the_key_is_on_the_stick_before_the_password_needs_it(
    store: Store, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick that was pulled out at once had no key, and the password opened nothing any more."""
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    monkeypatch.setattr(keys, "replace", lambda *_slots, **_how: flushed.append(0))
    unlocking.use_stick(store, PASSWORD, stick)
    assert flushed[-2:] == [stick.stat().st_ino, 0]


@pytest.mark.skipif(sys.platform == "win32", reason="has drive letters")
def test_a_stick_pulled_out_while_mounted_does_not_hide_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, there = tmp_path / "media" / "gone", tmp_path / "media" / "user" / "there"
    gone.mkdir(parents=True)
    there.mkdir(parents=True)

    def of(act: Callable[..., Any]) -> Callable[..., Any]:
        def failing(path: Any, *more: Any, **how: Any) -> Any:
            if Path(path) == gone:
                raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
            return act(path, *more, **how)

        return failing

    with monkeypatch.context() as patch:  # not until pytest removes the folders, which are handles then
        patch.setattr(os, "stat", of(os.stat))
        patch.setattr(os, "scandir", of(os.scandir))
        patch.setattr(removable, "_MOUNTED", (str(tmp_path / "media").lstrip("/"),))
        assert removable.roots() == [there.parent, there]


def test_a_program_that_knows_no_sticks_is_told_to_upgrade(store: Store, stick: Path) -> None:
    unlocking.use_stick(store, PASSWORD, stick)
    file = keys.read(store.home / keys.KEY_FILE)
    assert file.version == 2, "version 1 is what an older program reads"
    (store.home / keys.KEY_FILE).write_bytes(b'{"version": 4, "slots": []}')
    with pytest.raises(StoreDamaged, match="请先升级"):
        reopened(store)


def test_a_backup_opens_with_the_recovery_code_alone(home: Path, stick: Path, tmp_path: Path) -> None:
    """A laptop broke, its stick and password are gone: the backup and the printed code are left."""
    store, code = Store.create(home, scope="230826101202", role="village", user="李会计", password=PASSWORD)
    unlocking.use_stick(store, PASSWORD, stick)
    made = backup.backup(store, tmp_path / "b.zip")
    store.close()
    for file in stick.iterdir():
        file.unlink()
    there = tmp_path / "new laptop"
    for wrong, said in ((PASSWORD, "请插上钥匙"), ("0" * 30, "恢复码不对"), (code[:-1], "请插上钥匙")):
        with pytest.raises(Refused, match=said):
            backup.restore(there, made.file, user=None, password=wrong)
    assert backup.verify(made.file, user="nobody", password=code.lower().replace("-", " ")).records == made.records
    backup.restore(there, made.file, user=None, password=code)
    unlocking.recover(there, code=code, user="李会计", password=OTHER).close()
    Store.open(there, user=None, password=OTHER).close()
