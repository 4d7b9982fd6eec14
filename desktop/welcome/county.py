"""Enrols this laptop with its county and returns a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.words import _

if TYPE_CHECKING:
    from db.store import Store


def enrol(store: Store, server: str, code: str) -> str:
    """Enrol and return the message; raises `Unreachable`, `Refused` or `InputUnusable`."""
    from sync.station.enrol import enrol as enrol_at  # loads the network library, so only when needed

    device = enrol_at(store, server, code)
    return _("已加入县服务器，本机编号 {device}。").format(device=device)
