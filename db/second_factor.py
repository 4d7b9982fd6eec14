"""Enables, copies and disables the present user's key stick (`db.key_stick` says what it protects against)."""

from __future__ import annotations

from pathlib import Path

from db import key_stick, keys
from db.store import KEY_FILE, Store
from domain.words import N_


def stick(store: Store) -> str:
    """The id of the stick that the present user's password needs; "" if none."""
    return keys.find(keys.read(store.home / KEY_FILE), "user", store.user).stick


def use(store: Store, password: str, folder: Path) -> bool:
    """Make the USB stick with this root folder the present user's second factor; returns whether it replaces an earlier one. Raises
    `Refused` and `DomainError`."""
    before = store.check_password(password)
    _rewrap(store, before, password, key_stick.make(folder), N_("用户 {name} 打开数据要插钥匙 U 盘"))
    return bool(before.stick)


def spare(store: Store, folder: Path) -> None:
    """Write the present user's secret to one more stick. Raises `StickMissing` and `DomainError`."""
    key_stick.copy(stick(store), folder)


def drop(store: Store, password: str) -> None:
    """Let the password alone open the store again; the stick must be plugged in. Raises `Refused`."""
    _rewrap(store, store.check_password(password), password, "", N_("用户 {name} 不再用钥匙 U 盘"))


def _rewrap(store: Store, before: keys.Slot, password: str, id: str, label: str) -> None:
    slot = keys.wrap("user", store.user, password, store.data_key, id)
    store.replace_slots(slot, instead_of=before, label=label)
