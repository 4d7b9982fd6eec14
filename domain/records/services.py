"""Job wishes, vacancies, services given (1-3-1), and follow-ups on findings (article 二十九)."""

import re

from domain.bounds import Bounds
from domain.fields import Record, field, record
from domain.han_amounts import lower
from domain.records.choices import NEEDS, SKILLS, labels, synonyms
from domain.values import Type

_AGES = re.compile(r"(?:\d{2}(?:周?岁)?[-~～—－至到]+)?(\d{2})(?:周?岁)?(?:及?以下|以内)?")


def _oldest(text: str) -> str:
    """The upper end of ages as vacancies say them (`18-55周岁`, `60岁以下`); other text comes back as it is."""
    match = _AGES.fullmatch(re.sub(r"\s+", "", text))
    return match[1] if match else text


@record(50, "就业需求", group="services", title=("opened_on", "trades"))
class JobWish(Record):
    """The work a person looks for. It opens the promise of one guidance, three jobs and one training."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（二十九）")
    opened_on: str = field(2, "登记日期", Type.DATE, aliases="登记时间 求职日期 求职登记日期")
    closed_on: str | None = field(3, "结束日期", Type.DATE, default=None)
    close_reason: str | None = field(4, "结束原因", default=None, suggestions=("已就业", "无就业意愿", "无劳动能力", "其他"))
    trades: str | None = field(5, "意向工种", default=None, aliases="意向岗位 求职工种 求职岗位 求职意向 意向行业")
    areas: str | None = field(
        6,
        "意向地",
        default=None,
        aliases=(
            "就业意向地 意向地区 求职地区 意向务工地 意向务工地点 意向务工地区 意向就业地 意向就业地点 意向工作地 意向工作地点 "
            "意向城市 期望工作地 希望工作地点 希望就业地点 希望务工地点 希望工作地 期望工作地点 期望就业地点 期望务工地点 求职地点"
        ),
    )
    wage_min: int | None = field(
        7, "期望月薪", Type.YUAN, default=None, tidy=lower, aliases="期望工资 期望薪资 期望月工资 期望月收入 期望薪酬"
    )
    needs: frozenset[str] | None = field(8, "服务需求", Type.SET, default=None, suggestions=NEEDS, aliases="就业服务需求")
    skills: frozenset[str] | None = field(9, "技能", Type.SET, default=None, suggestions=SKILLS, aliases="技能特长 特长")


@record(51, "岗位供给", group="services", title=("title",), shared=True)
class Vacancy(Record):
    """A vacancy. `requires` are hard requirements, matched against a wish's skills."""

    employer_id: str = field(1, "用人单位", Type.ID, ref="employer", clause="（五）", aliases="单位 招聘单位 企业名称 用工单位 招工单位")
    title: str = field(2, "岗位名称", aliases="招聘岗位 岗位 招聘工种 需求工种 需求岗位 用工岗位")
    trade: str | None = field(3, "工种", default=None)
    place: str = field(4, "工作地", Type.PLACE, aliases="工作地点 工作地址 用工地点")
    headcount: int = field(5, "招聘人数", Type.INT, bounds=Bounds(1), aliases="需求人数 用工人数 招聘数量 招工人数 人数")
    wage_min: int | None = field(
        6, "最低月薪", Type.YUAN, default=None, tidy=lower, aliases="最低工资 月薪 薪资待遇 工资待遇 薪资 薪酬 月工资 工资"
    )
    wage_max: int | None = field(7, "最高月薪", Type.YUAN, default=None, aliases="最高工资")
    requires: frozenset[str] | None = field(8, "硬性要求", Type.SET, default=None, suggestions=SKILLS)
    age_max: int | None = field(
        9, "年龄上限", Type.INT, default=None, bounds=Bounds(16, 100), tidy=_oldest, aliases="年龄要求 年龄限制 年龄"
    )
    environment: bool | None = field(10, "人居环境岗位", Type.BOOL, default=None, clause="（十四）")
    expires_on: str | None = field(
        11, "有效期至", Type.DATE, default=None, aliases="截止日期 截止时间 招聘截止日期 有效期 有效期限 报名截止时间"
    )


@record(52, "就业服务", group="services", title=("type", "on"))
class Service(Record):
    """One service given to one person."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（二十九）")
    type: str = field(
        2,
        "服务类型",
        Type.ENUM,
        choices=labels(guidance="职业指导", job="岗位推荐", training="免费培训", policy="政策宣讲", advice="咨询"),
        synonyms=synonyms(
            job="职业介绍 介绍工作 推荐工作 就业推荐 岗位推介 推荐岗位",
            guidance="就业指导",
            training="培训 技能培训",
            policy="政策宣传",
            advice="政策咨询",
        ),
        aliases="服务项目 服务内容 服务类别 类型",
    )
    on: str = field(3, "服务日期", Type.DATE, aliases="服务时间 日期 推荐日期 推荐时间 指导日期 指导时间")
    vacancy_id: str | None = field(4, "推荐岗位", Type.ID, default=None, ref="vacancy")
    course_id: str | None = field(5, "培训班", Type.ID, default=None, ref="course")
    result: str | None = field(
        6,
        "结果",
        Type.ENUM,
        default=None,
        choices=labels(accepted="接受", refused="拒绝", unreached="未接通", hired="已入职"),
        synonyms=synonyms(
            accepted="已接受 同意 愿意 有意向",
            refused="不接受 已拒绝 不同意 不愿意 不去 无意向",
            unreached="未接 未接电话 无人接听 联系不上 未联系上 打不通",
            hired="入职 已上岗 上岗 已就业",
        ),
        aliases="服务结果 推荐结果 服务反馈 推荐反馈 反馈结果",
    )
    by: str | None = field(7, "服务人", default=None, kept=True, aliases="服务人员 经办人")


@record(53, "预警与疑点处置", group="services", title=("code", "state"), above="*")
class Finding(Record):
    """The follow-up on an early warning or a data doubt (`domain.md` §9.5)."""

    code: str = field(1, "编号", kept=True)
    record_id: str = field(2, "所涉记录", Type.ID)
    due: str | None = field(3, "期限", Type.DATE, default=None)
    state: str = field(4, "处置", Type.ENUM, choices=labels(open="待处理", verified="已核实", false_alarm="误报", passed_on="已转办"))
    reason: str | None = field(5, "说明", default=None, multiline=True)
    by: str | None = field(6, "处置人", default=None, kept=True)
    closed_on: str | None = field(7, "处置日期", Type.DATE, default=None)
