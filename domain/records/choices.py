"""Choices shared by several fields or rosters (`domain.md` §5.2). If the contract fixes no English code, the code is the Chinese label."""

from collections.abc import Mapping


def labels(**codes: str) -> Mapping[str, str]:
    """Codes and their labels; a code that is a Python keyword is written with a trailing underscore."""
    return {code.rstrip("_"): label for code, label in codes.items()}


def same(words: str) -> Mapping[str, str]:
    """An enumeration whose codes are its labels, given in one text with spaces between."""
    return {word: word for word in words.split()}


def synonyms(words: Mapping[str, str] | None = None, **codes: str) -> dict[str, str]:
    """Synonyms for the codes of a list: each code with its synonyms, separated by spaces."""
    return {word: code for code, said in {**(words or {}), **codes}.items() for word in said.split()}


NATIONS = same(
    "汉族 满族 朝鲜族 蒙古族 回族 达斡尔族 锡伯族 鄂伦春族 鄂温克族 赫哲族 柯尔克孜族 "
    "藏族 维吾尔族 苗族 彝族 壮族 布依族 侗族 瑶族 白族 土家族 "
    "哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 "
    "纳西族 景颇族 土族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 阿昌族 普米族 "
    "塔吉克族 怒族 乌孜别克族 俄罗斯族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 门巴族 珞巴族 基诺族 其他 外国血统"
)
"""GB/T 3304, those frequent in Heilongjiang first."""

NATION_SYNONYMS = {nation.removesuffix("族"): nation for nation in NATIONS if nation.endswith("族")} | {
    "毛难族": "毛南族",
    "崩龙族": "德昂族",
}

RELATIONS = same(
    "户主 配偶 之子 之女 之儿媳 之女婿 之孙子 之孙女 之外孙子 之外孙女 "
    "之父 之母 之岳父 之岳母 之公公 之婆婆 之祖父 之祖母 之外祖父 之外祖母 "
    "之兄弟姐妹 之曾孙子 之曾孙女 之侄儿 之侄女 之兄弟媳妇 之叔伯 其他"
)
RELATION_SYNONYMS = synonyms(
    {
        "户主": "本人 户主本人 本人或户主",
        "配偶": "夫 妻 丈夫 妻子 爱人 老伴 老公 老婆 夫妻 之夫 之妻 之配偶",
        "之子": "子 儿子 独生子 长子 次子 三子 四子 五子 养子 继子 大儿子 二儿子 三儿子 小儿子 之儿子 之长子 之次子",
        "之女": "女 女儿 独生女 长女 次女 三女 四女 五女 养女 继女 大女儿 二女儿 三女儿 小女儿 之女儿 之长女 之次女",
        "之儿媳": "儿媳 儿媳妇 长媳 次媳 之媳",
        "之女婿": "女婿 之婿 姑爷",
        "之孙子": "孙子 长孙 次孙",
        "之孙女": "孙女 长孙女 次孙女",
        "之外孙子": "外孙 外孙子",
        "之外孙女": "外孙女",
        "之父": "父 父亲 之父亲",
        "之母": "母 母亲 之母亲",
        "之岳父": "岳父",
        "之岳母": "岳母",
        "之公公": "公公",
        "之婆婆": "婆婆",
        "之祖父": "祖父 爷爷",
        "之祖母": "祖母 奶奶",
        "之外祖父": "外祖父 外公 姥爷",
        "之外祖母": "外祖母 外婆 姥姥",
        "之兄弟姐妹": "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄弟姐妹",
        "之曾孙子": "曾孙 曾孙子",
        "之曾孙女": "曾孙女",
        "之侄儿": "侄子 侄儿",
        "之侄女": "侄女",
        "之兄弟媳妇": "嫂 嫂子 弟媳 兄弟媳妇",
        "之叔伯": "叔 伯 叔叔 伯父 叔父 叔伯",
        "其他": "其它 其他亲属 非亲属 孙媳 孙媳妇 孙女婿 外甥 外甥女 公婆",
    }
)
"""Household relations as GB/T 4761 and everyday speech have them."""
EDUCATION = same("文盲或半文盲 小学 初中 高中 大专 本科及以上")
EDUCATION_SYNONYMS = synonyms(
    {
        "文盲或半文盲": "文盲 半文盲 文盲半文盲 文盲/半文盲 不识字",
        "小学": "小学毕业 小学文化 小学教育",
        "初中": "普通初中 初中毕业 初中文化 初级中学 初级中学毕业 初级中学教育",
        "高中": (
            "普通高中 高中毕业 高中文化 高中/中专 中专 中等专科 中职 职高 技校 技工学校 中专毕业 普通高级中学 普通高级中学毕业 "
            "普通高级中学教育 中等职业教育"
        ),
        "大专": "专科 大学专科 高职 高职高专 大专毕业 专科毕业 大学专科毕业 大学专科教育",
        "本科及以上": "本科 大学 大学本科 本科毕业 大学毕业 大学本科毕业 大学本科教育 研究生教育 研究生 硕士 博士 硕士研究生 博士研究生",
    }
)
"""Schooling as GB/T 4658 has it; vocational school counts as 高中, as in the national system."""
SCHOOL_STATES = same(
    "学龄前儿童 学前教育 小学 七年级 八年级 九年级 普通高中一年级 普通高中二年级 普通高中三年级 中职一年级 中职二年级 中职三年级 "
    "高职高专一年级 高职高专二年级 高职高专三年级 技师学院一年级 技师学院二年级 技师学院三年级 技师学院四年级 "
    "本科一年级 本科二年级 本科三年级 本科四年级 本科五年级 硕士研究生及以上"
)
SCHOOL_STATE_SYNONYMS = {
    "学前儿童": "学龄前儿童",
    "幼儿园": "学前教育",
    **{f"小学{n}年级": "小学" for n in "一二三四五六"},
    **dict(zip(("初一", "初二", "初三"), ("七年级", "八年级", "九年级"), strict=True)),
    **{f"{word}{n}年级": f"普通高中{n}年级" for word in ("高中", "普高") for n in "一二三"},
    **{f"高{n}": f"普通高中{n}年级" for n in "一二三"},
    **{f"高职{n}年级": f"高职高专{n}年级" for n in "一二三"},
    **{f"大学{n}年级": f"本科{n}年级" for n in "一二三四五"},
    "硕士研究生": "硕士研究生及以上",
    "博士研究生": "硕士研究生及以上",
}
HEALTH = same("健康 长期慢性病 患有大病 残疾")
HEALTH_SYNONYMS = synonyms(
    {
        "健康": "良好 健康或良好 健康良好 身体健康 较好",
        "长期慢性病": "慢性病 有慢性病 患有慢性病 患慢性病 慢病 高血压 糖尿病 冠心病 心脏病 脑梗 脑血栓 脑梗塞 风湿 类风湿",
        "患有大病": "大病 重大疾病 癌症 恶性肿瘤 尿毒症",
        "残疾": "残疾人 肢体残疾 视力残疾 听力残疾 言语残疾 智力残疾 精神残疾 多重残疾",
    }
)
POLITICAL = same("中共党员 中共预备党员 共青团员 群众")
POLITICAL_SYNONYMS = synonyms(
    {
        "中共党员": "党员 中国共产党党员",
        "中共预备党员": "预备党员 中国共产党预备党员",
        "共青团员": "团员 中国共产主义青年团团员",
        "群众": "普通群众 一般群众",
    }
)
RISKS = same("因病 因学 因残 因自然灾害 因意外事故 因产业项目失败 因务工就业不稳 缺劳动力 因房 因安全饮水 其他")
RISK_SYNONYMS = synonyms(
    {
        "因自然灾害": "因灾 自然灾害",
        "因意外事故": "突发事故 因突发事故 意外事故 因意外",
        "因产业项目失败": "产业项目失败",
        "因务工就业不稳": "务工就业不稳 就业不稳 务工不稳 因就业不稳 因务工不稳",
        "缺劳动力": "缺劳力",
        "因安全饮水": "饮水安全",
        "其他": "缺技术 缺资金 缺土地 缺水 交通条件落后 自身发展动力不足 因婚 因丧",
    }
)
"""The causes of poverty recorded before 2021 that are no risk of falling back count as 其他."""
END_REASONS = ("季节性返乡", "企业停产裁员", "合同到期", "工资低", "照顾家人", "生病", "怀孕", "工伤", "年龄大", "无意愿", "其他")
NEEDS = ("求职登记", "职业指导", "岗位推荐", "技能培训", "创业服务", "就业见习", "失业登记", "困难认定", "其他")
SKILLS = ("驾驶证", "叉车证", "电工证", "焊工证", "健康证", "保安员证", "养老护理", "育婴", "厨师", "缝纫", "电脑操作")
"""Suggested words for skills and for requirements of a vacancy, offered so that both use the same ones; others are allowed."""
SKILL_LEVELS = ("初级工", "中级工", "高级工", "技师", "高级技师", "专项职业能力", "特种作业", "无")
BANKS = ("农村信用社", "农业银行", "邮储银行", "龙江银行", "建设银行", "工商银行", "哈尔滨银行")

INDUSTRIES = {
    "A": "农、林、牧、渔业",
    "B": "采矿业",
    "C": "制造业",
    "D": "电力、热力、燃气及水生产和供应业",
    "E": "建筑业",
    "F": "批发和零售业",
    "G": "交通运输、仓储和邮政业",
    "H": "住宿和餐饮业",
    "I": "信息传输、软件和信息技术服务业",
    "J": "金融业",
    "K": "房地产业",
    "L": "租赁和商务服务业",
    "M": "科学研究和技术服务业",
    "N": "水利、环境和公共设施管理业",
    "O": "居民服务、修理和其他服务业",
    "P": "教育",
    "Q": "卫生和社会工作",
    "R": "文化、体育和娱乐业",
    "S": "公共管理、社会保障和社会组织",
    "T": "国际组织",
}
INDUSTRY_SYNONYMS = synonyms(
    A="农业 林业 牧业 渔业 种植业 养殖业 种植 养殖 种养殖 农林牧渔 农林牧渔业",
    B="采矿 煤矿 矿业",
    C="制造 加工 加工业 生产制造 制造加工",
    E="建筑 建筑施工 建筑工程 装修 建筑装修",
    F="批发 零售 零售业 批发和零售 批发零售 批发零售业 商超 超市",
    G="运输 物流 快递 交通运输 运输业 物流快递 仓储 交通运输业 快递物流",
    H="餐饮 餐饮业 餐饮服务 住宿和餐饮 住宿 酒店 住宿餐饮 餐饮住宿 住宿餐饮业 餐饮服务业",
    O="家政 家政服务 家政服务业 居民服务 美容美发 居民服务业",
    P="教育 教育培训",
    Q="卫生 医疗 医疗卫生 卫生医疗",
)
"""Short words for the industries, as villages write them."""
"""GB/T 4754 sections."""

CONTRACTS = labels(labour="劳动合同", service="劳务协议", oral="口头约定", none="未签订")
CONTRACT_SYNONYMS = synonyms(
    oral="口头 口头协议",
    none="无 未签 否",
    service="劳务 劳务合同 用工协议 协议 签订劳务协议",
    labour="签订劳动合同 已签劳动合同 已签订劳动合同 固定期限劳动合同 无固定期限劳动合同 固定期限合同 全日制劳动合同",
)

FUNDS = labels(
    employment="就业补助资金",
    bridging="衔接推进乡村振兴补助资金",
    provincial_bridging="省级财政衔接推进乡村振兴补助资金",
    unemployment="失业保险基金",
    solar="光伏收益",
    forest_guard="生态护林员资金",
    collective="村集体",
    one_case="一事一议",
    pooled="统筹资金",
    other="其他",
)
FUND_SYNONYMS = synonyms(
    bridging="衔接资金 衔接补助资金 财政衔接资金 衔接推进乡村振兴资金 财政衔接推进乡村振兴补助资金 中央财政衔接推进乡村振兴补助资金",
    employment="就业补助 就业资金 就业专项资金 就业补助专项资金",
    solar="光伏",
    provincial_bridging="省级衔接资金",
    collective="村集体收入",
    forest_guard="林草生态护林员资金 生态护林资金 生态护林员补助资金 护林员资金",
)
