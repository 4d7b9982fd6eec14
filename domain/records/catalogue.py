"""Measures that are recorded and counted but not judged by rules."""

from typing import Any

from domain import identity
from domain.bounds import YEARS, Bounds
from domain.fields import Record, field, record
from domain.records.choices import FUNDS, labels
from domain.values import Type


@record(70, "劳务品牌", group="catalogue", title=("name",), shared=True)
class LabourBrand(Record):
    """A labour brand (articles 十, 三十六)."""

    name: str = field(1, "品牌名称", clause="（十）")
    industry: str | None = field(2, "行业", default=None, aliases="所属行业")
    area: str | None = field(3, "地区", Type.AREA, default=None)
    level: str | None = field(4, "认定级别", default=None, aliases="品牌级别 级别")
    county_flagship: bool | None = field(5, "一县一品", Type.BOOL, default=None, clause="（三十六）")
    people: int | None = field(6, "带动人数", Type.INT, default=None, aliases="从业人数 从业人员数 带动就业人数 就业人数")


@record(71, "以工代赈项目", group="catalogue", title=("name",), shared=True)
class ReliefProject(Record):
    """A work-relief project (article 十三)."""

    name: str = field(1, "项目名称", clause="（十三）")
    total: int | None = field(2, "总投资", Type.YUAN, default=None)
    wage_budget: int | None = field(3, "劳务报酬预算", Type.YUAN, default=None)
    start: str | None = field(4, "开工日期", Type.DATE, default=None)
    end: str | None = field(5, "完工日期", Type.DATE, default=None)


@record(72, "以工代赈务工", group="catalogue", title=("on", "paid"))
class ReliefWork(Record):
    """A person's work in a work-relief project."""

    project_id: str = field(1, "项目", Type.ID, ref="relief_project", aliases="项目名称 以工代赈项目 工程名称")
    person_id: str = field(2, "人员", Type.ID, ref="person")
    days: int | None = field(3, "天数", Type.INT, default=None, aliases="出工天数 用工天数 务工天数 出勤天数 工日")
    paid: int | None = field(
        4, "报酬", Type.YUAN, default=None, aliases="劳务报酬 劳务报酬金额 实发报酬 发放金额 实发金额 报酬金额 劳务费 应发报酬"
    )
    on: str | None = field(5, "日期", Type.DATE, default=None, aliases="发放日期 发放时间")


@record(73, "零工", group="catalogue", title=("on", "job"))
class OddJob(Record):
    """A day's or a few days' work (article 二十三)."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（二十三）")
    on: str = field(2, "日期", Type.DATE, aliases="派工日期 用工日期 上工日期")
    employer_name: str | None = field(3, "雇主", default=None, aliases="用工单位 用工主体 雇主单位")
    job: str | None = field(4, "工种", default=None, aliases="活 干的活 活计 做工内容 干活内容 用工内容 工作内容 干什么活")
    pay: int | None = field(
        5,
        "报酬",
        Type.YUAN,
        default=None,  # of the names, what was paid in all comes before what a day brings
        aliases="实付工资 应付工资 实发工资 应发工资 工资合计 报酬合计 劳务费 工钱 工钱（元） 工费 日薪 日工资 日工钱 日报酬",
    )


@record(74, "返乡创业", group="catalogue", title=("type", "start"))
class Startup(Record):
    """A person who started a business (article 十八)."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（十八）")
    type: str | None = field(2, "类型", default=None, suggestions=("返乡", "入乡", "乡村能人", "自主"), aliases="创业类型")
    licence: str | None = field(3, "营业执照", default=None, aliases="营业执照号 营业执照号码 营业执照编号")
    start: str | None = field(
        4,
        "开始日期",
        Type.DATE,
        default=None,
        aliases="开业时间 开业日期 创业时间 创办时间 成立时间 注册时间 注册日期 营业执照注册日期 营业执照注册时间 登记注册时间",
    )
    end: str | None = field(5, "结束日期", Type.DATE, default=None)
    jobs: int | None = field(6, "带动就业人数", Type.INT, default=None)


@record(75, "专家库", group="catalogue", title=("name",), shared=True)
class Mentor(Record):
    """A mentor for those who start a business (article 十九)."""

    name: str = field(1, "姓名", clause="（十九）")
    field_: str | None = field(2, "领域", default=None, aliases="专业特长 专业领域 服务领域 擅长领域 指导领域 特长")
    phone: str | None = field(3, "电话", Type.SECRET, default=None, mask=identity.mask_phone, check=identity.phone_problem)


@record(76, "园区情况", group="catalogue", title=("year",), shared=True)
class ParkFigure(Record):
    """A year's figures of a park (article 二十)."""

    employer_id: str = field(1, "园区", Type.ID, ref="employer", clause="（二十）")
    year: int = field(2, "年度", Type.INT, bounds=YEARS)
    tenants: int | None = field(3, "入驻数", Type.INT, default=None)
    incubated: int | None = field(4, "孵化成功数", Type.INT, default=None)
    jobs: int | None = field(5, "带动就业人数", Type.INT, default=None)


@record(77, "服务站点", group="catalogue", title=("name",), shared=True)
class ServiceStation(Record):
    """A labour station, odd-job market or village service point (articles 五, 二十三, 三十)."""

    name: str = field(1, "名称", clause="（三十）")
    type: str | None = field(2, "类型", default=None, suggestions=("劳务工作站", "零工市场", "村级服务点"))
    area: str | None = field(3, "地区", Type.AREA, default=None)
    head: str | None = field(4, "负责人", default=None)
    phone: str | None = field(5, "电话", Type.SECRET, default=None, mask=identity.mask_phone, check=identity.phone_problem)


@record(78, "站点服务量", group="catalogue", title=("month",), shared=True)
class StationVolume(Record):
    """A month's visits at a station."""

    station_id: str = field(1, "站点", Type.ID, ref="service_station")
    month: str = field(2, "月份", Type.MONTH)
    visits: int | None = field(3, "来访人次", Type.INT, default=None)
    served: int | None = field(4, "服务人次", Type.INT, default=None)


@record(79, "专场活动", group="catalogue", title=("name", "on"), shared=True)
class JobFair(Record):
    """A job fair or special event (article 三十四)."""

    name: str = field(1, "活动名称", clause="（三十四）")
    on: str = field(2, "日期", Type.DATE, aliases="活动时间 活动日期 举办时间 举办日期 招聘会时间")
    place: str | None = field(3, "地点", default=None, aliases="活动地点 举办地点")
    attended: int | None = field(4, "到场人数", Type.INT, default=None, aliases="参加人数 参会人数 进场人数 求职人数 进场求职人数 入场人数")
    hired: int | None = field(5, "达成意向", Type.INT, default=None, aliases="达成意向人数 达成就业意向人数 意向人数")


@record(80, "产业项目", group="catalogue", title=("name",), shared=True)
class IndustryProject(Record):
    """An industry project that brings jobs (articles 十二, 三十四)."""

    name: str = field(1, "项目名称", clause="（十二）")
    employer_id: str | None = field(2, "实施单位", Type.ID, default=None, ref="employer")
    area: str | None = field(3, "地区", Type.AREA, default=None)
    jobs: int | None = field(4, "带动就业人数", Type.INT, default=None)
    poor_jobs: int | None = field(5, "其中脱贫人口", Type.INT, default=None)


@record(81, "政策线索", group="catalogue", title=("policy", "state"), above=("person_id", "employer_id", "policy"))
class PolicyLead(Record):
    """A benefit under another document that may apply: asked about, applied for, enjoyed or unfit. Never an amount."""

    person_id: str | None = field(1, "人员", Type.ID, default=None, ref="person")
    employer_id: str | None = field(2, "单位", Type.ID, default=None, ref="employer")
    policy: str = field(
        3, "政策", clause="（八）", kept=True, suggestions=("失业保险金", "创业担保贷款", "社会保险补贴", "稳岗返还", "一次性创业补贴")
    )
    state: str = field(4, "状态", Type.ENUM, choices=labels(asked="咨询", applied="已申请", enjoyed="已享受", unfit="不符合"))
    asked_on: str | None = field(5, "咨询日期", Type.DATE, default=None)


_INDICATORS = (
    "外出务工人数",
    "跨省务工人数",
    "县内务工人数",
    "公益岗安置人数",
    "帮扶车间吸纳人数",
    "培训人数",
    "培训人次",
    "职业指导次数",
    "岗位推荐次数",
    "返乡创业人数",
    *(f"{fund}额度" for fund in FUNDS.values()),
    "审核与拨付不能是同一人",
)
"""Indicators of targets that are counted by themselves (`services.reports.targets`), and rules for payments (`domain.funds`)."""


@record(82, "年度目标", group="catalogue", title=("year", "indicator"), shared=True)
class Target(Record):
    """A yearly target of an area (article 十一)."""

    year: int = field(1, "年度", Type.INT, bounds=Bounds(2000, ahead=5), clause="（十一）")
    area: str = field(2, "地区", Type.AREA)
    indicator: str = field(3, "指标", suggestions=_INDICATORS)
    value: int = field(4, "目标值", Type.INT)


@record(83, "重点帮扶县", group="catalogue", title=("area",), shared=True)
class DistrictFlag(Record):
    """A focus county, with dates and a factor on post quotas (articles 三十四, 三十五)."""

    area: str = field(1, "地区", Type.AREA, clause="（三十四）")
    start: str | None = field(2, "开始日期", Type.DATE, default=None)
    end: str | None = field(3, "结束日期", Type.DATE, default=None)
    quota_factor: int | None = field(4, "岗位系数", Type.INT, default=None)


@record(84, "防返贫监测线", group="catalogue", title=("year", "amount"), shared=True)
class MonitorLine(Record):
    """The line of household income below which a person is monitored, by area and year (article 十五)."""

    area: str = field(1, "地区", Type.AREA, clause="（十五）")
    year: int = field(2, "年度", Type.INT, bounds=YEARS)
    amount: int = field(3, "监测线", Type.YUAN)


@record(85, "附件", group="catalogue", title=("name",), by_hand=False)
class Attachment(Record):
    """A file that belongs to a record; the bytes are kept and travel by their hash."""

    record_id: str = field(1, "所属记录", Type.ID)
    name: str = field(2, "文件名")
    media_type: str = field(3, "类型", kept=True)
    sha256: str = field(4, "校验码")
    size: int = field(5, "字节数", Type.INT)


@record(86, "政策包", group="catalogue", title=("pack", "version"), shared=True, by_hand=False)
class PolicyPack(Record):
    """A policy pack or overlay as the county signed it, on its way to the stations. A station uses it only with the signature of the county
    it is enrolled with (`services.policies.here`), so such a record by anybody else has no effect."""

    pack: str = field(1, "政策包编号")
    version: str = field(2, "版本")
    content: Any = field(3, "内容", Type.JSON)
