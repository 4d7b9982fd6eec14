"""The PIN that opens a user's idle lock instead of the password. It protects nothing on the disk."""

from __future__ import annotations

from contextlib import suppress

import nacl.pwhash
from nacl.exceptions import InvalidkeyError
from sqlalchemy import select, update

from db import local
from db.store import Store
from domain.errors import DomainError
from domain.words import _

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
