"""A county's templates, distributed to the stations: signed with its key and carried by the records that carry policy packs.

    text = signed("application", data, version, key)     content of the `policy_pack` record (`as_record`)
    of(session, "application")                           the template in force at a station, None for the standard layout

A station uses the highest version signed by its own county, whoever passed the record on. An empty template withdraws the earlier one. A
Word document has a different key in the content, so that older programs, which know only workbooks, ignore it and keep the earlier
template. A template is checked like any other (`services.forms.templates`) before signing and again at every use.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any, Final

from nacl.signing import SigningKey, VerifyKey

from db.local import COUNTY_KEY, get_meta
from db.session import Session
from db.signatures import verify
from domain.errors import InputUnusable
from domain.policy.pack import parsed, split_signature
from domain.records import PolicyPack
from domain.words import _
from services.forms import catalogue, templates

MAX_BYTES: Final = 100_000
"""Most bytes of a distributed template, which with base64 and signature still fit a record's JSON value."""
_DOMAIN: Final = b"cunzhan form 1\n"
"""Prefix of the signed data, so that the signature is not valid for anything else."""
_PREFIX: Final = "form:"
_CONTENT_KEYS: Final = {templates.EXCEL: "workbook", templates.WORD: "document"}
_MAX_VERSION: Final = 10**9


def signed(name: str, data: bytes | None, version: int, key: SigningKey) -> str:
    """The signed content for a template; None as `data` withdraws it. Raises `InputUnusable` or `NotFound` for a file that stations would
    refuse."""
    catalogue.known(name) if data is None else templates.check(name, data)
    data = data or b""
    if len(data) > MAX_BYTES:
        raise InputUnusable(_("样表超过 {n} KB，发不下去。请去掉图片和用不到的内容。").format(n=MAX_BYTES // 1000))
    body = f'form = "{name}"\nversion = {version}\n{_CONTENT_KEYS[templates.ending(data)]} = "{b64encode(data).decode()}"\n'
    sign = key.sign(_DOMAIN + body.encode()).signature.hex()
    return f"{body}# signature {bytes(key.verify_key).hex()} {sign}\n"


def as_record(name: str, version: int, text: str) -> dict[str, Any]:
    """The values of the record that carries a signed template."""
    return {"pack": _PREFIX + name, "version": str(version), "content": text}


def next_version(session: Session, name: str, key: VerifyKey) -> int:
    """The next version number after the highest signed with this key."""
    return 1 + max((version for version, _data in _issued(session, name, bytes(key).hex())), default=0)


def issued(session: Session, name: str, key: VerifyKey) -> bool:
    """Whether a template signed with this key is in force, so that there is one to withdraw."""
    return bool(max(_issued(session, name, bytes(key).hex()), default=(0, b""))[1])


def of(session: Session, name: str) -> bytes | None:
    """The county's template of a form in force at this station; None if there is none."""
    trusted = get_meta(session, COUNTY_KEY)
    found = list(_issued(session, name, trusted)) if trusted else []
    return max(found, key=lambda one: one[0])[1] or None if found else None


def _issued(session: Session, name: str, key: str) -> Iterator[tuple[int, bytes]]:
    """Version and template of each record for a form with a valid signature of the key; other records are ignored."""
    for record in session.select(PolicyPack, pack=_PREFIX + name):
        content = _read(record.content, key)
        if content is not None and content["form"] == name:
            yield content["version"], content["data"]


def _read(content: Any, key: str) -> dict[str, Any] | None:
    if not isinstance(content, str):
        return None
    body, signature = split_signature(content.encode())
    if signature is None or signature[0] != key or not verify(bytes.fromhex(key), _DOMAIN + body, bytes.fromhex(signature[1])):
        return None
    try:
        values = parsed(body)
        key_found = next((word for word in _CONTENT_KEYS.values() if values.keys() == {"form", "version", word}), "")
        sound = key_found and isinstance(values["version"], int) and 0 < values["version"] < _MAX_VERSION
        return values | {"data": b64decode(values[key_found], validate=True)} if sound else None
    except (InputUnusable, ValueError, TypeError):
        return None
