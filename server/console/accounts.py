"""Who may sign in to the console: accounts in the county's database, and signed session tokens.

Passwords are kept as argon2id hashes (RFC 9106). An account may need a one-time code from a phone as well (RFC 6238); each code is taken
once. A token states the user, when they signed in and when they were last seen. It is authenticated (HMAC-SHA-256, RFC 2104) with a key
that never leaves the database, the password's hash and a number that signing out changes: a new password, signing out or removing the
account ends every session of the user. No sessions are stored, so several server processes need share nothing.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from sqlalchemy import Row, delete, select, update

from db.keys import check_password
from db.local import account, get_meta, set_meta
from db.session import Session
from domain.errors import DomainError, Misused, NotFound, Refused
from domain.words import N_, _

ROLES = {"admin": N_("可以办理"), "readonly": N_("只看不改")}
IDLE, WHOLE = 30 * 60, 12 * 3600
"""Seconds after which a session ends: since the last request, and since signing in."""
_OPS, _MEMORY = 3, 64 * 1024 * 1024
_MAX_NAME = 40
_KEY = "console_key"
"""Setting of the county: the key (hex) of the session tokens."""
_SECRET, _USED, _ROUND, _ISSUED = "console_secret:{}", "console_used:{}", "console_round:{}", "console_issued:{}"
"""Settings of the county, by user: the secret (hex) of the one-time codes, the number of the last period whose code was used, a random
number, new after each sign-out, and whether the password was given to them by somebody else."""
_PERIOD = 30
"""Seconds for which a one-time code is shown. That of the period before and after is taken too, since phones are not punctual."""


@dataclass(frozen=True)
class User:
    """Somebody who signed in."""

    name: str
    role: str
    since: int
    """When, in Unix seconds."""

    @property
    def acts(self) -> bool:
        """Whether they may change anything."""
        return self.role == "admin"

    @property
    def author(self) -> str:
        """As in the list of acts."""
        return f"{self.name}@county"


@dataclass(frozen=True)
class Account:
    """An account of the console."""

    name: str
    role: str
    codes: bool
    """Whether signing in takes a one-time code."""


def accounts(session: Session) -> list[Account]:
    """All accounts, by name."""
    found = select(account.c.name, account.c.role).where(account.c.disabled_at.is_(None)).order_by(account.c.name)
    return [Account(row.name, row.role, _secret(session, row.name) is not None) for row in session.conn.execute(found)]


def add(session: Session, name: str, role: str, password: str, *, codes: bool = False, issued: bool = True) -> str:
    """Add an account, or give it another role and password. With `codes` signing in takes a one-time code too; returns the address
    (otpauth:) by which a phone learns to make them, otherwise "". `issued`: the user has to choose a password of their own first. Raises
    `CunzhanError`."""
    name = name.strip()
    if not name or len(name) > _MAX_NAME or any(not c.isprintable() or c == "@" for c in name):
        raise Misused(_("用户名写姓名，不超过 {n} 个字，不能有 @。").format(n=_MAX_NAME))
    hashed = hash_of(password)
    if get_meta(session, _KEY) is None:
        set_meta(session, _KEY, secrets.token_hex(32))
    session.conn.execute(delete(account).where(account.c.name == name))
    session.conn.execute(account.insert().values(name=name, role=role, pin=hashed, pin_failures=0))
    secret = secrets.token_bytes(20) if codes else None
    set_meta(session, _SECRET.format(name), secret.hex() if secret else None)
    set_meta(session, _USED.format(name), None)
    set_meta(session, _ISSUED.format(name), "1" if issued else None)
    return _codes(secret).get_provisioning_uri(name, "cunzhan") if secret else ""


def hash_of(password: str) -> str:
    """The hash under which a password is kept; takes a large part of a second. Raises `CunzhanError` for a bad password."""
    check_password(password)
    return argon2id.str(password.encode(), _OPS, _MEMORY).decode("ascii")


def issued(session: Session, name: str) -> bool:
    """Whether the password was given to the user by somebody else, so that they have to choose another."""
    return get_meta(session, _ISSUED.format(name)) is not None


def change(session: Session, user: User, before: str, hashed: str) -> None:
    """Set a user's password; all their sessions end. `before`: the hash of the one they stated. Raises `Refused` if it was changed
    meanwhile."""
    mine = (account.c.name == user.name) & (account.c.pin == before)
    if session.conn.execute(update(account).where(mine).values(pin=hashed)).rowcount == 0:
        raise Refused(_("密码刚才已经改过了，这次没有改。请重新登录。"))
    set_meta(session, _ISSUED.format(user.name), None)


def remove(session: Session, name: str) -> None:
    """Remove an account; its sessions end. Raises `NotFound`."""
    if session.conn.execute(delete(account).where(account.c.name == name)).rowcount == 0:
        raise NotFound(_("控制台没有用户 {name}。").format(name=name))
    for setting in (_SECRET, _USED, _ROUND, _ISSUED):
        set_meta(session, setting.format(name), None)


def known(session: Session, name: str, password: str, now: int) -> User | None:
    """The user, if the password is theirs; takes as long for a name that does not exist. Their token, made in the same transaction, is void
    if somebody changes the password meanwhile. `use_up` decides about the one-time code."""
    found = _found(session, name)
    right = verified(session, name, password)
    return User(found.name, found.role, now) if found is not None and found.pin == right else None


def verified(session: Session, name: str, password: str) -> str | None:
    """The hash of the user's password, if this is it; takes as long for a name that does not exist."""
    found = _found(session, name)
    hashed = found.pin if found is not None else _nobody()
    try:
        argon2id.verify(hashed.encode("ascii"), password.encode())
    except CryptoError:
        return None
    return str(hashed) if found is not None else None


def use_up(session: Session, name: str, code: str, now: int) -> bool:
    """Whether a one-time code is right, or none is needed. A code, and those before it, are not taken again."""
    one_at_a_time(session, name)
    secret = _secret(session, name)
    if secret is None:
        return True
    period = _period(secret, code, now, after=int(get_meta(session, _USED.format(name)) or 0))
    if period is not None:
        set_meta(session, _USED.format(name), str(period))
    return period is not None


def one_at_a_time(session: Session, name: str) -> None:
    """Wait for the other transactions of a user that came this far; on PostgreSQL too, where several write at once."""
    session.conn.execute(select(account.c.name).where(account.c.name == name).with_for_update())


def _period(secret: bytes, code: str, now: int, after: int = 0) -> int | None:
    """The number of the period whose code this is, if it is a present one and later than `after`."""
    for period in range(max(now // _PERIOD - 1, after + 1), now // _PERIOD + 2):
        with suppress(InvalidToken):
            _codes(secret).verify(code.encode(), period * _PERIOD)
            return period
    return None


def uses_codes(session: Session, name: str) -> bool:
    """Whether signing in takes a one-time code."""
    return _secret(session, name) is not None


def offered(session: Session, user: User) -> tuple[str, str]:
    """The secret of one-time codes that a session offers its user, as they type it (base 32), and the address (otpauth:) of the QR code.
    It is the same throughout the session, so nothing is stored before the phone has shown that it knows it."""
    secret = _offered(session, user)
    return b32encode(secret).decode(), _codes(secret).get_provisioning_uri(user.name, "cunzhan")


def take_up(session: Session, user: User, code: str, now: int) -> None:
    """From now on signing in takes a code of the secret that was `offered`. Raises `Misused` if `code` is none, or codes are in use."""
    if uses_codes(session, user.name):
        raise Misused(_("动态码已经在用了。换手机请管理服务器的人用 cunzhan-server console add 加 --codes 重设。"))
    secret = _offered(session, user)
    if (period := _period(secret, code, now)) is None:
        raise Misused(_("动态码不对，没有开始用。请看手机的时间准不准，再输入现在显示的六位数。"))
    set_meta(session, _SECRET.format(user.name), secret.hex())
    set_meta(session, _USED.format(user.name), str(period))


def _offered(session: Session, user: User) -> bytes:
    return bytes.fromhex(_mac(session, user.name, f"codes {user.name} {user.since}"))[:20]


def _secret(session: Session, name: str) -> bytes | None:
    kept = get_meta(session, _SECRET.format(name))
    return bytes.fromhex(kept) if kept else None


def _codes(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), _PERIOD)  # what the authenticator apps of phones expect


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return argon2id.str(secrets.token_bytes(16), _OPS, _MEMORY).decode("ascii")


def token(session: Session, user: User, now: int) -> str:
    """The token of a session, as a cookie carries it."""
    stated = f"{urlsafe_b64encode(user.name.encode()).decode()}.{user.since}.{now}"
    return f"{stated}.{_mac(session, user.name, stated)}"


def user_of(session: Session, given: str, now: int) -> User | None:
    """The user whose token this is; None if it is not genuine, or its session is over."""
    stated, _dot, mac = given.rpartition(".")
    try:
        encoded, since, seen = stated.split(".")
        name, started, last = urlsafe_b64decode(encoded).decode(), int(since), int(seen)
    except (ValueError, Error):
        return None
    found = _found(session, name) if name.isprintable() else None
    if found is None or not same(mac, _mac(session, name, stated)):
        return None
    over = not 0 <= now - last <= IDLE or not 0 <= now - started <= WHOLE
    return None if over else User(found.name, found.role, started)


def sign_out(session: Session, user: User) -> None:
    """End every session of a user, so that a copied token is worth nothing."""
    set_meta(session, _ROUND.format(user.name), secrets.token_hex(8))


def form_key(session: Session, user: User) -> str:
    """What a form of this session carries, so that no other site can send it."""
    return _mac(session, user.name, f"form {user.name} {user.since}")


def sealed(session: Session, user: User, text: str) -> str:
    """Shows that a text in an address came from this session."""
    return _mac(session, user.name, f"text {user.name} {user.since} {text}")


def secret_once(session: Session, user: User, once: str, scope: str) -> bytes:
    """Ten bytes for the enrolment code of a place: the same whenever a form with the number `once` is sent again in this session."""
    return bytes.fromhex(_mac(session, user.name, f"code {user.name} {user.since} {once} {scope}"))[:10]


def device_mark(session: Session, name: str) -> str:
    """What a browser keeps from which the user signed in: later guesses of others do not make it wait."""
    nonce = secrets.token_hex(8)
    return f"{nonce}.{_marked(session, name, nonce)}"


def knows_device(session: Session, name: str, mark: str) -> bool:
    """Whether a browser's mark is genuine and this user's."""
    nonce, _dot, mac = mark.partition(".")
    return same(mac, _marked(session, name, nonce))


def device_cookie(name: str) -> str:
    """The part of the cookie's name that stands for the user, so that several may sign in from one browser."""
    return sha256(name.encode()).hexdigest()[:12]


def _marked(session: Session, name: str, nonce: str) -> str:
    return hmac.new(bytes.fromhex(get_meta(session, _KEY, "") or ""), f"device {name} {nonce}".encode(), sha256).hexdigest()


def same(given: str, key: str) -> bool:
    """Whether two keys are equal; takes the same time whatever they are."""
    return hmac.compare_digest(given.encode(), key.encode())


def _found(session: Session, name: str) -> Row[Any] | None:
    """The account's row, if it can sign in."""
    mine = (account.c.name == name) & account.c.disabled_at.is_(None) & account.c.pin.is_not(None)
    return session.conn.execute(select(account).where(mine)).first()


def _mac(session: Session, name: str, text: str) -> str:
    found, key = _found(session, name), get_meta(session, _KEY)
    if found is None or key is None:
        raise DomainError(_("控制台没有用户 {name}。").format(name=name))
    mixed = bytes.fromhex(key) + sha256(f"{found.pin} {get_meta(session, _ROUND.format(name), '')}".encode()).digest()
    return hmac.new(mixed, text.encode(), sha256).hexdigest()
