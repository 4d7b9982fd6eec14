"""The author of a change, `name@station` in records and log. A station is named after its scope: `230826101202-3f2a…`."""

from __future__ import annotations

from domain import divisions


def name_of(by: str) -> str:
    """The user's name."""
    return by.partition("@")[0]


def station_of(by: str) -> str:
    """The station."""
    return by.rpartition("@")[2]


def scope_of(by: str) -> str:
    """The scope the station belongs to."""
    return station_of(by).partition("-")[0]


def laptop(station: str) -> str:
    """A short display name of a station: 解放村-3F2A."""
    scope, _dash, rest = station.partition("-")
    place = divisions.called(scope)
    return f"{place}-{rest[-4:].upper()}" if rest else place
