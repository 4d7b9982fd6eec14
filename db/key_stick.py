"""The key stick (钥匙 U 盘): a second factor that works without a network.

A file on a USB stick holds a random secret. The key of a user's slot is derived from the password and this secret, so neither opens the
store alone. Whoever copies the file has the factor, as with the key file of a password safe: it guards against a laptop that is stolen
together with the password written on its lid, not against a copied stick. If every copy is lost, the recovery code still opens the store.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from db import removable
from db.files import regular, sync_folder, write_whole
from domain.codes import ALPHABET
from domain.errors import CunzhanError, DomainError, Refused, os_reason
from domain.words import _

FOLDER = "CUNZHAN_KEY_STICK"
"""Environment variable that names a folder to search besides the sticks that are plugged in."""
SECRET_BYTES = 32
_ID_LENGTH = 6


class StickMissing(Refused):
    """The key stick is not plugged in. Says nothing about the password."""


def make(folder: Path) -> str:
    """Write a new secret to a stick; returns its id, by which `secret_of` finds it. Raises `DomainError`."""
    id = "".join(secrets.choice(ALPHABET) for _n in range(_ID_LENGTH))
    _write(folder, id, secrets.token_bytes(SECRET_BYTES))
    return id


def copy(id: str, folder: Path) -> None:
    """Write the same secret to a spare stick. Raises `DomainError`, and `StickMissing` if no stick with it is plugged in."""
    _write(folder, id, secret_of(id))


def secret_of(id: str) -> bytes:
    """The secret with this id, from any stick that holds it. Raises `StickMissing`."""
    for file in _places(id):
        with suppress(OSError, CunzhanError, ValueError), regular(file) as stream:
            secret = bytes.fromhex(stream.read(4 * SECRET_BYTES).decode("ascii"))
            if len(secret) == SECRET_BYTES:
                return secret
    message = _("请插上钥匙 U 盘（里面有文件「{file}」），再输一次密码。没有改动任何内容；U 盘丢了，用备用的，或者用恢复码打开。")
    raise StickMissing(message.format(file=file_name(id)))


def _places(id: str) -> Iterator[Path]:
    named = os.environ.get(FOLDER)
    for root in ([Path(named)] if named else []) + removable.roots():
        yield root / file_name(id)


def file_name(id: str) -> str:
    """The name of the file that holds the secret of this id."""
    return f"村站通钥匙-{id}.key"


def _write(folder: Path, id: str, secret: bytes) -> None:
    try:
        write_whole(folder / file_name(id), secret.hex().encode() + b"\n")
        sync_folder(folder)
    except OSError as error:
        raise DomainError(_("钥匙没有写到 U 盘上：{reason}。密码照旧，请换一个 U 盘再试。").format(reason=os_reason(error))) from error
