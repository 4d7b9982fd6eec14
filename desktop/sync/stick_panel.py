"""The tab U 盘: four steps for exchanging without a network, and beside them how far each file has come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSizePolicy, QWidget

from desktop import theme
from desktop.sync.exchange_models import StickModel
from desktop.sync.standing import BundleLine
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, Chip, bind, button, label, show_text
from desktop.widgets.inputs import Choices, captioned
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.lines_card import LinesCard
from desktop.widgets.spoken import live_label
from domain.clock import when
from domain.words import N_, _

LOOK = 3000
"""Milliseconds between searches for sticks, while the tab is shown."""
NARROW, LIST = 700, 220
"""In px at 100 % text size: the width from which the list is beside the steps, and its minimum height below them."""
STATES = {
    "written": (N_("已写入"), "plain"),
    "township": (N_("乡镇已收"), "info"),
    "county": (N_("县已收"), "good"),
    "refused": (N_("县里拒收"), "bad"),
}


class StickChoice(Card):
    """① Choose among the sticks that are plugged in, or choose a folder."""

    def __init__(self, model: StickModel) -> None:
        super().__init__(_("① 插入 U 盘"))
        self._model = model
        self.sticks = Choices()
        self.sticks.setAccessibleName(_("U 盘"))
        self.sticks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sticks.setMinimumContentsLength(12)
        self.sticks.activated.connect(model.choose)
        self.other = button(_("选文件夹…"), self._choose, kind="small", icon="folder")
        self.found = label("", "muted", wrap=True)
        self.other.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.add(row(self.sticks, self.found, self.other, shares=(1, 1)))

    def show_sticks(self) -> None:
        """Show what is plugged in, or the folder chosen instead."""
        model = self._model
        titles = [str(model.folder)] if model.folder else [drive.title for drive in model.drives]
        if titles != [self.sticks.itemText(n) for n in range(self.sticks.count())]:
            self.sticks.clear()
            self.sticks.addItems(titles)
        self.sticks.setCurrentIndex(0 if model.folder else model.drive)
        self.sticks.setVisible(bool(titles))
        self.found.setText("" if titles else _("没有找到 U 盘。请插好，等几秒钟，这里会自己出现；找不到就选文件夹。"))
        self.found.setVisible(not titles)

    def _choose(self) -> None:
        folder = dialogs.open_folder(self, _("选 U 盘或文件夹"))
        if folder is not None:
            self._model.choose_folder(folder)


class HandingOver(Card):
    """③ To whom the stick is handed, and whether the receipt they read out is that of what was written."""

    def __init__(self, model: StickModel) -> None:
        super().__init__(_("③ 交出去"))
        self._model = model
        self.bring = label("", wrap=True)
        self.receipt_code = QLineEdit()
        self.receipt_code.setPlaceholderText(_("对方念的回执码（可以不填）"))
        self.receipt_code.setAccessibleName(_("对方念的回执码"))
        self.receipt_code.textChanged.connect(self._compare)
        self.verdict = live_label("strong")
        self.verdict.hide()
        self.add(self.bring, self.receipt_code, self.verdict)

    def _compare(self, text: str) -> None:
        self.verdict.setText(self._model.compare(text))
        self.verdict.setVisible(bool(self.verdict.text()))


class StickPanel(QWidget):
    """The tab."""

    print_asked = Signal(str, str)
    """A receipt's code, and the line below it."""
    import_asked = Signal()
    """Continue importing the roster, which joining the county had interrupted."""

    def __init__(self, model: StickModel) -> None:
        super().__init__()
        self.model = model
        self._pressed: QWidget | None = None
        self._latest_outcome: QWidget | None = None
        """The latest result shown, to be kept in view."""
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(model.look)
        self.choice, self.handing_over = StickChoice(model), HandingOver(model)
        self._inside = column(self.choice, self._writing(), self.handing_over, self._reading(), None, spacing=8, margins=(0, 0, 4, 0))
        self.list = LinesCard(_("写过的 U 盘"))
        self._steps = scrolled(holder(self._inside))
        self._both = row(self._steps, self.list, spacing=12, shares=(6, 5))
        self.setLayout(self._both)
        bind(self, "2", self.write.click)
        bind(self, "4", self.read.click)
        model.changed.connect(self._show)
        model.wrote.connect(self._wrote)
        model.did_read.connect(lambda: self._show_outcome(self.read_result if model.read_result else self.read_trouble))
        self._show()

    # -- the steps --------------------------------------------------------------------------------

    def _writing(self) -> Card:
        card = Card(_("② 写入"))
        self.waits = label("", wrap=True)
        self.caption, self.code = captioned(_("注册码"), QLineEdit(), "")
        self.code.setPlaceholderText("7K3M-9QTX-4C2D-8HWA")
        self.code.returnPressed.connect(self._write)
        self.write = button(_("写入 U 盘"), self._write, kind="primary", icon="usb", hint="2")
        self.write_trouble = live_label("bad")
        self.receipt = label("", "figure", selectable=True, name=_("回执码"))
        self.receipt_text = live_label("muted", selectable=True)
        self.print = button(_("打印回执"), self._print, kind="small", icon="printer")
        self.on = button(_("接着导入花名册"), self._go_on, kind="primary", icon="file-import")
        self.on.hide()
        self.done = holder(column(row(self.receipt, None, self.print), self.receipt_text, row(self.on, None), spacing=4))
        card.add(self.waits, self.caption, self.code, row(self.write, None), self.write_trouble, self.done)
        return card

    def _reading(self) -> Card:
        card = Card(_("④ 拿回来读入"))
        self.back = label("", "muted", wrap=True)
        self.read = button(_("读入 U 盘"), self.model.read, icon="download", hint="4")
        self.read_trouble = live_label("bad")
        self.read_result = live_label("good", selectable=True)
        card.add(self.back, row(self.read, None), self.read_trouble, self.read_result)
        return card

    # -- showing ----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the list is below the steps, whose text would be cut off beside it."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(NARROW)
        if narrow != (self._both.indexOf(self.list) < 0):
            if narrow:
                self._inside.insertWidget(self._inside.count() - 1, self.list)
            else:
                self._both.addWidget(self.list, 5)
            self.list.setMinimumHeight(theme.px(LIST) if narrow else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for sticks while the tab is visible."""
        super().showEvent(event)
        self.model.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking."""
        self._timer.stop()
        super().hideEvent(event)

    def focus(self) -> None:
        """Focus what to do next."""
        joining = self.model.standing.joining
        (self.read if joining and self.model.standing.lines else self.code if joining else self.write).setFocus()

    def _show(self) -> None:
        model, standing = self.model, self.model.standing
        self.choice.show_sticks()
        if self._latest_outcome is not None and self.waits.text() != _waits(model):
            self._show_outcome(self._latest_outcome)  # the text above it may take more lines now
        self.waits.setText(_waits(model))
        for part in (self.caption, self.code):
            part.setVisible(standing.joining)
        self.write.setText(_("写注册申请") if standing.joining else _("写入 U 盘"))
        self._enable(not model.busy)
        show_text(self.write_trouble, model.write_trouble)
        self.done.setVisible(model.written is not None)
        if model.written is not None:
            made = model.written[1]
            self.receipt.setText(made.receipt)
            self.receipt_text.setText(_("这是回执码。{said}").format(said=made.sentence()))
        self.handing_over.bring.setText(
            _("把 U 盘交给县里。县里收下时念的回执码和上面一样，就对了。")
            if standing.carries
            else _("把 U 盘交给乡镇或县里。对方收下时念的回执码和上面一样，就对了。")
        )
        self.back.setText(
            _("村里拿来的 U 盘、县里给的答复，都在这里读入。给村里的回执和县里的答复会写回 U 盘。")
            if standing.carries
            else _("U 盘拿回来以后在这里读入。没读入以前，您做的都还在本机。")
        )
        show_text(self.read_trouble, model.read_trouble)
        show_text(self.read_result, model.read_result)
        self._show_lines()

    def _enable(self, on: bool) -> None:
        """Disable the buttons during work; afterwards the focus returns to the one that was pressed."""
        parts = (self.write, self.read, self.choice.sticks, self.choice.other)
        if not on and self.write.isEnabled():
            self._pressed = next((part for part in parts if part.hasFocus()), None)
        for part in parts:
            part.setEnabled(on)
        if on and self._pressed is not None:
            self._pressed.setFocus()
            self._pressed = None

    def _wrote(self) -> None:
        """Move the focus away from the code: the keys 2 and 4 would be typed into it."""
        if self.code.hasFocus() and not self.model.write_trouble:
            (self.write if self.on.isHidden() else self.on).setFocus()
        self._show_outcome(self.write_trouble if self.model.write_trouble else self.done)

    def _show_outcome(self, part: QWidget) -> None:
        """Scroll to the result, as the keys work wherever the focus is."""
        self._latest_outcome = part

        def scroll() -> None:
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # apply the new heights first
            self._steps.ensureWidgetVisible(part, 0, theme.px(24))

        QTimer.singleShot(0, part, scroll)

    def _show_lines(self) -> None:
        standing = self.model.standing
        self.list.title.setText(_("写过的和代收的 U 盘") if standing.carries else _("写过的 U 盘"))
        notes = [_("代收 {n} 份还没到县里").format(n=standing.waiting)] if standing.waiting else []
        notes += [_("先读到 {n} 批，前面还缺").format(n=standing.early)] if standing.early else []
        self.list.note.setText("　".join(notes))
        self.list.fill([_line(line) for line in standing.lines], _("还没有写过。写到 U 盘的每一份，走到哪里了，都记在这里。"))

    # -- actions ----------------------------------------------------------------------------------

    def _go_on(self) -> None:
        self.read.setFocus()  # the next step here: the button disappears, and the keys 2 and 4 would be typed into what is below it
        self.import_asked.emit()

    def _write(self) -> None:
        self.model.write(self.code.text())

    def _print(self) -> None:
        if self.model.written is not None:
            path, made = self.model.written
            self.print_asked.emit(made.receipt, _("{n} 条　{file}").format(n=made.records, file=path.name))


def _waits(model: StickModel) -> str:
    standing = model.standing
    if standing.revoked:
        text = _("县里已停用这台电脑，它写的 U 盘县里不收。没交的 {n} 条都在本机。").format(n=f"{standing.unsent:,}")
        return text + _("填上县里给的新注册码，写一份注册申请，交给县里，拿回答复读入，就能接着交了。")
    if standing.joining:
        return _("这台电脑还没有在县里注册。填上县里给的注册码，写一份注册申请，交给县里，拿回答复读入就好了。")
    parts = [_("有 {n} 条还没有交到县里。").format(n=f"{standing.unsent:,}")] if standing.unsent else []
    if not parts:
        parts.append(_("没有要交的。也可以写一份，去取别人的改动。"))
    if standing.waiting:
        parts.append(_("代收村里的 {n} 份一起带去。").format(n=standing.waiting))
    return "".join(parts)


def _line(line: BundleLine) -> QWidget:
    word, tone = STATES[line.state]
    what = _("注册申请") if line.request else _("{n} 条").format(n=f"{line.records:,}")
    chip = Chip(_(word), tone)
    head = row(chip, label(line.whose or _("本站"), "strong"), label(what), None, label(when(line.at), "small"))
    code = label(_("回执码 {code}").format(code=line.code), "muted", selectable=True)
    note = [label(line.note, "warn" if line.state == "refused" else "muted", wrap=True)] if line.note else []
    return holder(column(head, code, *note, spacing=3, margins=(14, 8, 14, 8)))
