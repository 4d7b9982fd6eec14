"""The monthly papers of public-welfare posts (`domain.md` §6.6, §9.4 nos. 14 to 16)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from db.session import Session
from domain.grouping import by_key
from domain.money import yuan_text
from domain.periods import days_in
from services.forms.form import TOTAL, Cell, Form
from services.forms.subjects import Subjects, date_words, place_name
from services.posts import pay
from services.posts.pay import OPEN, MonthLine
from services.sheets import yuan

DAYS: Final = tuple(str(day) for day in range(1, 32))
ATTENDANCE: Final = ("序号", "姓　　名", *DAYS, "出勤", "签字")
SUMMARY: Final = (
    "序号",
    "姓名",
    "身份证号码",
    "岗位名称",
    "规定出勤天数（天）",
    "本月累计出勤天数（天）",
    "补贴金额（元）",
    "协议起止时间",
)
NOTICE: Final = ("序号", "姓名", "身份证号码", "岗位名称", "本月累计出勤天数", "补贴金额（元）")
_SIGNS: Final = {"P": "√", "S": "病", "L": "事", "A": "旷", "R": "休", OPEN: ""}


def attendance(session: Session, month: str) -> Form:
    """No. 14: the attendance sheet with a column for each day, filled in as far as recorded, so that it can be completed by hand."""
    lines, size = pay.month(session, month), days_in(month)
    rows = [_marked(number, line) for number, line in enumerate(lines, 1)]
    columns = [heading for heading in ATTENDANCE if heading not in DAYS[size:]]
    heads = {"用人单位": place_name(session), "月份": date_words(month)}
    text = ["√ 出勤　病 病假　事 事假　旷 旷工　休 休息；只有 √ 计入出勤天数。"]
    signed = ("考勤员", "村负责人", "单位（盖章）")
    return Form("乡村公益性岗位考勤表", heads, columns=columns, rows=rows, text=text, signatures=signed, wide=True)


def _marked(number: int, line: MonthLine) -> Sequence[Cell]:
    boxes = [_SIGNS.get(mark, mark) for mark in line.marks]
    return (number, line.holder.name, *boxes, "" if line.days is None else line.days, "")


def pay_summary(session: Session, month: str, *, plain: bool = False) -> Form:
    """No. 15: the days present and the proposed pay of all payable post holders, by the department and fund of the post, which each has a
    form of its own to answer for: a subtotal for each where there are several."""
    lines = _payable(session, month)
    about = Subjects(session, (), plain=plain)
    sections = by_key((tuple(about.of(line.holder.post, name) for name in ("developer", "fund")), line) for line in lines)
    rows: list[Sequence[Cell]] = []
    for (developer, fund), own in sections.items():
        rows += [_summed(about, number, line) for number, line in enumerate(own, 1)]
        if len(sections) > 1:
            rows.append(("", "小计", f"{len(own)} 人", f"{developer}　{fund}", "", "", yuan(_total(own)), ""))
    developers = dict.fromkeys(developer for developer, _fund in sections)
    heads = {"填报单位（盖章）": place_name(session), "填报时间": date_words(session.today), "开发主管部门": "、".join(developers)}
    return Form(
        f"乡村公益性岗位出勤天数和拟拨付岗位补贴金额汇总表（{date_words(month)}）",
        heads,
        columns=SUMMARY,
        rows=rows,
        total=("", TOTAL, f"{len(lines)} 人", "", "", "", yuan(_total(lines)), ""),
        text=[*filter(None, map(_differs, lines)), *_doubtful(lines)],
        signatures=("填报人", "联系电话", "审核人（签字）"),
        wide=True,
    )


def _summed(about: Subjects, number: int, line: MonthLine) -> Sequence[Cell]:
    holder = line.holder
    terms = [f"{a.start} 至 {a.end}" for a in holder.agreements if line.held and a.start <= line.held.end and a.end >= line.held.start]
    figures = (line.required or "", _days(line), yuan(_amount(line)))
    return (number, holder.name, about.of(holder.person, "id_number"), holder.post_name, *figures, "、".join(sorted(terms)))


def _days(line: MonthLine) -> int | str:
    """The days present; blank without attendance."""
    return "" if line.days is None else line.days


def _doubtful(lines: Sequence[MonthLine]) -> list[str]:
    """Remarks below the sheet on what is to be verified before payment, each with the names it concerns."""
    by_text = by_key((text, line.holder.name) for line in lines for text in line.cautions)
    return [f"备注：{text}（{'、'.join(names) if len(names) < len(lines) else '全部'}）。" for text, names in by_text.items()]


def _differs(line: MonthLine) -> str:
    """The remark below the sheet on pay that is not what the attendance gives, or that may not be paid; "" for others."""
    if line.paid is not None and line.unfounded and not line.differs:
        return f"备注：{line.holder.name}已发 {yuan_text(line.paid.amount)} 元：{line.note}。"
    if line.paid is None or line.amount is None or line.paid.amount == line.amount:
        return ""
    over = line.paid.amount - line.amount
    more = f"多 {yuan_text(over)} 元" if over > 0 else f"少 {yuan_text(-over)} 元"
    paid, due = yuan_text(line.paid.amount), yuan_text(line.amount)
    return f"备注：{line.holder.name}已发 {paid} 元，按出勤 {line.days} 天应为 {due} 元，{more}，请核实。"


def pay_notice(session: Session, month: str) -> Form:
    """No. 16: the public notice before payment, with numbers masked."""
    lines = _payable(session, month)
    rows = [(n, x.holder.name, x.holder.id_number, x.holder.post_name, _days(x), yuan(_amount(x))) for n, x in enumerate(lines, 1)]
    return Form(
        f"{date_words(month)}乡村公益性岗位补贴发放公示表",
        {"公示单位（盖章）": place_name(session), "公示时间": "　　　　至　　　　（共　　天）"},
        columns=NOTICE,
        rows=rows,
        total=("", TOTAL, f"{len(lines)} 人", "", "", yuan(_total(lines))),
        text=["如有异议，请在公示期内向本单位反映。", "监督电话：　　　　　　　　　邮箱：　　　　　　　　　"],
        closing=(place_name(session), "　　　　年　　月　　日"),
    )


def _payable(session: Session, month: str) -> list[MonthLine]:
    return [line for line in pay.month(session, month) if line.due or line.paid is not None]


def _amount(line: MonthLine) -> int:
    return line.paid.amount if line.paid is not None else line.due


def _total(lines: Sequence[MonthLine]) -> int:
    return sum(map(_amount, lines))
