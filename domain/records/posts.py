"""Public-welfare posts: quota, appointment, agreement, insurance, attendance and pay (articles 二十五 to 二十八)."""

import re
from collections import Counter
from typing import Final

from domain.bounds import ANY, Bounds
from domain.fields import Record, field, record
from domain.records.choices import FUND_SYNONYMS, FUNDS, labels, synonyms
from domain.values import Type
from domain.words import N_, _

_DEVELOPERS = {
    "hrss": "人社 人力资源社会保障 人力资源和社会保障",
    "agriculture": "农业农村 乡村振兴",
    "forestry": "林草 林业和草原 林业",
    "water": "水利 水务",
    "transport": "交通 交通运输",
    "civil_affairs": "民政",
    "disabled": "残联",
}
"""Names of the departments that develop posts; 局 or 部门 may follow."""
_DEPARTMENTS = {name + end: code for code, names in _DEVELOPERS.items() for name in names.split() for end in ("", "局", "部门")}
_WHOSE = re.compile("^[一-龥]{0,6}?[县市区](?=[一-龥]{2})")


def _department(text: str) -> str:
    """桦川县人社局 as 人社局; any other text as it is."""
    short = _WHOSE.sub("", text.strip())
    return short if short in _DEPARTMENTS else text


DAYS: Final = {
    "P": N_("出勤 {n} 天"),
    "S": N_("病假 {n} 天"),
    "L": N_("事假 {n} 天"),
    "A": N_("旷工 {n} 天"),
    "R": N_("休 {n} 天"),
}
"""The meaning of each letter of an attendance record, one a day; `-` means no entry."""


def _in_words(marks: str) -> str:
    """The marks in words: `PPPSS--` is 出勤 3 天、病假 2 天. Text with other signs is returned unchanged."""
    counted = Counter(marks.replace("-", ""))
    if not marks or not set(counted) <= set(DAYS):
        return marks
    return _("、").join(_(said).format(n=counted[letter]) for letter, said in DAYS.items() if counted[letter]) or _("没有出勤")


@record(30, "公益性岗位", group="posts", title=("name",), match=("name", "type", "developer", "fund", "standard"), shared=True)
class Post(Record):
    """A kind of post with its quota, developer, fund and standard: the four facts article 二十七 mandates."""

    name: str = field(1, "岗位名称")
    type: str = field(
        2,
        "岗位类型",
        Type.ENUM,
        aliases="岗位类别",
        choices=labels(
            cleaner="保洁",
            forest="护林",
            road="护路",
            water="护水",
            epidemic="防疫",
            care="护理",
            patrol="治安",
            river="河道",
            greening="绿化",
            solar="光伏",
            assistant="协理",
            other="其他",
        ),
        synonyms=synonyms(
            cleaner="保洁员 村级保洁员 乡村保洁员 公共卫生保洁员 环境保洁员 卫生保洁 环卫",
            forest="护林员 生态护林 生态护林员 防火",
            road="护路员 道路 公路 道路养护 道路养护员 公路养护员 养路员",
            water="护水员 水管员 管水员 供水管护员",
            epidemic="防疫员",
            care="护理员 老年护理员 孤寡老人护理员 照料护理员",
            patrol="巡逻 治安巡防员 治安员 巡防员 安保员",
            river="河道管理员 河道保洁员 河道巡查员 巡河员",
            greening="绿化管理员 保绿 绿化养护员",
            solar="光伏电站管理员",
            assistant="就业协理员 协理员",
        ),
    )
    quota: int = field(3, "岗位数量", Type.INT, clause="（二十七）", aliases="岗位数 岗位个数 开发数量 计划人数 设岗人数 名额")
    developer: str = field(
        4,
        "开发主体",
        Type.ENUM,
        clause="（二十七）",
        aliases="主管部门 开发主管部门 开发主体（主管部门） 开发部门 开发单位 岗位开发部门 岗位开发单位",
        choices=labels(
            hrss="人社",
            agriculture="农业农村",
            forestry="林草",
            water="水利",
            transport="交通",
            civil_affairs="民政",
            disabled="残联",
            other="其他",
        ),
        synonyms=_DEPARTMENTS,
        tidy=_department,
    )
    user_unit: str | None = field(5, "用人单位", default=None, aliases="使用单位 用人单位（使用单位）")
    fund: str = field(6, "资金渠道", Type.ENUM, choices=FUNDS, synonyms=FUND_SYNONYMS, clause="（二十七）", aliases="资金来源 补贴资金来源")
    standard: int = field(7, "待遇标准", Type.YUAN, clause="（二十七）", aliases="待遇标准（元/月） 补贴标准 规格")
    required_days: int | None = field(
        8, "规定出勤天数", Type.INT, default=None, bounds=Bounds(0, 31), aliases="应出勤天数 规定出勤天数（天）"
    )


@record(31, "报名评议", group="posts", title=("applied_on",))
class PostCandidate(Record):
    """An application for a post and what the village assembly said (articles 二十五, 二十六)."""

    post_id: str = field(1, "岗位", Type.ID, ref="post", aliases="岗位名称 报名岗位 申请岗位 拟报岗位 拟报名岗位 应聘岗位")
    person_id: str = field(2, "人员", Type.ID, ref="person")
    applied_on: str = field(3, "报名日期", Type.DATE, aliases="报名时间 申请日期 申请时间")
    rank_reason: str | None = field(4, "优先理由", default=None, aliases="排序理由 评议理由 优先原因 排序原因")
    result: str | None = field(
        5,
        "结果",
        Type.ENUM,
        default=None,
        choices=labels(chosen="入选", waiting="候补", refused="未选"),
        synonyms=synonyms(
            chosen="是 √ 通过 同意 同意聘用 拟聘用 聘用 录用 拟录用 中选 评议通过",
            waiting="备选 递补 替补 候选",
            refused="否 × 未入选 未通过 不通过 未录用 不录用 落选 不同意 评议未通过",
        ),
        aliases="评议结果 评定结果 评审结果 评选结果 是否入选 入选情况 是否聘用 是否录用 拟聘结果 聘用结果",
    )


@record(32, "聘用", group="posts", title=("start",), match=("post_id", "person_id", "start"))
class Appointment(Record):
    """A person on a post."""

    post_id: str = field(1, "岗位", Type.ID, ref="post")
    person_id: str = field(2, "人员", Type.ID, ref="person")
    start: str = field(3, "上岗时间", Type.DATE, aliases="安置时间 开始日期 聘用开始时间 上岗开始时间")
    exit_on: str | None = field(
        4, "退岗时间", Type.DATE, default=None, aliases="退岗日期 离岗时间 离岗日期 退出时间 退出日期 解聘时间 解聘日期"
    )
    exit_reason: str | None = field(5, "退岗原因", default=None)


@record(33, "协议", group="posts", title=("start", "end"), match=("appointment_id", "start"))
class Agreement(Record):
    """A contract or agreement of at most one year (article 二十八)."""

    appointment_id: str = field(1, "聘用", Type.ID, ref="appointment", clause="（二十八）")
    type: str = field(2, "协议类型", Type.ENUM, choices=labels(labour="劳动合同", service="劳务协议"))
    number: str | None = field(3, "协议编号", default=None)
    start: str = field(4, "协议开始", Type.DATE, aliases="协议起 协议开始日期 协议开始时间 协议起始日期")
    end: str = field(5, "协议结束", Type.DATE, aliases="协议止 协议结束日期 协议结束时间 协议截止日期 协议终止日期")
    signed_on: str | None = field(6, "签订日期", Type.DATE, default=None)


@record(34, "意外险", group="posts", title=("insurer", "end"), match=("appointment_id", "start"))
class Insurance(Record):
    """An accident insurance that must cover the whole agreement (article 二十八)."""

    appointment_id: str = field(1, "聘用", Type.ID, ref="appointment", clause="（二十八）")
    insurer: str | None = field(2, "保险公司", default=None, aliases="承保公司 保险机构 承保单位")
    policy_number: str | None = field(3, "保单号", default=None, aliases="保险单号 保单编号 保单号码")
    premium: int | None = field(4, "保费", Type.YUAN, default=None, aliases="保险费 保险费用 保费金额")
    start: str = field(5, "保险起", Type.DATE, aliases="保险开始 保险起期 起保日期 保险开始日期 保险生效日期")
    end: str = field(6, "保险止", Type.DATE, aliases="保险结束 保险止期 终保日期 保险结束日期 保险到期日期")


@record(35, "考勤", group="posts", title=("month",), key=("appointment_id", "month"))
class Attendance(Record):
    """One month on a post. `marks`: one letter a day, `P` 出勤 `S` 病假 `L` 事假 `A` 旷工 `R` 休 `-` 无; only `P` counts."""

    appointment_id: str = field(1, "聘用", Type.ID, ref="appointment", clause="（二十六）")
    month: str = field(2, "月份", Type.MONTH)
    marks: str | None = field(3, "出勤记录", default=None, display=_in_words)
    days: int | None = field(4, "出勤天数", Type.INT, default=None, bounds=Bounds(0, 31), aliases="本月累计出勤天数 本月累计出勤天数（天）")
    confirmed_by: str | None = field(5, "确认人", default=None, kept=True)


@record(36, "考核", group="posts", title=("period", "score"))
class Assessment(Record):
    """An assessment of a post holder."""

    appointment_id: str = field(1, "聘用", Type.ID, ref="appointment", clause="（二十六）")
    period: str = field(2, "考核期", kept=True, aliases="考核时间 考核周期 考核期间 考核年度")
    score: int | None = field(3, "得分", Type.INT, default=None, aliases="考核得分 考核分数 考核成绩 分数 总分 总得分 综合得分")
    opinion: str | None = field(4, "意见", default=None, multiline=True, aliases="考核等次 考核结果 考核意见 等次")


@record(37, "岗位补贴发放", group="posts", title=("month", "amount"), key=("appointment_id", "month"), append_only=True)
class PostPay(Record):
    """The pay of one month on a post."""

    appointment_id: str = field(1, "聘用", Type.ID, ref="appointment", clause="（二十八）")
    month: str = field(2, "月份", Type.MONTH)
    amount: int = field(3, "补贴金额", Type.YUAN, bounds=ANY, aliases="补贴金额（元）")
    paid_on: str | None = field(4, "发放日期", Type.DATE, default=None)


@record(38, "违规", group="posts", title=("finding",), above=("appointment_id", "claim_id", "found_on", "finding"))
class Violation(Record):
    """Something found against the rules on a post or a claim (article 二十七)."""

    appointment_id: str | None = field(1, "聘用", Type.ID, default=None, ref="appointment", clause="（二十七）")
    claim_id: str | None = field(2, "补助申请", Type.ID, default=None, ref="claim")
    found_on: str = field(3, "发现日期", Type.DATE)
    finding: str = field(4, "问题", multiline=True)
    handled: str | None = field(5, "处理情况", default=None, multiline=True)
    closed_on: str | None = field(6, "办结日期", Type.DATE, default=None)
