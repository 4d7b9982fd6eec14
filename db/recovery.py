"""Opening a store whose password is lost: with the printed recovery code, or with the county's answer to a file made here."""

from __future__ import annotations

from pathlib import Path

from db import keys
from db.engine import readable, sqlite_engine
from db.files import STORE_FILE
from db.store import KEY_FILE, Store
from domain.errors import DomainError, Refused, StoreDamaged
from domain.words import N_, _


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
