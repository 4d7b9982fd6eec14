"""导入 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from db import acts
from db.acts import Act, Undone
from db.session import Session
from desktop.importing import begun
from desktop.importing.page import ImportPage
from desktop.importing.preview import absent_headings, absent_lines, refused_headings, refused_lines
from desktop.importing.view_model import ImportModel, Uses
from desktop.jobs import Progress
from desktop.page import Frame, Page
from desktop.station import Station
from domain import clock
from domain.fields import KINDS
from domain.words import _
from services import importing, sheets
from services.importing import ImportResult, Plan, blank

_LOOKED_AT = 3000
"""Acts among which imports are looked for."""


def build(frame: Frame, station: Station) -> Page:
    """The page and its view model."""
    uses = Uses(
        plan=station.reading(_plan),
        apply=begun.noting(station.store, station.writing(lambda plan, progress: _act(plan), _apply)),
        undo=station.writing(lambda act, progress: _("撤销 {label}").format(label=act.label), _undo),
        earlier=station.reading(_earlier),
        write_refused=_write_refused,
        write_absent=_write_absent,
        write_template=_write_template,
    )
    model = ImportModel(frame.jobs, frame.run_long, uses)
    return ImportPage(frame, model, blank.roster_templates(), [(kind.name, kind.label) for kind in KINDS.values()]).keeping(model)


def _label(file: str) -> str:
    return _("导入 {file}").format(file=file)


def _act(plan: Plan) -> str:
    """What the import is called in the list of earlier ones and when it is taken back."""
    rows = sum(row.goes_in for table in plan.tables for row in table.rows)
    return _label(_("{file}（{n} 行）").format(file=plan.file, n=f"{rows:,}"))


def _plan(session: Session, source: Path | bytes, name: str, kind: str | None, progress: Progress) -> Plan:
    return importing.plan(session, source, kind=kind, progress=progress, name=name)


def _apply(session: Session, plan: Plan, progress: Progress) -> ImportResult:
    result = importing.apply(session, plan, progress)
    begun.end(session)
    return result


def _undo(session: Session, act: Act, progress: Progress) -> Undone:
    undone = acts.undo(session, act.id)
    progress(1, 1, "")  # whoever pressed 停止 meanwhile has nothing taken back
    return undone


def _earlier(session: Session) -> Sequence[Act]:
    """Imports among the latest acts, known by what they are called in the language of the day."""
    starts = tuple({_label("").strip(), "导入"})
    return [act for act in acts.latest(session, _LOOKED_AT) if act.label.startswith(starts)]


def _write_refused(plan: Plan, path: Path) -> int:
    title = _("{file} 没有导入的行").format(file=plan.file)
    return sheets.write_list(path, title, refused_headings(), refused_lines(plan))


def _write_absent(plan: Plan, path: Path) -> int:
    title = _("本站有、{file} 里没有的人").format(file=plan.file)
    return sheets.write_list(path, title, absent_headings(), absent_lines(plan))


def _write_template(name: str, path: Path) -> None:
    blank.roster_template(name, path, clock.now().year)
