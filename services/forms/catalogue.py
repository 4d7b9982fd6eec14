"""All forms by name: title, kind of record, the function that makes it, and the fields for a county's template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from db import unmasked
from db.session import Session
from domain import words
from domain.errors import NotFound
from domain.progress import Progress, unwatched
from domain.words import N_, _
from services.forms import handed, handover, noticed, official, own_records, personal, posts, reports, surveyed, workshops
from services.forms.form import Form
from services.forms.subjects import REPORT_HEADS
from services.printed_lists import note

_PERSON: Final = ("姓名", "性别", "出生日期", "身份证号码", "联系电话", "家庭住址", "户编号", "人员类别", "社保卡账号", "开户行")
_CLAIM: Final = ("申请年度", "申请金额（元）")
_UNIT: Final = tuple("单位名称 统一社会信用代码 单位类型 认定文号 负责人 联系电话 单位地址 开户行 账号 金额大写 政策依据".split())
_NOTICED: Final = tuple("公示单位 公示地点 公示内容 公示笔数 公示金额（元） 公示时间 监督电话 公示结果 收到异议 公示照片".split())


@dataclass(frozen=True)
class FormType:
    """A form. `about`: the kind of its record, "" for the whole station. `fields` and `columns`: the names for `{{…}}` besides 标题, 正文,
    合计 and 落款. `plain`: whether it has numbers that are masked unless a reason is given. `takes`: its period, `year` (an income period)
    or `month`, "" for none. `mark`: its permanent letter in the code on its pages (`domain.page_codes`), "" if no signed page is returned.
    `called`: the name of a returned page among the record's files, "" for the title. `long`: whether `make`
    takes a `progress`, because it may take minutes."""

    title: str
    about: str
    make: Callable[..., Form]
    fields: Sequence[str] = ()
    columns: Sequence[str] = ()
    plain: bool = True
    takes: str = ""
    mark: str = ""
    called: str = ""
    long: bool = False


CATALOGUE: Final[Mapping[str, FormType]] = {
    "application": FormType(
        N_("补助申请表（含承诺书）"),
        "claim",
        personal.application,
        (*_PERSON, *_CLAIM, "往返交通费", "申请日期", "政策依据", "承诺书"),
        personal.WORK,
        mark="A",
        called="申请表",
    ),
    "delegation": FormType(
        N_("委托代办书"),
        "claim",
        personal.delegation,
        ("委托人", "联系电话", "身份证号码", "受托人", "与委托人关系", "受托人身份证号码", "受托人电话"),
        mark="B",
    ),
    "work_proof": FormType(N_("务工证明"), "claim", personal.work_proof, (), personal.WORK, mark="C"),
    "work_statement": FormType(N_("务工情况说明"), "claim", personal.work_statement, ("说明人",), personal.WORK, mark="D"),
    "notice_form": FormType(N_("公示"), "notice", noticed.notice_form, (), noticed.NOTICE, plain=False, mark="E", called="公示照片"),
    "notice_report": FormType(N_("公示结果报告"), "notice", noticed.notice_report, _NOTICED, noticed.OBJECTIONS, plain=False, mark="F"),
    "claim_roster": FormType(N_("补助汇总名册"), "", official.claim_roster, ("填报单位", "填报时间"), official.ROSTER),
    "workshop_roster": FormType(
        N_("车间吸纳就业花名册"),
        "employer",
        workshops.workshop_roster,
        ("单位", "认定文号", "日期"),
        workshops.ROSTER,
        mark="G",
        called="吸纳花名册",
    ),
    "workshop_wages": FormType(
        N_("车间工资发放表"),
        "employer",
        workshops.workshop_wages,
        ("单位", "核算期", "监测线"),
        workshops.WAGES,
        takes="year",
        mark="H",
        called="工资发放凭证",
    ),
    "employer_application": FormType(
        N_("单位补助申请表"),
        "claim",
        workshops.employer_application,
        (*_UNIT, *_CLAIM, "申请项目", "申请人数", "填报单位", "填报时间", "单位承诺"),
        workshops.APPLICATION,
        mark="I",
        called="申请表",
    ),
    "refusal_note": FormType(N_("补正或不予通过通知书"), "claim", official.refusal_note, ("申请人", "证件号码", "项目", "年度"), mark="J"),
    "recovery_note": FormType(
        N_("追缴通知书"),
        "claim",
        official.recovery_note,
        ("被追缴人", "证件号码", "项目", "年度", "拨付金额（元）", "拨付日期", "金额大写", "退款户名", "退款账号"),
        mark="K",
    ),
    "post_attendance": FormType(
        N_("公益性岗位考勤表"), "", posts.attendance, ("用人单位", "月份"), posts.ATTENDANCE, plain=False, takes="month"
    ),
    "post_pay_summary": FormType(
        N_("公益性岗位补贴汇总表"),
        "",
        posts.pay_summary,
        ("填报单位（盖章）", "填报时间", "开发主管部门"),
        posts.SUMMARY,
        takes="month",
    ),
    "post_pay_notice": FormType(
        N_("公益性岗位补贴公示表"), "", posts.pay_notice, ("公示单位（盖章）", "公示时间"), posts.NOTICE, plain=False, takes="month"
    ),
    "monthly": FormType(
        N_("务工监测月报"), "", reports.work_report, (*REPORT_HEADS, "月监测"), reports.MONTHLY, plain=False, takes="month"
    ),
    "targets": FormType(N_("年度目标完成情况"), "", reports.target_report, REPORT_HEADS, reports.TARGETS, plain=False, takes="year"),
    "contacts": FormType(N_("联系情况表"), "", reports.contact_list, REPORT_HEADS, reports.CONTACTS, takes="month"),
    "contact_villages": FormType(
        N_("各村联系情况"), "", reports.contact_villages, REPORT_HEADS, reports.CONTACT_VILLAGES, plain=False, takes="month"
    ),
    "quality": FormType(N_("各村数据质量"), "", reports.quality_villages, REPORT_HEADS, reports.QUALITY, plain=False, long=True),
    "quality_list": FormType(N_("数据问题清单"), "", reports.quality_list, REPORT_HEADS, reports.QUALITY_LIST, plain=False, long=True),
    "workload": FormType(N_("填报负担"), "", reports.entry_workload, REPORT_HEADS, reports.WORKLOAD, plain=False, takes="month"),
    "handover": FormType(N_("就业帮扶台账交接清单"), "", handover.handover, handover.HEADS, handover.COLUMNS, plain=False),
    "survey": FormType(N_("摸排表"), "survey", surveyed.sheet, surveyed.HEADS, surveyed.COLUMNS),
    "policy_card": FormType(N_("政策明白卡"), "person", handed.policy_card, handed.PERSON, handed.POLICY),
    "service_card": FormType(
        N_("就业服务记录卡"),
        "person",
        handed.service_card,
        (*handed.PERSON, "登记日期", "意向工种", "意向地", "期望月薪（元）", "技能"),
        handed.SERVICES,
        mark="L",
    ),
    "own_records": FormType(N_("本人信息查询单"), "person", own_records.own_records, ("姓名", "证件号码"), own_records.RECORDS),
    "privacy_notice": FormType(N_("个人信息处理告知书"), "", own_records.privacy_notice, plain=False),
    "fund_request": FormType(N_("资金申请公函"), "", official.fund_request, (), official.FUND, plain=False),
}
"""All forms, in the order of their numbers."""


def known(name: str) -> FormType:
    """The entry of a form. Raises `NotFound`."""
    if name not in CATALOGUE:
        raise NotFound(_("没有「{name}」这种表。").format(name=name[:40]))
    return CATALOGUE[name]


def of_kind(about: str) -> dict[str, FormType]:
    """The forms for records of one kind."""
    return {name: entry for name, entry in CATALOGUE.items() if entry.about == about}


def make(
    session: Session,
    name: str,
    id: str = "",
    *,
    year: int | None = None,
    month: str | None = None,
    reason: str | None = None,
    progress: Progress = unwatched,
) -> Form:
    """Make a form, in Chinese. `id` is its record's id; `year` (an income period) and `month` apply if the form takes one. With a `reason`,
    which is logged, numbers are shown in full. Raises `NotFound`, or `DomainError` for a record that the form does not apply to."""
    entry = known(name)
    more: dict[str, object] = {"plain": reason is not None} if entry.plain else {}
    times = {"year": year, "month": month or session.today[:7]}
    if times.get(entry.takes) is not None:
        more[entry.takes] = times[entry.takes]
    if entry.long:
        title = _(entry.title)  # in the language of the window, unlike the form
        more["progress"] = lambda done, total, _what: progress(done, total, title)
    if reason is not None and entry.plain:
        unmasked.log_view(session, f"form {name} {id}".rstrip(), reason)
    with words.chinese():
        made = replace(entry.make(session, *([id] if entry.about else []), **more), record=id, mark=entry.mark)
        return replace(made, note=note(session, plain=True)) if more.get("plain") else made
