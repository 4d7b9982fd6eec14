"""A county's templates on their way to the stations: signed with its key and carried by the records that carry policy packs.

    text = signed("application", data, version, key)     what the county writes as a `policy_pack` record (`as_record`)
    of(session, "application")                           the workbook or Word document in force here, None for the usual layout

A station takes the highest version its own county signed, whoever handed the record on. A workbook of no bytes takes a template back.
A Word document stands under a word of its own: programs that know workbooks only pass it over and keep what was in force.
What is taken is looked through like any other template (`services.forms.templates`), before it is signed and again at every use.
"""

from __future__ import annotations

import tomllib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any, Final

from nacl.signing import SigningKey, VerifyKey

from db.local import COUNTY_KEY, get_meta
from db.mapping import table
from db.session import Session
from db.signatures import verify
from domain.errors import InputUnusable
from domain.policy.pack import split_signature
from domain.records import PolicyPack
from domain.words import _
from services.forms import catalogue, templates

MAX_BYTES: Final = 100_000
"""Of a template that travels: a record's JSON value takes so much as base64 with its signature."""
_DOMAIN: Final = b"cunzhan form 1\n"
"""What the signature of a template begins with, so that it can never pass for a signature of anything else."""
_PREFIX: Final = "form:"
_HOLDS: Final = {templates.EXCEL: "workbook", templates.WORD: "document"}
_MOST: Final = 10**9


def signed(name: str, data: bytes | None, version: int, key: SigningKey) -> str:
    """A template as it travels; None takes it back. Raises `InputUnusable` or `NotFound` for a file no station would take."""
    catalogue.known(name) if data is None else templates.check(name, data)
    data = data or b""
    if len(data) > MAX_BYTES:
        raise InputUnusable(_("样表超过 {n} KB，发不下去。请去掉图片和用不到的内容。").format(n=MAX_BYTES // 1000))
    body = f'form = "{name}"\nversion = {version}\n{_HOLDS[templates.ending(data)]} = "{b64encode(data).decode()}"\n'
    sign = key.sign(_DOMAIN + body.encode()).signature.hex()
    return f"{body}# signature {bytes(key.verify_key).hex()} {sign}\n"


def as_record(name: str, version: int, text: str) -> dict[str, Any]:
    """The values of the record that carries a signed template."""
    return {"pack": _PREFIX + name, "version": str(version), "content": text}


def next_version(session: Session, name: str, key: VerifyKey) -> int:
    """The version after the highest this key signed."""
    return 1 + max((version for version, _data in _issued(session, name, bytes(key).hex())), default=0)


def of(session: Session, name: str) -> bytes | None:
    """The county's template of a form at a station, None where there is none in force."""
    trusted = get_meta(session, COUNTY_KEY)
    found = list(_issued(session, name, trusted)) if trusted else []
    return max(found, key=lambda one: one[0])[1] or None if found else None


def _issued(session: Session, name: str, key: str) -> Iterator[tuple[int, bytes]]:
    """Version and template of every record of a form that the key signed; what anybody else wrote is passed over."""
    for record in session.select(PolicyPack, table("policy_pack").c.pack == _PREFIX + name):
        said = _read(record.content, key)
        if said is not None and said["form"] == name:
            yield said["version"], said["data"]


def _read(content: Any, key: str) -> dict[str, Any] | None:
    if not isinstance(content, str):
        return None
    body, signature = split_signature(content.encode())
    if signature is None or signature[0] != key or not verify(bytes.fromhex(key), _DOMAIN + body, bytes.fromhex(signature[1])):
        return None
    try:
        said = tomllib.loads(body.decode())
        holds = next((word for word in _HOLDS.values() if said.keys() == {"form", "version", word}), "")
        sound = holds and isinstance(said["version"], int) and 0 < said["version"] < _MOST
        return said | {"data": b64decode(said[holds], validate=True)} if sound else None
    except (ValueError, TypeError, RecursionError):
        return None
