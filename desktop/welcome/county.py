"""Enrols this laptop with its county and returns a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import InputUnusable
from domain.words import _

if TYPE_CHECKING:
    from db.store import Store


class WrongAddress(InputUnusable):
    """What was typed is no address of a server."""


def enrol(store: Store, server: str, code: str) -> str:
    """Enrol and return the message; raises `Unreachable`, `Refused`, `WrongAddress` or another `InputUnusable`."""
    from sync.station.enrol import enrol as enrol_at  # loads the network library, so only when needed
    from sync.wire.link import server_url

    try:
        server_url(server)
    except InputUnusable as error:
        raise WrongAddress(str(error)) from error
    device = enrol_at(store, server, code)
    return _("已加入县服务器，本机编号 {device}。").format(device=device)
