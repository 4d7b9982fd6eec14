"""Households, people, their categories under the policy, their businesses and visits to them."""

from domain import identity
from domain.bounds import Bounds
from domain.fields import Merge, Record, field, record
from domain.records.choices import (
    BANKS,
    EDUCATION,
    EDUCATION_SYNONYMS,
    HEALTH,
    HEALTH_SYNONYMS,
    NATION_SYNONYMS,
    NATIONS,
    POLITICAL,
    POLITICAL_SYNONYMS,
    RELATION_SYNONYMS,
    RELATIONS,
    RISK_SYNONYMS,
    RISKS,
    SCHOOL_STATE_SYNONYMS,
    SCHOOL_STATES,
    labels,
    synonyms,
)
from domain.values import Type

CATEGORIES = labels(
    lifted="脱贫人口",
    lifted_unstable="脱贫不稳定户",
    marginal="边缘易致贫户",
    sudden_hardship="突发严重困难户",
    low_income="农村低收入人口",
    prevention_target="防止返贫致贫对象",
    ordinary="一般农户",
)
LIFTED = frozenset({"lifted", "lifted_unstable"})
"""Categories that count as 脱贫人口 in the rules."""
MONITORED = frozenset({"lifted_unstable", "marginal", "sudden_hardship"})
"""Categories that count as 监测对象 in the rules."""
ABLE = frozenset({"ordinary", "skilled", "weak"})
"""Labour abilities (劳动技能) of people who can work."""
UNABLE = ("none", "lost")
"""Labour abilities of people who cannot work."""
WORKING_AGE = range(16, 60)
"""Ages at which people are expected to work; nobody may work younger."""


@record(1, "户", group="people", title=("number", "address"), match=("number",))
class Household(Record):
    """A household as the national system numbers it."""

    number: str | None = field(1, "户编号", default=None)
    address: str | None = field(2, "住址", default=None, aliases="家庭住址 户籍地址 地址")
    group: str | None = field(3, "村民小组", default=None, aliases="组 组别 小组 所属小组 屯 屯组 自然屯 自然村")
    phone: str | None = field(
        4,
        "户联系电话",
        Type.SECRET,
        default=None,
        mask=identity.mask_phone,
        check=identity.phone_problem,
        aliases="户主电话 户主联系电话 户主手机号 户主联系方式 家庭电话 家庭联系电话",
    )
    head_id: str | None = field(5, "户主", Type.ID, default=None, ref="person")
    note: str | None = field(6, "备注", default=None, multiline=True)


@record(2, "人员", group="people", title=("name",), match=("id_number",))
class Person(Record):
    """A member of a household of the village."""

    household_id: str | None = field(1, "户", Type.ID, default=None, ref="household")
    number: str | None = field(2, "人编号", default=None, aliases="人口编号")
    name: str = field(
        3, "姓名", merge=Merge.REVIEW, aliases="学生姓名 贫困户姓名 脱贫户姓名 脱贫人口姓名 监测对象姓名 被保险人 服务对象 走访对象"
    )
    document: str = field(
        4,
        "证件类型",
        Type.ENUM,
        choices=labels(resident_id="居民身份证", disability="残疾人证", household_book="户口簿", other="其他"),
        synonyms=synonyms(
            resident_id="身份证 二代身份证 第二代居民身份证 临时身份证",
            disability="残疾证 中华人民共和国残疾人证",
            household_book="户口本 居民户口簿 居民户口本 户口薄 居民户口薄",
            other=(
                "其他证件 护照 军官证 士兵证 出生医学证明 出生证明 外国人永久居留身份证 港澳台居民居住证 港澳居民居住证 "
                "台湾居民居住证 港澳居民来往内地通行证 台湾居民来往大陆通行证"
            ),
        ),
    )
    id_number: str = field(
        5,
        "证件号码",
        Type.SECRET,
        merge=Merge.REVIEW,
        mask=identity.mask_id,
        aliases=(
            "身份证号 身份证号码 公民身份号码 身份证号（18位） 身份证 身份证件号码 公民身份证号码 公民身份证号 居民身份证号码 "
            "居民身份证号 身份证件号 证件号 社会保障号 社会保障号码 残疾证号 残疾人证号 残疾证号码 残疾人证号码"
        ),
    )
    original_number: str | None = field(6, "原证件号码", Type.SECRET, default=None, mask=identity.mask_id)
    sex: str | None = field(
        7,
        "性别",
        Type.ENUM,
        default=None,
        choices=labels(male="男", female="女"),
        synonyms=synonyms(male="男性 1", female="女性 2"),  # GB/T 2261.1
    )
    birth: str | None = field(
        8, "出生日期", Type.DATE, default=None, bounds=Bounds("1900-01-01", ahead=0), aliases="出生年月 出生年月日 生日"
    )
    nation: str | None = field(9, "民族", Type.ENUM, default=None, choices=NATIONS, synonyms=NATION_SYNONYMS)
    relation: str | None = field(
        10,
        "与户主关系",
        Type.ENUM,
        default=None,
        choices=RELATIONS,
        synonyms=RELATION_SYNONYMS,
        aliases="家庭关系 与户主的关系 和户主关系 与户主之关系 家庭成员关系 成员关系",
    )
    education: str | None = field(
        11,
        "文化程度",
        Type.ENUM,
        default=None,
        choices=EDUCATION,
        synonyms=EDUCATION_SYNONYMS,
        aliases="学历 最高学历 受教育程度 文化水平 文化",
    )
    school_state: str | None = field(12, "在校生状况", Type.ENUM, default=None, choices=SCHOOL_STATES, synonyms=SCHOOL_STATE_SYNONYMS)
    health: frozenset[str] | None = field(
        13, "健康状况", Type.SET, default=None, choices=HEALTH, synonyms=HEALTH_SYNONYMS, aliases="健康情况 身体状况 身体健康状况"
    )
    labour: str = field(
        14,
        "劳动技能",
        Type.ENUM,
        aliases="劳动能力 劳动力 劳动力类型 劳动力类别 劳力",
        choices=labels(ordinary="普通劳动力", skilled="技能劳动力", weak="弱劳动力或半劳动力", lost="丧失劳动力", none="无劳动力"),
        synonyms=synonyms(
            ordinary="普通 普通劳力 普通劳动能力 一般劳动力 全劳力 全劳动力 整劳力 有劳动能力 有劳动力 有劳力 普劳",
            skilled="技能 技能劳力 技能型劳动力 技能型",
            weak="弱劳动力 半劳动力 弱劳力 半劳力 弱劳动力/半劳动力 弱、半劳动力 弱劳力或半劳力 弱劳 半劳 弱 半",
            none="无劳动能力 无劳力 无劳",
            lost="丧失 丧失劳动能力 丧失劳力",
        ),
    )
    political: str | None = field(
        15, "政治面貌", Type.ENUM, default=None, choices=POLITICAL, synonyms=POLITICAL_SYNONYMS, aliases="政治面目"
    )
    phone: str | None = field(
        16,
        "联系电话",
        Type.SECRET,
        default=None,
        mask=identity.mask_phone,
        check=identity.phone_problem,
        aliases=(
            "成员联系电话 人联系电话 家庭成员联系电话 手机号 手机号码 电话 手机 本人电话 联系方式 电话号码 联系手机 联系电话号码 移动电话"
        ),
    )
    bank_name: str | None = field(17, "开户行", default=None, aliases="开户银行 开户行名称 银行名称", suggestions=BANKS)
    bank_account: str | None = field(
        18,
        "社保卡账号",
        Type.SECRET,
        default=None,
        merge=Merge.REVIEW,
        mask=identity.mask_account,
        check=identity.bank_card_problem,
        aliases=(
            "银行账号 一卡通账号 社保卡号 银行卡号 银行卡账号 社保卡（一卡通）账号 卡号 账号 社会保障卡号 社会保障卡账号 "
            "惠农一卡通账号 一卡通号 银行账户 收款账号 现账号 新账号 现卡号 新卡号 变更后账号 变更后卡号 现社保卡账号 新社保卡账号 "
            "现银行账号"
        ),
    )
    payee_relation: str | None = field(
        19,
        "收款人与本人关系",
        default=None,
        merge=Merge.REVIEW,
        suggestions=("本人", "户主", "配偶", "子女"),
        aliases="持卡人与本人关系 户名与本人关系 开户人与本人关系 与持卡人关系",
    )
    died_on: str | None = field(20, "死亡日期", Type.DATE, default=None, bounds=Bounds(ahead=0), aliases="死亡时间 去世时间 去世日期")
    residence: str | None = field(21, "常住地", Type.AREA, default=None)
    acting_for: str | None = field(22, "代录说明", default=None)
    merged_into: str | None = field(23, "并入", Type.ID, default=None, ref="person")
    note: str | None = field(24, "备注", default=None, multiline=True)


@record(3, "身份认定", group="people", title=("category", "start"), match=("person_id", "category", "start"), above=())
class CategorySpan(Record):
    """A category that a person had, from when to when (`domain.md` §3.2). An empty start means that it was not recorded."""

    person_id: str = field(1, "人员", Type.ID, ref="person")
    category: str = field(
        2,
        "人员类别",
        Type.ENUM,
        merge=Merge.REVIEW,
        choices=CATEGORIES,
        aliases="户类型 监测对象类别 人员类型 身份类别 农户类型 户属性 人员属性 脱贫户属性 脱贫户类型 户类别",
        synonyms=synonyms(
            lifted=(  # also as it was registered before 2021: 贫困户
                "脱贫户 已脱贫户 一般脱贫户 稳定脱贫户 其他脱贫户 贫困户 一般贫困户 低保贫困户 五保贫困户 特困供养贫困户 "
                "建档立卡户 建档立卡脱贫户 建档立卡贫困户 建档立卡脱贫人口 脱贫享受政策户 脱贫享受政策 享受政策脱贫户"
            ),
            marginal="边缘户 边缘易致贫 边缘易致贫监测户",
            lifted_unstable="脱贫不稳定 脱不稳 脱贫不稳定监测户",
            sudden_hardship="突发严重困难 突发困难户 突发困难 突发户 突发严重困难监测户",
            low_income=(
                "低保 低保户 低保边缘 低保边缘户 特困 特困户 特困供养 特困供养户 特困人员 特困供养人员 五保户 "
                "刚性支出困难 刚性支出困难户 低收入人口"
            ),
            ordinary="一般户 非贫困户 普通农户",
        ),
    )
    start: str | None = field(
        3, "开始时间", Type.FDATE, default=None, aliases="识别监测时间 风险识别时间 首次识别时间 识别时间 纳入时间 监测时间"
    )
    end: str | None = field(4, "结束时间", Type.FDATE, default=None, aliases="消除监测时间 风险消除时间")
    risks: frozenset[str] | None = field(5, "致贫返贫风险", Type.SET, default=None, choices=RISKS, synonyms=RISK_SYNONYMS)
    exit_kind: str | None = field(
        6,
        "退出方式",
        Type.ENUM,
        default=None,
        aliases="风险消除方式 消除方式",
        choices=labels(帮扶消除="帮扶消除", 自然消除="自然消除", 死亡="死亡", 整户消亡="整户消亡", 评估退出="评估退出"),
    )
    source: str | None = field(7, "来源", Type.ENUM, default=None, choices=labels(import_="系统导入", village="村上报", county="县下发"))


@record(4, "自主生产经营", group="people", title=("business",))
class HouseholdBusiness(Record):
    """A production or business of the household's own (article 九)."""

    household_id: str = field(1, "户", Type.ID, ref="household", clause="（九）", aliases="户编号")
    operator_id: str | None = field(2, "经营人", Type.ID, default=None, ref="person")
    business: str = field(
        3,
        "经营项目",
        aliases="发展项目 产业项目 发展产业 产业名称 生产项目 经营内容",
        suggestions=("玉米", "大豆", "水稻", "养猪", "养鹅", "小卖店"),
    )
    start: str = field(4, "开始时间", Type.FDATE, aliases="开始经营时间 经营开始时间 经营起始时间 开业时间 开始年份 起始年份")
    end: str | None = field(5, "结束时间", Type.FDATE, default=None)


@record(5, "走访", group="people", title=("on", "content"), above=("household_id", "person_id", "on", "content"))
class Visit(Record):
    """A visit to a household: what was said and what is needed."""

    household_id: str = field(1, "户", Type.ID, ref="household", aliases="户编号")
    person_id: str | None = field(2, "人员", Type.ID, default=None, ref="person")
    on: str = field(3, "走访日期", Type.DATE, aliases="走访时间 入户时间 入户日期 日期 入户走访时间")
    by: str | None = field(4, "走访人", default=None, kept=True, aliases="走访人员 走访干部 入户人员 入户干部 工作队员")
    content: str = field(5, "走访内容", multiline=True, aliases="走访情况 走访记录 入户情况 了解情况 了解的情况 谈话内容")
    need: str | None = field(
        6,
        "反映需求",
        default=None,
        multiline=True,
        aliases=(
            "反映问题 存在问题 存在困难 存在的困难 存在的困难问题 困难问题 困难诉求 群众诉求 诉求 困难及诉求 存在困难及诉求 困难和诉求"
        ),
    )


@record(6, "家庭收入", group="people", title=("start", "end"), match=("household_id", "start", "end"), since=2)
class HouseholdIncome(Record):
    """A household's income over whole months, as villages collect it by the quarter or the year (`domain.md` §9.3). Net income and each
    person's share are computed, never typed (`domain.income`)."""

    household_id: str = field(1, "户", Type.ID, ref="household", aliases="户编号")
    start: str = field(2, "起始月份", Type.MONTH)
    end: str = field(3, "截止月份", Type.MONTH)
    persons: int = field(4, "家庭人口", Type.INT, bounds=Bounds(1, 30), aliases="家庭人口数 人口数 家庭人口（人）")
    wages: int | None = field(5, "工资性收入", Type.YUAN, default=None, aliases="工资性收入（元）")
    business: int | None = field(6, "经营性收入", Type.YUAN, default=None, aliases="生产经营性收入 生产经营性收入（元）")
    costs: int | None = field(7, "经营性支出", Type.YUAN, default=None, aliases="生产经营性支出 生产经营性支出（元）")
    property: int | None = field(8, "财产性收入", Type.YUAN, default=None, aliases="财产性收入（元）")
    transfers: int | None = field(9, "转移性收入", Type.YUAN, default=None, aliases="转移性收入（元）")
    by: str | None = field(10, "采集人", default=None, kept=True)
    note: str | None = field(11, "备注", default=None, multiline=True)
