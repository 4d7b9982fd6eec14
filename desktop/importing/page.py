"""The page 导入: choosing files, previewing, importing and undoing. Ctrl+O chooses a file, Ctrl+V pastes, Ctrl+Enter imports, 1 and 2
answer a question."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.importing.panels import ErrorPanel, ResultPanel, StartPanel
from desktop.importing.preview_panel import PreviewPanel
from desktop.importing.roster_file import RosterFile
from desktop.importing.view_model import ImportModel
from desktop.page import Frame, Page
from desktop.station import Station
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import EmptyState, bind, button, show_text
from desktop.widgets.layout import row, stacked
from desktop.widgets.line_editors import LineEditor
from desktop.widgets.spoken import live_label
from desktop.widgets.two_line_list import TwoLineList, TwoLines
from domain.fields import KINDS, Field
from domain.words import _
from services.importing.columns.supplied import EMPLOYER, START, target_of
from services.importing.tables.rosters import field_of


class ImportPage(Page):
    """The page; it keeps its content while other pages are shown."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("导入名册"))
        self.model = model = self.own(ImportModel(frame, station))
        self.start = StartPanel(model, self._choose, self._paste)
        self.error = ErrorPanel(model, self._choose)
        self.preview = PreviewPanel(model)
        self.result = ResultPanel(model)
        self.reading = EmptyState(_("正在读名册"), _("名册大的要等一会儿。要停下，点窗口下面的「停止」。"), icon="file-spreadsheet")
        self.stack = stacked(self.start, self.error, self.preview, self.result, self.reading)
        self.files = TwoLineList(_("文件"))
        self.files.setFixedWidth(theme.px(184))
        self.files.moved.connect(self.model.choose)
        self.besides = live_label("info")
        self.body.addWidget(self.besides)
        self.body.addLayout(row(self.files, self.stack, spacing=12), 1)
        self.back = button(_("不导入，返回"), self.model.close, kind="quiet")
        self.choose = button(_("换文件"), self._choose, icon="folder", hint="Ctrl O")
        self.go = button("", self.model.apply, kind="primary", hint="Ctrl Enter", writes=True)
        self.also = button("", self._also, hint="F6", within=self, writes=True)
        self.whole = button("", self._supply, hint="F7", within=self, writes=True)
        self.header.add(self.back, self.choose, self.also, self.whole, self.go)
        model.changed.connect(self._show)
        model.answered.connect(self._show_answers)
        bind(self, "Ctrl+O", self._choose)
        bind(self, "Ctrl+V", self._paste)
        bind(self.start, "Esc", self.frame.back)
        bind(self, "Ctrl+Return", writing.refused if self.go.why_not else model.apply)
        self._show()
        model.list_earlier()

    def opened(self, **args: object) -> None:
        """Read the files that were dropped on the window."""
        files = args.get("files")
        if isinstance(files, list) and files:
            if self.model.busy:
                self.frame.message(_("正在忙，等这一步做完再拖文件。"))
            else:
                self.model.take([Path(str(file)) for file in files])

    def refresh(self) -> None:
        """Load the list of imports again, since they may have been undone elsewhere."""
        self.model.list_earlier()

    # -- showing ----------------------------------------------------------------------------------

    def _show(self) -> None:
        file, busy = self.model.file, self.model.busy
        self._show_files()
        panel = self._panel(file)
        self.stack.setEnabled(not busy or panel is self.preview)  # the preview can be read during the import, and keeps its focus
        self.preview.kind.setEnabled(not busy)
        self.stack.setCurrentWidget(panel)
        if file is not None:
            if panel is self.error:
                self.error.show_file(file)
            elif panel is self.preview:
                self.preview.show_file(file)
            elif panel is self.result:
                self.result.show_file(file, more=self.model.more)
        self.header.set_text(_("导入名册"), file.path.name if file else "")
        self.back.setVisible(file is not None and file.state not in ("done", "undone"))
        self.choose.setVisible(panel is self.preview)
        for one in (self.back, self.choose):
            one.setEnabled(not busy)
        self._show_besides()
        self._show_lacks()
        self._show_answers()
        first = {self.start: self.start.choose, self.error: self.error.choose, self.preview: self.preview.first()}.get(panel)
        if first is not None and not busy and self.isVisible():
            first.setFocus()

    def _show_besides(self) -> None:
        """Tell what the file also holds, on the page that is seen first."""
        file, found = self.model.file, self.model.besides
        waits = file is not None and any(other.path == file.path and other.state == "waiting" for other in self.model.files)
        if found is None:
            text = _("导入人员以后，按「下一个文件」接着读务工。") if waits and self._panel(file) is self.preview else ""
        elif found.kind == "employment":
            text = _("这张表里还有务工的列：{columns}。这次只导入人员，按 F6 接着把务工也读进来。").format(
                columns=_("、").join(found.columns)
            )
        else:
            text = _("有人还没有登记，这张表里也有人员的列。按 F6 先导入人员，再导入务工。")
        show_text(self.besides, text)
        self.also.setVisible(found is not None)
        self.also.setEnabled(not self.model.busy)
        self.also.setText(_("先导入人员") if found is not None and found.kind == "person" else _("也读务工"))

    def _show_lacks(self) -> None:
        file, what = self.model.file, self.model.lacks
        self.whole.setVisible(bool(what))
        self.whole.setEnabled(not self.model.busy)
        given = file.supplied.get(what, "") if file is not None else ""
        self.whole.setText(_("{label}：{text}").format(label=_(what), text=given) if given else _(what))

    def _panel(self, file: RosterFile | None) -> QWidget:
        if file is None:
            return self.reading if self.model.busy else self.start
        if file.state in ("done", "undone"):
            return self.result
        if file.state == "waiting":
            return self.reading
        return self.error if file.state == "bad" else self.preview

    def _show_answers(self) -> None:
        file = self.model.file
        shown = self.stack.currentWidget() is self.preview and file is not None and file.preview is not None
        self.go.setVisible(shown)
        if shown and file is not None and file.preview is not None:
            count = file.preview.to_write()
            nothing = _("没有能导入的行") if file.preview.none_fits() else _("没有变化")
            self.go.setText(_("导入 {n} 条").format(n=f"{count:,}") if count else nothing)
            self.go.setAccessibleName(self.go.text())
            self.go.setEnabled(bool(count) and not self.model.busy)
            self.go.updateGeometry()
            self.preview.show_answers()

    def _show_files(self) -> None:
        files = self.model.files
        entries = [TwoLines(self._name(file), self._word(file), quiet=file.state in ("done", "undone", "nothing")) for file in files]
        self.files.set_entries(entries, files.index(self.model.file) if self.model.file in files else -1)
        self.files.setVisible(len(self.model.files) > 1)
        self.files.setEnabled(not self.model.busy)

    def _name(self, file: RosterFile) -> str:
        """The file's name, with how it is read if it is read twice."""
        twice = file.kind is not None and sum(other.path == file.path for other in self.model.files) > 1
        return f"{_(KINDS[file.kind].label)}　{file.path.name}" if twice and file.kind else file.path.name

    def _word(self, file: RosterFile) -> str:
        if file.stale:
            return _("等待重新读")
        if file.state == "nothing" and file.preview is not None and file.preview.none_fits():
            earlier = any(other.state == "ready" for other in self.model.files)
            return _("先导入别的文件，再读这个") if earlier else _("没有能导入的行")
        words = {"waiting": _("等待读入"), "ready": _("可以导入"), "nothing": _("没有变化"), "bad": _("读不了")}
        return {**words, "done": _("已导入"), "undone": _("已撤销")}[file.state]

    # -- actions ----------------------------------------------------------------------------------

    def _choose(self) -> None:
        if not self.model.busy:
            self.model.take(dialogs.open_files(self, _("选择名册"), f"{_('名册')} (*{' *'.join(dialogs.ROSTERS)});;{_('所有文件')} (*)"))

    def _also(self) -> None:
        found = self.model.besides
        since = "" if found is None or found.dated else self._since()
        if since is not None:
            self.model.also(since)

    def _supply(self) -> None:
        """Ask once for what the list lacks; an empty answer takes an earlier one back."""
        file, what = self.model.file, self.model.lacks
        table = next((one for one in file.preview.plan.tables if one.lacks == what), None) if file is not None and file.preview else None
        f = field_of(target_of(table.roster)) if table is not None else None
        if file is None or f is None:
            return
        why = {
            START: _("表里没有写从什么时候起。各行都按这个日子登记；台账里已有的，照原来的。留空就一行一行问。"),
            EMPLOYER: _("表里没有写是哪个车间或单位发的。各行都按它登记。留空就不按它读。"),
        }
        value = self._typed(_(what), why[what], f, _("各行都按它"), now=file.supplied.get(what, ""), empty=True)
        if value is not None and value != file.supplied.get(what, ""):
            self.model.supply(what, value)

    def _since(self) -> str | None:
        """Ask since when the people of a list without starts have worked; None when cancelled."""
        why = _("表里没有写。先都按这个日子登记，只知道哪年哪月也行，以后在「务工」里逐个改。台账里已有的务工照原来的开始时间，不会重复。")
        return self._typed(_("他们从什么时候起务工？"), why, KINDS["employment"].by_name["start"], _("接着读务工"))

    def _typed(self, title: str, why: str, f: Field, yes: str, *, now: str = "", empty: bool = False) -> str | None:
        """Ask for a value of a field, which may be empty only if `empty`; None when cancelled."""
        line, nothing = LineEditor(f), _("请填{label}").format(label=_(f.label))
        line.set_value(now or None)
        given = dialogs.ask_value(self, title, why, line, yes, lambda value: "" if value or empty else nothing)
        return str(given[0] or "") if given is not None else None

    def _paste(self) -> None:
        if self.model.busy:
            return
        clipboard: QMimeData | None = QGuiApplication.clipboard().mimeData()
        copied = QMimeData() if clipboard is None else clipboard  # None while the clipboard is empty
        files = [Path(url.toLocalFile()) for url in copied.urls() if url.isLocalFile()]
        if files:
            self.model.take(files)
        elif copied.text().strip():
            self.model.paste(copied.text())
        else:
            self.frame.message(_("还没有复制文字。先在微信或表格里选中、复制，再按 Ctrl+V。"))

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the first button of the start panel."""
        super().showEvent(event)
        if self.stack.currentWidget() is self.start:
            self.start.choose.setFocus()


build = ImportPage
