"""报出: compares the submitted report of a month with the present records, submits a report, and shows the submitted file.

Keys: Enter presses the default button, Esc closes; the arrow keys move through the differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QWidget

from desktop import theme
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper.document import Paper, Printed
from desktop.reports import sealed_reports
from desktop.reports.sealed_reports import PDF, MonthStatus
from desktop.station import Station
from desktop.widgets.basics import Button, label
from desktop.widgets.dialogs import Dialog, file_name
from desktop.widgets.entry_grid import GridColumn, GridRow
from desktop.widgets.figures import FigureGrid, width
from desktop.widgets.form_preview import FormPreview
from desktop.widgets.ledger_model import Row
from domain.words import _, lazy

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
            frame.run_long(_("报出"), lambda _progress: station.write(label, sealed_reports.seal, month, wanted, home), frame.message)
        elif dialog.choice == RETURNED:
            _show_returned(frame, parent, station, standing)
        else:
            _print(frame, parent, station, month, "", lambda: None)

    frame.run_long(_("核对报出的月报"), lambda _progress: station.read(sealed_reports.standing, month), shown)


def _show_returned(frame: Frame, parent: QWidget, station: Station, standing: MonthStatus, at: str = "") -> None:
    """List what the villages handed in. After the report of one the list is there again, until it is closed. `at`: the id to begin at."""
    listed = ReturnedDialog(parent, standing, at)
    if listed.run():
        then = partial(_show_returned, frame, parent, station, standing, listed.chosen)
        _print(frame, parent, station, standing.month, listed.chosen, then)


def _print(frame: Frame, parent: QWidget, station: Station, month: str, id: str, then: Callable[[], None]) -> None:
    preview = partial(_preview, frame, parent, station, month, id, then)
    frame.run_long(_("排版"), lambda _progress: station.read(sealed_reports.paper, month, id), preview)


def _preview(frame: Frame, parent: QWidget, station: Station, month: str, id: str, then: Callable[[], None], paper: Paper) -> None:
    def save(_paper: Printed, file: Path, _progress: Progress) -> None:
        sealed_reports.save(station, month, id, file)

    name = file_name(_("务工监测月报 {month} 报出").format(month=month))
    FormPreview(frame, parent, paper, {PDF: save, XLSX: save}, name=name).run()
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
