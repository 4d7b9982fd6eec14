"""Makes a plan from a file: reads it, finds and recognises its tables and compares them with the store. Nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from db.gc_pause import gc_paused
from db.session import Session
from domain.errors import InputUnusable
from domain.fields import Field, kind_of
from domain.identity import mask_numbers
from domain.periods import add_months
from domain.progress import Progress, unwatched
from domain.records import SurveyItem
from domain.words import _
from services.importing.applying import store_state
from services.importing.assigned import Assigned, assignable, combined, headings_of, remembered, with_assigned
from services.importing.checks import absent, check_records, judge_money, refuse_dangling
from services.importing.columns.binding import Binding
from services.importing.columns.matching import TITLED
from services.importing.columns.per_person import heads_joined, members_unfolded, names_split
from services.importing.columns.recognising import lacks_year, recognise, unknown
from services.importing.columns.supplied import GIVEN, START, Supplied, lacked, supply
from services.importing.columns.unfolding import unfolded
from services.importing.jsonl import looks_like_json_lines, plan_jsonl
from services.importing.plan import Issue, Plan, PlannedColumn, PlannedTable, PlanRow
from services.importing.records.generic import GenericMaker
from services.importing.records.monthly import CheckMaker, CheckMonthMaker, PostMonthMaker
from services.importing.records.posts import PostChangeMaker, PostMaker
from services.importing.records.registry import RegistryMaker
from services.importing.records.special_lists import CarrierMaker, IncomeMaker, SchoolingMaker, WishMaker
from services.importing.records.surveyed import NAME_OF_ROSTER, SurveyMaker, Surveys
from services.importing.records.training import TrainingMaker
from services.importing.records.wages import WageMaker
from services.importing.records.with_work import START_HEADING, besides
from services.importing.records.work import ReturnMaker, WorkMaker, WorkshopMaker
from services.importing.rows.drafting import Context
from services.importing.rows.home import Home
from services.importing.rows.known import Known
from services.importing.rows.lines import Lines
from services.importing.tables.cards import in_one_table, turned
from services.importing.tables.chain import in_columns
from services.importing.tables.finding import FoundTable, find_tables
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading, is_label, month_of_heading
from services.importing.tables.rosters import Roster, field_of
from services.importing.values.cells import text_of
from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet, load, read_workbook
from services.office_files.traditional import simplify

_SILENT = tuple(
    "row age sign total payee area. work. record. paid. contract. change. agreement.range insurance.range course.range wish.".split()
)
"""Columns that are understood but do not fill a field by themselves."""


_REGISTERS = ("registry", "@household", "@person")
_MOST_LISTED = 10
_EXAMPLES = 3
_A_DAY = re.compile(r"(?:19|20)\d\d\D\d{1,2}(?:\D\d{1,2})?\D?", re.ASCII)
_ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)
_TENTH = re.compile(r"(?:\d\d)?2\d\.1(?!\d)")
"""How a sheet also shows the number 2026.10."""


class Candidate(NamedTuple):
    """A table of the file, and which columns it has as the roster it was recognised as; None if it was not."""

    table: FoundTable
    binding: Binding | None


class Maker(Protocol):
    """Makes the plan's rows of one table."""

    reads: tuple[str, ...]

    def make(self) -> list[PlanRow]:
        """The plan's rows in order."""
        ...


def plan(
    session: Session,
    source: Path | str | bytes,
    *,
    kind: str | None = None,
    village: str | None = None,
    progress: Progress = unwatched,
    name: str = "",
    assigned: Assigned | None = None,
    supplied: Supplied | None = None,
) -> Plan:
    """The plan for importing a file, given as a path, or as bytes and a `name`. Only reads.

    `kind` is the kind of the rows if the headings do not tell it; `village` is their village; `assigned` are columns assigned by hand, in
    addition to the remembered ones; `supplied` is what a list lacks for all rows (`services.importing.columns.supplied`). Raises
    `InputUnusable` for a file that is not a roster, is about another village or is too large, `Refused` for a `village` that is not the
    station's, and `Stopped` from `progress`.
    """
    data = load(source)
    name = name or (Path(source).name if not isinstance(source, bytes) else "")
    if kind is not None:
        kind_of(kind)
    context = Context(session, Known(session), Home(session, village), progress)
    context.tick(0, 0, _("读取文件"))
    with gc_paused():
        if looks_like_json_lines(data, name):
            made = plan_jsonl(context, data, kind=kind)
        else:
            made = Plan(name, [])
            _plan_sheets(context, made, data, kind, combined(remembered(session), assigned or {}), supplied or {})
    registry = [row for table in made.tables if table.roster == "registry" for row in table.rows if not row.skipped]
    made.absent = absent(session, registry) if registry else ()
    judge_money(context, made)
    made.chosen()  # fills the fields of shared records before the plan is shown
    made.file = name
    made.state = store_state(session)
    again = partial(plan, kind=kind, village=village, name=name, assigned=assigned, supplied=supplied)
    made.again = lambda session, progress: again(session, data, progress=progress)
    return made


def _plan_sheets(context: Context, made: Plan, data: bytes, kind: str | None, assigned: Assigned, supplied: Supplied) -> None:
    """File → sheets → tables → rosters recognised → planned tables."""
    asked = Surveys(context.session) if kind in (None, "survey_answer") else None
    questions = asked.words if asked else {}
    book, notes = _sheets(data, made.file, questions, context)
    words = {*questions, *headings_of(assigned)}
    sheets = [sheet for sheet in book if not sheet.hidden]
    hidden = _("、").join(sheet.name for sheet in book if sheet.hidden and find_tables(sheet, words))
    found = [table for sheet in sheets for table in find_tables(sheet, words)]
    recognised = partial(_recognised, asked, kind, assigned, context.known.named)
    candidates = list(map(recognised, found))
    if kind and supplied.get(START):
        candidates = [_with_start(*one, supplied[START], recognised) for one in zip(found, candidates, strict=True)]
    made.notes += [*notes, *_sheet_notes(sheets, hidden, candidates)]
    known = [(one.table, one.binding) for one in candidates if one.binding is not None]
    if not known:
        what = _(
            "这是接龙，看不出登记的是什么。请在开头加一行写明填的是什么，例如「姓名、电话、务工地点、单位、月工资、外出时间」，再导入。"
        )
        raise InputUnusable(what) if book[0].chain else unknown(found, [sheet.rows for sheet in sheets], hidden)
    several = len({id(table.sheet) for table, _binding in known}) > 1
    tops = {id(table.sheet): table.heading_row for table in reversed(found)}
    for table, binding in sorted(known, key=lambda one: _MAKERS.get(one[1].roster.name, _OTHERS)[0]):
        lacks = supply(binding, supplied)
        made.tables.append(_plan_table(context, table, binding, several))
        made.tables[-1].lacks = lacks
        made.tables[-1].rows[:0] = _unheaded(table.sheet, tops.pop(id(table.sheet), 0), several)
    generic = [row for planned in made.tables if planned.roster.startswith("@") for row in planned.rows]
    if generic:
        refuse_dangling(context.session, generic, list(made.rows()), _dangling)
    check_records(context, list(made.rows()))


def _with_start(table: FoundTable, found: Candidate, start: str, recognised: Callable[[FoundTable], Candidate]) -> Candidate:
    """A register that also tells the work is recognised again with a title that states when the work began."""
    if found.binding is not None and lacked(found.binding):
        return found
    table.titles.append(f"{START_HEADING}：{start}")
    return recognised(table)


def _sheets(data: bytes, file: str, questions: Mapping[str, Sequence[SurveyItem]], context: Context) -> tuple[list[Sheet], list[str]]:
    """The sheets of a file, a 接龙 or forms about one person each converted to a table, and the notes about that."""
    book = read_workbook(data)
    for sheet in book:
        sheet.file = Path(file).stem
    notes = [_("表里是繁体字，按简体读入，请核对姓名和地名")] if sum(map(simplify, book)) else []
    if book[0].chain:
        chain, told = in_columns(book[0], questions, context.known.named, context.home.scope)
        return [chain, *book[1:]], [*notes, *told]
    turns = [turned(sheet, questions) for sheet in book if not sheet.hidden]
    if any(note for _sheet, note in turns):
        return [sheet for sheet, _note in turns], [*notes, *(note for _sheet, note in turns if note)]
    forms = in_one_table([sheet for sheet in book if not sheet.hidden])
    return ([forms[0]], [*notes, forms[1]]) if forms is not None else (book, notes)


def _sheet_notes(sheets: Sequence[Sheet], hidden: str, found: Sequence[Candidate]) -> Iterator[str]:
    """Notes about the sheets and tables that are not read."""
    if hidden:
        yield _("隐藏的工作表没有读入：{sheets}。要导入它们，请先在 Excel 或 WPS 里取消隐藏").format(sheets=hidden)
    with_headings = {id(one.table.sheet) for one in found}
    without = _("、").join(sheet.name for sheet in sheets if id(sheet) not in with_headings and _holds_rows(sheet))
    if found and without:
        yield _("工作表「{sheets}」里没有找到表头，没有读入；接着前一页写的，请把表头也写上").format(sheets=without)
    for table in (one.table for one in found if one.binding is None):
        message = _("「{sheet}」第 {row} 行的表头认不出是哪种名册，没有导入这张表")
        yield message.format(sheet=table.sheet.name, row=table.heading_row + 1)


def _recognised(
    asked: Surveys | None, kind: str | None, assigned: Assigned, named: Callable[[str], object], table: FoundTable
) -> Candidate:
    """A table as a survey's sheet if its title or most of its questions match, otherwise as a roster."""
    roster = _roster(table, kind, table.sheet.name, partial(with_assigned, assigned=assigned), named)
    sheets_of = (asked.recognise(table, titled=titled, other=roster.binding) for titled in (True, False)) if asked else iter(())
    sheet_of = next(filter(None, sheets_of), None)
    return Candidate(table, sheet_of) if sheet_of else roster


def _roster(
    table: FoundTable, kind: str | None, sheet: str, assigned: Callable[[Roster], Roster], named: Callable[[str], object]
) -> Candidate:
    """The roster that a table matches. A register with one household in each row, or with the heads in columns of their own, is first
    converted to one row for each person, and so is a list of work with several people in one cell."""
    table = unfolded(table, lambda one: recognise(one, kind, sheet, assigned))
    binding, flat = recognise(table, kind, sheet, assigned), table
    if binding is None or binding.roster.name in _REGISTERS:
        flat = members_unfolded(table)
        flat = heads_joined(table) if flat is table else flat
    elif not {"employment", "appointment", "enrolment"}.isdisjoint(binding.roster.makes):
        flat = names_split(table, binding, named)
    return Candidate(flat, binding if flat is table else recognise(flat, kind, sheet, assigned))


def _unheaded(sheet: Sheet, top: int, several: bool) -> list[PlanRow]:
    """The rows about people above the first headings of a sheet, refused: their own headings were not recognised."""
    message, made = _("上面没有认出的表头，这一行没有读入；请把表头的字改对（姓名、身份证号等）再导入"), list[PlanRow]()
    for number, row in enumerate(sheet.rows[:top], 1):
        cells = [text_of(cell) for cell in row if cell not in ("", None)]
        if len(cells) > 2 and any(map(_ID_NUMBER.fullmatch, cells)) and not any(map(is_label, cells)):
            shown, page = mask_numbers(" ".join(cells))[:60], sheet.name if several else ""
            made.append(PlanRow(number, issues=[Issue(number, "", shown, message, "unheaded", sheet=page)]))
    return made


def _holds_rows(sheet: Sheet) -> bool:
    """Whether a sheet has a row with several filled cells: a continued page without headings rather than instructions."""
    return any(sum(cell not in ("", None) for cell in row) >= 2 for row in sheet.rows)


def _dangling(row: PlanRow, f: Field, id: str, sentence: str) -> Issue:
    return Issue(row.number, _(f.label), id, sentence, "reference")


def _plan_table(context: Context, found: FoundTable, binding: Binding, several: bool) -> PlannedTable:
    """A table → its rows as columns of values → records planned by the maker of its roster."""
    context.proposals, context.notes, context.sheet = {}, {}, found.sheet.name
    titled = context.home.from_titles([*found.titles, context.sheet])
    lines = Lines(found, binding, home=context.home.scope, sheet=context.sheet if several else "")
    roster = binding.roster
    maker = _MAKERS.get(roster.name, _OTHERS)[1](context, lines, titled)
    rows = maker.make()
    columns = _columns(found, binding, maker.reads)
    planned = PlannedTable(context.sheet, _(roster.label), roster.name, found.heading_row + 1, found.titles, columns, rows)
    if roster.name != NAME_OF_ROSTER:  # the columns of a survey's sheet are its questions
        planned.assignable = assignable(roster, maker.reads)
    planned.proposals = list(context.proposals)
    planned.besides = besides(found, binding)
    planned.notes = [*context.notes, *filter(None, _table_notes(context, found, binding, planned, maker.reads))]
    return planned


def _table_notes(context: Context, found: FoundTable, binding: Binding, planned: PlannedTable, reads: tuple[str, ...]) -> Iterator[str]:
    """Notes about what of a table was not read, or read in an unusual way; "" for none."""
    columns, sheet = planned.columns, found.sheet
    yield found.note
    if lacks_year(found):
        yield _("各月的列没有写明是哪一年，没有导入；请在标题写上年份，例如 2023年")
    yield _listed(_("没有导入的列：{columns}"), [column.heading for column in columns if not column.target])
    above = [str(value) for target, value in binding.title_values.items() if target.startswith(reads) and value.label not in GIVEN]
    if above:
        yield _("表上方写的也读入每一行：{above}").format(above=_("；").join(above))
    yield _("；").join(_("各行都按您填的：{given}").format(given=one) for one in binding.title_values.values() if one.label in GIVEN)
    yield _listed(_("按您定的读的列：{columns}"), [column.heading for column in columns if column.assigned])
    if binding.pay_bare and "employment.monthly_wage".startswith(reads):
        yield _("「{heading}」没有写是每月的还是全年的，按月工资读入，请核对").format(
            heading=binding.columns["employment.monthly_wage"].text
        )
    if (
        binding.headlines.carrier_from_file
        and binding.headlines.carrier
        and not binding.has("employer.name")
        and "employer" in binding.roster.kinds
    ):
        yield _("表里没有写车间或单位，按文件名记为「{carrier}」").format(carrier=binding.headlines.carrier)
    yield from _month_notes(binding, sheet.name)
    yield _hidden_rows([str(row.number) for row in planned.rows if row.number in sheet.unseen and row.goes_in])
    yield _listed(_("隐藏的列也读入了：{columns}"), [one.heading for one in columns if one.target and one.index in sheet.unseen_columns])
    for was, now in context.home.repairs.items():
        yield _("村名「{was}」按「{now}」处理").format(was=was, now=now)
    if all(row.skipped for row in planned.rows):
        yield _("只有表头，没有数据行；是上级发来要填的表，请到「报表 → 填上级表格」")


def _hidden_rows(numbers: Sequence[str]) -> str:
    rows = _("、").join(numbers[:_MOST_LISTED]) + ("……" if len(numbers) > _MOST_LISTED else "")
    return _("隐藏的 {count} 行也读入了：第 {rows} 行").format(count=len(numbers), rows=rows) if numbers else ""


def _listed(message: str, headings: Sequence[str]) -> str:
    return message.format(columns=_("、").join(headings)) if headings else ""


def _month_notes(binding: Binding, sheet: str) -> Iterator[str]:
    """Notes about where the months of a table were read from."""
    month, named = binding.headlines.titled.one, month_of_heading(plain(sheet))
    wanted = _month_wanted(binding)
    if binding.headlines.month_from_file and not binding.months and month and wanted:
        yield _("表里没有写月份，按文件名记为 {month}").format(month=month)
    if month and named and named[1] != int(month[5:]) and wanted:
        yield _("工作表名是「{sheet}」，标题写的是 {month}，按标题导入，请核对").format(sheet=sheet, month=month)
    if binding.headlines.titled.guessed and (binding.months or wanted):
        message = _("标题里的月份没有写年份，按填报的 {handed_in} 记为 {month}，请核对")
        yield message.format(handed_in=binding.headlines.titled.submitted, month=binding.headlines.titled.months[0])
    across = {one for _heading, one in binding.months}
    for heading, one in binding.months:
        certain = {add_months(one, -1), add_months(one, 1)} & across or month == one
        if one.endswith("-01") and _TENTH.match(heading.text) and not certain:
            message = _("表头「{heading}」分不清是 1 月还是 10 月，按 {month} 导入；是 10 月的请写成 {tenth} 再导入")
            yield message.format(heading=heading.text, month=one, tenth=f"{one[:4]}-10")
    if binding.year_from_file and binding.months:
        yield _("表里没有写年份，按文件名记为 {year} 年").format(year=binding.months[0][1][:4])


_MAKERS: Mapping[str, tuple[int, Callable[[Context, Lines, str | None], Maker]]] = {
    "carriers": (0, CarrierMaker),
    "registry": (1, RegistryMaker),
    "work": (2, WorkMaker),
    "work_undated": (2, WorkMaker),
    "returns": (3, ReturnMaker),
    "workshop": (3, WorkshopMaker),
    "wages": (4, WageMaker),
    "posts": (5, PostMaker),
    "posts_titled": (5, PostMaker),
    "posts_undated": (5, PostMaker),
    "post_changes": (6, PostChangeMaker),
    "post_exits": (6, PostChangeMaker),
    "post_months": (6, PostMonthMaker),
    "check_months": (6, CheckMonthMaker),
    "@monthly_check": (7, CheckMaker),
    "training": (6, TrainingMaker),
    "schooling": (7, SchoolingMaker),
    "wishes": (7, WishMaker),
    "incomes": (7, IncomeMaker),
    NAME_OF_ROSTER: (7, SurveyMaker),
}
"""Roster name → order of processing (people before records about them) and the maker of its rows."""
_OTHERS = (7, GenericMaker)
"""The same for a plain list of any other kind."""


def _month_wanted(binding: Binding) -> bool:
    """Whether the records of the table need a month for which there is no column."""
    kinds = [kind for kind in map(kind_of, binding.roster.makes) if TITLED in kind.by_name]
    return bool(kinds) and not any(binding.has(f"{kind.name}.{TITLED}") for kind in kinds)


def _columns(found: FoundTable, binding: Binding, reads: tuple[str, ...]) -> list[PlannedColumn]:
    kinds = binding.roster.kinds
    taken: list[tuple[Heading, str, str]] = []
    for target, heading in binding.columns.items():
        f = field_of(target.removesuffix("#id"))
        used = target.startswith(reads) or target.startswith(_SILENT)
        taken.append((heading, target, _(f.label) if f else heading.text) if used else (heading, "", ""))
    taken += [
        (heading, f"wage.{month}", _("{month} 工资").format(month=month) if "wage" in kinds else month) for heading, month in binding.months
    ]
    taken += [(heading, "attendance.marks", _("{day} 日").format(day=heading.day)) for heading in binding.days]
    taken += [(heading, "enrolment.days_present", _("签到")) for heading in binding.signed]
    taken += [(heading, "", "") for heading in binding.unmatched]
    rows = found.rows()[:SEARCHED_ROWS]
    assigned = binding.roster.assigned
    return [
        PlannedColumn(heading.index, heading.text, target, label, heading.words[0], heading.words[0] in assigned, _examples(rows, heading))
        for heading, target, label in sorted(taken, key=lambda one: one[0].index)
    ]


def _examples(rows: Sequence[Sequence[object]], heading: Heading) -> tuple[str, ...]:
    """The first different cells of a column, numbers masked but not days: enough to see what it holds."""
    cells = (text_of(row[heading.index]).strip() for row in rows if heading.index < len(row))
    different = list(dict.fromkeys(filter(None, cells)))[:_EXAMPLES]
    return tuple(cell if _A_DAY.fullmatch(cell) else mask_numbers(cell) for cell in different)
