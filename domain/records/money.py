"""Claims, their steps, notices, objections and payments (`domain.md` §9.2)."""

from typing import Any

from domain import identity
from domain.bounds import ANY, YEARS, Bounds
from domain.fields import Merge, Record, field, record
from domain.records.choices import FUND_SYNONYMS, FUNDS, labels
from domain.values import Type

CLAIM_STATES = labels(
    draft="草稿",
    village_reviewed="村初审",
    village_notice="村公示",
    township_reviewed="乡镇审核",
    township_notice="乡镇公示",
    county_review="县审核",
    county_notice="县公示",
    approved="待拨付",
    paid="已拨付",
    returned="退回补正",
    refused="不予通过",
    withdrawn="撤回",
    recovered="追回",
)
OUTCOMES = labels(
    eligible="符合",
    not_eligible="不符合",
    pending="条件未满",
    need_more="材料不全",
    review="需人工核定",
    duplicate="重复享受",
    not_configured="参数未配置",
    expired="政策已到期",
    not_yet="政策未生效",
    superseded="已由新文件替代",
)


@record(60, "补助申请", group="money", title=("rule", "year"))
class Claim(Record):
    """A claim under one rule for one year. Its state is derived from its steps in county order, never stored."""

    rule: str = field(1, "补助项目", kept=True, measure=True, tidy=lambda text: text.strip().partition(" ")[0])
    pack: str = field(2, "政策包", kept=True)
    pack_version: str = field(3, "政策包版本", kept=True)
    person_id: str | None = field(4, "人员", Type.ID, default=None, ref="person")
    employer_id: str | None = field(5, "单位", Type.ID, default=None, ref="employer")
    record_id: str | None = field(6, "所据记录", Type.ID, default=None)
    year: int = field(7, "年度", Type.INT, bounds=YEARS)
    outcome: str = field(8, "判定", Type.ENUM, choices=OUTCOMES)
    amount: int = field(9, "金额", Type.YUAN, bounds=ANY)
    facts: Any = field(10, "所据事实", Type.JSON, default=None)
    filed_on: str | None = field(11, "申请日期", Type.DATE, default=None)
    payee: str | None = field(12, "收款人", default=None, merge=Merge.REVIEW)
    missing: frozenset[str] | None = field(13, "缺少材料", Type.SET, default=None)
    months: frozenset[str] | None = field(14, "补助月份", Type.SET, default=None, merge=Merge.REVIEW)


@record(61, "办理记录", group="money", title=("to_state", "at"), append_only=True)
class ClaimStep(Record):
    """One step of a claim's path: who took it, when, and their opinion."""

    claim_id: str = field(1, "补助申请", Type.ID, ref="claim")
    to_state: str = field(2, "进入状态", Type.ENUM, choices=CLAIM_STATES)
    by: str = field(3, "办理人", kept=True)
    at: str = field(4, "办理时间", Type.DATETIME)
    opinion: str | None = field(5, "意见", default=None, multiline=True)


@record(62, "公示", group="money", title=("level", "start"))
class Notice(Record):
    """A public notice of claims at a village, township or county."""

    level: str = field(1, "级别", Type.ENUM, choices=labels(village="村", township="乡镇", county="县"))
    start: str = field(2, "公示开始", Type.DATE)
    days: int = field(3, "公示天数", Type.INT, bounds=Bounds(1))
    day_kind: str | None = field(4, "天数口径", Type.ENUM, default=None, choices=labels(calendar="自然日", working="工作日"))
    place: str | None = field(5, "公示地点", default=None)
    phone: str | None = field(6, "监督电话", default=None)
    claims: tuple[str, ...] | None = field(7, "所涉申请", Type.IDS, default=None, ref="claim")
    result: str | None = field(8, "结果", Type.ENUM, default=None, choices=labels(clear="无异议", objected="有异议"))


@record(63, "异议", group="money", title=("on", "content"))
class Objection(Record):
    """An objection raised during a notice."""

    notice_id: str = field(1, "公示", Type.ID, ref="notice")
    on: str = field(2, "日期", Type.DATE)
    content: str = field(3, "异议内容", multiline=True)
    handled: str | None = field(4, "处理情况", default=None, multiline=True)
    result: str | None = field(5, "处理结果", default=None)


@record(64, "拨付", group="money", title=("amount", "paid_on"), append_only=True)
class Payment(Record):
    """A payment of a claim; the bank's result is filled in once, later."""

    claim_id: str = field(1, "补助申请", Type.ID, ref="claim")
    amount: int = field(2, "金额", Type.YUAN, bounds=ANY)
    fund: str = field(3, "资金渠道", Type.ENUM, choices=FUNDS, synonyms=FUND_SYNONYMS)
    budget_number: str | None = field(4, "指标文号", default=None, kept=True)
    paid_on: str | None = field(5, "拨付日期", Type.DATE, default=None)
    bank_result: str | None = field(6, "银行结果", Type.ENUM, default=None, choices=labels(ok="成功", failed="失败"))
    reason: str | None = field(7, "失败原因", default=None)
    payee: str | None = field(8, "户名", default=None, since=5)
    bank_name: str | None = field(9, "开户行", default=None, since=5)
    account: str | None = field(10, "收款账号", Type.SECRET, default=None, mask=identity.mask_account, since=5)
    """The account that it was paid to (`domain.md` §3.5), which stays when the payee's account changes; older payments have none."""
