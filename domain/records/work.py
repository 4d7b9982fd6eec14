"""Employers and carriers, recognition, work away and in workshops, wages, travel, placement and the monthly check."""

from domain import identity
from domain.bounds import ANY, YEARS, Bounds
from domain.fields import Merge, Record, field, record
from domain.records.choices import CONTRACT_SYNONYMS, CONTRACTS, END_REASONS, INDUSTRIES, INDUSTRY_SYNONYMS, labels, synonyms
from domain.values import Type

CHANNELS = labels(
    migrant="外出务工",
    workshop="帮扶车间",
    public_post="公益性岗位",
    enterprise="企业就业",
    flexible="灵活就业",
    odd_job="零工",
    self_employed="自主创业",
    work_relief="以工代赈",
    cooperative="合作社带动",
    piecework="来料加工",
    other="其他",
)
CHANNEL_SYNONYMS = synonyms(
    public_post="公益岗位 公益岗 乡村公益性岗位",
    workshop="就业帮扶车间 扶贫车间",
    flexible="就近灵活务工 灵活务工",
    cooperative="龙头企业/合作社带动 龙头企业 龙头企业带动 合作社",
    migrant=(  # also how far away, or who found the work, as other offices put it
        "外出 外出打工 省外务工 省外就业 省外 省内务工 省内县外务工 省内县外就业 省内县外 省内市外 市内县外 县外务工 县外省内务工 县内务工 "
        "有组织输出 有组织劳务输出 有组织 政府组织 劳务输出 自行就业 自主就业 自行外出 自主外出 自发外出 自发 亲友介绍 协作帮扶 东西部协作"
    ),
    odd_job="打零工",
    enterprise="单位就业",
    self_employed="个体经营 创业",
)

_CONTRACT_BEGINS = "合同开始 合同开始日期 合同开始时间 合同起始 合同起始日期 合同起始时间 合同签订时间 合同签订日期"
_CONTRACT_ENDS = "合同结束 合同结束日期 合同结束时间 合同终止 合同终止日期 合同终止时间 合同到期日期 合同到期时间 合同截止日期"
PAY_WAYS = synonyms(bank="银行转账 银行卡 转账 打卡 银行代发 社保卡 一卡通", wechat="微信转账", cash="现金发放", piecework="计件工资")


@record(10, "用人单位", group="work", title=("name",), match=("name",), shared=True)
class Employer(Record):
    """A unit that employs, places or carries: workshop, base, agency, enterprise (articles 二, 四, 十五, 二十一)."""

    name: str = field(
        1, "单位名称", aliases="车间名称 车间全称 帮扶车间名称 就业帮扶车间名称 务工企业名称 企业名称 用人单位 单位 载体名称 基地名称"
    )
    uscc: str | None = field(2, "统一社会信用代码", default=None, check=identity.uscc_problem, aliases="信用代码 社会信用代码 统一信用代码")
    type: str = field(
        3,
        "单位类型",
        Type.ENUM,
        aliases="类型 车间类型 载体类型",
        choices=labels(
            enterprise="企业",
            workshop="就业帮扶车间",
            community_factory="社区工厂",
            satellite_factory="卫星工厂",
            heritage_workshop="非遗工坊",
            base="就业帮扶基地",
            cooperative="合作社",
            family_farm="家庭农场",
            agency="人力资源服务机构",
            broker="劳务经纪人",
            park="创业园/孵化基地",
            public_body="机关事业单位",
            other="其他",
        ),
        synonyms=synonyms(workshop="厂房式 居家式 种养式 贸易流通式 文化旅游式"),
    )
    place: str | None = field(4, "所在地", Type.AREA, default=None)
    head: str | None = field(5, "负责人", default=None, aliases="法定代表人 法定代表人/负责人 车间负责人 负责人姓名")
    phone: str | None = field(
        6,
        "负责人电话",
        Type.SECRET,
        default=None,
        mask=identity.mask_phone,
        check=identity.phone_problem,
        aliases="负责人联系电话 车间电话",
    )
    business: str | None = field(7, "主营", default=None, aliases="经营范围 主营业务 经营项目 主要产品 主营产品")
    functions: frozenset[str] | None = field(
        8, "功能", Type.SET, default=None, suggestions=("工作车间", "公共就业服务", "公共活动"), clause="（十六）"
    )
    fee_relief: frozenset[str] | None = field(
        9, "减免项目", Type.SET, default=None, suggestions=("房租", "水电费", "物业费"), clause="（十六）"
    )
    state: str | None = field(
        10,
        "状态",
        Type.ENUM,
        default=None,
        aliases="运行状态 运营状态 经营状态 生产状态",
        choices=labels(running="正常", idle="停产", closed="关闭"),
        synonyms=synonyms(running="正常运行 运行 正常运营 正常生产 在产", idle="停业 停工", closed="取消认定 注销"),
    )


@record(11, "认定", group="work", title=("type", "number"), match=("employer_id", "type", "start"), review=True, shared=True)
class Recognition(Record):
    """A recognition document of a carrier: only a recognised one counts, and only within its dates."""

    employer_id: str = field(1, "单位", Type.ID, ref="employer")
    type: str = field(
        2,
        "认定类别",
        Type.ENUM,
        choices=labels(
            workshop="就业帮扶车间",
            community_factory="社区工厂",
            satellite_factory="卫星工厂",
            heritage_workshop="非遗工坊",
            base="就业帮扶基地",
            agency_licence="人力资源服务许可",
            broker_licence="劳务经纪人认定",
            park="创业园/孵化基地",
            brand="劳务品牌",
        ),
    )
    number: str | None = field(3, "认定文号", default=None)
    start: str = field(4, "认定日期", Type.DATE)
    end: str | None = field(5, "有效期至", Type.DATE, default=None)


@record(12, "务工就业", group="work", title=("employer_name", "start"), match=("person_id", "start", "place", "employer_name"))
class Employment(Record):
    """One spell of work of one person: away, in a workshop, on a post. Its region is derived from place and village."""

    person_id: str = field(1, "人员", Type.ID, ref="person")
    employer_id: str | None = field(2, "用人单位", Type.ID, default=None, ref="employer")
    employer_name: str | None = field(
        3,
        "务工企业名称",
        default=None,
        aliases="务工单位 企业名称 工作单位 务工企业 就业单位 单位名称 务工单位名称 用工企业 所在单位 所在企业",
    )
    channel: str = field(4, "就业渠道", Type.ENUM, choices=CHANNELS, synonyms=CHANNEL_SYNONYMS, aliases="就业形式 就业方式 就业类型")
    place: str = field(
        5,
        "务工地",
        Type.PLACE,
        aliases=(
            "务工所在地 务工地点 务工地（省市县） 务工省市县 务工地址 就业地 就业地点 务工地区 外出务工地 外出务工地点 外出地点 "
            "务工详细地址 工作城市 工作地点 工作所在地 打工地方 务工地方"
        ),
    )
    address: str | None = field(6, "详细地址", default=None)
    industry: str | None = field(
        7, "所属行业", Type.ENUM, default=None, choices=INDUSTRIES, synonyms=INDUSTRY_SYNONYMS, aliases="行业 从事行业 就业行业"
    )
    job: str | None = field(
        8,
        "工种",
        default=None,
        aliases="岗位 就业工种 从事工作 从事工种 从事岗位 工作岗位 务工工种 职业 干什么活 从事职业 务工岗位 从业岗位 岗位工种",
    )
    start: str = field(
        9,
        "开始时间",
        Type.FDATE,
        aliases=(
            "务工开始时间 务工起始时间 务工开始日期 务工开始 起始时间 就业时间 外出时间 外出日期 外出务工时间 工作开始时间 "
            "开始务工时间 开始务工日期 开始工作时间 就业日期 务工日期 走的时间 离家时间 出门时间 出去时间 走的日子 离乡时间 "
            "外出务工日期 转移时间 转移日期 起始年月 开始年月 务工起始年月"
        ),
    )
    end: str | None = field(
        10,
        "结束时间",
        Type.FDATE,
        default=None,
        aliases=(
            "务工结束时间 务工结束日期 务工结束 务工截止时间 截止时间 返乡时间 返乡日期 离职时间 离职日期 回来时间 回来的日子 "
            "返回时间 回村时间 离厂时间 离厂日期 离岗时间 离岗日期"
        ),
    )
    organised: bool | None = field(11, "有组织输出", Type.BOOL, default=None, clause="（一）", aliases="是否有组织 是否有组织输出")
    point_to_point: bool | None = field(
        12, "点对点输送", Type.BOOL, default=None, clause="（一）", aliases="是否点对点输送 是否点对点 点对点"
    )
    contract: str | None = field(
        13,
        "合同类型",
        Type.ENUM,
        default=None,
        merge=Merge.REVIEW,
        choices=CONTRACTS,
        synonyms=CONTRACT_SYNONYMS,
        aliases=(
            "合同签订 签订合同类型 合同类别 合同种类 是否签订劳动合同 是否签劳动合同 是否签订合同 是否签合同 有无劳动合同 签订劳动合同"
        ),
    )
    contract_start: str | None = field(14, "合同起", Type.DATE, default=None, aliases=_CONTRACT_BEGINS)
    contract_end: str | None = field(15, "合同止", Type.DATE, default=None, aliases=_CONTRACT_ENDS)
    open_ended: bool | None = field(16, "无固定期限", Type.BOOL, default=None, merge=Merge.REVIEW)
    insured: frozenset[str] | None = field(
        17,
        "参加社会保险",
        Type.SET,
        default=None,
        suggestions=("养老", "医疗", "失业", "工伤", "生育"),
        aliases="社会保险 社保 社保险种 参保险种 缴纳社会保险 缴纳社保",
    )
    monthly_wage: int | None = field(
        18,
        "月工资",
        Type.YUAN,
        bounds=Bounds(100_00, 30_000_00),
        default=None,
        aliases=(
            "务工月收入 月均工资 月工资（元） 月收入 月平均工资 月均收入 平均月工资 月薪 月工资收入 工资（元/月） 薪资报酬 工资待遇 "
            "收入（元/月） 月均 月均（元） 每月工资"
        ),
    )
    proofs: frozenset[str] | None = field(
        19,
        "证明材料",
        Type.SET,
        default=None,
        choices=labels(contract="合同", wage_slip="工资条", bank_flow="工资流水", certificate="务工证明", promise="承诺书", ticket="车票"),
    )
    end_reason: str | None = field(20, "结束原因", default=None, suggestions=END_REASONS, aliases="未就业原因 返乡原因")


@record(13, "劳动报酬", group="work", title=("month", "amount"), match=("employment_id", "month", "amount"), append_only=True)
class Wage(Record):
    """One payment of wages. Never edited: a mistake is corrected by a negative line (article 十五)."""

    employment_id: str = field(1, "务工记录", Type.ID, ref="employment")
    month: str = field(2, "工资月份", Type.MONTH, aliases="月份 所属月份")
    paid_on: str = field(
        3, "发放日期", Type.FDATE, aliases="发放时间 领款日期 领款时间 领取日期 领取时间 发薪日期 发薪日 打款日期 到账日期"
    )
    amount: int = field(
        4,
        "金额",
        Type.YUAN,
        bounds=ANY,
        aliases="实发工资 实发金额 实领工资 实领金额 发放金额 发放金额（元） 实际发放金额 工资金额 工资 应发工资 应得工资",
    )
    pay_way: str | None = field(
        5, "发放方式", Type.ENUM, default=None, choices=labels(bank="银行", wechat="微信", cash="现金", piecework="计件"), synonyms=PAY_WAYS
    )
    proof: bool | None = field(6, "有发放凭证", Type.BOOL, default=None)


@record(14, "往返交通", group="work", title=("year",), key=("person_id", "year"))
class Travel(Record):
    """Fares of one person in one year (article 三)."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（三）")
    year: int = field(2, "年度", Type.INT, bounds=YEARS)
    outward: int | None = field(3, "去程金额", Type.YUAN, default=None, aliases="去程 去程费用")
    homeward: int | None = field(4, "返程金额", Type.YUAN, default=None, aliases="返程 返程费用")
    way: str | None = field(
        5, "交通方式", default=None, aliases="交通工具 乘坐交通工具", suggestions=("火车", "高铁", "客车", "包车", "飞机", "自驾")
    )
    promise: bool | None = field(6, "有承诺书", Type.BOOL, default=None, aliases="承诺书 是否有承诺书 是否签承诺书 是否签订承诺书 是否承诺")


@record(15, "介绍就业", group="work", title=("on",))
class Placement(Record):
    """An agency's placement of one person with one employer (article 二)."""

    agency_id: str = field(
        1, "介绍机构", Type.ID, ref="employer", clause="（二）", aliases="服务机构 人力资源服务机构 人力资源机构 职业介绍机构 中介机构"
    )
    person_id: str = field(2, "人员", Type.ID, ref="person")
    employer_id: str = field(
        3,
        "用人单位",
        Type.ID,
        ref="employer",
        aliases="用工单位 用工企业 就业单位 介绍就业单位 介绍至单位 介绍单位 推荐单位 推荐至单位 接收单位 接收企业",
    )
    on: str = field(4, "介绍日期", Type.DATE, aliases="介绍时间 介绍就业时间 介绍就业日期 介绍成功日期 推荐日期 推荐时间")
    organised: bool | None = field(5, "有组织输出", Type.BOOL, default=None, aliases="是否有组织 是否有组织输出")
    contract: str | None = field(6, "合同类型", Type.ENUM, default=None, merge=Merge.REVIEW, choices=CONTRACTS, synonyms=CONTRACT_SYNONYMS)
    contract_start: str = field(7, "合同起", Type.DATE, aliases=_CONTRACT_BEGINS)
    contract_end: str | None = field(8, "合同止", Type.DATE, default=None, aliases=_CONTRACT_ENDS)
    open_ended: bool | None = field(9, "无固定期限", Type.BOOL, default=None, merge=Merge.REVIEW)


@record(16, "以工代训", group="training", title=("month",), key=("employer_id", "person_id", "month"))
class WorkTraining(Record):
    """One month of training on the job (article 十七)."""

    employer_id: str = field(1, "用人单位", Type.ID, ref="employer", clause="（十七）", aliases="企业名称 单位名称 车间名称")
    person_id: str = field(2, "人员", Type.ID, ref="person")
    month: str = field(3, "月份", Type.MONTH, aliases="以工代训月份 训练月份 培训月份")
    days: int | None = field(4, "训练天数", Type.INT, default=None, aliases="以工代训天数 培训天数")
    record: bool | None = field(5, "有培训记录", Type.BOOL, default=None, aliases="有无培训记录 是否有培训记录")


@record(17, "务工月监测", group="work", title=("month", "status"), key=("person_id", "month"))
class MonthlyCheck(Record):
    """What a person was doing in a month, as asked by phone or visit (article 二十九)."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（二十九）")
    month: str = field(2, "月份", Type.MONTH, aliases="监测月份")
    status: str = field(
        3,
        "状态",
        Type.ENUM,
        aliases="务工状态 就业状态 监测状态 目前状态",
        choices=labels(
            away="外出务工",
            workshop="帮扶车间",
            post="公益岗",
            flexible="灵活就业",
            self="自主经营",
            school="在校",
            no_wish="无意愿",
            unable="无劳动能力",
            unemployed="待业",
        ),
        synonyms=synonyms(
            away="外出 在外 已外出 外出打工 在外打工 县外务工 省外务工 外地务工 跨省务工 务工 在外务工",
            workshop="车间 车间务工 帮扶车间务工 就业帮扶车间",
            post="公益岗位 公益性岗位",
            flexible="灵活 零工",
            self="自营 自主创业",
            school="在校生 上学",
            no_wish="无就业意愿",
            unable="丧失劳动力",
            unemployed="失业 未就业 无业 在家 返乡待业",
        ),
    )
    place: str | None = field(4, "所在地", Type.PLACE, default=None, aliases="务工地 务工地点 务工所在地")
    income: int | None = field(5, "月收入", Type.YUAN, default=None, aliases="务工月收入 本月收入 务工收入 收入")
    method: str | None = field(
        6,
        "核实方式",
        Type.ENUM,
        default=None,
        choices=labels(phone="电话", visit="入户", wechat="微信", family="家属"),
        synonyms=synonyms(phone="电话联系 打电话", visit="入户走访 上门 走访", wechat="微信群"),
        aliases="监测方式 核查方式 回访方式",
    )
    by: str | None = field(7, "核实人", default=None, kept=True, aliases="监测人 核查人 回访人 监测员")
