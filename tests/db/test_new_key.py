"""A new data key: what no longer counts opens nothing any more, and nobody loses anything, whatever is interrupted."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from nacl.public import PrivateKey
from sqlalchemy import text

from db import acts, aside, changes, key_swap, keys, local, new_key, unlocking
from db import store as store_module
from db.backup import backup, keep_beside, restore, verify
from db.engine import sqlite_engine
from db.exchange import unsent_in
from db.files import STORE_FILE, put
from db.store import KEY_FILE, Store
from domain.errors import CunzhanError, DomainError, Refused, StoreDamaged
from tests.data.make_release import PASSWORD as OF_RELEASES
from tests.data.make_release import RELEASES
from tests.fresh import PASSWORD

OTHER = "another password"


def unsent_of(store: Store) -> int:
    with store.read() as session:
        return unsent_in(session.conn)


def add(store: Store, name: str) -> None:
    with store.write("登记") as session:
        person = {
            "id": session.new_id(),
            "village": session.scope,
            "name": name,
            "document": "other",
            "id_number": name,
            "labour": "ordinary",
        }
        changes.insert(session, "person", [person])


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(row.name for row in session.select("person"))


@pytest.fixture
def old_keys(store: Store, tmp_path: Path) -> Path:
    """The key file out of a backup from the time when 小王 was a user."""
    store.add_user("小王", "clerk", OTHER)
    add(store, "以前的人")
    backup(store, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extract(KEY_FILE, tmp_path)
    return tmp_path / KEY_FILE


def opens(home: Path, key: bytes) -> bool:
    engine = sqlite_engine(home / STORE_FILE, key)
    try:
        with engine.connect() as conn:
            conn.execute(text("SELECT name FROM person")).all()
        return True
    except Exception:
        return False
    finally:
        engine.dispose()


def test_old_passwords_with_the_key_file_of_an_old_backup_open_nothing(store: Store, home: Path, old_keys: Path) -> None:
    store.change_password(PASSWORD, "the new password")
    store.disable_user("小王")
    for name, password in (("李文书", PASSWORD), ("小王", OTHER)):
        assert opens(home, keys.unlock(old_keys, name, password).key)
    assert new_key.renew(store) == new_key.Renewed()
    for name, password in (("李文书", PASSWORD), ("小王", OTHER)):
        assert not opens(home, keys.unlock(old_keys, name, password).key)
    add(store, "后来的人")
    store.close()
    with closing(Store.open(home, user=None, password="the new password")) as again:
        assert names(again) == ["以前的人", "后来的人"]


def test_everybody_still_opens_with_what_they_had(store: Store, home: Path, tmp_path: Path) -> None:
    code = store.new_recovery_code()
    for name, password in (("小王", OTHER), ("主任", "third password")):
        store.add_user(name, "admin", password)
    assert new_key.renew(store) == new_key.Renewed()
    assert new_key.renew(store) == new_key.Renewed()  # of slots that are sealed still
    assert keys.read(home / KEY_FILE).version == 3
    for name, password in (("小王", OTHER), ("主任", "third password"), ("李文书", PASSWORD)):
        Store.open(home, user=name, password=password).close()
        with pytest.raises(Refused):
            Store.open(home, user=name, password="a wrong one")
    file = keys.read(home / KEY_FILE)
    assert file.version == 1 and keys.find(file, "recovery", "recovery").sealed  # older programs open it again
    for slot in file.slots:
        slot.public = ""  # and drop what they do not know
    keys.write(home / KEY_FILE, file)
    unlocking.recover(home, code=code, user="小王", password="fresh password").close()
    assert not keys.find(keys.read(home / KEY_FILE), "recovery", "recovery").sealed
    Store.open(home, user="小王", password="fresh password").close()


def test_a_sealed_slot_moved_to_a_colleague_opens_nothing(store: Store, home: Path) -> None:
    store.add_user("小王", "clerk", OTHER)
    new_key.renew(store)
    file = keys.read(home / KEY_FILE)
    mine = next(slot for slot in file.slots if slot.name == "小王")
    file.slots = [mine if slot.name == "李文书" else slot for slot in file.slots if slot is not mine]
    file.slots[0].name = "李文书"
    keys.write(home / KEY_FILE, file)
    with pytest.raises(Refused, match="另一位用户的密码"):
        Store.open(home, user="李文书", password=OTHER)


def cut_at(step: int, patched: pytest.MonkeyPatch) -> None:
    """Let the power fail before a step of `key_swap`. Steps are renames and deletions."""
    left = step

    def cut(act: Callable[..., object]) -> Callable[..., object]:
        def counted(*words: object, **more: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return act(*words, **more)

        return counted

    patched.setattr("db.new_key.os.replace", cut(os.replace))
    patched.setattr(key_swap, "put", cut(put))
    patched.setattr(Path, "unlink", cut(Path.unlink))
    patched.setattr("db.key_swap.shutil.rmtree", cut(shutil.rmtree))


@pytest.mark.parametrize("step", range(9))
def test_a_power_cut_at_any_step_leaves_the_old_or_the_new(
    store: Store, home: Path, tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything saved is there, the next program finishes, and one password opens store and copy."""
    add(store, "以前的人")
    copy = keep_beside(store)
    with monkeypatch.context() as patched:
        cut_at(step, patched)
        with suppress(KeyboardInterrupt):
            new_key.renew(store)
    shutil.copytree(home, tmp_path / "after", ignore=shutil.ignore_patterns(".backup-*"))
    with closing(Store.open(tmp_path / "after", user=None, password=PASSWORD)) as again:
        assert names(again) == ["以前的人"]
        assert not (again.home / keys.READY).exists()
        engine = sqlite_engine(again.home / "backups" / copy, again.data_key)
        with engine.connect() as conn:
            assert conn.execute(text("SELECT count(*) FROM person")).scalar_one() == 1
        engine.dispose()


@pytest.mark.parametrize("unstored", [False, True])
@pytest.mark.parametrize("step", range(12))
def test_a_power_cut_in_a_restore_keeps_the_unsent_changes_with_their_key(
    store: Store, home: Path, tmp_path: Path, step: int, unstored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of before went aside one by one: after a cut there was no key file, and the next restore put it into another folder than
    the store that it opens. `unstored`: that store was lost before, only its key file was there."""
    backup(store, tmp_path / "b.zip")
    add(store, "没交的人")
    store.close()
    if unstored:
        (home / STORE_FILE).unlink()
    elif step % 2:  # as another program that is killed leaves it
        (home / f"{STORE_FILE}-wal").touch()
        (home / f"{STORE_FILE}-shm").touch()
    with monkeypatch.context() as patched:
        cut_at(step, patched)
        with suppress(KeyboardInterrupt):
            restore(home, tmp_path / "b.zip", user=None, password=PASSWORD)
    (after := tmp_path / "after").mkdir()
    shutil.copytree(home, after, ignore=shutil.ignore_patterns(".backup-*"), dirs_exist_ok=True)
    assert Store.exists(after)
    with suppress(StoreDamaged), closing(Store.open(after, user=None, password=PASSWORD)) as again:
        assert names(again) == ([] if aside.waiting(after) or unstored else ["没交的人"])
    restore(after, tmp_path / "b.zip", user=None, password=PASSWORD)
    with closing(Store.open(after, user=None, password=PASSWORD)) as again:
        assert names(again) == []
    assert not (after / keys.RESTORING).exists()
    for folder in after.glob("before-restore-*"):
        assert (folder / KEY_FILE).exists()
    if not unstored:
        (told,) = aside.waiting(after)
        assert told.unsent
        with closing(Store.open(after / told.folder, user=None, password=PASSWORD)) as before:
            assert names(before) == ["没交的人"]


def test_a_restore_counts_what_another_program_is_about_to_save(store: Store, home: Path, tmp_path: Path) -> None:
    """It had counted before the last change was saved, which went aside untold. From the decision on nothing is saved there."""
    backup(store, tmp_path / "b.zip")
    saved, told, begun = list[str](), list[BaseException](), threading.Event()

    def at_work() -> None:
        for n in itertools.count():
            try:
                add(store, f"人{n}")
            except Exception as error:
                told.append(error)
                return
            saved.append(f"人{n}")
            begun.set()

    thread = threading.Thread(target=at_work)
    thread.start()
    begun.wait()
    restore(home, tmp_path / "b.zip", user=None, password=PASSWORD)
    thread.join()
    store.close()
    assert [type(error) for error in told] == [DomainError] and "请关闭村站通再打开" in str(told[0])
    (left,) = aside.waiting(home)
    with closing(Store.open(home / left.folder, user=None, password=PASSWORD)) as before:
        assert len(names(before)) == len(saved)
        assert left.unsent == unsent_of(before)


def test_another_window_loses_nothing_and_is_told(store: Store, home: Path) -> None:
    """It has the old file open: it saves nothing there, and closing it does not touch the new one."""
    other = Store.open(home, user=None, password=PASSWORD)
    add(other, "以前的人")
    new_key.renew(store)
    add(store, "后来的人")
    with pytest.raises(DomainError, match="换了密钥"):
        add(other, "没存上的人")
    with pytest.raises(DomainError, match="换了密钥"):
        other.change_password(PASSWORD, OTHER)
    with pytest.raises(DomainError, match="换了密钥"), other.noting() as session:
        local.set_meta(session, "note", "not kept")
    assert names(other) == ["以前的人"]
    other.close()
    with pytest.raises(DomainError, match="换了密钥") as told:  # on a new connection, which finds the new file
        names(other)
    assert not isinstance(told.value, StoreDamaged)
    assert names(store) == ["以前的人", "后来的人"]
    store.close()
    with closing(Store.open(home, user=None, password=PASSWORD)) as again:
        assert names(again) == ["以前的人", "后来的人"]


def test_a_thread_that_waited_for_the_disk_does_not_write_to_the_old_file(store: Store, home: Path) -> None:
    waiting = store.engine.connect()
    new_key.renew(store)
    with pytest.raises(DomainError, match="请再做一次"):
        store.check_in_place(waiting)
    waiting.close()


def test_between_the_decision_and_its_end_nothing_is_written(store: Store, home: Path) -> None:
    (home / keys.READY).mkdir()
    with pytest.raises(DomainError, match="换了密钥"):
        add(store, "没存上的人")
    with pytest.raises(DomainError, match="换了密钥"), store.noting() as session:
        local.set_meta(session, "note", "would be in a log beside the new file")
    with pytest.raises(DomainError, match="换了密钥"):
        keep_beside(store)
    assert not list(home.glob("backups/*"))


def test_threads_at_work_meanwhile_are_not_told_of_damage(store: Store) -> None:
    over, told = threading.Event(), list[BaseException]()

    def at_work(act: Callable[[], object]) -> None:
        while not over.is_set():
            try:
                act()
            except Exception as error:
                told.append(error)

    def note() -> None:
        with store.noting() as session:
            local.set_meta(session, "note", "1")

    acts_of = (lambda: names(store), lambda: names(store), note, lambda: store.set_meta("x", "1"))
    threads = [threading.Thread(target=at_work, args=(act,)) for act in acts_of]
    for thread in threads:
        thread.start()
    for _n in range(4):
        new_key.renew(store)
    over.set()
    for thread in threads:
        thread.join()
    assert not [error for error in told if isinstance(error, StoreDamaged) or "换了密钥" not in str(error)]


def test_a_copy_of_the_store_is_not_made_while_the_key_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it would stay under the old key, and no erasure would reach it."""

    def busy(*_words: object) -> None:
        with store.connect() as conn:
            conn.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(Exception, match="locked"):
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            conn.exec_driver_sql("PRAGMA busy_timeout = 30000")
        looked.append(True)

    looked = list[bool]()
    monkeypatch.setattr("db.backup.copy_file", busy)
    keep_beside(store)
    assert looked


def test_the_key_can_be_changed_after_a_restore_and_copies_under_the_key_of_before_stay(store: Store, home: Path, tmp_path: Path) -> None:
    backup(store, tmp_path / "b.zip")
    copy = home / "backups" / keep_beside(store)
    new_key.renew(store)
    key = store.data_key
    store.close()
    restore(home, tmp_path / "b.zip", user=None, password=PASSWORD)
    with closing(Store.open(home, user=None, password=PASSWORD)) as again:
        readable = keep_beside(again)
        made = new_key.renew(again)
        assert made.unopened == (copy.name,) and copy.name in made.sentence() and readable not in made.sentence()
        for name, opener in ((copy.name, key), (readable, again.data_key)):
            engine = sqlite_engine(home / "backups" / name, opener)
            with engine.connect() as conn:
                assert conn.execute(text("SELECT count(*) FROM meta")).scalar_one()
            engine.dispose()


def test_old_backups_still_restore_and_new_ones_open(store: Store, home: Path, old_keys: Path, tmp_path: Path) -> None:
    new_key.renew(store)
    assert backup(store, tmp_path / "after.zip").records == 1
    assert verify(tmp_path / "after.zip", user="小王", password=OTHER).records == 1
    store.close()
    restore(home, tmp_path / "b.zip", user=None, password=PASSWORD)
    Store.open(home, user="小王", password=OTHER).close()


def test_a_restore_first_finishes_the_change(store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the next opening would put the new store over the restored one."""
    backup(store, tmp_path / "b.zip")
    add(store, "后来的人")
    with monkeypatch.context() as patched:
        patched.setattr(new_key, "finish", lambda _home: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            new_key.renew(store)
    store.close()
    restore(home, tmp_path / "b.zip", user=None, password=PASSWORD)
    with closing(Store.open(home, user=None, password=PASSWORD)) as again:
        assert names(again) == []
    (aside,) = home.glob("before-restore-*")
    with closing(Store.open(aside, user=None, password=PASSWORD)) as before:
        assert names(before) == ["后来的人"]


def test_colleagues_whose_password_an_earlier_release_wrapped_are_named(tmp_path: Path) -> None:
    found = tmp_path / "home"
    shutil.copytree(next(folder for folder in sorted(RELEASES.iterdir()) if (folder / KEY_FILE).exists()), found)
    with closing(Store.open(found, user=None, password=OF_RELEASES)) as store:
        assert not new_key.missing(store)  # opening has named the public key
        slot = keys.find(keys.read(found / KEY_FILE), "user", store.user)
        slot.public = ""
        keys.replace(found / KEY_FILE, slot)
        with pytest.raises(DomainError, match=store.user):
            new_key.renew(store)
        Store.open(found, user=None, password=OF_RELEASES).close()
        made = new_key.renew(store)
        assert made.code or keys.find(keys.read(found / KEY_FILE), "recovery", "recovery").sealed
        add(store, "后来的人")


def test_a_failed_change_leaves_everything_as_it_was(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_key, "copy_file", full)
    with pytest.raises(CunzhanError, match="磁盘已满"):
        new_key.renew(store)
    add(store, "后来的人")
    store.close()
    with closing(Store.open(home, user=None, password=PASSWORD)) as again, again.read() as session:
        assert [row.name for row in session.select("person")] == ["后来的人"]
        assert not [act.label for act in acts.latest(session) if "密钥" in act.label], "an auditor would believe it"
    assert not list(home.glob(".backup-*"))
    with pytest.raises(StoreDamaged):
        keys.read(home / "nowhere" / KEY_FILE)


def test_what_becomes_void_opens_nothing(store: Store, home: Path, old_keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key stick that was replaced, and a recovery code."""
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setattr("db.removable.roots", lambda: [stick])
    code = store.new_recovery_code()
    assert not unlocking.use_stick(store, PASSWORD, stick)
    shutil.copy(home / KEY_FILE, old_keys)
    assert unlocking.use_stick(store, PASSWORD, stick)  # the stick of before was lost
    assert not new_key.voided(store).late
    new_key.new_recovery_code(store)
    before = keys.read(old_keys)
    for one in (keys.unlock(old_keys, "李文书", PASSWORD), keys.unwrap(keys.find(before, "recovery", "recovery"), code)):
        assert not opens(home, one.key)
    with pytest.raises(Refused):
        unlocking.recover(home, code=code, user="李文书", password=OTHER)
    Store.open(home, user=None, password=PASSWORD).close()


def test_only_an_administrator_renews_on_request(store: Store, home: Path) -> None:
    store.add_user("小王", "clerk", OTHER)
    with closing(Store.open(home, user="小王", password=OTHER)) as clerk, pytest.raises(Refused):
        new_key.by_admin(clerk)
    new_key.by_admin(store)


def test_the_county_can_still_help_if_its_key_is_known(store: Store, home: Path) -> None:
    county = PrivateKey.generate()
    store.replace_slots(keys.wrap_for_county(bytes(county.public_key), store.data_key, store.station))
    store.set_meta(local.RECOVERY_KEY, bytes(county.public_key).hex())
    assert new_key.renew(store).county
    slot = keys.find(keys.read(home / KEY_FILE), "county", "county")
    assert keys.unwrap_for_county(slot, county) == (store.data_key, store.station)
    store.set_meta(local.RECOVERY_KEY, None)  # as of a laptop that enrolled with an earlier release
    made = new_key.renew(store)
    assert not made.county and "再加入一次" in made.sentence()
    assert all(slot.type != "county" for slot in keys.read(home / KEY_FILE).slots)


def test_a_recovery_code_or_a_stick_that_was_not_changed_is_not_in_the_log(
    store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_words: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "write", fails)
        with pytest.raises(CunzhanError):
            store.new_recovery_code()
        with pytest.raises(CunzhanError):
            unlocking.use_stick(store, PASSWORD, tmp_path)
    with store.read() as session:
        assert not acts.latest(session)
    store.new_recovery_code()
    with store.read() as session:
        assert [act.label for act in acts.latest(session)] == ["用户 李文书 换了恢复码"]


def test_a_user_who_could_not_be_added_has_no_key(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object, now: int | None = None) -> None:
        if now is None:
            raise OSError(28, "No space left on device")

    for place, name in ((store_module._QUIET, "run"), (keys, "write")):  # at the end of the transaction; when the key file is written
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            with pytest.raises(CunzhanError, match="磁盘已满"):
                store.add_user("小王", "clerk", OTHER)
        assert keys.read(home / KEY_FILE).names() == ["李文书"]
    store.add_user("小王", "clerk", OTHER)
    Store.open(home, user="小王", password=OTHER).close()
