"""Opening, locking and recovering a store; backups; what happens to broken ones."""

import errno
import os
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from sqlalchemy import Engine

from db import acts, aside, backup, changes, keys, local, new_key, unlocking, unmasked, upgrade
from db.engine import sqlite_engine
from db.files import STORE_FILE
from db.local import Account
from db.store import KEY_FILE, Store
from db.unlocking import check_pin, set_pin
from domain.errors import CannotWrite, DomainError, InputUnusable, Refused, StoreDamaged
from sync.station.enrol import asking
from tests.db.test_capture import PERSON, new_person
from tests.fresh import PASSWORD, VILLAGE


def people(store: Store) -> int:
    with store.read() as session:
        return session.count("person")


def test_the_file_is_encrypted_and_the_name_nowhere_in_it(store: Store, home: Path) -> None:
    new_person(store)
    everything = b"".join(path.read_bytes() for path in home.glob(STORE_FILE + "*"))
    assert "张三".encode() not in everything
    assert b"SQLite format" not in everything


def test_wrong_password_opens_nothing_and_recovery_code_does(home: Path) -> None:
    store, code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=PASSWORD)
    new_person(store)
    store.close()
    with pytest.raises(Refused, match="密码不对"):
        Store.open(home, user=None, password=PASSWORD + "x")
    with pytest.raises(Refused, match="恢复码不对"):
        unlocking.recover(home, code="AAAAA-" * 6, user="李文书", password="new password")
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code[:11])  # as a Chinese keyboard may write letters and strokes
    unlocking.recover(home, code=wide + code[11:].lower().replace("-", " — "), user="李文书", password="new password").close()
    with pytest.raises(Refused):
        Store.open(home, user=None, password=PASSWORD)
    opened = Store.open(home, user="李文书", password="new password")
    assert people(opened) == 1
    opened.new_recovery_code()
    with opened.read() as session:
        told = [act.label for act in acts.latest(session)][:2]
    assert told == ["用户 李文书 换了恢复码", "用户 李文书 用恢复码换了密码"], "an auditor asks who could open it"
    opened.close()


def test_several_users_each_with_a_password(store: Store, home: Path) -> None:
    store.add_user("王主任", "reviewer", "another password")
    second = Store.open(home, user="王主任", password="another password")
    with second.write("登记") as session:
        changes.insert(session, "person", [{"id": session.new_id(), "village": session.scope, **PERSON}])
        assert session.author == f"王主任@{store.station}"
    with pytest.raises(Refused):
        second.add_user("别人", "clerk", "another password")
    second.close()
    assert keys.read(home / keys.KEY_FILE).names() == ["李文书", "王主任"]
    store.disable_user("王主任")
    for password in ("another password", "a wrong password"):  # with which nobody learns more than with the right one
        with pytest.raises(Refused, match=r"没有能用的用户「王主任」.*已停用"):
            Store.open(home, user="王主任", password=password)
    assert people(store) == 1


def test_whose_access_was_taken_away_comes_back_under_that_name(store: Store, home: Path) -> None:
    store.add_user("王主任", "reviewer", "another password")
    back = Store.open(home, user="王主任", password="another password")
    set_pin(back, "1234")
    back.close()
    store.disable_user("王主任")
    store.add_user("王主任", "clerk", "a third password")
    assert next(one for one in store.accounts() if one.name == "王主任") == Account("王主任", "clerk", has_pin=False, disabled=False)
    Store.open(home, user="王主任", password="a third password").close()


def test_a_role_is_changed_with_its_reason_and_never_ones_own(store: Store, home: Path) -> None:
    person = new_person(store)
    store.add_user("王主任", "readonly", "another password")
    with pytest.raises(DomainError, match="写明为什么"):
        store.change_role("王主任", "clerk", "")
    with pytest.raises(DomainError, match="另一位管理员"):
        store.change_role("李文书", "clerk", "换人")
    store.change_role("王主任", "admin", "选错了")
    with Store.open(home, user="王主任", password="another password").write("改") as session:
        changes.update(session, "person", person, {"name": "王二"})
    with store.read() as session:
        done = [one.label for one in acts.latest(session)]
        undoable = acts.last_undoable(session)
    assert "改用户 王主任 的角色为管理员：选错了" in done
    assert "增加用户 王主任" in done
    assert undoable is not None
    assert "王主任" not in undoable.label, "what was done to users is not taken back by Ctrl+Z in place of what was typed before"
    store.disable_user("王主任")
    with pytest.raises(DomainError, match="已停用"):
        store.change_role("王主任", "clerk", "选错了")


def test_a_key_file_nested_for_ever_is_a_damaged_one(tmp_path: Path) -> None:
    file = tmp_path / "求助.czk"
    file.write_text('{"version": 1, "slots": [], "more": ' + "[" * 5000 + "]" * 5000 + "}", encoding="utf-8")
    with pytest.raises(StoreDamaged, match="已损坏"):
        keys.read(file)
    with pytest.raises(InputUnusable, match="不是求助文件"):
        keys.read_slot(file, "county")


def test_who_may_only_look_writes_by_no_way(store: Store, home: Path) -> None:
    new_person(store)
    store.add_user("王主任", "readonly", "another password")
    looking = Store.open(home, user="王主任", password="another password")
    with pytest.raises(Refused, match="只能看"), looking.write("导入 名册.xlsx"):
        pass
    with pytest.raises(Refused, match="只能看"):
        asking(looking, "0" * 16, SigningKey.generate(), PrivateKey.generate())
    with looking.applying() as session:  # what comes from the county, and who saw what: neither is a change of this user
        unmasked.log_view(session, "person 1", "核对")
    assert people(looking) == 1
    looking.close()


def test_a_name_that_is_only_in_the_key_file_opens_nothing(store: Store, home: Path) -> None:
    """Somebody who may only look renames himself there: nobody of that name is read-only."""
    store.add_user("王主任", "readonly", "another password")
    file = home / KEY_FILE
    file.write_text(file.read_text("utf-8").replace("王主任", "王主席"), "utf-8")
    with pytest.raises(Refused, match="没有能用的用户"):
        Store.open(home, user="王主席", password="another password")


def test_changing_the_password_asks_for_the_old_one(store: Store, home: Path) -> None:
    with pytest.raises(Refused):
        store.change_password("wrong one", "brand new password")
    with pytest.raises(DomainError, match="至少"):
        store.change_password(PASSWORD, "short")
    store.change_password(PASSWORD, "brand new password")
    Store.open(home, user=None, password="brand new password").close()


def test_pin_opens_until_five_wrong_ones(store: Store) -> None:
    set_pin(store, "2468")
    assert check_pin(store, "2468")
    assert not any(check_pin(store, "0000") for _n in range(5))
    assert not check_pin(store, "2468")


def test_an_empty_folder_is_fine_and_a_store_is_never_overwritten(store: Store, home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputUnusable, match="不会覆盖"):
        Store.create(home, scope=VILLAGE, role="village", user="x", password=PASSWORD)
    (tmp_path / "empty").mkdir()
    Store.create(tmp_path / "empty", scope="230826101", role="township", user="x", password=PASSWORD)[0].close()


def test_of_two_that_make_a_store_at_once_the_second_leaves_the_first_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were told that it was made, with a recovery code each; or the one that failed removed the other's files."""

    def meanwhile(path: Path, key: bytes) -> Engine:
        with pytest.raises(InputUnusable, match="不会覆盖"):
            Store.create(home, scope=VILLAGE, role="village", user="second", password=PASSWORD)
        return sqlite_engine(path, key)

    monkeypatch.setattr("db.store.sqlite_engine", meanwhile)
    Store.create(home, scope=VILLAGE, role="village", user="first", password=PASSWORD)[0].close()
    Store.open(home, user="first", password=PASSWORD).close()


def test_whoever_stops_while_the_keys_are_made_can_make_the_store_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_secret: object) -> keys.Slot:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keys, "wrap", stop)
        with pytest.raises(KeyboardInterrupt):
            Store.create(home, scope=VILLAGE, role="village", user="x", password=PASSWORD)
    Store.create(home, scope=VILLAGE, role="village", user="x", password=PASSWORD)[0].close()


def test_a_folder_that_cannot_be_written_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path, **_how: bool) -> None:
        path.parent.rmdir()  # SQLite cannot write there either
        raise PermissionError

    monkeypatch.setattr(Path, "touch", denied)
    with pytest.raises(CannotWrite, match="没有权限"):
        Store.create(home, scope=VILLAGE, role="village", user="x", password=PASSWORD)


@pytest.mark.parametrize(("scope", "role"), [("23082610120", "village"), ("230826101202", "county"), ("23082x", "county")])
def test_scope_must_fit_the_level(home: Path, scope: str, role: str) -> None:
    with pytest.raises(InputUnusable):
        Store.create(home, scope=scope, role=role, user="x", password=PASSWORD)


def test_a_store_of_a_newer_program_is_refused_untouched(store: Store, home: Path) -> None:
    with store.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = (home / STORE_FILE).read_bytes()
    with pytest.raises(StoreDamaged, match="新版程序"):
        Store.open(home, user=None, password=PASSWORD)
    assert (home / STORE_FILE).read_bytes() == before


@pytest.mark.parametrize("keep", [0, 100, 4096, 100_000])
def test_a_half_copied_store_is_refused(store: Store, home: Path, keep: int) -> None:
    store.close()
    whole = (home / STORE_FILE).read_bytes()
    (home / STORE_FILE).write_bytes(whole[:keep])
    with pytest.raises(StoreDamaged):
        Store.open(home, user=None, password=PASSWORD)
    assert (home / STORE_FILE).read_bytes() == whole[:keep], "what says that nothing was changed wrote into it"


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b'{"version": 2, "slots": []}', b'{"version": 1, "slots": [{"type": 3}]}'])
def test_a_broken_key_file_is_refused(store: Store, home: Path, content: bytes) -> None:
    store.close()
    (home / KEY_FILE).write_bytes(content)
    with pytest.raises((StoreDamaged, Refused)):
        Store.open(home, user="李文书", password=PASSWORD)


def test_hostile_key_costs_do_not_hang(store: Store, home: Path) -> None:
    file = keys.read(home / KEY_FILE)
    file.slots[0].memory = 2**40
    keys.write(home / KEY_FILE, file)
    with pytest.raises(StoreDamaged):
        Store.open(home, user=None, password=PASSWORD)


def test_backup_verify_restore(store: Store, home: Path, tmp_path: Path) -> None:
    new_person(store)
    file = tmp_path / "usb" / "backup.zip"
    with pytest.raises(InputUnusable, match="U 盘"):  # not plugged in: it must not become a folder on the same disk
        backup.backup(store, file)
    file.parent.mkdir()
    made = backup.backup(store, file)
    noted = store.get_meta(backup.LAST_BACKUP)
    assert made.records == 1
    assert "张三".encode() not in file.read_bytes()
    assert backup.verify(file, user=None, password=PASSWORD).records == 1
    with pytest.raises(Refused):
        backup.verify(file, user=None, password="not the password")
    new_person(store)
    assert people(store) == 2
    store.close()
    backup.restore(home, file, user=None, password=PASSWORD)
    restored = Store.open(home, user=None, password=PASSWORD)
    assert people(restored) == 1
    assert restored.get_meta(local.RESTORED) is not None
    assert restored.get_meta(backup.LAST_BACKUP) == noted is not None  # the backup it came from
    restored.close()
    aside = next(home.glob("before-restore-*"))  # what was there is kept: nothing unsent is lost
    kept = Store.open(aside, user=None, password=PASSWORD)
    assert people(kept) == 2
    kept.close()


def test_broken_backups_change_nothing(store: Store, home: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.zip"
    backup.backup(store, good)
    store.close()
    bad = tmp_path / "bad.zip"
    cases = [b"", b"not a zip", good.read_bytes()[:-1000], good.read_bytes()[: len(good.read_bytes()) // 2]]
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("../evil.txt", "x")
    cases.append((tmp_path / "other.zip").read_bytes())
    with zipfile.ZipFile(good) as archive:
        key_file, data = archive.read(KEY_FILE), archive.read(STORE_FILE)
    for compression, padding in ((zipfile.ZIP_DEFLATED, 0), (zipfile.ZIP_STORED, keys.MAX_FILE_BYTES)):  # 3 MB took 1.6 GB of memory
        with zipfile.ZipFile(tmp_path / "other.zip", "w", compression) as archive:
            archive.writestr(KEY_FILE, b" " * padding + key_file)
            archive.writestr(STORE_FILE, data)
        cases.append((tmp_path / "other.zip").read_bytes())
    encrypted = bytearray(good.read_bytes())
    encrypted[encrypted.index(b"PK\1\2") + 8] |= 1
    cases.append(bytes(encrypted))
    flipped = bytearray(good.read_bytes())
    flipped[20_000] ^= 1
    cases.append(bytes(flipped))
    before = {p.name: p.read_bytes() for p in home.iterdir() if p.is_file()}
    for content in cases:
        bad.write_bytes(content)
        with pytest.raises((InputUnusable, StoreDamaged)):
            backup.restore(home, bad, user=None, password=PASSWORD)
    assert {p.name: p.read_bytes() for p in home.iterdir() if p.is_file()} == before


@pytest.mark.parametrize("full", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_too_full_for_a_restore_is_named_instead_of_the_backup(
    store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: int
) -> None:
    backup.backup(store, tmp_path / "b.zip")
    store.close()

    def write(*_words: object) -> None:
        raise OSError(full, os.strerror(full))

    monkeypatch.setattr(backup.shutil, "copyfileobj", write)  # type: ignore[attr-defined]
    with pytest.raises(CannotWrite, match="磁盘已满"):
        backup.restore(home, tmp_path / "b.zip", user=None, password=PASSWORD)
    with closing(Store.open(home, user=None, password=PASSWORD)):
        assert not list(home.glob(".backup-*")) and not aside.waiting(home)


def test_a_backup_of_an_older_program_is_restored_and_one_of_a_newer_refused(
    store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_person(store)
    with store.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("DROP TABLE mentor")  # a kind of a later release
    made = backup.backup(store, tmp_path / "b.zip")
    store.close()
    assert made.records == backup.restore(home, made.file, user=None, password=PASSWORD).records == 1
    before = {path: path.read_bytes() for path in home.iterdir() if path.is_file()}
    monkeypatch.setattr(upgrade, "HEAD", "0001")
    with pytest.raises(StoreDamaged, match="新版程序"):
        backup.restore(home, made.file, user=None, password=PASSWORD)
    assert {path: path.read_bytes() for path in home.iterdir() if path.is_file()} == before


@pytest.mark.skipif(sys.platform == "win32", reason="moves no store that is open: test_held_files")
def test_what_a_power_cut_left_of_a_backup_is_taken_away_by_the_next(store: Store, tmp_path: Path) -> None:
    """A copy as large as the store stayed for good beside it, for every laptop closed at that moment; one at work is let be."""
    dead, alive, other = (store.home / name for name in (".backup-1chwqidj", ".backup-39kkxt8l", ".backup-of-mine"))
    for folder in (dead, alive, other):
        folder.mkdir()
        (folder / STORE_FILE).write_bytes(b"a copy")
    for old in (dead, other):
        for part in (old / STORE_FILE, old):
            os.utime(part, (1_600_000_000, 1_600_000_000))
    backup.backup(store, tmp_path / "b.zip")
    assert [one.exists() for one in (dead, alive, other)] == [False, True, True]


@pytest.mark.skipif(sys.platform == "win32", reason="moves no store that is open: test_held_files")
def test_nothing_is_written_into_a_store_whose_place_a_backup_took(store: Store, home: Path, tmp_path: Path) -> None:
    backup.restore(home, backup.backup(store, tmp_path / "b.zip").file, user=None, password=PASSWORD)
    with pytest.raises(DomainError, match="从备份恢复"):
        new_person(store)
    with pytest.raises(DomainError, match="从备份恢复"):
        store.set_meta("x", "y")
    assert people(store) == 0  # what was there can still be looked at


def fill(store: Store, pages: int) -> None:
    with store.write("导入") as session:
        session.conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        changes.insert(session, "person", ({"id": session.new_id(), "village": session.scope, **PERSON} for _n in range(20_000)))


def test_a_full_disk_is_told_and_nothing_is_half_saved(store: Store) -> None:
    with store.engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    store.engine.dispose()
    new_person(store)
    with pytest.raises(DomainError, match="磁盘已满"):
        fill(store, pages)
    store.engine.dispose()
    assert people(store) == 1


@pytest.mark.parametrize(
    ("at", "day"), [("2023-05-31T15:59:59Z", "2023-05-31"), ("2023-05-31T16:00:00Z", "2023-06-01"), ("2023-06-01T01:00:00Z", "2023-06-01")]
)
def test_the_day_begins_at_midnight_in_china(store, at, day):
    """Before eight in the morning it is yesterday by UTC: a form is not to be dated so, nor the first of a month counted to the last."""
    with store.read() as session:
        session.at = at
        assert session.today == day


def test_only_what_may_be_lost_does_not_wait_for_the_disk(store: Store) -> None:
    with store.engine.connect() as conn:
        driver: Any = conn.connection.driver_connection  # it serves all that follows
        driver.execute("PRAGMA synchronous = FULL")  # as it is outside of tests
    levels = []
    for transaction in (store.write("x"), store.applying(flush=False), store.applying(), store.noting(), store.write("x")):
        with transaction as session:
            levels.append(session.conn.exec_driver_sql("PRAGMA synchronous").scalar_one())
    with pytest.raises(ZeroDivisionError), store.applying(flush=False):
        raise ZeroDivisionError
    with store.write("x") as session:
        levels.append(session.conn.exec_driver_sql("PRAGMA synchronous").scalar_one())
    assert levels == [2, 1, 2, 1, 2, 2]


def test_unsent_changes_that_a_restore_moved_aside_are_told_until_the_folder_is_gone(store: Store, home: Path, tmp_path: Path) -> None:
    """`status` said 待上传 0 条 once the sentence of the restore was gone from the screen."""

    def again(password: str = PASSWORD) -> list[int | None]:
        backup.restore(home, tmp_path / "b.zip", user=None, password=password)
        return [one.unsent for one in aside.waiting(home)]

    backup.backup(store, tmp_path / "b.zip")
    store.close()
    assert again() == []
    for n in (1, 2):
        store = Store.open(home, user=None, password=PASSWORD)
        new_person(store)
        if n == 2:  # neither the backup's key nor its password opens what is there now
            store.change_password(PASSWORD, "changed since")
            new_key.renew(store)
        store.close()
        assert again() == [1, None][:n]
    first, second = aside.waiting(home)
    assert first.folder in first.sentence() and "1 条" in first.sentence() and "可能有" in second.sentence()
    (home / first.folder).rename(tmp_path / "handed in")
    assert aside.waiting(home) == [second]
