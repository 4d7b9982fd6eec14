"""Who may write what: judged by the county, operation by operation, before a batch is applied. What is refused is held."""

from __future__ import annotations

from typing import Protocol

from db.session import Session
from sync.envelope import Batch
from sync.wire import writes


class Writer(Protocol):
    """Who sealed a batch: an enrolled device's row, or the county itself (whose scope is empty: it writes everywhere)."""

    @property
    def station(self) -> str:
        """Its name."""

    @property
    def scope(self) -> str:
        """Its scope; it writes there and below."""

    @property
    def incarnation(self) -> int:
        """The incarnation it writes in."""

    @property
    def key(self) -> bytes:
        """Its public key (Ed25519)."""


def refusals(session: Session, writer: Writer, batch: Batch) -> dict[int, str]:
    """The operations of a batch its writer may not make: place and reason; -1 stands for all of them.

    Whatever depends on level or user (the steps of a claim) is judged here too: `batch.groups` has the operations, `session` the county's
    state before them.
    """
    return {} if writes(writer.scope, batch.header.scope) else {-1: "rights"}
