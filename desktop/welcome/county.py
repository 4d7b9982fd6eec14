"""Enrolling this device with its county, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.words import _

if TYPE_CHECKING:
    from db.store import Store


def enrol(store: Store, server: str, code: str) -> str:
    """Enrol and answer a sentence; raises `Unreachable`, `Refused` or `InputUnusable`."""
    from sync.station.enrol import enrol as enrol_at  # the network library is only loaded by those who use the network

    device = enrol_at(store, server, code)
    return _("已加入县服务器，本机编号 {device}。").format(device=device)
