"""Reports to higher offices: the monthly work report (no. 22), and the progress of the year's targets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from db.session import Session
from domain import divisions
from domain.scopes import is_county, is_village, township_of
from services import work
from services.forms.form import REPORTED_BY_HEAD, TOTAL, Cell, Form
from services.forms.subjects import date_words, report_heads
from services.reports import monthly, targets
from services.reports.monthly import MEASURES, AreaMonth

_HEADINGS: Final = {"labour": "劳动力总数", "working": "已务工合计", "monitored": "其中监测对象"}
"""Column headings that are longer on paper, which has no group headings."""
MONTHLY: Final = ("乡镇", "村", *(_HEADINGS.get(one.name, one.label) for one in MEASURES.values()), "备注")
SUM, DROP = "小计", "务工人数下降明显"
_MOST_SILENT: Final = 10
"""The most villages without people named in a report; at first that is most of a county."""


def work_report(session: Session, month: str, corrections: Sequence[str] = ()) -> Form:
    """No. 22: a line for each village, with subtotals for townships and a total. `corrections` are
    sentences about months reported earlier (`services.reports.sealing.corrections`)."""
    made = monthly.report(session, month)
    checks = made.checks
    asked = work.asked(session, [made.month])
    heads = report_heads(session, f"截至{date_words(made.day)}") | {"月监测": f"应核实 {checks.people} 人，已核实 {checks.done} 人"}
    meanings = "；".join(
        f"{heading}：{one.meaning.partition('。名单')[0].rstrip('。')}"
        for heading, one in zip(MONTHLY[2:-1], MEASURES.values(), strict=True)
    )
    text = [f"指标说明：{meanings}。"]
    if made.silent:
        more = "等" if len(made.silent) > _MOST_SILENT else ""
        text.insert(0, f"没有人员记录的村 {len(made.silent)} 个：{'、'.join(made.silent[:_MOST_SILENT])}{more}。")
    return Form(
        f"务工监测月报（{date_words(made.month)}）",
        heads,
        columns=MONTHLY,
        rows=[_row(made.scope, line, _figures(line, made.month, asked)) for line in made.lines],
        total=["", TOTAL, *_figures(made.total, made.month, asked)] if made.lines and not is_village(made.scope) else (),
        text=[*corrections, *text],
        signatures=REPORTED_BY_HEAD,
        wide=True,
    )


def _row(scope: str, line: AreaMonth, figures: Sequence[Cell]) -> Sequence[Cell]:
    town = divisions.called(township_of(line.area))
    if line.village:
        return ("" if is_county(scope) else town, line.name, *figures)
    return (town, SUM, *figures)


def _figures(line: AreaMonth, month: str, asked: Collection[tuple[str, str]]) -> list[Cell]:
    figures: dict[str, Cell] = {name: line.figures[name] for name in MEASURES}
    if monthly.nobody_asked(line, month, asked):
        figures["wishing"] = "—"
    return [*figures.values(), DROP if line.fell else ""]


TARGETS: Final = ("序号", "地区", "指标", "目标数", "完成数", "完成率", "还差", "说明")


def target_report(session: Session, year: int | None = None) -> Form:
    """The progress of each target of a year, by default the current one."""
    year = year or int(session.today[:4])
    found = targets.progress(session, year)
    rows: list[Sequence[Cell]] = [
        (n, one.name, one.indicator, one.value, _or_dash(one.done), _or_dash(one.percent, "%"), _or_dash(one.left), one.note)
        for n, one in enumerate(found, 1)
    ]
    day = min(f"{year}-12-31", session.today)
    return Form(
        f"{year} 年度目标完成情况",
        report_heads(session, f"截至{date_words(day)}"),
        columns=TARGETS if rows else (),
        rows=rows,
        text=[] if rows else [f"{year} 年没有登记目标。"],
        signatures=REPORTED_BY_HEAD,
        wide=True,
    )


def _or_dash(value: int | None, unit: str = "") -> Cell:
    return "—" if value is None else f"{value}{unit}" if unit else value
