"""Sealed monthly reports (报出): a report is kept as it was handed in and compared with the present records.

    id = seal(session, "2026-03", home=home, signer=signer)     keep the figures, the people behind them and the workbook
    compared(session, report)                                   figures that differ now, and the people who came in or went out
    corrections(session, "2026-04")                             corrections (补报、更正) for the next report

A sealed report is an attachment of a record id derived from its scope and month (`record_id`): it is exchanged like any other file, and
every reader of the scope finds it (`docs/decisions/043-sealed-reports.md`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from db.among import among
from db.exchange import closed
from db.mapping import table
from db.session import Session
from domain import clock, divisions, words
from domain.attachments import REPORT as REPORTS
from domain.attachments import is_sha256
from domain.authors import scope_of
from domain.errors import DomainError, InputUnusable, NotFound
from domain.grouping import by_key
from domain.periods import add_months
from domain.release import VERSION
from domain.scopes import is_village, within
from domain.values import canonical_json
from domain.words import _
from services import attachments, forms
from services.forms.reports import work_report
from services.reports import monthly, sealed
from services.reports.monthly import MEASURES
from services.reports.sealed import Sealed, Signer

REPORT: Final = "monthly"
_MONTHS_CORRECTED: Final = 12
"""Number of months before a report whose reports are checked for corrections."""
_LISTS: Final = ("columns", "total", "text", "signatures")
"""The parts of a form that are lists of words."""


@dataclass(frozen=True)
class Handed:
    """A report that was handed in, as listed. `state`: that of `attachments.Attached`, or withdrawn; `id`: of the attachment."""

    id: str
    scope: str
    month: str
    name: str
    at: str
    by: str
    state: str
    sha256: str

    @property
    def state_text(self) -> str:
        """The label of the state."""
        said = {"here": _("县里已有"), "unsent": _("待上传"), "missing": _("还没传到本机"), "withdrawn": _("已撤回")}
        return said[self.state]


@dataclass(frozen=True)
class Difference:
    """A figure that differs from the report of a month. `reported` and `now`: then and now; `came`, `went`: ids of people added and
    removed."""

    month: str
    area: str
    name: str
    measure: str
    reported: int
    now: int
    came: Sequence[str]
    went: Sequence[str]


def record_id(scope: str, month: str) -> str:
    """The record id that the sealed reports of a scope and month are attached to; the same on every laptop."""
    key = canonical_json(["sealed report", REPORT, scope, month])
    return str(UUID(bytes=sha256(key.encode()).digest()[:16]))


# -- handing in ---------------------------------------------------------------------------------------------------------


def seal(session: Session, month: str, *, home: Path, signer: Signer | None, correcting: bool = False) -> str:
    """Seal the station's report of a month as it is now and return the attachment's id.

    `home`: the data folder with the station's own form templates; `correcting`: include corrections of earlier months. Raises
    `DomainError` for a future month, or where the people are too many for one file.
    """
    made = monthly.report(session, month)
    month = made.month
    changed = corrections(session, month) if correcting else []
    with words.chinese():
        form = work_report(session, month, [sentence(one) for one in _by_place(changed)])
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # figures only, no names
        file = Path(folder) / "report.xlsx"
        forms.write(form, file, name=REPORT, own=forms.own_template(session, home, REPORT))
        drawn = file.read_bytes()
    facts = {
        "report": REPORT,
        "scope": made.scope,
        "month": month,
        "day": made.day,
        "at": session.at,
        "by": session.user,
        "station": session.station,
        "program": VERSION,
        "form": _plain(form),
        **_people(session, month),
        "corrections": [{"month": d.month, "area": d.area, "measure": d.measure, "now": d.now} for d in changed],
    }
    _sealed, data = sealed.made(facts, drawn, signer)
    before = sum(1 for one in handed(session, month) if one.scope == made.scope)
    number = f"（第 {before + 1} 次）" if before else ""
    return attachments.put(session, record_id(made.scope, month), f"{REPORTS}{month} 报出{number}.xlsx", data)


def _people(session: Session, month: str) -> dict[str, Any]:
    """The ids of all people counted, and by village the figures and the people behind each, as indexes into the ids."""
    ids: list[str] = []
    behind: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for id, village, measures in monthly.behind(session, month):
        for name in measures:
            behind[village][name].append(len(ids))
        ids.append(id)
    figures = monthly.by_village(session, month)
    return {"ids": ids, "villages": {village: {"figures": figures[village], "people": behind[village]} for village in figures}}


def _plain(form: forms.Form) -> dict[str, Any]:
    """The form as plain data, from which `form_of` restores it."""
    kept = {"title": form.title, "heads": [list(pair) for pair in form.heads.items()], "rows": [list(row) for row in form.rows]}
    return kept | {name: list(getattr(form, name)) for name in _LISTS}


def form_of(one: Sealed) -> forms.Form:
    """The form as it was handed in, with the date and the seal number as its note."""
    kept = one.facts["form"]
    more = {name: kept[name] for name in ("rows", *_LISTS)}
    note = f"{clock.text(one.facts['at'])[:10]} 报出，封存号 {one.sha256[:16]}"
    return forms.Form(kept["title"], dict(kept["heads"]), wide=True, note=note, **more)


# -- finding ------------------------------------------------------------------------------------------------------------


def handed(session: Session, month: str | None = None, *, withdrawn: bool = False) -> list[Handed]:
    """The reports known here that were handed in, of one month or all: the latest month first, within a month the last handed in last.
    `withdrawn`: include those whose record was deleted."""
    query = attachments.with_contents().where(table("attachment").c.name.like(f"{REPORTS}%.xlsx"))
    gone = None if session.role == "village" else closed(session)
    found = []
    for row in session.conn.execute(query):
        reported = row.name.split()[1] if len(row.name.split()) > 1 else ""
        scope = _scope_of(row, reported, gone)
        if scope is None or (month and reported != month) or (row.deleted_at and not withdrawn):
            continue
        state = "withdrawn" if row.deleted_at else attachments.state_of(row)
        found.append(Handed(row.id, scope, reported, row.name, row.created_at or "", row.created_by or "", state, row.sha256 or ""))
    return sorted(found, key=lambda one: one.month, reverse=True)


def _scope_of(row: Any, month: str, gone: Collection[str] | None) -> str | None:
    """The scope a report is about, None for another file: that of its record, or of a village since merged into it that wrote the record.
    `gone`: the scopes of merged villages; None where no other station writes such records."""
    author = scope_of(row.created_by or "")
    scopes = (row.village, author) if gone is None or author in gone else (row.village,)
    return next((scope for scope in scopes if row.record_id == record_id(scope, month)), None)


def turns(found: Sequence[Handed]) -> dict[str, tuple[int, int]]:
    """By report id, which of its month's reports it is, and of how many: (2, 2) is the last of two. Withdrawn reports are left out."""
    stand = by_key(((one.scope, one.month), one.id) for one in found if one.state != "withdrawn")
    return {id: (n, len(ids)) for ids in stand.values() for n, id in enumerate(ids, 1)}


def opened(session: Session, id: str) -> tuple[Sealed, bytes]:
    """The sealed content of a report and the bytes of its workbook. Raises `NotFound`, and `InputUnusable` for a damaged report."""
    _name, data = attachments.content(session, id)
    one = sealed.of(data)
    if one is None:
        raise InputUnusable(_("这份报出的内容不完整，或被改动过，打不开。"))
    return one, data


def last(session: Session, month: str) -> Handed:
    """The last report of a month that this station handed in. Raises `NotFound`."""
    all_of = handed(session, month)
    found = [one for one in all_of if one.scope == session.scope]
    if not found and all_of:
        raise NotFound(_("{month} 的月报本站还没有报出，别处报出的有 {n} 份，请用 --id 指明。").format(month=month, n=len(all_of)))
    if not found:
        raise NotFound(_("{month} 的月报还没有报出。").format(month=month))
    return found[-1]


def same_as_before(session: Session, id: str) -> str:
    """When the station handed in the same before, if a report repeats that; otherwise ""."""
    one, _data = opened(session, id)
    earlier = [each for each in handed(session, one.month) if each.scope == one.scope and each.id != id]
    if not earlier:
        return ""
    with suppress(InputUnusable, NotFound):
        before, _data = opened(session, earlier[-1].id)
        told = ("form", "ids", "villages", "corrections")
        if all(before.facts.get(name) == one.facts.get(name) for name in told):
            return str(before.facts["at"])
    return ""


# -- comparing ----------------------------------------------------------------------------------------------------------


def compared(session: Session, one: Sealed) -> list[Difference]:
    """The figures that differ from the report, by village and, where there are several, for their sum."""
    return _differences(session, one, {})


def _differences(session: Session, one: Sealed, corrected: Mapping[tuple[str, str], int]) -> list[Difference]:
    """As `compared`; `corrected`: figures that a later report has corrected already, by area and measure."""
    now: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for id, village, measures in monthly.behind(session, one.month):
        for name in measures:
            now[village][name].add(id)
    figures = monthly.by_village(session, one.month)
    areas = sorted({*one.facts["villages"], *figures})
    if len(areas) > 1:
        areas.insert(0, one.scope)
    found = []
    for area in areas:
        members = [village for village in figures if within(village, area) and within(village, one.scope)]
        for name in MEASURES:
            is_now = sum(figures[village][name] for village in members)
            was = corrected.get((area, name), one.figure(area, name))
            before, after = one.people(area, name), {id for village in members for id in now[village][name]}
            if was != is_now or before != after:
                place = divisions.called(area)
                found.append(Difference(one.month, area, place, name, was, is_now, sorted(after - before), sorted(before - after)))
    return found


# -- corrections in the next report -------------------------------------------------------------------------------------


def corrections(session: Session, month: str) -> list[Difference]:
    """The figures of this station's reports of the twelve months before that have changed since they were last reported or corrected.

    By village, without sums. A report that cannot be opened (damaged, or of a later program) is skipped and does not block the next one.
    """
    mine = [one for one in handed(session) if one.scope == session.scope and add_months(month, -_MONTHS_CORRECTED) <= one.month < month]
    latest = {one.month: one for one in mine}
    reports = {}
    for each, one in latest.items():
        with suppress(InputUnusable):
            if one.state != "missing":
                reports[each] = opened(session, one.id)[0]
    corrected: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for _month, report in sorted(reports.items()):
        for line in report.facts["corrections"]:
            earlier = reports.get(line["month"])
            if earlier is None or earlier.facts["at"] <= report.facts["at"]:  # else it was handed in once more since
                corrected[line["month"]][line["area"], line["measure"]] = line["now"]
    return [
        d
        for each in sorted(reports)
        for d in _differences(session, reports[each], corrected[each])
        if d.reported != d.now and (d.area != session.scope or is_village(session.scope))
    ]


def _by_place(changed: Iterable[Difference]) -> list[list[Difference]]:
    by_place = by_key(((one.month, one.area), one) for one in changed)
    return list(by_place.values())


def sentence(lines: Sequence[Difference]) -> str:
    """The correction sentence for one place and month; forms are always in Chinese."""
    first = lines[0]
    parts = [f"{MEASURES[one.measure].label} 原报 {one.reported}、现为 {one.now}" for one in lines]
    return f"补报、更正：{first.name} {int(first.month[:4])}年{int(first.month[5:])}月 {'，'.join(parts)}。"


# -- proving ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """The result of checking a file. `state`: same (byte for byte the kept file), content (saved again, nothing changed), changed, foreign
    (intact, but no copy is kept here) or none (not a sealed report). `cells`: reference, sealed text and present text of changed cells."""

    state: str
    sentence: str
    cells: Sequence[tuple[str, str, str]] = ()
    report: Sealed | None = None

    @property
    def ok(self) -> bool:
        """Whether the file has the content that was handed in."""
        return self.state in ("same", "content")


def prove(session: Session, data: bytes) -> Proof:
    """Check whether a file is a report as it was handed in."""
    sha = sha256(data).hexdigest()
    kept = handed(session, withdrawn=True)
    same = next((one for one in (*kept, *_papers(session, kept)) if one.sha256 == sha), None)
    if same is not None:
        which = next((one for one in kept if _paper_name(one) == same.name), same)
        return Proof("same", _("与报出的那一份一字不差。") + _stands(kept, which.id), (), sealed.of(data))
    one = sealed.of(data) if data.startswith(b"PK") else None
    if one is None:
        return Proof("none", _("这不是报出的月报：里面没有封存的内容，或封存的内容被改过。"))
    cells = sealed.differences(one, data)
    if cells:
        message = _("与报出时不一样：{n} 处被改过。").format(n=len(cells))
        return Proof("changed", message, cells, one)
    mine = {}
    for each in kept:
        if each.state in ("here", "unsent") and each.month == one.month:
            with suppress(InputUnusable):  # another report of the month that is damaged proves nothing about this file
                mine[opened(session, each.id)[0].sha256] = each.id
    if one.sha256 in mine:
        return Proof("content", _("内容与报出时一样，文件后来另存过。") + _stands(kept, mine[one.sha256]), (), one)
    return Proof("foreign", _("文件本身没有改过，但本机没有这一份的存底，无法证明它就是报出的那一份。"), (), one)


def _stands(kept: Sequence[Handed], id: str) -> str:
    """A remark that the report was withdrawn or followed by another since; "" where it is the current one of its month."""
    if any(one.id == id and one.state == "withdrawn" for one in kept):
        return _("但这一份后来撤回了。")
    number, of = turns(kept).get(id, (1, 1))
    return _("但这是第 {n} 次报出的，后来又报过。").format(n=number) if number < of else ""


def _papers(session: Session, kept: Iterable[Handed]) -> list[Handed]:
    """The PDFs made of these reports."""
    t = table("attachment")
    ids = sorted({record_id(one.scope, one.month) for one in kept})
    rows = session.conn.execute(select(t.c.id, t.c.name, t.c.sha256).where(among(t.c.record_id, ids), t.c.name.like("%.pdf")))
    return [Handed(row.id, "", "", row.name, "", "", "", row.sha256) for row in rows if is_sha256(row.sha256)]


def paper(session: Session, one: Handed) -> bytes | None:
    """The PDF made of a report earlier, so that the same file is handed out again; None where there is none.

    Raises `DomainError` where there is none and the report belongs to a level above, which keeps its PDF itself.
    """
    for each in attachments.attachments(session, [record_id(one.scope, one.month)]):
        if each.name == _paper_name(one) and each.state != "missing":
            return attachments.content(session, each.id)[1]
    if not session.may_write(one.scope):
        raise DomainError(_("上级报出的月报只能存为 Excel。"))
    return None


def keep_paper(session: Session, one: Handed, data: bytes) -> None:
    """Keep a PDF made of a report."""
    attachments.put(session, record_id(one.scope, one.month), _paper_name(one), data)


def _paper_name(one: Handed) -> str:
    return f"{one.name.removesuffix('.xlsx')} {one.sha256[:8]}.pdf"
