"""Reports to higher offices: the monthly work report (no. 22), the progress of the year's targets, 联系情况 (whom to contact), 数据质量
and 填报负担 (the time spent on data entry)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from db.session import Session
from domain import divisions
from domain.fields import KINDS
from domain.progress import Progress, unwatched
from domain.scopes import is_county, is_village, township_of
from services import contacts, work
from services.contacts import LATE, Contact, Reach
from services.forms.form import REPORTED, REPORTED_BY_HEAD, TOTAL, Cell, Form
from services.forms.subjects import date_words, report_heads
from services.quality import overview
from services.quality.overview import MISSING, SEVERITIES, Quality
from services.reports import monthly, targets
from services.reports.monthly import MEASURES, AreaMonth
from services.reports.workload import Workload, total, workload

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


_MONTHS: Final = tuple(f"{n}月" for n in range(1, 13))
CONTACTS: Final = ("序号", "村", "小组", "姓名", "人员类别", "联系电话", "最近联系", "没联系的月数", *_MONTHS)
CONTACT_VILLAGES: Final = ("序号", "村", "应联系", "本月已联系", "一两个月没联系", f"{LATE}个月以上没联系", "没有联系记录")
_CONTACT_MARKS: Final = {"monthly_check": "监", "visit": "访", "service": "服"}
_CONTACTS_MEANING: Final = (
    "应联系的人：月监测要问的人，和每一个监测对象。监 月监测　访 入户走访　服 就业服务（没有联系上的不算）；没有记下来的，这里不知道。"
)


def contact_list(session: Session, month: str, *, plain: bool = False) -> Form:
    """The people to keep in contact with, the longest without contact first, with this year's contacts. At a township or county only
    people without recent contact."""
    village = session.role == "village"
    shown = contacts.board(session, month, plain=plain, late=not village)
    text = [_CONTACTS_MEANING]
    if shown and all(one.reached for one in shown):
        text.insert(0, "本月都联系过了。")
    if not village:
        shown.sort(key=lambda one: one.village)
        text.insert(0, f"这里只列 {LATE} 个月以上没有联系的，和没有联系记录的。")
    return Form(
        f"联系情况表（{date_words(month)}）",
        report_heads(session, f"截至{date_words(contacts.until(session, month))}"),
        opening=[_contact_summary(contacts.total(contacts.reach(session, month), session.scope))],
        columns=CONTACTS,
        rows=[_contact(number, one, month) for number, one in enumerate(shown, 1)],
        text=text,
        signatures=REPORTED,
        wide=True,
    )


def contact_villages(session: Session, month: str) -> Form:
    """For each village, the number of people contacted, and of those without contact for how long."""
    lines = contacts.reach(session, month)
    total = contacts.total(lines, session.scope)
    return Form(
        f"各村联系情况（{date_words(month)}）",
        report_heads(session, f"截至{date_words(contacts.until(session, month))}"),
        columns=CONTACT_VILLAGES,
        rows=[(number, one.name, *_contact_figures(one)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_contact_figures(total)] if len(lines) > 1 else (),
        signatures=REPORTED,
    )


def _contact_summary(sums: Reach) -> str:
    late = f"{LATE} 个月以上没联系 {sums.late} 人，没有联系记录 {sums.never} 人"
    return f"应联系 {sums.people} 人，本月已联系 {sums.reached} 人，{late}。"


def _contact_figures(one: Reach) -> list[Cell]:
    return [one.people, one.reached, one.recent, one.late, one.never]


def _contact(number: int, one: Contact, month: str) -> Sequence[Cell]:
    months = [
        "".join(_CONTACT_MARKS[way] for way in _CONTACT_MARKS if way in one.times.get(f"{month[:4]}-{n:02d}", ())) for n in range(1, 13)
    ]
    ago: Cell = "—" if one.months is None else one.months
    return (number, one.place, one.group, one.name, one.category, one.phone, one.last or "没有记录", ago, *months)


QUALITY: Final = ("序号", "村", "人员", "错误", "疑点", "提示", "每百人错误", *MISSING.values(), "最多的问题")
QUALITY_LIST: Final = ("序号", "村", "程度", "问题", "怎么改")
_SEVERITY_WORDS: Final = {"error": "错误", "warning": "疑点"}
_MAX_LINES: Final = 5_000
"""Most lines of the list, which is two hundred pages."""


def quality_villages(session: Session, progress: Progress = unwatched) -> Form:
    """One line for each village: the findings of the data checks, and the fields missing for people aged 16 or over."""
    lines = overview.overview(session, progress)
    return Form(
        "各村数据质量",
        report_heads(session, f"截至{date_words(session.today)}"),
        columns=QUALITY,
        rows=[(number, one.name, *_quality_figures(one)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_quality_figures(overview.total(lines, session.scope))] if len(lines) > 1 else (),
        text=["错误、疑点、提示是「一键体检」查出来的，已经处置的不算；没填的只数满 16 周岁的人。"],
        signatures=REPORTED,
        wide=True,
    )


def quality_list(session: Session, progress: Progress = unwatched) -> Form:
    """All errors and warnings by village, with the way to correct them."""
    found = overview.listed(session, progress)
    rows = [
        (number, divisions.called(village), _SEVERITY_WORDS[doubt.severity], doubt.message, doubt.fix)
        for number, (village, doubt) in enumerate(found[:_MAX_LINES], 1)
    ]
    text = [f"还有 {len(found) - _MAX_LINES} 条没有列出，请在各村的电脑上查看。"] if len(found) > _MAX_LINES else []
    heads = report_heads(session, f"截至{date_words(session.today)}")
    return Form("数据问题清单", heads, columns=QUALITY_LIST, rows=rows, text=text if rows else ["没有发现问题。"], wide=True)


def _quality_figures(one: Quality) -> list[Cell]:
    return [one.people, *(one.counts[name] for name in SEVERITIES), f"{one.rate:.1f}", *one.missing.values(), one.most]


WORKLOAD: Final = (
    *("序号", "单位", "录入天数", "单笔录入（条）", "成批录入（条）", "改动（处）", "估计用时（小时）", "单笔每条（分钟）"),
    *("摸排问题（个）", "其中台账已有（个）"),
)
_MOST_KINDS: Final = 5
"""Number of kinds listed, those that took the most time."""
_WORKLOAD_MEANING: Final = (
    "用时按两次保存的间隔估计：10 分钟以内的算在填，更久的只算 1 分钟；看、打印、走访不算。一次存 10 条以上的是成批录入。"
)


def entry_workload(session: Session, month: str) -> Form:
    """One line for each station; below, what took the most time, and which survey questions are already on record."""
    lines = workload(session, month)
    total_line = total(lines, session.scope)
    return Form(
        f"填报负担（{date_words(month)}）",
        report_heads(session, date_words(month)),
        columns=WORKLOAD,
        rows=[(number, one.name, *_workload_figures(one), one.questions, len(one.repeated)) for number, one in enumerate(lines, 1)],
        total=["", TOTAL, *_workload_figures(total_line), "", ""] if len(lines) > 1 else (),
        text=[_WORKLOAD_MEANING, *_longest_kinds(total_line), *_asked_again(lines)],
        wide=True,
    )


def _workload_figures(one: Workload) -> list[Cell]:
    return [one.days, one.single, one.batch, one.changed, f"{one.minutes / 60:.1f}", f"{one.each:.1f}" if one.single else "—"]


def _longest_kinds(one: Workload) -> list[str]:
    longest = sorted(((minutes, name) for name, minutes in one.kinds.items() if name and minutes >= 3), reverse=True)[:_MOST_KINDS]
    most = [f"{KINDS[name].label} {minutes / 60:.1f} 小时" for minutes, name in longest]
    return [f"用时最多的：{'；'.join(most)}。"] if most else []


def _asked_again(lines: Sequence[Workload]) -> list[str]:
    asked = sorted({label for line in lines for label in line.repeated})
    text = "摸排问的「{words}」台账里已经有，不用再问：收上来的表用「报表 → 填上级表格」就能填好。"
    return [text.format(words="」「".join(asked))] if asked else []
