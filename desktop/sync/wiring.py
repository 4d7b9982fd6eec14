"""同步 with the store behind it."""

from __future__ import annotations

from db import exchange
from db.local import get_meta
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.sync.automatic import AutoSync
from desktop.sync.lan_model import LanModel
from desktop.sync.page import EVERY, USUAL, SyncPage
from desktop.sync.stick_model import StickModel
from desktop.sync.view_model import SyncModel
from desktop.wiring.forms import form_tools
from sync.replica import identity
from sync.station.exchange import exchange as exchange_now


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    model = SyncModel(frame.jobs, frame.run_long, station)
    sticks = StickModel(frame.jobs, frame.run_long, station)
    lan = LanModel(frame.jobs, frame.run_long, station)
    return SyncPage(frame, model, sticks, lan, form_tools(frame, station)).keeping(model, sticks, lan)


def automatic(frame: Frame, station: Station) -> AutoSync:
    """Syncing by itself for as long as the window stands; `start` it."""
    store = station.store
    reachable = station.reading(lambda session: exchange.enrolled(session) and bool(get_meta(session, identity.SERVER)))
    made = AutoSync(
        frame.jobs,
        lambda: exchange_now(store) if reachable() else None,
        minutes=lambda: round(frame.preferences.number(EVERY, USUAL)),
    )
    made.said.connect(frame.message)
    made.moved.connect(frame.records_changed)
    return made
