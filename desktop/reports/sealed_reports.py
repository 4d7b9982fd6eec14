"""Submitting and comparing monthly reports (报出), with the store: the text of what `services.reports.sealing` finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from db.session import Session
from desktop.paper.document import Paper, pdf
from desktop.station import Station
from desktop.widgets.ledger_model import Row
from domain import clock, divisions
from domain.authors import name_of
from domain.errors import InputUnusable, NotFound
from domain.words import _, lazy
from services import attachments
from services.reports import completeness, sealing
from services.reports.monthly import MEASURES
from services.reports.sealed import Sealed, Signer
from services.reports.sealed_since import reasons
from services.reports.sealing import Difference, Handed
from services.standing import names
from sync.station.report_keys import signing

PDF = ".pdf"
_NAMED = 5
"""How many people of one difference are named; `cunzhan report sealed --json` lists all."""


@dataclass(frozen=True)
class MonthStatus:
    """The state of a month: the sentence about its report, "" if none was submitted; a row for each figure that differs from the reported
    one, with `why`: who was added or removed; the number of lines of 补报、更正 a report could contain; and what is unfinished, "" if
    nothing is."""

    month: str
    sentence: str
    differing: Sequence[Row]
    corrections: int
    unfinished: str = ""
    returned: Sequence[Row] = ()
    """At a township or county: a row for each village, with who handed in its report and when."""


def seal(session: Session, month: str, correcting: bool, home: Path) -> str:
    """Submit the report of a month, with or without corrections; returns the message."""
    found = signing(session)
    signer = None if found is None else Signer(*found)
    id = sealing.seal(session, month, home=home, signer=signer, correcting=correcting)
    one, _data = sealing.opened(session, id)
    said = _("{month} 月报已报出，封存号 {sha}，同步以后县里也有一份。").format(month=month, sha=one.sha256[:16])
    same = sealing.same_as_before(session, id)
    return said + (_("和 {at} 报出的一样，数字和人员都没有变。").format(at=clock.text(same)) if same else "")


def standing(session: Session, month: str) -> MonthStatus:
    """Return the state of a month."""
    status = MonthStatus(month, "", (), len(sealing.corrections(session, month)), _unfinished(session, month), _returned(session, month))
    try:
        which = sealing.last(session, month)
    except NotFound:
        return status
    try:
        one, _data = sealing.opened(session, which.id)
    except (InputUnusable, NotFound) as error:  # another can be submitted
        return replace(status, sentence=str(error))
    found = sealing.compared(session, one)
    sentence = _("{at} 由 {by} 报出，封存号 {sha}，{state}。").format(
        at=clock.text(one.facts["at"]), by=one.facts["by"], sha=one.sha256[:16], state=which.state_text
    )
    comparison = _("现在有 {n} 个数字不一样。").format(n=len(found)) if found else _("现在的数字与报出的一样。")
    return replace(status, sentence=sentence + comparison, differing=_differing(session, which, one, found))


def _returned(session: Session, month: str) -> list[Row]:
    return [
        {"id": one.last.id if one.last else "", "village": divisions.called(one.scope), **_when(one.last)}
        for one in completeness.of_villages(session, month)
    ]


def _when(one: Handed | None) -> Row:
    if one is None:
        return {"at": _("没报"), "by": "", "state": ""}
    return {"at": clock.when(one.at), "by": name_of(one.by), "state": one.state_text}


def _unfinished(session: Session, month: str) -> str:
    told = completeness.unfinished(session, month)
    return _("现在报出：{told}").format(told=told) if told else ""


def paper(session: Session, month: str, id: str = "") -> Paper:
    """Return the last report of a month for printing, or the one with that id."""
    one, _data = sealing.opened(session, id or sealing.last(session, month).id)
    return Paper(sealing.form_of(one)).for_window()


def _differing(session: Session, which: Handed, one: Sealed, found: Sequence[Difference]) -> list[Row]:
    shown = {id for d in found for id in (*d.came[:_NAMED], *d.went[:_NAMED])}
    called = names(session, sorted(shown))
    why = {id: _("；").join(reasons(session, one, which.id, id)) for id in shown}

    def people(sign: str, ids: Sequence[str]) -> list[str]:
        lines = [_("{sign} {name}：{why}").format(sign=sign, name=called.get(id) or _("（不在本站）"), why=why[id]) for id in ids[:_NAMED]]
        return [*lines, _("等 {n} 人").format(n=len(ids))] if len(ids) > _NAMED else lines

    return [
        {
            "place": d.name,
            "measure": _(MEASURES[d.measure].label),
            "reported": str(d.reported),
            "now": str(d.now),
            "by": f"{d.now - d.reported:+d}",
            "why": "　".join(people("+", d.came) + people("-", d.went)),
        }
        for d in found
    ]


def save(station: Station, month: str, id: str, file: Path) -> None:
    """Write the file as it was submitted. The PDF is made once and stored, unless the user may only read."""
    with station.store.read() as session:
        which = next((one for one in sealing.handed(session, month) if one.id == id), None) or sealing.last(session, month)
        one, data = sealing.opened(session, which.id)
        kept = sealing.paper(session, which) if file.suffix == PDF else data
    if kept is None:
        kept, _pages = pdf(Paper(sealing.form_of(one)))
        if not station.reads_only:
            station.writing(lazy("存下报出的月报"), sealing.keep_paper)(which, kept)
    attachments.save_as(kept, file)
