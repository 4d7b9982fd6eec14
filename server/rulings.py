"""Writes the county's rulings on claims for one benefit into the logs of their villages (`cunzhan-server arbitrate`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from db.session import Session
from domain.words import LazyText, lazy
from services.claims import arbitration
from services.claims.arbitration import Ruling
from sync.county.acts.authoring import author, edit, insertion, lock
from sync.county.keys import CountyKeys
from sync.wire.columns import Change

_BATCH = 50
"""Rulings per transaction, during which stations wait."""


def parts(found: Sequence[Ruling]) -> list[Sequence[Ruling]]:
    """The rulings in parts, of which each has its own transaction. There is always one, so that every run is in the list of acts."""
    return [found[n : n + _BATCH] for n in range(0, max(len(found), 1), _BATCH)]


def settle(part: Sequence[Ruling], session: Session, keep: Callable[[LazyText], None], *, keys: CountyKeys, year: int) -> int:
    """Write rulings, and by `keep` a line in the list of acts; returns how many claims were refused or sent back with a lower amount.
    Claims changed meanwhile are left for the next run."""
    lock(session, sorted({ruling.village for ruling in part} | {loser.village for ruling in part for loser in ruling.losers}))
    refused = sum(_settle(session, keys, ruling) for ruling in part if ruling.winner is not None)
    keep(lazy("裁定 {year} 年重复申报：{n} 组，{refused} 笔不予通过或减月退回", year=year, n=len(part), refused=refused))
    return refused


def _settle(session: Session, keys: CountyKeys, ruling: Ruling) -> int:
    changes: dict[str, list[Change]] = defaultdict(list)
    losers = arbitration.still_open(session, ruling)
    for loser, now in losers:
        values, state = arbitration.settled(ruling, loser, now)
        if state is not None:  # an approved claim can be changed only after it was sent back
            step = {"claim_id": now.claim.id, "to_state": state, "by": session.author, "at": session.at}
            changes[now.claim.village].append(insertion(session, "claim_step", step | {"opinion": ruling.sentence(loser)}))
        changes[now.claim.village].append(edit(session, "claim", now.claim.id, values))
    for scope in sorted(changes):
        author(session, keys, scope, changes[scope])
    return len(losers)
