"""Processing of USB bundles at the county: verify writer and integrity, process the content as over the network, build the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row, select

from db import county_backup
from db.county import County
from db.exchange import device_of, enrolment_code
from db.session import utc_now
from sync.county import contents, enrolment
from sync.county.answering import exchange_by_file
from sync.county.keys import CountyKeys
from sync.replica.history import parted
from sync.replica.pieces import open_manifest
from sync.wire import bundle, trust
from sync.wire.bundle import MAX_BODY, Bundle, Index, decoded
from sync.wire.envelope import START, digest
from sync.wire.messages import PROTOCOL, Answer, Enrol, Enrolled, Files, Relayed, Request, pack
from sync.wire.trust import code_hash
from sync.wire.words import BundleError

_KEY = 32


@dataclass(frozen=True)
class Taken:
    """The result for a bundle. `status`: a code of `STATUS` (ok among them) or of `bundle_words`; `answer`: the bundle for its station."""

    bundle: Bundle
    status: str
    answer: Bundle | None = None
    first: Bundle | None = None
    """For a request to enrol, a second bundle with the entries or snapshots to read."""

    def written(self) -> list[Bundle]:
        """The bundles for the answer file."""
        return [one for one in (self.answer, self.first) if one is not None]


def take_all(county: County, keys: CountyKeys, found: Iterable[Bundle]) -> Iterator[Taken]:
    """Take in every upward bundle of a file, one at a time: none is kept, nor its answer. One that is refused does not stop the others, and
    is told to its courier; at the end raises `BundleError` when all were."""
    refused: BundleError | None = None
    some = False
    for one in found:
        if one.index.kind not in ("up", "enrol"):
            continue
        try:
            taken = take(county, keys, one)
            some = True
        except BundleError as error:
            refused = refused or error
            taken = Taken(one, error.word, _refusal(keys, one, error.word))
        yield taken
    if not some:
        raise refused or BundleError("answers")


def _refusal(keys: CountyKeys, found: Bundle, word: str) -> Bundle:
    head = replace(found.index, kind="refused", county=keys.county, at=utc_now(), of=found.sha256)
    return bundle.make(head, pack(Relayed(word)), keys.signing)


def take(county: County, keys: CountyKeys, found: Bundle) -> Taken:
    """Process one upward bundle. Raises `BundleError`; then nothing changed."""
    if found.index.kind == "enrol":
        return _enrol(county, keys, found)
    if found.index.kind != "up":
        raise BundleError("answers")
    if found.index.county != keys.county:
        raise BundleError("county")
    with county.read() as session:
        asking = device_of(session, found.index.station)
    if asking is None:
        raise BundleError("unknown")
    if not found.signed_by(bytes(asking.key)):
        raise BundleError("signature")
    request = decoded(Request, bundle.unseal_at_county(keys.signing, found.body))
    if request.station != asking.station:
        raise BundleError("signature")
    answer = _answered(county, keys, asking, request, found.index.at)
    return Taken(found, answer.status, _down(keys, asking, request, answer, replace(found.index, of=found.sha256)))


def _answered(county: County, keys: CountyKeys, asking: Row[Any], request: Request, written: str = "") -> Answer:
    with county.read() as session:
        lost = parted(session, request, asking.scope)
    if lost:
        county_backup.notice(county, asking.station)
    answer = _with_rest(county, keys, asking, request, exchange_by_file(county, keys, asking, request, MAX_BODY, written=written))
    given = None
    if answer.status == "ok" and request.files is not None:  # after the records: these say who may send and read what
        held, pieces = contents.carry(county, asking, request.files, bundle.FILES_BUDGET)
        given = Files(offered=request.files.offered[: len(held)], held=held, pieces=pieces)
    return replace(answer, files=given)


def _with_rest(county: County, keys: CountyKeys, asking: Row[Any], request: Request, answer: Answer) -> Answer:
    """The answer, with what came after a whole snapshot if there is one in it: the next trip may be a week away."""
    offer = answer.offer
    manifest = open_manifest(offer.manifest) if offer is not None and offer.manifest else None
    if offer is None or manifest is None or len(offer.pieces) < len(manifest.pieces):
        return answer
    left = MAX_BODY - sum(map(len, offer.pieces)) - sum(len(e.batch or b"") for e in answer.entries)
    read = (request.cursors or {}) | {e.scope: e.seq for e in answer.entries} | {manifest.scope: manifest.seq}
    further = replace(request, cursors=read, tips=[], holding=None, batches=[], state=b"", sums=None, budget=max(left, 1))
    rest = exchange_by_file(county, keys, asking, further, max(left, 1))
    return replace(answer, entries=answer.entries + rest.entries, more=rest.more)


def _down(keys: CountyKeys, asking: Row[Any], request: Request, answer: Answer, index: Index) -> Bundle:
    """Return the bundle with an answer. `index`: that of the bundle it answers, with that one's hash in `of`."""
    said = {"incarnation": request.incarnation, "last": answer.received, "records": len(answer.entries), "at": utc_now()}
    head = replace(index, kind="down", county=keys.county, scope=asking.scope, **said)
    return bundle.make(head, bundle.seal_to_station(bytes(asking.seal_key), pack(answer)), keys.signing)


def _enrol(county: County, keys: CountyKeys, found: Bundle) -> Taken:
    """Process a request to enrol. The code with which it was sealed is found by the id in its index."""
    with county.read() as session:
        codes = session.conn.execute(select(enrolment_code.c.code)).scalars().all()
    code = next((one for one in codes if trust.code_id(one) == found.index.of), None)
    if code is None:
        raise BundleError("code")
    asked = decoded(Enrol, trust.unlock_by_code("up", code, found.body))
    if code_hash(asked.code) != code or asked.station != found.index.station or not found.signed_by(asked.key):
        raise BundleError("signature")
    if len(asked.seal_key) != _KEY:
        raise BundleError("damaged")
    answer = enrolment.enrol(county, keys, asked)
    sealed = bundle.seal_to_station(asked.seal_key, trust.lock_by_code("down", code, pack(answer)))
    head = replace(found.index, kind="enrolled", county=keys.county, at=utc_now(), of=found.sha256)
    return Taken(found, answer.status, bundle.make(head, sealed, keys.signing), _beginning(county, keys, found, answer))


def _beginning(county: County, keys: CountyKeys, found: Bundle, answer: Enrolled) -> Bundle | None:
    """What a newly enrolled station has to read, along with the answer, so that without a network it begins after one trip instead of two.
    Its `of` names no bundle, so that a courier does not put it in the answer's place."""
    with county.read() as session:
        asking = device_of(session, found.index.station)
    if answer.status != "ok" or asking is None:
        return None
    request = Request(
        protocol=PROTOCOL,
        schema=1,
        program=asking.version or "",
        station=asking.station,
        incarnation=answer.incarnation,
        token=b"",
        number=0,
        sha256=START,
        unsent=asking.unsent,
        cursors={},
        digest=b"",
        budget=MAX_BODY,
        batches=[],
    )
    first = _answered(county, keys, asking, request)
    given = first.entries or first.offer
    return _down(keys, asking, request, first, replace(found.index, of=digest(found.sha256))) if given else None
