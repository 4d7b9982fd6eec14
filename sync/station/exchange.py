"""One exchange with the county over the network: seal changes, send unacknowledged batches, apply entries not read yet."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from time import monotonic, time

from db import unindexed
from db.exchange import log_exchange
from db.store import Store
from domain.errors import CunzhanError
from domain.progress import Progress, unwatched
from sync.station.asking import one_at_a_time
from sync.station.attachments import Transfer, TransferResult
from sync.station.enrol import enrolled
from sync.station.outstanding import outstanding
from sync.station.receiving.newer_program import learn, to_learn
from sync.station.recovery.kept_copies import clean_up_copies
from sync.station.result import ExchangeResult
from sync.station.revocation import record_status
from sync.station.rounds import Rounds
from sync.station.sealing.seal import restored
from sync.station.stick.courier import forward
from sync.wire.connection import Transport
from sync.wire.link import Link, connect


@one_at_a_time
def exchange(store: Store, *, progress: Progress = unwatched, transport: Transport | None = None) -> ExchangeResult:
    """Exchange everything with the county. Raises `Unreachable` or `Refused` with a sentence; changes not exchanged stay in the outbox.

    `progress` may raise `Stopped` between rounds. Runs on any thread; other threads may read and write the store meanwhile.
    """
    started = monotonic()
    with store.read() as session:
        rounds = Rounds(store, enrolled(session), outstanding(session), progress)
        rounds.unindexed = unindexed.missing(session)  # if the last exchange could not make them
        learns = to_learn(session)
        nothing = not (learns or rounds.requests.there.unsealed or rounds.requests.there.batches or restored(session))
        first = rounds.requests.build(session) if nothing else None
    try:
        with connect(rounds.requests.me.server, rounds.requests.me.ca, transport, rounds.busy) as link:
            if learns:
                learn(store)
            rounds.run(link, first or rounds.seal())
            if rounds.requests.there.carried and forward(store, rounds.requests.me, link):
                rounds.run(link, None)  # fetch the villages' changes at once; otherwise the result would say that nothing is new
            files = Transfer(store, rounds.requests.me, link, progress).run() if rounds.files() else TransferResult()
            result = _result(rounds, link, monotonic() - started, files)
    except CunzhanError as error:
        _complete(rounds)
        _note(rounds, str(error), ExchangeResult(pushed=rounds.result.pushed, pulled=rounds.result.pulled), ok=False)
        raise
    _complete(rounds)
    _note(rounds, result.sentence(), result)
    clean_up_copies(store, int(time()) + (rounds.requests.me.clock if rounds.facts.clock is None else rounds.facts.clock))
    return result


def _complete(rounds: Rounds) -> None:
    """Make the indexes that were left out while records came in; if the disk is full, the next opening of the store makes them."""
    if rounds.unindexed:
        with suppress(CunzhanError):
            with rounds.store.read() as session:
                missing = unindexed.missing(session)
            if missing:
                unindexed.complete(rounds.store)


def _result(rounds: Rounds, link: Link, seconds: float, files: TransferResult) -> ExchangeResult:
    """The figures of the rounds, and those of the line and the files."""
    return replace(
        rounds.result,
        requests=link.requests,
        bytes_sent=link.sent,
        bytes_received=link.received,
        seconds=round(seconds, 3),
        forked=rounds.requests.forked,
        different=rounds.check.found,
        mended=rounds.check.mended,
        disputed=rounds.check.disputed,
        files_sent=files.sent,
        files_received=files.received,
        files_left=files.left,
    )


def _note(rounds: Rounds, message: str, result: ExchangeResult, *, ok: bool = True) -> None:
    """Store the result of the exchange for display. The records are on the disk already."""
    with rounds.store.noting() as session:
        rounds.facts.keep(session, rounds.requests.me)
        if ok and rounds.requests.me.revoked:
            record_status(session, "ok")
        log_exchange(session, ok=ok, message=message, figures=vars(result))
