"""报出: compares the submitted report of a month with the present records, submits a report, and shows the submitted file.

Keys: Enter presses the default button, Esc closes; the arrow keys move through the differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QWidget

from db.session import Session
from desktop import theme
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Paper, Printed, pdf
from desktop.station import Station
from desktop.widgets.basics import Button, label
from desktop.widgets.dialogs import Dialog, file_name
from desktop.widgets.entry_grid import GridColumn, GridRow
from desktop.widgets.figures import FigureGrid, width
from desktop.widgets.form_preview import FormPreview
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


SEAL, PAPER, RETURNED = "seal", "paper", "returned"
XLSX = ".xlsx"


def show(frame: Frame, parent: QWidget, station: Station, month: str) -> None:
    """Compare, ask what to do, and do it."""

    def shown(standing: MonthStatus) -> None:
        dialog = HandedInDialog(parent, standing, may_seal=not station.reads_only)
        if not dialog.run():
            return
        if dialog.choice == SEAL:
            label, wanted = lazy("报出 {month} 月报", month=month), dialog.correcting.isChecked()
            home = station.store.home
            frame.run_long(_("报出"), lambda _progress: station.write(label, seal, month, wanted, home), frame.message)
        elif dialog.choice == RETURNED:
            _show_returned(frame, parent, station, standing)
        else:
            _print(frame, parent, station, month, "", lambda: None)

    frame.run_long(_("核对报出的月报"), lambda _progress: station.read(standing, month), shown)


def _show_returned(frame: Frame, parent: QWidget, station: Station, standing: MonthStatus, at: str = "") -> None:
    """List what the villages handed in. After the report of one the list is there again, until it is closed. `at`: the id to begin at."""
    listed = ReturnedDialog(parent, standing, at)
    if listed.run():
        then = partial(_show_returned, frame, parent, station, standing, listed.chosen)
        _print(frame, parent, station, standing.month, listed.chosen, then)


def _print(frame: Frame, parent: QWidget, station: Station, month: str, id: str, then: Callable[[], None]) -> None:
    preview = partial(_preview, frame, parent, station, month, id, then)
    frame.run_long(_("排版"), lambda _progress: station.read(paper, month, id), preview)


def _preview(frame: Frame, parent: QWidget, station: Station, month: str, id: str, then: Callable[[], None], paper: Paper) -> None:
    def saved(_paper: Printed, file: Path, _progress: Progress) -> None:
        save(station, month, id, file)

    name = file_name(_("务工监测月报 {month} 报出").format(month=month))
    FormPreview(frame, parent, paper, {PDF: saved, XLSX: saved}, name=name).run()
    then()


class HandedInDialog(Dialog):
    """What was reported, the present figures, and the choice: `choice` is `SEAL` or `PAPER`."""

    def __init__(self, parent: QWidget, standing: MonthStatus, *, may_seal: bool) -> None:
        super().__init__(parent, _("{month} 月报").format(month=standing.month))
        self.choice = SEAL
        never = _("还没有报出。报出以后，各项数字和每个数字的名单都存底，以后补录不会改动，随时可以对账。")
        self.body.addWidget(label(standing.sentence or never, wrap=True))
        if may_seal and standing.unfinished:
            self.body.addWidget(label(standing.unfinished, "warn", wrap=True))
        self.grid = FigureGrid(_("报出数和现在数"))
        if standing.differing:
            self.setMinimumSize(theme.px(820), theme.px(400))
            self._fill(standing.differing)
            self.body.addWidget(self.grid, 1)
            self.why = label("", "small", wrap=True)
            self.why.setMinimumHeight(2 * self.why.fontMetrics().lineSpacing())
            self.body.addWidget(self.why)
            self.grid.selectionModel().currentChanged.connect(lambda *_cells: self._show_reasons(standing.differing))
            self._show_reasons(standing.differing)
        self.correcting = QCheckBox(_("带上以前月份的补报、更正（{n} 处）").format(n=standing.corrections))
        self.correcting.setChecked(standing.corrections > 0)
        self.correcting.setVisible(may_seal and standing.corrections > 0)
        self.body.addWidget(self.correcting)
        self.add_button(_("关闭"), accept=False)
        if standing.returned:
            self.setMinimumWidth(theme.px(560))  # four buttons
            self._add_choice(_("各村报出的"), RETURNED)
        if standing.sentence:
            self._add_choice(_("打印预览"), PAPER)
        if may_seal:
            seal = self._add_choice(_("再报一次") if standing.sentence else _("报出"), SEAL, kind="" if standing.sentence else "primary")
            if not standing.sentence:
                seal.setFocus()  # on 关闭, Enter would close it: whoever asked to hand in would take it for done

    def _add_choice(self, words: str, choice: str, kind: str = "") -> Button:
        made = self.add_button(words, accept=True, kind=kind)
        made.clicked.connect(lambda: setattr(self, "choice", choice))
        return made

    def _show_reasons(self, differing: Sequence[Row]) -> None:
        """Show all reasons of the current row, for which its column has no room."""
        row, _key = self.grid.place()
        self.why.setText(differing[int(row)]["why"] if row else "")

    def _fill(self, differing: Sequence[Row]) -> None:
        words = (
            *(("place", _("地方"), 130), ("measure", _("指标"), 110), ("reported", _("报出数"), 80)),
            *(("now", _("现在数"), 80), ("by", _("差"), 60), ("why", _("谁、为什么"), 600)),
        )
        columns = [
            GridColumn(key, word, max(wide, width(word)), editable=False, right=key in ("reported", "now", "by"))
            for key, word, wide in words
        ]
        self.grid.show_figures(columns, [GridRow(str(n), one) for n, one in enumerate(differing)], {})


class ReturnedDialog(Dialog):
    """The villages and what each handed in for the month; Enter previews a report. `chosen` is its id; `at`: the id to begin at."""

    def __init__(self, parent: QWidget, standing: MonthStatus, at: str = "") -> None:
        super().__init__(parent, _("{month} 月报　各村报出的").format(month=standing.month))
        self.chosen = ""
        self._rows = standing.returned
        done = sum(bool(one["id"]) for one in self._rows)
        self.body.addWidget(
            label(_("应报 {n} 个村，已报 {done} 个。按 Enter 看报出的月报。").format(n=len(self._rows), done=done), wrap=True)
        )
        self.grid = FigureGrid(_("各村报出的"))
        words = (("village", _("村"), 200), ("at", _("时间"), 170), ("by", _("谁"), 110), ("state", _("状态"), 120))
        columns = [GridColumn(key, word, max(wide, width(word)), editable=False, right=False) for key, word, wide in words]
        missing = {(str(n), "at"): "warn" for n, one in enumerate(self._rows) if not one["id"]}
        self.grid.show_figures(columns, [GridRow(str(n), one) for n, one in enumerate(self._rows)], missing)
        self.grid.asked.connect(self.accept)
        self.setMinimumSize(theme.px(680), theme.px(420))
        self.body.addWidget(self.grid, 1)
        self.add_button(_("关闭"), accept=False)
        self.add_button(_("打印预览"), accept=True, kind="primary")
        self.grid.setFocus()
        self.grid.go_to(str(next((n for n, one in enumerate(self._rows) if at and one["id"] == at), 0)), "village")

    def accept(self) -> None:
        """Close with the current village's report; a village that handed in nothing has none to preview."""
        row, _key = self.grid.place()
        self.chosen = self._rows[int(row)]["id"] if row else ""
        if self.chosen:
            super().accept()
