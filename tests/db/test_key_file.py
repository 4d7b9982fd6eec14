"""The key file: several programs change it at once, and somebody edits it to pass for a colleague."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nacl.secret import SecretBox

from db import acts, keys, unlocking
from db.local import Account
from db.store import KEY_FILE, Store
from db.unlocking import set_pin
from desktop.welcome.opening import open_store
from domain.errors import CunzhanError, DomainError, Refused, StoreDamaged
from tests.data.make_release import PASSWORD as OF_RELEASES
from tests.data.make_release import RELEASES
from tests.fresh import PASSWORD, VILLAGE

BOSS = "王主任"
THEIRS = "another password"


# -- at once -----------------------------------------------------------------------------------------------------------


def _cheaper() -> None:
    """Slots made in this process cost a tenth: still milliseconds between what is read and what is written."""
    keys._OPS, keys._MEMORY = 1, 16 * 2**20


def _adds(home: Path, who: str) -> None:
    _cheaper()
    store = Store.open(home, user=None, password=PASSWORD)
    for n in range(8):
        store.add_user(f"{who}{n}", "clerk", THEIRS)
    store.close()


def _changes(home: Path, who: str) -> None:
    _cheaper()
    store, password = Store.open(home, user=who, password=PASSWORD), PASSWORD
    for n in range(8):
        store.change_password(password, password := f"{PASSWORD} {n}")
    store.close()


def test_two_programs_that_change_it_at_once_lose_nothing(store: Store, home: Path) -> None:
    """The window adds users while a command does, and two more change their passwords: each wrote back what it had read before."""
    for name in ("甲", "乙"):
        store.add_user(name, "clerk", PASSWORD)
    works: list[tuple[Callable[[Path, str], None], str]] = [(_adds, "窗口"), (_adds, "命令"), (_changes, "甲"), (_changes, "乙")]
    started = [multiprocessing.get_context("spawn").Process(target=work, args=(home, who)) for work, who in works]
    for one in started:
        one.start()
    for one in started:
        one.join(120)
    assert [one.exitcode for one in started] == [0] * len(works)
    wanted = {"李文书", "甲", "乙"} | {f"{who}{n}" for who in ("窗口", "命令") for n in range(8)}
    names = keys.read(home / KEY_FILE).names()
    assert len(names) == len(wanted) and set(names) == wanted
    for name in ("甲", "乙"):
        Store.open(home, user=name, password=f"{PASSWORD} 7").close()


def test_what_was_changed_meanwhile_is_not_written_over(store: Store, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a new password and a new key stick of the same user the later one is refused, and so is the password of one who was disabled."""
    monkeypatch.setattr("db.removable.roots", lambda: [tmp_path])
    store.add_user(BOSS, "admin", THEIRS)
    other = Store.open(home, user=BOSS, password=THEIRS)
    wrap = keys.wrap

    def meanwhile(act: Callable[[], object]) -> None:
        def wrapped(*words: Any) -> keys.Slot:
            monkeypatch.setattr(keys, "wrap", wrap)
            act()
            return wrap(*words)

        monkeypatch.setattr(keys, "wrap", wrapped)

    meanwhile(lambda: unlocking.use_stick(Store.open(home, user=BOSS, password=THEIRS), THEIRS, tmp_path))
    with pytest.raises(DomainError, match="刚刚改过"):
        other.change_password(THEIRS, "a third password")
    assert unlocking.stick_of(other)
    meanwhile(store.new_recovery_code)
    with pytest.raises(DomainError, match="刚刚改过"):
        store.new_recovery_code()
    meanwhile(lambda: store.disable_user(BOSS))
    with pytest.raises(DomainError, match="刚刚改过"):
        other.change_password(THEIRS, "a third password")
    assert BOSS not in keys.read(home / KEY_FILE).names()
    other.close()


def test_a_user_whom_a_power_cut_left_in_one_of_the_two_places_is_added_again(store: Store, home: Path) -> None:
    keys.replace(home / KEY_FILE, keys.wrap("user", "甲", THEIRS, store.data_key))
    store.add_user("甲", "clerk", PASSWORD)
    Store.open(home, user="甲", password=PASSWORD).close()
    with pytest.raises(DomainError, match="已经有用户"):
        store.add_user("甲", "clerk", PASSWORD)


def test_a_password_is_reset_in_one_step(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut between disabling and adding the user would have left them without access."""
    store.add_user("甲", "reviewer", THEIRS)
    with closing(Store.open(home, user="甲", password=THEIRS)) as theirs:
        set_pin(theirs, "1234")
    with monkeypatch.context() as then:
        then.setattr(keys, "write_whole", power_cut)
        with pytest.raises(KeyboardInterrupt):
            unlocking.reset_password(store, "甲", "a third password")
    Store.open(home, user="甲", password=THEIRS).close()
    unlocking.reset_password(store, "甲", "a third password")
    with pytest.raises(Refused):
        Store.open(home, user="甲", password=THEIRS)
    with closing(Store.open(home, user="甲", password="a third password")) as theirs:
        assert theirs.account() == Account("甲", "reviewer", has_pin=False, disabled=False)
        with pytest.raises(Refused):
            unlocking.reset_password(theirs, store.user, "a third password")
    with store.read() as session:
        assert acts.latest(session, 1)[0].label == "重设用户 甲 的密码"


def test_whose_password_is_not_reset(store: Store) -> None:
    with pytest.raises(DomainError, match="改密码"):
        unlocking.reset_password(store, store.user, "a third password")
    store.add_user("甲", "clerk", THEIRS)
    store.disable_user("甲")
    with pytest.raises(DomainError, match="已停用"):
        unlocking.reset_password(store, "甲", "a third password")


def power_cut(*_words: object) -> None:
    raise KeyboardInterrupt


# -- edited ------------------------------------------------------------------------------------------------------------


def under_name_of(home: Path, other: str, mine: str, type: str = "user") -> None:
    """The slot of `mine` is put under another name, as with a text editor."""
    file = keys.read(home / KEY_FILE)
    (slot,) = (one for one in file.slots if one.name == mine)
    file.slots = [one for one in file.slots if (one.type, one.name) != (type, other)]
    slot.type, slot.name = type, other
    keys.write(home / KEY_FILE, file)


def plain(home: Path) -> None:
    """Slots as earlier releases wrapped them, with a random nonce."""
    file = keys.read(home / KEY_FILE)
    key = keys.unwrap(file.slots[0], PASSWORD).key
    with pytest.MonkeyPatch.context() as then:
        then.setattr(keys, "_nonce", lambda *_words: b"random nonce of 24 bytes")
        file.slots = [keys.wrap("user", name, PASSWORD, key) for name in file.names()] + [s for s in file.slots if s.type != "user"]
    keys.write(home / KEY_FILE, file)


@pytest.mark.parametrize("opens", [Store.open, open_store])
@pytest.mark.parametrize("mine", ["小赵", "disabled"])
def test_a_slot_under_a_colleagues_name_opens_nothing(store: Store, home: Path, opens: Callable[..., Store], mine: str) -> None:
    """The clerk who copied his lines to the administrator's name in `keys.json` was the administrator."""
    store.add_user("小赵", "clerk", THEIRS)
    if mine == "disabled":
        before = (home / KEY_FILE).read_bytes()
        store.disable_user("小赵")
        (home / KEY_FILE).write_bytes(before)
    under_name_of(home, "李文书", "小赵")
    with pytest.raises(Refused, match="另一位用户的密码"):
        opens(home, user="李文书", password=THEIRS)
    with pytest.raises(Refused, match="另一位用户的密码"):  # the idle lock
        store.check_password(THEIRS)
    with pytest.raises(Refused, match="另一位用户的密码"):
        store.change_password(THEIRS, "a third password")
    with store.read() as session:
        assert "名下的密码是别人的" in acts.latest(session)[0].label, "an auditor is told"


def test_a_password_that_looks_like_a_recovery_code_is_none(store: Store, home: Path) -> None:
    password = "ABCDE" * 6
    store.add_user("小赵", "clerk", password)
    under_name_of(home, "recovery", "小赵", "recovery")
    with pytest.raises(Refused, match="另一位用户的密码"):
        unlocking.recover(home, code=password, user="李文书", password="a third password")
    Store.open(home, user="李文书", password=PASSWORD).close()


def test_slots_of_an_earlier_release_are_bound_when_they_are_opened(store: Store, home: Path) -> None:
    for name in ("小赵", "小孙"):
        store.add_user(name, "clerk", PASSWORD)
    plain(home)
    before = keys.read(home / KEY_FILE)
    Store.open(home, user="小赵", password=PASSWORD).close()
    after = keys.read(home / KEY_FILE)
    assert after.version == before.version
    assert {one.name for one in after.slots if one not in before.slots} == {"小赵"}
    under_name_of(home, "李文书", "小赵")
    with pytest.raises(Refused, match="另一位用户的密码"):
        Store.open(home, user="李文书", password=PASSWORD)


def test_the_first_user_stays_the_one_who_is_not_named(store: Store, home: Path) -> None:
    """Binding the slot of the first user, or a new password, put it behind the others: the next command without `--user` asked for a
    colleague's password."""
    store.add_user(BOSS, "clerk", PASSWORD)
    store.close()
    plain(home)
    for password, new in ((PASSWORD, "a new password"), ("a new password", PASSWORD)):
        again = Store.open(home, user=None, password=password)
        assert again.user != BOSS
        again.change_password(password, new)
        again.close()
    Store.open(home, user=BOSS, password=PASSWORD).close()
    assert keys.read(home / KEY_FILE).names()[1:] == [BOSS]


def test_a_full_disk_keeps_nobody_of_an_earlier_release_out(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain(home)
    before = (home / KEY_FILE).read_bytes()

    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys, "write_whole", full)
    Store.open(home, user=None, password=PASSWORD).close()
    assert (home / KEY_FILE).read_bytes() == before


@pytest.mark.parametrize("release", [folder.name for folder in sorted(RELEASES.iterdir()) if (folder / KEY_FILE).exists()])
def test_a_store_of_each_release_is_bound(release: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(RELEASES / release, home)
    Store.open(home, user=None, password=OF_RELEASES).close()
    assert keys.unlock(home / KEY_FILE, None, OF_RELEASES).bound


def test_a_program_gone_back_to_still_opens_it(store: Store, home: Path) -> None:
    """It knows no names in slots: what it does is this."""
    slot = keys.find(keys.read(home / KEY_FILE), "user", "李文书")
    wrapping = keys._derived(slot, PASSWORD)
    assert SecretBox(wrapping).decrypt(keys._bytes(slot.wrapped)) == store.data_key


def test_the_new_store_is_bound(home: Path) -> None:
    made, code = Store.create(home, scope=VILLAGE, role="village", user="李文书", password=PASSWORD)
    made.close()
    file = keys.read(home / KEY_FILE)
    assert all(keys.unwrap(slot, secret).bound for slot, secret in zip(file.slots, (PASSWORD, code), strict=True))
    with pytest.raises(CunzhanError):
        unlocking.recover(home, code=code, user="nobody", password=PASSWORD)
    assert keys.read(home / KEY_FILE) == file


@pytest.mark.parametrize("asks", [{"ops": 20}, {"memory": 2**30}, {"ops": 0}, {"memory": -1}])
def test_a_slot_that_would_stop_the_laptop_is_not_tried(asks: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's backup could ask for a gigabyte of memory and a minute, whatever the password."""
    slot = keys.wrap("user", "王会计", PASSWORD, keys.new_data_key())
    monkeypatch.setattr("nacl.pwhash.argon2id.kdf", lambda *_given: pytest.fail("was tried"))
    with pytest.raises(StoreDamaged, match="密钥文件已损坏"):
        keys.unwrap(msgspec.structs.replace(slot, **asks), PASSWORD)
