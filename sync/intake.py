"""USB bundles as the county takes them in: who wrote it, is it whole, then the same door as over the network, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy import select

from db import county_backup
from db.county import County
from db.exchange import device, enrolment_code
from db.session import utc_now
from sync import admit, bundle, by_code
from sync.bundle import MAX_BODY, Bundle, decoded
from sync.bundle_words import BundleError
from sync.county import CountyKeys, exchange_by_file
from sync.history import parted
from sync.trust import code_hash
from sync.wire import Enrol, Relayed, Request, pack

_KEY = 32


@dataclass(frozen=True)
class Taken:
    """What became of a bundle. `status`: ok, a word of `wire.STATUS`, or why it was refused (`bundle_words`); `answer`: for its station."""

    bundle: Bundle
    status: str
    answer: Bundle | None = None


def take_all(county: County, keys: CountyKeys, found: Sequence[Bundle]) -> list[Taken]:
    """Take in every upward bundle of a file. One that is refused does not stop the others, and is told to its courier; raises
    `BundleError` when all are."""
    upward = [one for one in found if one.index.kind in ("up", "enrol")]
    if not upward:
        raise BundleError("answers")
    taken, errors = [], []
    for one in upward:
        try:
            taken.append(take(county, keys, one))
        except BundleError as error:
            errors.append(error)
            taken.append(Taken(one, error.word, _refusal(keys, one, error.word)))
    if len(errors) == len(upward):
        raise errors[0]
    return taken


def _refusal(keys: CountyKeys, found: Bundle, word: str) -> Bundle:
    head = replace(found.index, kind="refused", county=keys.county, at=utc_now(), of=found.sha256)
    return bundle.make(head, pack(Relayed(word)), keys.signing)


def take(county: County, keys: CountyKeys, found: Bundle) -> Taken:
    """Take in one upward bundle; raises `BundleError`, and then nothing changed."""
    if found.index.kind == "enrol":
        return _enrol(county, keys, found)
    if found.index.kind != "up":
        raise BundleError("answers")
    if found.index.county != keys.county:
        raise BundleError("county")
    with county.read() as session:
        asking = session.conn.execute(select(device).where(device.c.station == found.index.station)).first()
    if asking is None:
        raise BundleError("unknown")
    if not found.signed_by(bytes(asking.key)):
        raise BundleError("signature")
    request = decoded(Request, bundle.unseal_at_county(keys.signing, found.body))
    if request.station != asking.station:
        raise BundleError("signature")
    with county.read() as session:
        lost = parted(session, request)
    if lost:
        county_backup.notice(county)
    answer = exchange_by_file(county, keys, asking, request, MAX_BODY)
    head = replace(
        found.index,
        kind="down",
        scope=asking.scope,
        incarnation=request.incarnation,
        last=answer.received,
        records=len(answer.entries),
        at=utc_now(),
        of=found.sha256,
    )
    sealed = bundle.seal_to_station(bytes(asking.seal_key), pack(answer))
    return Taken(found, answer.status, bundle.make(head, sealed, keys.signing))


def _enrol(county: County, keys: CountyKeys, found: Bundle) -> Taken:
    """A request to enrol; the code it was sealed with is found by the mark in its index."""
    with county.read() as session:
        codes = session.conn.execute(select(enrolment_code.c.code)).scalars().all()
    code = next((one for one in codes if by_code.code_id(one) == found.index.of), None)
    if code is None:
        raise BundleError("code")
    asked = decoded(Enrol, by_code.unlock("up", code, found.body))
    if code_hash(asked.code) != code or asked.station != found.index.station or not found.signed_by(asked.key):
        raise BundleError("signature")
    if len(asked.seal_key) != _KEY:
        raise BundleError("damaged")
    answer = admit.enrol(county, keys, asked)
    sealed = bundle.seal_to_station(asked.seal_key, by_code.lock("down", code, pack(answer)))
    head = replace(found.index, kind="enrolled", county=keys.county, at=utc_now(), of=found.sha256)
    return Taken(found, answer.status, bundle.make(head, sealed, keys.signing))
