"""What the editors of forms need from the open store.

RecordForm(KINDS["employment"], form_tools(frame, station))
"""

from __future__ import annotations

from collections.abc import Sequence

from db.session import Session
from desktop.draft import drafts
from desktop.page import Frame
from desktop.station import Station
from desktop.widgets.editors import Tools
from desktop.widgets.picker import Option
from domain.words import _, lazy
from services import lookup, records
from services.importing.tables.titles import ENTERPRISE, carrier_type


def form_tools(frame: Frame, station: Station) -> Tools:
    """Return the editors' tools for the open store."""
    return Tools(
        frame.jobs,
        find=station.reading(_find),
        title_of=station.reading(lookup.title_of),
        reveal=lambda: frame.reason() is not None,
        doubts={"bank_account": station.reading(_account)},
        home=station.store.scope,
        add={} if station.why_not else {"employer": station.writing(lambda name: lazy("新增单位 {name}", name=name), _add_employer)},
        drafts=drafts(station),
        begun=lambda: frame.message(station.why_not) if station.why_not else None,
    )


_LISTED = 8
"""How many suggestions a search field shows."""


def _add_employer(session: Session, name: str) -> str:
    """Save an employer of the type that its name indicates and return its id; a workshop is in the village. Raises `DomainError`."""
    type = carrier_type(name)
    return records.save(session, "employer", {"name": name, "type": type, "place": None if type == ENTERPRISE else session.scope})


def _account(session: Session, account: str) -> str:
    """A warning if somebody else has the same account: one copied from the wrong line would pay the wrong person."""
    others = lookup.same_account(session, account)
    names = _("、").join(f"{one.title}（{one.detail}）" if one.detail else one.title for one in others[:3])
    return _("请核对：{names}的账号也是这个").format(names=names) if others else ""


def _find(session: Session, kind: str, text: str) -> Sequence[Option]:
    """The first that match, with a remark if there are more: a clerk who does not see somebody would register them again."""
    found = [Option(one.id, one.title, one.detail) for one in lookup.find(session, kind, text, _LISTED + 1)]
    return found if len(found) <= _LISTED else [*found[:_LISTED], Option("", _("还有没列出的，再多打几个字"))]
