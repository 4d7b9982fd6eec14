"""The ways into a store besides the password: the key stick of the present user, a PIN for the idle lock, a new password from an
administrator, and, if the password is lost, the recovery code or the county's answer to a file made here."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import nacl.pwhash
from nacl.exceptions import InvalidkeyError
from sqlalchemy import select, update

from db import acts, key_stick, keys, local
from db.engine import readable, sqlite_engine
from db.files import STORE_FILE
from db.store import KEY_FILE, Store
from domain.errors import DomainError, Refused, StoreDamaged
from domain.words import N_, _, lazy


def recover(home: Path, *, code: str, user: str, password: str, answer: Path | None = None) -> Store:
    """Open with the recovery code and give `user` a new password. With an `answer` file from the county, `code` is the one that the
    county told along with it; it becomes the recovery code."""
    keys.check_password(password)
    file = keys.read(home / KEY_FILE)
    slot = keys.read_slot(answer, "recovery") if answer else keys.find(file, "recovery", "recovery")
    opened, before = keys.unwrap(slot, code), keys.find(file, "user", user)
    if answer:
        _check_key(home, opened.key)
    store = Store.with_key(home, user, opened.key)
    label = N_("用户 {name} 用县里的答复换了密码") if answer else N_("用户 {name} 用恢复码换了密码")
    try:
        store.check_owner(opened)
        recovery = slot if opened.up_to_date else keys.wrap("recovery", "recovery", code, opened.key)
        store.replace_slots(recovery, keys.wrap("user", user, password, opened.key), instead_of=before, label=label)
    except BaseException:
        store.close()
        raise
    return store


def ask_county(home: Path, file: Path) -> None:
    """Write a file that allows the county, and nobody else, to open this store if password and recovery code are lost. Raises
    `DomainError`."""
    slot = next((slot for slot in keys.read(home / KEY_FILE).slots if slot.type == "county"), None)
    if slot is None:
        raise DomainError(_("这台电脑没有在县里注册过，县里打不开它。再想想密码；恢复码常和印章放在一起。"))
    keys.write(file, keys.KeyFile(1, [slot]))


def _check_key(home: Path, key: bytes) -> None:
    """Raise `Refused` unless the key opens the store."""
    engine = sqlite_engine(home / STORE_FILE, key)
    try:
        readable(engine)
    except StoreDamaged:
        raise Refused(_("县里的这份答复不是给这台电脑的，或者数据损坏了。没有改动任何内容。")) from None
    finally:
        engine.dispose()


def stick_of(store: Store) -> str:
    """The id of the stick that the present user's password needs; "" if none."""
    return keys.find(keys.read(store.home / KEY_FILE), "user", store.user).stick


def use_stick(store: Store, password: str, folder: Path) -> bool:
    """Make the USB stick with this root folder the present user's second factor; returns whether it replaces an earlier one. Raises
    `Refused` and `DomainError`."""
    before = store.check_password(password)
    _rewrap(store, before, password, key_stick.make(folder), N_("用户 {name} 打开数据要插钥匙 U 盘"))
    return bool(before.stick)


def spare_stick(store: Store, folder: Path) -> None:
    """Write the present user's secret to one more stick. Raises `StickMissing` and `DomainError`."""
    key_stick.copy(stick_of(store), folder)


def drop_stick(store: Store, password: str) -> None:
    """Let the password alone open the store again; the stick must be plugged in. Raises `Refused`."""
    _rewrap(store, store.check_password(password), password, "", N_("用户 {name} 不再用钥匙 U 盘"))


def _rewrap(store: Store, before: keys.Slot, password: str, id: str, label: str) -> None:
    slot = keys.wrap("user", store.user, password, store.data_key, id)
    store.replace_slots(slot, instead_of=before, label=label)


def reset_password(store: Store, name: str, password: str) -> None:
    """Replace another user's password; the PIN and the key stick no longer apply. The role stays. Only for administrators.

    One transaction, in which the key file is written last: after a power cut the old password or the new one opens the store.
    """
    store.require_admin()
    if name == store.user:
        raise DomainError(_("自己的密码请用「改密码」来改。"))
    keys.check_password(password)
    slot = keys.wrap("user", name, password, store.data_key)
    with store.applying() as session:
        user = next((one for one in local.accounts(session) if one.name == name), None)
        if user is None or user.disabled:
            raise DomainError(_("用户「{name}」已停用，先重新增加。").format(name=name))
        local.allow(session, name, user.role)
        acts.keep(session, lazy("重设用户 {name} 的密码", name=name), session.author)
        keys.replace(store.home / KEY_FILE, slot)


PIN_TRIES = 5


def set_pin(store: Store, pin: str) -> None:
    """Set the present user's PIN for the idle lock (4 to 8 digits); an empty one removes it."""
    if pin and not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise DomainError(_("PIN 应为 4 到 8 位数字。"))
    hashed = nacl.pwhash.str(pin.encode()).decode() if pin else None
    with store.applying() as session:
        mine = local.account.c.name == store.user
        session.conn.execute(update(local.account).where(mine).values(pin=hashed, pin_failures=0))


def check_pin(store: Store, pin: str) -> bool:
    """Whether the PIN is right. After five wrong ones only the password unlocks the window."""
    with store.applying(own=True) as session:
        mine = local.account.c.name == store.user
        row = session.conn.execute(select(local.account.c.pin, local.account.c.pin_failures).where(mine)).one()
        if row.pin is None or row.pin_failures >= PIN_TRIES:
            return False
        right = _matches(row.pin, pin)
        session.conn.execute(update(local.account).where(mine).values(pin_failures=0 if right else row.pin_failures + 1))
        return right


def _matches(hashed: str, pin: str) -> bool:
    with suppress(InvalidkeyError):
        return bool(nacl.pwhash.verify(hashed.encode(), pin.encode()))
    return False
