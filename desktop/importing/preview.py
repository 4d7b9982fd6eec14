"""A plan as the page shows it: rows in groups, their texts in the list, and details of a row. Without Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.fields import KINDS
from domain.words import _
from services.importing.plan import Action, Draft, Issue, Level, Plan, PlannedTable, PlanRow

GROUPS = ("all", "new", "changed", "unchanged", "question", "refused", "repair", "warning")
"""Keys of the filter chips."""
_MOST_SHOWN = 40
"""The most fields of a new record shown beside the list."""
_MANY = 4
"""From this number of new records of one kind in a row, each is shown as one line."""


def group_words() -> dict[str, str]:
    """Labels of the filter chips."""
    words = (_("全部"), _("新增"), _("变更"), _("不变"), _("疑点"), _("拒收"), _("修正"), _("提醒"))
    return dict(zip(GROUPS, words, strict=True))


def outcome_chips() -> dict[str, tuple[str, str]]:
    """Label and tone of the chip for each outcome of a row."""
    return {
        "new": (_("新增"), "good"),
        "changed": (_("变更"), "info"),
        "unchanged": (_("不变"), "plain"),
        "question": (_("疑点"), "warn"),
        "kept": (_("疑点 收下"), "good"),
        "refused": (_("拒收"), "bad"),
    }


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of one table."""

    table: PlannedTable
    row: PlanRow


@dataclass(frozen=True)
class Made:
    """A record that the row creates or changes: its title and its cells as (label, old, new); old is empty for a new record."""

    title: str
    tone: str
    cells: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Detail:
    """Details of one row."""

    heading: str
    outcome: str
    """A key of `outcome_chips`."""
    issues: list[Issue]
    made: list[Made]
    asks: bool
    """Whether the row needs 收下 or 不收, or has been answered."""
    kept: bool


@dataclass
class Preview:
    """The rows of a plan in groups; a row may be in several (变更 and 修正)."""

    plan: Plan
    lines: list[TableRow] = field(default_factory=list)
    groups: dict[str, list[int]] = field(default_factory=lambda: {key: [] for key in GROUPS})
    _settled: dict[int, Draft] = field(default_factory=dict)
    _counts: Counter[tuple[Action, str]] = field(default_factory=Counter)
    _asked: list[PlanRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = [TableRow(table, row) for table in self.plan.tables for row in table.rows if not row.skipped]
        for number, line in enumerate(self.lines):
            for key in _groups_of(line.row):
                self.groups[key].append(number)
            if _asks(line.row):
                self._asked.append(line.row)
            elif line.row.goes_in:
                self._settled.update(_drafts(line.row))
        self._counts = _counted(self._settled.values())

    def table_name(self, table: PlannedTable) -> str:
        """The name of a table in the list: its kind, or its title if several are of that kind."""
        alike = sum(1 for other in self.plan.tables if other.label == table.label) > 1
        return table.titles[0] if alike and table.titles else _(table.label)

    def none_fits(self) -> bool:
        """Whether every row is refused, so that another roster has to be imported first."""
        return bool(self.lines) and len(self.groups["refused"]) == len(self.lines)

    def _answered(self) -> Counter[tuple[Action, str]]:
        """What the accepted questionable rows add."""
        drafts: dict[int, Draft] = {}
        for row in self._asked:
            if row.goes_in:
                drafts.update(pair for pair in _drafts(row) if pair[0] not in self._settled)
        return _counted(drafts.values())

    def to_write(self) -> int:
        """How many records an import would write now."""
        return (self._counts + self._answered()).total()

    def unanswered(self) -> int:
        """The number of questionable rows that would be left out now."""
        return sum(1 for row in self._asked if row.questioned)

    def summary(self) -> str:
        """The changes as text: 新增 户 150、人员 425；变更 人员 3."""
        counts = self._counts + self._answered()
        parts = []
        for action, word in ((Action.NEW, _("新增")), (Action.CHANGED, _("变更"))):
            kinds = [f"{_(label)} {count:,}" for (done, label), count in counts.items() if done is action]
            if kinds:
                parts.append(f"{word} {_('、').join(kinds)}")
        return _("；").join(parts)

    def detail(self, number: int) -> Detail:
        """Return the details of the row at this index."""
        line = self.lines[number]
        row = line.row
        heading = _("第 {row} 行　{title}").format(row=row.number, title=row.title or _("（没有姓名）"))
        issues = [issue for level in Level for issue in row.of(level)]
        made = [] if row.refused else [*_made((*row.uses, *row.drafts))]
        return Detail(heading, outcome(row), issues, made, _asks(row), row.kept)


def outcome(row: PlanRow) -> str:
    """Return the outcome of a row, a key of `outcome_chips`."""
    return "kept" if _asks(row) and row.kept else row.action.value


def sentence(row: PlanRow) -> str:
    """Return the most important information about a row."""
    grave = row.of(Level.REFUSED) or row.of(Level.QUESTION)
    if grave:
        return _("；").join(map(_about, grave))
    remarks = _("；").join(issue.message for issue in (*row.of(Level.REPAIR), *row.of(Level.WARNING)))
    if row.action is Action.CHANGED:
        cells = [_cell(*cell) for draft in row.drafts if draft.action is Action.CHANGED for cell in _cells(draft)]
        return _("；").join(filter(None, [_("；").join(cells), remarks]))
    if row.action is Action.NEW:
        kinds = Counter(_(draft.kind.label) for draft in (*row.uses, *row.drafts) if draft.action is Action.NEW)
        words = [f"{label} {count}" if count > 1 else label for label, count in kinds.items()]
        return _("；").join(filter(None, [_("、").join(words), remarks]))
    return remarks or _("和库里一样")


def refused_lines(plan: Plan) -> list[tuple[str, ...]]:
    """Return the rows that were not imported, with issues and advice (secret fields masked: the row number identifies the row)."""
    lines: list[tuple[str, ...]] = []
    for table in plan.tables:
        for row in table.rows:
            if not row.skipped and (row.refused or row.questioned):
                issues = [issue for level in (Level.REFUSED, Level.QUESTION) for issue in row.of(level)]
                facts = [(i.column, i.value, i.message, advice(i.code)) for i in issues]
                lines += [(table.sheet, str(row.number), row.title, *fact) for fact in facts]
    return lines


def absent_lines(plan: Plan) -> list[tuple[str, ...]]:
    """Return the people who are in the store and not in the roster, with masked numbers."""
    fields, category = KINDS["person"].by_name, KINDS["category_span"].by_name["category"]
    return [(one.name, fields["id_number"].show(one.number), one.group, category.show(one.category)) for one in plan.absent]


def columns_known(table: PlannedTable) -> tuple[int, list[str]]:
    """Return how many columns were recognised, and the headings of those that are not imported."""
    unknown = [column.heading for column in table.columns if not column.label]
    return len(table.columns) - len(unknown), unknown


def _cell(label: str, old: str, new: str) -> str:
    return f"{label} {old or _('（空）')} → {new}"


def _asks(row: PlanRow) -> bool:
    return not row.refused and bool(row.of(Level.QUESTION))


def _groups_of(row: PlanRow) -> Iterator[str]:
    yield "all"
    if _asks(row):
        yield "question"
    else:
        yield row.action.value
    for level in (Level.REPAIR, Level.WARNING):
        if row.of(level):
            yield level.value


def _drafts(row: PlanRow) -> Iterator[tuple[int, Draft]]:
    return ((id(draft), draft) for draft in (*row.uses, *row.drafts))


def _counted(drafts: Iterable[Draft]) -> Counter[tuple[Action, str]]:
    """The number of new and changed records by the label of their kind."""
    return Counter((draft.action, draft.kind.label) for draft in drafts if draft.action in (Action.NEW, Action.CHANGED))


def _about(issue: Issue) -> str:
    return issue.message if issue.message.startswith(issue.column) else _("{label}：{text}").format(label=issue.column, text=issue.message)


def _cells(draft: Draft) -> list[tuple[str, str, str]]:
    """Label, old and new value of each cell; references are left out, as their records are shown themselves."""
    shown = [(draft.kind.by_name[name], value) for name, value in draft.values.items() if name in draft.kind.by_name]
    before = draft.before or {}
    return [(_(f.label), f.show(before.get(f.name)), f.show(value)) for f, value in shown if not f.ref and value is not None]


def _made(drafts: Sequence[Draft]) -> Iterator[Made]:
    """A block for each record; many new ones of a kind (the wages of a year) share a block with a line each."""
    new = Counter(draft.kind.name for draft in drafts if draft.action is Action.NEW)
    for name, count in new.items():
        if count >= _MANY:
            lines = [
                [new for _label, _old, new in _cells(draft) if new]
                for draft in drafts
                if (draft.kind.name, draft.action) == (name, Action.NEW)
            ]
            title = _("新增 {kind} {n} 条").format(kind=_(KINDS[name].label), n=count)
            yield Made(title, "good", [(words[0], "", "　".join(words[1:])) for words in lines if words])
    for draft in drafts:
        title, cells = _(draft.kind.label), _cells(draft)
        if draft.action is Action.CHANGED and cells:
            yield Made(_("变更 {kind}").format(kind=title), "info", cells)
        elif draft.action is Action.NEW and new[draft.kind.name] < _MANY:
            yield Made(_("新增 {kind}").format(kind=title), "good", [cell for cell in cells if cell[2]][:_MOST_SHOWN])


_NUMBER = ("checksum", "length", "characters", "birth_date", "disability", "prefix")


def advice(code: str) -> str:
    """Return the next step for the user, for the codes of `services.importing`."""
    if code in _NUMBER:
        return _("请对照身份证逐位核对，在表里改正后再导入一次。")
    known = {
        "digits_lost": _("表格把号码当成了数字，末几位已经丢了。请把这一列改成“文本”格式，重新填号码。"),
        "no_name": _("请在表里补上姓名。"),
        "choice": _("请改成这一列允许的写法。"),
        "date": _("请写成 2023-06-05 或 2023年6月。"),
        "place": _("请写到县（市、区），例如“大连市甘井子区”。"),
        "person": _("请先导入人员名册，或先登记这个人，再导入这张表。"),
        "village": _("请核对村名；确是别村的人，交给那个村导入。"),
        "required": _("请在表里补上。"),
        "undated": _("各行都从同一天起的，按 F7 一次填好；不都一样的，请在表里加一列开始时间。"),
        "employer": _("按 F7 填上是哪个车间或单位，各行都按它读。"),
        "masked": _("号码带星号，和库里的对不上。请向发来这张表的单位要完整号码。"),
        "append_only": _("已经登记的发放和办理记录不能改。确实错了，请另记一笔更正。"),
        "order": _("请核对起止时间，结束不能早于开始。"),
        "sex": _("请对照身份证核对性别。表里对就收下，不对就先不收。"),
        "birth": _("请对照身份证核对出生日期。表里对就收下，不对就先不收。"),
        "duplicate": _("重复的一行就不收；是号码抄错了，请改正后再导入；收下就按下面列的写进去。"),
    }
    return known.get(code) or _("请在表里改正后再导入一次，已经导入的行不会重复。")
