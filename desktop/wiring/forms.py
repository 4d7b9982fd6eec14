"""What editors of forms need from the open store, made once for every page's wiring.

RecordForm(KINDS["employment"], form_tools(frame, station))
"""

from __future__ import annotations

from collections.abc import Sequence

from db.session import Session
from desktop.page import Frame
from desktop.station import Station
from desktop.widgets.editors import Tools
from desktop.widgets.picker import Option
from services import finding


def form_tools(frame: Frame, station: Station) -> Tools:
    """The editors' tools over the open store."""
    return Tools(
        frame.jobs,
        find=station.reading(_find),
        title_of=station.reading(finding.title_of),
        reveal=lambda: frame.reason() is not None,
        home=station.store.scope,
    )


def _find(session: Session, kind: str, text: str) -> Sequence[Option]:
    return [Option(one.id, one.title, one.detail) for one in finding.find(session, kind, text)]
