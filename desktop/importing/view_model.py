"""The view model of 导入: plans files one after another, imports them or not, and undoes imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Signal

from db import acts
from db.acts import Act, Undone
from db.session import Session
from desktop.importing import begun
from desktop.importing.preview import Preview, absent_lines, refused_lines
from desktop.importing.roster_file import RosterFile
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from domain import clock
from domain.errors import CunzhanError, InputUnusable, Stopped
from domain.words import LazyText, _, lazy
from services import importing, sheets
from services.importing import ImportResult, Level, Plan, PlanRow, assigned, blank
from services.importing.columns.supplied import START
from services.importing.plan import Besides

_T = TypeVar("_T")
_KIND_ORDER = ("registry", "training", "posts", "workshop", "work", "wages")


_LISTED = 30
"""How many earlier imports are listed."""


class ImportModel(ViewModel):
    """The files of one visit to the page, and which of them is shown."""

    changed = Signal()
    """The files, or the state of the one shown, changed."""
    answered = Signal()
    """A question was answered: counts changed, the rows did not."""
    listed = Signal()
    """`earlier` was loaded."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.files: list[RosterFile] = []
        self.file: RosterFile | None = None
        self.earlier: Sequence[Act] = ()
        self.busy = False

    # -- files ------------------------------------------------------------------------------------

    def take(self, paths: Sequence[Path]) -> None:
        """Read these files in place of those read before."""
        self._take([RosterFile(path) for path in dict.fromkeys(paths)])

    def paste(self, text: str) -> None:
        """Read a copied list: rows of a spreadsheet, or a list from a chat."""
        self._take([RosterFile(Path(_("粘贴的内容")), text.encode())])

    def _take(self, files: list[RosterFile]) -> None:
        if self.busy or not files:
            return
        self.files, self.file = files, None
        self._plan_next()

    def choose(self, number: int) -> None:
        """Show another of the files."""
        if self.busy or not 0 <= number < len(self.files):
            return
        self.file = self.files[number]
        if self.file.stale or self.file.state == "waiting":
            self._plan(self.file)
        else:
            self.changed.emit()

    def again(self, kind: str | None = None) -> None:
        """Read the file again, as a roster that makes `kind` (None: let the program decide)."""
        if self.file is not None and not self.busy:
            self.file.kind, self.file.assigning = kind, None
            self._plan(self.file)

    @property
    def besides(self) -> Besides | None:
        """What the file shown also holds, for which it should be read again; None once it is. A list of work offers its people only if some
        of them are not on record."""
        file, plan = self.file, self.file.preview.plan if self.file is not None and self.file.preview is not None else None
        if file is None or plan is None or file.undone is not None:
            return None
        found = next((table.besides for table in plan.tables if table.besides is not None), None)
        if found is None or any(other.path == file.path and other.kind == found.kind for other in self.files):
            return None
        missing = any(issue.code == "person" for issue in plan.issues(Level.REFUSED))
        return found if found.kind == "employment" or missing else None

    def also(self, since: str = "") -> None:
        """Read the file again as what it also holds: its people first, its work (since `since`) once the people are imported."""
        file, found = self.file, self.besides
        if file is None or found is None or self.busy:
            return
        more = RosterFile(file.path, file.pasted, found.kind, file.assigned, {START: since} if since else {})
        people_first = found.kind == "person"
        self.files.insert(self.files.index(file) + (not people_first), more)
        if not people_first and file.state == "nothing":
            self.files.remove(file)  # else it would be offered once more, after its work
        if people_first or file.state != "ready":
            self._plan(more)
        else:
            self.changed.emit()

    @property
    def lacks(self) -> str:
        """What the list shown lacks and the person can give once for all rows; "" for nothing."""
        file = self.file
        plan = file.preview.plan if file is not None and file.preview is not None and file.state in ("ready", "nothing") else None
        return next((table.lacks for table in plan.tables if table.lacks), "") if plan is not None else ""

    def supply(self, what: str, value: str) -> None:
        """Read the file again with a value for all rows; with "" it is asked about row by row again."""
        file = self.file
        if file is None or file.preview is None or self.busy:
            return
        file.assigning = None
        self._read_with(file, supplied={**file.supplied, what: value})

    def assign(self, table: int, heading: str, target: str | None) -> None:
        """Read the file again with a column of a table as the target given; "" leaves it out, None lets the program decide."""
        file = self.file
        if file is None or file.preview is None or self.busy:
            return
        plan = file.preview.plan
        same = {one.key: None for one in plan.tables[table].columns if one.assigned and target and one.target == target}
        own = {**same, heading: target}  # for any list, too: with this column it may be recognised as another one
        file.assigning = (table, heading)
        self._read_with(file, assigned=assigned.combined(file.assigned, {plan.tables[table].roster: own, assigned.ANY: own}))

    def _read_with(self, file: RosterFile, **how: Any) -> None:
        """Read the file again, how it is read changed, with the same answers; if it cannot be read so, everything stays."""
        plan = file.preview.plan if file.preview is not None else None
        before = {name: getattr(file, name) for name in how}

        def put(how: Mapping[str, Any]) -> None:
            for name, value in how.items():
                setattr(file, name, value)

        def back() -> None:
            put({**before, "preview": Preview(plan) if plan is not None else None})

        put(how)
        self._plan(file, back, plan)

    def next(self) -> None:
        """Show the next file that is not imported yet; if there is none, return to the start."""
        left = [file for file in self.files if file.left]
        if left:
            self.choose(self.files.index(left[0]))
        elif not self.busy:
            self.close()

    @property
    def more(self) -> bool:
        """Whether another file waits."""
        return any(file is not self.file and file.left for file in self.files)

    def close(self) -> None:
        """Close all files."""
        if not self.busy:
            self.files, self.file = [], None
            self.changed.emit()
            self.list_earlier()

    def _plan_next(self) -> None:
        waiting = [file for file in self.files if file.state == "waiting"]
        if waiting:
            self._plan(waiting[0])
            return
        self.files.sort(key=_order)
        self.file = next((file for file in self.files if file.state == "ready"), self.files[0])
        self.changed.emit()

    def _plan(self, file: RosterFile, back: Callable[[], None] | None = None, answered: Plan | None = None) -> None:
        """Read a file; if it cannot be read so, `back` undoes what was changed of how it is read. The answers to the questions of the plan
        `answered` are kept."""
        first_time = self.file is None
        file.preview, file.error, file.result, file.undone, file.stale = None, None, None, None, False

        def ended() -> None:
            self.busy = False
            if first_time and not isinstance(file.error, Stopped):
                self._plan_next()
            else:
                self.file = file
                self.changed.emit()

        def work(progress: Progress) -> Preview:
            given = file.path if file.pasted is None else file.pasted
            own, name = file.assigned, file.path.name
            read = partial(importing.plan, supplied=file.supplied)
            made = self._station.read(read, given, kind=file.kind, progress=progress, name=name, assigned=own)
            if answered is not None:
                made.take_answers(answered)
            return Preview(made)

        def done(preview: Preview) -> None:
            file.preview = preview
            ended()

        def failed(error: Exception) -> None:
            told = error if isinstance(error, CunzhanError) else _unreadable(file.path, error)
            if not isinstance(error, CunzhanError | OSError):
                self._jobs.failed.emit(error)
            if back is None:
                file.error = told
            else:
                back()
                self._frame.message(_("没有改：{error}").format(error=told))
            ended()

        self.busy = True
        self.changed.emit()
        self._frame.run_long(_("读 {file}").format(file=file.path.name), work, done, failed)

    # -- one file ---------------------------------------------------------------------------------

    def answer(self, row: PlanRow, *, keep: bool) -> None:
        """Accept a questionable row or leave it out."""
        preview = self.file.preview if self.file else None
        if preview is not None and not self.busy:
            preview.plan.answer(row, keep=keep)
            self.answered.emit()

    def apply(self) -> None:
        """Import the file."""
        file = self.file
        if file is None or file.preview is None or file.state != "ready" or self.busy:
            return

        def done(result: ImportResult) -> None:
            self.busy = False
            file.result = result
            self._store_changed()

        plan = file.preview.plan
        work = begun.noting(self._station.store, lambda plan, progress: self._station.write(_act(plan), _apply, plan, progress))
        self._begin(_("导入 {file}").format(file=file.path.name), partial(work, plan), done)

    def undo(self, act: Act) -> None:
        """Undo a whole import."""
        if self.busy:
            return

        def done(undone: Undone) -> None:
            self.busy = False
            for file in self.files:
                if file.result is not None and file.result.batch == act.id:
                    file.undone = undone
            self._frame.message(undone_sentence(undone))
            self._store_changed()

        label = lazy("撤销 {label}", label=act.label)
        self._begin(_("撤销导入"), lambda progress: self._station.write(label, _undo, act, progress), done)

    def undo_file(self) -> None:
        """Undo the import of the file shown."""
        file = self.file
        if file is not None and file.state == "done" and file.result is not None and file.result.batch is not None:
            self.undo(Act(file.result.batch, "", "", file.path.name, False))

    def save_refused(self, path: Path) -> None:
        """Write the rows that were not imported, with the reasons."""
        self._save(_write_refused, path)

    def save_absent(self, path: Path) -> None:
        """Write the people who are in the store and not in the roster."""
        self._save(_write_absent, path)

    def _save(self, write: Callable[[Plan, Path], int], path: Path) -> None:
        file = self.file
        if file is not None and file.preview is not None:
            plan = file.preview.plan
            text = _("已写好 {n} 行，放在 {path}")
            self._jobs.run(lambda: write(plan, path), lambda n: self._frame.message(text.format(n=n, path=path)))

    def save_template(self, name: str, path: Path) -> None:
        """Write an empty roster to be filled in."""
        text = _("空白表放在 {path}").format(path=path)
        self._jobs.run(lambda: blank.roster_template(name, path, clock.now().year), lambda _none: self._frame.message(text))

    def list_earlier(self) -> None:
        """Load the list of earlier imports."""
        self._jobs.run(lambda: self._station.read(acts.latest, _LISTED, text=importing.LABEL), self._listed, key="imports")

    def _listed(self, earlier: Sequence[Act]) -> None:
        self.earlier = earlier
        self.listed.emit()
        undone = {act.id: act.undone for act in earlier}
        for file in self.files:  # undone or redone by the window's Ctrl+Z or Ctrl+Y
            result = file.result
            if result is None or result.batch not in undone or (file.undone is not None and file.undone.kept):
                continue
            if undone[result.batch] != (file.undone is not None):
                file.undone = Undone(result.changed, result.added, 0) if undone[result.batch] else None
                self.changed.emit()

    def _begin(self, what: str, work: Callable[[Progress], _T], done: Callable[[_T], None]) -> None:
        def failed(error: Exception) -> None:
            self.busy = False
            self._jobs.failed.emit(error)
            self.changed.emit()

        self.busy = True
        self.changed.emit()
        self._frame.run_long(what, work, done, failed)

    def _store_changed(self) -> None:
        for file in self.files:
            file.stale = file.state in ("ready", "nothing")
        self._frame.records_changed()
        self.changed.emit()
        self.list_earlier()


def undone_sentence(undone: Undone) -> str:
    """Return the result of undoing as text."""
    text = _("已撤销：取消新增 {removed} 条，恢复原值 {restored} 条").format(removed=f"{undone.removed:,}", restored=f"{undone.restored:,}")
    if not undone.kept:
        return text
    return text + _("；有 {kept} 条导入后又改过，或后来的记录要用到，保留着").format(kept=f"{undone.kept:,}")


def _order(file: RosterFile) -> int:
    """Sort key: rosters that others need come first: people before their work, work before wages."""
    makes = [table.roster for table in file.preview.plan.tables] if file.preview else []
    return min((_KIND_ORDER.index(name) for name in makes if name in _KIND_ORDER), default=len(_KIND_ORDER))


def _unreadable(path: Path, error: Exception) -> InputUnusable:
    told = _("读 {file} 时程序出错了。什么都没有改变，请把出错报告交给县里；要紧的先用「登记」录入。")
    if isinstance(error, OSError):
        told = _("打不开 {file}。文件可能正开在 Excel 或 WPS 里，或者已经移走。请关掉再试。")
    return InputUnusable(told.format(file=path.name))


def _act(plan: Plan) -> LazyText:
    """The label of an import in the list of earlier ones and for 撤销."""
    rows = sum(row.goes_in for table in plan.tables for row in table.rows)
    return lazy(importing.LABEL, file=lazy("{file}（{n} 行）", file=plan.file, n=f"{rows:,}"))


def _apply(session: Session, plan: Plan, progress: Progress) -> ImportResult:
    result = importing.apply(session, plan, progress)
    begun.end(session)
    return result


def _undo(session: Session, act: Act, progress: Progress) -> Undone:
    undone = acts.undo(session, act.id)
    progress(1, 1, "")  # the last chance for 停止, which rolls everything back
    return undone


def _write_refused(plan: Plan, path: Path) -> int:
    title = _("{file} 没有导入的行").format(file=plan.file)
    headings = [_("工作表"), _("行"), _("姓名"), _("列"), _("表里写的"), _("为什么没有导入"), _("怎么办")]
    return sheets.write_list(path, title, headings, refused_lines(plan))


def _write_absent(plan: Plan, path: Path) -> int:
    title = _("本站有、{file} 里没有的人").format(file=plan.file)
    return sheets.write_list(path, title, [_("姓名"), _("证件号码"), _("村民小组"), _("身份")], absent_lines(plan))
