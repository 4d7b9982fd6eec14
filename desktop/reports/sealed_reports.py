"""Submitting and comparing monthly reports (报出), with the store: the text of what `services.reports.sealing` finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from db.session import Session
from desktop.paper.document import Paper, pdf
from desktop.station import Station
from desktop.widgets.ledger_model import Row
from domain import clock
from domain.errors import InputUnusable, NotFound
from domain.periods import last_day
from domain.words import _, lazy
from services import attachments, work
from services.reports import sealing
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


def seal(session: Session, month: str, correcting: bool, home: Path) -> str:
    """Submit the report of a month, with or without corrections; returns the message."""
    found = signing(session)
    signer = None if found is None else Signer(*found)
    id = sealing.seal(session, month, home=home, signer=signer, correcting=correcting)
    one, _data = sealing.opened(session, id)
    return _("{month} 月报已报出，封存号 {sha}，同步以后县里也有一份。").format(month=month, sha=one.sha256[:16])


def standing(session: Session, month: str) -> MonthStatus:
    """Return the state of a month."""
    corrections, unfinished = len(sealing.corrections(session, month)), _unfinished(session, month)
    try:
        which = sealing.last(session, month)
    except NotFound:
        return MonthStatus(month, "", (), corrections, unfinished)
    try:
        one, _data = sealing.opened(session, which.id)
    except (InputUnusable, NotFound) as error:  # another can be submitted
        return MonthStatus(month, str(error), (), corrections, unfinished)
    found = sealing.compared(session, one)
    sentence = _("{at} 由 {by} 报出，封存号 {sha}，{state}。").format(
        at=clock.text(one.facts["at"]), by=one.facts["by"], sha=one.sha256[:16], state=which.state_text
    )
    comparison = _("现在有 {n} 个数字不一样。").format(n=len(found)) if found else _("现在的数字与报出的一样。")
    return MonthStatus(month, sentence + comparison, _differing(session, which, one, found), corrections, unfinished)


def _unfinished(session: Session, month: str) -> str:
    """What the figures of a month lack so far: its last days, and people who were not asked. It may be submitted nevertheless."""
    checks = work.counts(session, month)
    parts = []
    if session.today < last_day(month):
        parts.append(_("这个月还没有过完，数字只算到今天。"))
    if left := checks.people - checks.done:
        parts.append(_("月监测还有 {n} 人没核实，他们按以前的记录算。").format(n=left))
    return _("现在报出：{told}").format(told="".join(parts)) if parts else ""


def paper(session: Session, month: str) -> Paper:
    """Return the last report of a month for printing."""
    one, _data = sealing.opened(session, sealing.last(session, month).id)
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


def save(station: Station, month: str, file: Path) -> None:
    """Write the file as it was submitted. The PDF is made once and stored, unless the user may only read."""
    with station.store.read() as session:
        which = sealing.last(session, month)
        one, data = sealing.opened(session, which.id)
        kept = sealing.paper(session, which) if file.suffix == PDF else data
    if kept is None:
        kept, _pages = pdf(Paper(sealing.form_of(one)))
        if not station.reads_only:
            station.writing(lazy("存下报出的月报"), sealing.keep_paper)(which, kept)
    attachments.save_as(kept, file)
