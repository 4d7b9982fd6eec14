"""Key slots: one random data key, wrapped once for each user's password and once for the printed recovery code.

`keys.json` lies beside the store and holds only wrapped keys. Passwords are stretched by argon2id (RFC 9106); the wrapping is
XSalsa20-Poly1305 (libsodium secretbox), so a wrong password can be told from a damaged file. Enrolment adds a slot sealed to the county's
recovery key.

A slot belongs to one user: the nonce of its wrapping is a keyed hash of its type and name (`Opened.made_for`), so a slot that somebody puts
under a colleague's name in the file is recognised. Slots of earlier releases have a random nonce; they are wrapped anew when they are next
opened. The format is the same, so that a program that was gone back to still opens them.

A slot also names a public key, whose private key is derived from the wrapping key. When the data key is replaced (`db.new_key`), the new
one is sealed to it, because the passwords of the others are not known. The user's next opening wraps it as usual again.
"""

from __future__ import annotations

import base64
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from db import key_stick
from db.files import regular, write_whole
from domain.codes import ALPHABET, plain_code
from domain.errors import DomainError, InputUnusable, Refused, StoreDamaged, os_reason
from domain.words import _

KEY_FILE = "keys.json"
"""Name of the file in the data folder. It is written last when a store is created."""
COUNTY_KEY = "CUNZHAN_COUNTY_KEY"
MIN_PASSWORD = 8
MAX_FILE_BYTES = 64 * 1024
"""Size above which a key file that came from outside is refused."""
KEY_BYTES = 32
_RECOVERY_GROUPS = 6
_GROUP = 5  # characters
_SQLITE_MAGIC = b"SQLite format 3\0"
_STICK_VERSION = 2
"""Version of a key file with a slot that needs a key stick."""
_SEALED_VERSION = 3
"""Version of a key file with a user's slot whose data key is sealed to its public key."""
READY = "new-key"
"""Name of the folder that holds a store under a new data key until it replaces the present one (`db.new_key`)."""
RESTORING = "restored"
"""Name of the folder that holds a restored store until it replaces the present one (`db.backup`)."""
_WRAPPED = 96
"""Characters of a data key wrapped by a secret: nonce, key and checksum in base64."""
_OPS = 3
_MEMORY = 64 * 1024 * 1024
_MOST_OPS, _MOST_MEMORY = 8, 4 * _MEMORY
"""Most that a slot may ask for, as one in somebody else's backup may: a gigabyte and a minute would stop a small laptop."""


class Slot(msgspec.Struct):
    """One wrapping of the data key. `type` is user, recovery or county; `stick` is the id of the key stick that is needed besides the
    user's password, if any (`db.key_stick`). `public`: the key to which a new data key can be sealed."""

    type: str
    name: str
    wrapped: str
    salt: str = ""
    ops: int = 0
    memory: int = 0
    stick: str = ""
    public: str = ""

    @property
    def sealed(self) -> bool:
        """Whether the data key is sealed to `public`. The length tells, because a program that was gone back to drops fields it does not
        know."""
        return len(self.wrapped) > _WRAPPED


class KeyFile(msgspec.Struct):
    """The content of `keys.json`."""

    version: int
    slots: list[Slot]

    def names(self) -> list[str]:
        """Users who can open the store, in the order they were added."""
        return [slot.name for slot in self.slots if slot.type == "user"]


def new_data_key() -> bytes:
    """A random data key."""
    return random_bytes(KEY_BYTES)


def new_recovery_code() -> str:
    """A code to print and keep: 30 characters in groups of five (150 bits)."""
    groups = ("".join(secrets.choice(ALPHABET) for _n in range(_GROUP)) for _g in range(_RECOVERY_GROUPS))
    return "-".join(groups)


def check_password(password: str) -> None:
    """Refuse a password that is too short."""
    if len(password) < MIN_PASSWORD:
        raise DomainError(_("密码至少 {n} 位").format(n=MIN_PASSWORD))


@dataclass(frozen=True)
class Opened:
    """A slot that its secret has opened: the slot, the data key in it, and the key that wraps that."""

    slot: Slot
    key: bytes
    wrapping: bytes
    sealed_for: bytes = b""

    def made_for(self, type: str, name: str) -> bool:
        """Whether the slot was wrapped for this user. False for every name if an earlier release wrapped it."""
        if self.slot.sealed:
            return self.sealed_for == _owner(type, name)
        return _bytes(self.slot.wrapped)[: SecretBox.NONCE_SIZE] == _nonce(self.wrapping, type, name)

    @property
    def bound(self) -> bool:
        """Whether the slot was wrapped for the user under whose name it is."""
        return self.made_for(self.slot.type, self.slot.name)

    @property
    def up_to_date(self) -> bool:
        """Whether the slot is wrapped as `wrap` does it, with its own public key."""
        return self.bound and not self.slot.sealed and self.slot.public == _text(_private(self.wrapping).public_key)


def wrap(type: str, name: str, secret: str, key: bytes, stick: str = "") -> Slot:
    """A slot that opens with `secret` (a password or recovery code), and with a key stick if one is named. Raises `StickMissing`."""
    slot = Slot(type=type, name=name, wrapped="", salt=_text(random_bytes(argon2id.SALTBYTES)), ops=_OPS, memory=_MEMORY, stick=stick)
    wrapping = _derived(slot, secret)
    slot.wrapped = _text(SecretBox(wrapping).encrypt(key, _nonce(wrapping, type, name)))
    slot.public = _text(_private(wrapping).public_key)
    return slot


def resealed(slot: Slot, key: bytes) -> Slot | None:
    """The slot with another data key, made without its password or recovery code; None if an earlier release wrapped the slot."""
    if not slot.public:
        return None
    sealed = SealedBox(PublicKey(_bytes(slot.public))).encrypt(key + _owner(slot.type, slot.name))
    return msgspec.structs.replace(slot, wrapped=_text(sealed))


def _private(wrapping: bytes) -> PrivateKey:
    """The private key that belongs to the public key of a slot."""
    return PrivateKey(blake2b(b"sealed slot", key=wrapping, digest_size=PrivateKey.SIZE).digest())


def _owner(type: str, name: str) -> bytes:
    return f"{type}\n{name}".encode()


def _nonce(wrapping: bytes, type: str, name: str) -> bytes:
    """The nonce of a slot. It never comes twice under one key: each slot has a salt, and so a key, of its own."""
    return blake2b(_owner(type, name), key=wrapping, digest_size=SecretBox.NONCE_SIZE).digest()


def wrap_for_county(public_key: bytes, key: bytes, station: str) -> Slot:
    """A slot that only the county's recovery key opens, so that a forgotten password loses nothing. The station's name is sealed with
    the key, so that the file of a stolen laptop cannot be passed off as another's."""
    return Slot(type="county", name="county", wrapped=_text(SealedBox(PublicKey(public_key)).encrypt(key + station.encode())))


def unwrap_for_county(slot: Slot, private_key: PrivateKey) -> tuple[bytes, str]:
    """The data key in a county slot, and the station it belongs to ("" if an older program sealed it). Raises `InputUnusable`."""
    try:
        opened = SealedBox(private_key).decrypt(_bytes(slot.wrapped))
        return opened[:KEY_BYTES], opened[KEY_BYTES:].decode("ascii")
    except (CryptoError, ValueError, TypeError):
        raise InputUnusable(_("这个文件县里打不开：它不是本县注册过的电脑写的，或者损坏了。没有改动任何内容。")) from None


def unwrap(slot: Slot, secret: str) -> Opened:
    """Open a slot. Raises `Refused` if the secret is wrong, `StickMissing` if the slot's key stick is not plugged in."""
    if not (0 < slot.ops <= _MOST_OPS and 0 < slot.memory <= _MOST_MEMORY):
        raise StoreDamaged(_("密钥文件已损坏，请用备份恢复，或联系县级管理员。"))
    try:
        wrapping = _derived(slot, secret)
        if slot.sealed:
            opened = SealedBox(_private(wrapping)).decrypt(_bytes(slot.wrapped))
            return Opened(slot, opened[:KEY_BYTES], wrapping, opened[KEY_BYTES:])
        return Opened(slot, bytes(SecretBox(wrapping).decrypt(_bytes(slot.wrapped))), wrapping)
    except CryptoError:
        if slot.type == "recovery":
            raise Refused(_("恢复码不对。请核对打印的恢复码，字母不分大小写。")) from None
        raise Refused(_("密码不对。没有改动任何内容，请再输入一次；忘了密码可以用恢复码。")) from None
    except (ValueError, TypeError):
        raise StoreDamaged(_("密钥文件已损坏，请用备份恢复，或联系县级管理员。")) from None


def exists(home: Path) -> bool:
    """Whether a data folder holds a store."""
    return (home / KEY_FILE).exists() or to_be_replaced(home)


def to_be_replaced(home: Path) -> bool:
    """Whether a store that is complete waits in the data folder to replace the present one."""
    return (home / READY).exists() or (home / RESTORING).exists()


def read(path: Path) -> KeyFile:
    """The key file. Raises `StoreDamaged` if it is missing or unreadable."""
    if to_be_replaced(path.parent):
        from db.key_swap import finish  # loading the database library takes longer than all else here

        finish(path.parent)
    try:
        keys = msgspec.json.decode(path.read_bytes(), type=KeyFile)
    except FileNotFoundError:
        raise StoreDamaged(_("找不到密钥文件 {name}，打不开村站数据。请从备份恢复。").format(name=path.name)) from None
    except (msgspec.DecodeError, OSError, RecursionError):
        raise StoreDamaged(_("密钥文件 {name} 已损坏。请从备份恢复。").format(name=path.name)) from None
    if keys.version not in (1, _STICK_VERSION, _SEALED_VERSION):
        raise StoreDamaged(_("这份数据是新版程序写的，请先升级村站通。没有改动任何内容。"))
    return keys


def read_slot(path: Path, type: str) -> Slot:
    """The single slot in a file exchanged between a laptop and its county. The file is untrusted. Raises `InputUnusable`."""
    try:
        with regular(path) as file:
            (slot,) = msgspec.json.decode(file.read(MAX_FILE_BYTES), type=KeyFile).slots
        salt = argon2id.SALTBYTES if type == "recovery" else 0
        if slot.type == type and len(_bytes(slot.salt)) == salt and len(_bytes(slot.wrapped)) > KEY_BYTES:
            return slot
    except (OSError, msgspec.DecodeError, ValueError, RecursionError):
        pass
    message = _("「{name}」不是县里的答复，或者损坏了。没有改动任何内容。")
    if type == "county":
        message = _("「{name}」不是求助文件，或者损坏了。没有改动任何内容。")
    raise InputUnusable(message.format(name=path.name))


def write(path: Path, keys: KeyFile) -> None:
    """Replace the key file atomically. A file that needs a key stick or has sealed slots of users has its own version, because older
    programs would report a wrong password."""
    keys.version = _STICK_VERSION if any(slot.stick for slot in keys.slots) else 1
    keys.version = _SEALED_VERSION if any(slot.sealed and slot.type == "user" for slot in keys.slots) else keys.version
    write_whole(path, msgspec.json.format(msgspec.json.encode(keys)))


def replace(path: Path, *slots: Slot, instead_of: Slot | None = None) -> None:
    """Replace the slots of the same type and name in their places, or add new ones at the end. The first user stays the default. Raises
    `DomainError`, changing nothing, if the slot `instead_of` is not there any more. The caller keeps others from changing the file
    (`Store.replace_slots`)."""
    keys, new = read(path), {(slot.type, slot.name): slot for slot in slots}
    if instead_of is not None and instead_of not in keys.slots:
        raise DomainError(_("另一个窗口或命令刚刚改过这个用户的密码、恢复码或钥匙 U 盘，这一步没有做。请看看现在用的是哪个，再做一次。"))
    keys.slots = list(({(slot.type, slot.name): slot for slot in keys.slots} | new).values())
    keys.slots.sort(key=lambda slot: slot.type != "user")
    write(path, keys)


def find(keys: KeyFile, type: str, name: str) -> Slot:
    """The slot of a user or of the recovery code. Raises `Refused` if there is none: the name is wrong or the user was disabled, which
    only the store could tell."""
    for slot in keys.slots:
        if slot.type == type and (slot.name == name or type != "user"):
            return slot
    raise no_user(name)


def no_user(name: str) -> Refused:
    """The refusal for a name that no enabled user of this computer has."""
    return Refused(_("这台电脑上没有能用的用户「{name}」：名字写错了，或者已停用。请核对名字，或找本站管理员。").format(name=name))


def unlock(path: Path, user: str | None, password: str) -> Opened:
    """Open the slot of a user (by default the first). Raises `Refused` or `StoreDamaged`."""
    file = read(path)
    return unwrap(find(file, "user", user or next(iter(file.names()), "")), password)


def unlock_with_either(file: KeyFile, user: str | None, secret: str) -> bytes:
    """The data key, given a user's password (by default the first user's) or the recovery code. Raises `Refused`."""
    user = user or next(iter(file.names()), "")
    if len(plain_code(secret)) != _RECOVERY_GROUPS * _GROUP:
        return unwrap(find(file, "user", user), secret).key
    try:
        return unwrap(find(file, "recovery", "recovery"), secret).key
    except Refused:
        with suppress(Refused):  # it may be a long password
            return unwrap(find(file, "user", user), secret).key
        raise


def _derived(slot: Slot, secret: str) -> bytes:
    """The key that wraps the data key in this slot."""
    stick_secret = key_stick.secret_of(slot.stick) if slot.stick else b""
    typed = plain_code(secret) if slot.type == "recovery" else secret
    stretched = argon2id.kdf(KEY_BYTES, typed.encode(), _bytes(slot.salt), slot.ops, slot.memory)
    return blake2b(stretched, key=stick_secret, digest_size=KEY_BYTES).digest() if stick_secret else stretched


def _text(data: Any) -> str:
    return base64.b64encode(bytes(data)).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


# -- the county ---------------------------------------------------------------------------------------------------------------


def county_key(database: Path) -> bytes | None:
    """The raw key of a county's SQLite file, created together with it; None if an older program has left the file unencrypted.

    A server starts with nobody there to type a password, so the key is a file of 64 hexadecimal digits: `<database>.key`, or the path in
    `CUNZHAN_COUNTY_KEY`, which may be on another disk or a credential of the service. Raises `InputUnusable` if it is missing.
    """
    file = Path(os.environ.get(COUNTY_KEY) or f"{database}.key")
    there = database.exists() and database.stat().st_size > 0
    if there and _is_plain_sqlite(database):
        return None
    if not there and not file.exists():
        _make_key(file)
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        text = _("县级数据库的密钥文件 {file} 不在或不完整，数据库打不开。没有改动任何内容：请放回密钥文件，或从备份恢复到新的文件夹。")
        raise InputUnusable(text.format(file=file))
    return key


def _is_plain_sqlite(database: Path) -> bool:
    with database.open("rb") as file:
        return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC


def _make_key(file: Path) -> None:
    """Write a new key, readable only by its owner and flushed to disk before the database is created. If two programs start together,
    one of them creates it."""
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as written:
            written.write(secrets.token_hex(KEY_BYTES))
            written.flush()
            os.fsync(written.fileno())
        os.link(temporary, file)
    except FileExistsError:
        return
    except OSError as error:
        raise InputUnusable(_("县级数据库的密钥文件写不成：{reason}").format(reason=os_reason(error))) from error
    finally:
        temporary.unlink(missing_ok=True)
