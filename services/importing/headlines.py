"""Reads the lines above a table, the sheet's name and the file's name: the subject, the carrier, the months, and values for all rows
(课时：120, 出发日期：2023年2月16日)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from domain.fields import kind_of
from domain.identity import half_width
from domain.values import Type
from domain.words import _
from services.importing.heading_words import plain
from services.importing.headings import month_of_heading
from services.importing.rosters import Roster, field_of
from services.importing.tables import Found
from services.importing.title_months import TitleMonths, read_months, year_of

_CARRIER = re.compile(
    r"([一-龥a-zA-Z()]{1,40}(?:帮扶车间|扶贫车间|车间|社区工厂|卫星工厂|工坊|合作社|公司|基地|工厂|服装厂|加工厂|家庭农场))"
)
_CARRIER_LEAD = re.compile(r"^(?:附件|附表|关于|年度|年|月份|月|日|第|期|[)(])+")
_BARE = re.compile("(?:就业|帮扶|扶贫|乡村|农村|专业|企业)*(?:车间|工坊|合作社|公司|基地|工厂)")
"""A name that gives only the sort of carrier; another line may have the full name."""
_CARRIER_TYPES = (
    ("社区工厂", "community_factory"),
    ("卫星工厂", "satellite_factory"),
    ("非遗", "heritage_workshop"),
    ("工坊", "heritage_workshop"),
    ("车间", "workshop"),
    ("合作社", "cooperative"),
    ("家庭农场", "family_farm"),
    ("基地", "base"),
)
ENTERPRISE = "enterprise"
"""The type of an employer whose name has none of these words."""


def carrier_type(name: str) -> str:
    """The type of employer that a carrier's name indicates: 解放村就业帮扶车间 → `workshop`."""
    return next((code for word, code in _CARRIER_TYPES if word in name), ENTERPRISE)


def carrier_of(titles: Sequence[str]) -> str:
    """The workshop, factory, cooperative or company that the titles name; empty if they name none."""
    hits = filter(None, (_CARRIER.search(plain_title(title)) for title in titles))
    names = [_CARRIER_LEAD.sub("", hit[1]).strip("()") for hit in hits]
    return next((name for name in names if not _BARE.fullmatch(name)), next(iter(names), ""))


def plain_title(title: str) -> str:
    """A title normalised for searching: half-width brackets, and one space for each run of white space."""
    return re.sub(r"\s+", " ", title.replace("（", "(").replace("）", ")")).strip()


_PAIR = re.compile(r"([一-龥()]{2,10}):\s*(.+?)(?=[\s,;、。]+[一-龥()]{2,10}:|[;。]|$)")
_OF_ROSTER = {
    "work": ("employment.", "labour_trip."),
    "posts": ("insurance.", "agreement."),
    "posts_titled": ("insurance.", "agreement."),
    "wages": ("wage.month", "wage.paid_on"),
    "post_months": ("attendance.month", "post_pay.month", "post_pay.paid_on"),
    "training": (
        "course.start",
        "course.end",
        "course.hours",
        "course.level",
        "course.type",
        "course.place",
        "course.seats",
        "course.free",
    ),
}
"""Roster name → beginnings of the targets that a line above may give. A plain list may have any field of its kind."""
_ABOUT_OTHERS = frozenset({"person", "household", "category_span", "employer", "attachment"})
"""Kinds of whose lists the lines above never give a field: 联系电话 there is that of the office."""
_RANGES = frozenset({"insurance.range", "agreement.range"})
"""Starts and ends in one value that a line above may give."""
_SHORT = frozenset({"课时", "学时"})
"""Labels of two characters that are clear; 单位, 日期 and 电话 are usually about the list."""
_ASSESSED = re.compile(r"((?:19|20)\d\d年(?:度?第?[一二三四1-4]季度|度?[上下]半年|度?\d{1,2}月份?|度)?)(?=.{0,20}考[核评])")
_ASSESSED_LATER = re.compile(r"考[核评].{0,6}[(（]((?:19|20)\d\d年(?:度?第?[一二三四1-4]季度|度?[上下]半年|度?\d{1,2}月份?|度))[)）]")
_PROJECT = re.compile(r"([一-龥\d]{2,40}以工代赈(?:示范)?(?:工程)?项目)")
_ORGANISED = re.compile("点对点(?=.{0,6}(?:输送|输出|返岗|务工|就业|专车|包车|送工))|有组织(?=.{0,4}(?:劳务)?(?:输出|输送|外出))")
_NOT_ORGANISED = re.compile("非有组织|[未没不](?:参加|乘坐|坐|通过|经过?)|拟|计划|意[向愿]|需求|报名|摸底|自发|自主|自行|零散|分散")
"""Words of a title about people who did not go together, or not yet, or not all of them."""
_AGENCY = re.compile("介绍|推荐|人力资源|劳务|职介")
_YEAR_BEFORE = re.compile(r"^(?:附[件表]\d*)?(?:(?:19|20)?\d\d年(?:度|\d{1,2}月份?)?)?")


class TitleValue(NamedTuple):
    """A value for all rows: its label as written, and its text."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}：{self.text}" if self.label else self.text


def read_title_values(
    titles: Sequence[str], roster: Roster, words: Mapping[str, str], taken: Mapping[str, object]
) -> dict[str, TitleValue]:
    """Target → value from the lines above, for the targets without a column; `words` are the roster's headings by `plain` form."""
    found: dict[str, TitleValue] = {}
    for label, text in _pairs(titles):
        target = words.get(plain(label)) if len(label) > 2 or label in _SHORT else None
        if target is not None and target not in taken and _allowed(target, roster):
            found.setdefault(target, TitleValue(label, text))
    for target, title in _titled(titles, roster):
        if target not in taken:
            found.setdefault(target, title)
    return found


def _pairs(titles: Sequence[str]) -> Iterator[tuple[str, str]]:
    for title in titles:
        for hit in _PAIR.finditer(half_width(title)):
            yield hit[1], hit[2].strip()


def _allowed(target: str, roster: Roster) -> bool:
    f = field_of(target)
    if target in _RANGES:
        return roster.name.startswith("posts") or roster.makes[0] == target.partition(".")[0]
    if f is None or f.type in (Type.SECRET, Type.JSON, Type.IDS) or f.name == "note":
        return False
    if roster.name.startswith("@"):
        kind = roster.makes[0]
        return kind not in _ABOUT_OTHERS and target.startswith(f"{kind}.")
    return f.type is not Type.ID and target.startswith(_OF_ROSTER.get(roster.name, ("-",)))


def _titled(titles: Sequence[str], roster: Roster) -> Iterator[tuple[str, TitleValue]]:
    """Values that the title itself gives a plain list."""
    for title in map(half_width, titles):
        compact = re.sub(r"\s+", "", title)
        if roster.name == "@assessment" and (hit := _ASSESSED.search(compact) or _ASSESSED_LATER.search(compact)):
            yield "assessment.period", TitleValue("", hit[1])
        if roster.name == "@relief_work" and (hit := _PROJECT.search(compact)):
            yield "relief_work.project_id", TitleValue("", _YEAR_BEFORE.sub("", hit[1]))
        if roster.name == "work" and (hit := _ORGANISED.search(compact)) and not _NOT_ORGANISED.search(compact):
            yield "employment.organised", TitleValue(_("有组织输出"), "是")
            if "点对点" in hit[0]:
                yield "employment.point_to_point", TitleValue(_("点对点输送"), "是")
        if roster.name == "@placement" and _AGENCY.search(compact) and (carrier := carrier_of([title])):
            yield "placement.agency_id", TitleValue("", carrier)
        if roster.name.startswith("posts") and (named := set(_POST_STAFF.findall(compact))) and len(named) == 1:
            yield "post.name", TitleValue("", named.pop())
        if roster.name == "@service" and len(kinds := _services_in(compact)) == 1:
            yield "service.type", TitleValue("", kinds.pop())
        if roster.name == "@rights_issue" and len(said := _wrongs_in(compact)) == 1:
            yield "rights_issue.type", TitleValue("", said.pop())
        if roster.name == "@work_training" and "以工代训" in "".join(titles) and (carrier := carrier_of([title])):
            yield "work_training.employer_id", TitleValue("", carrier)


def _services_in(title: str) -> set[str]:
    """The services that a title says were given, by their labels."""
    sort = kind_of("service").by_name["type"]
    labels = sort.choices or {}
    words = (*labels.values(), *(word for word in sort.synonyms or {} if len(word) > 2))
    return {labels[sort.code_of(word)] for word in words if word in title} if services_given(title) else set()


def services_given(title: str) -> bool:
    """Whether a title is about services that were given, rather than wished for or planned."""
    return _NOT_DONE.search(title) is None


def _wrongs_in(title: str) -> set[str]:
    """What a title says happened to everybody in the list, by its label."""
    labels = kind_of("rights_issue").by_name["type"].choices or {}
    return set() if _UNCERTAIN.search(title) else {labels[code] for code, words in _WRONGS.items() if words.search(title)}


_OCCASION = re.compile(
    "选民|选举|党员|团员|民兵|医保|参保|合作医疗|体检|疫苗|接种|义诊|领取|培训|学员|签到|考勤|工资|发放|补贴|补助|报名|招聘|意愿|意向|大会|会议|申请|缴费|务工|用工|员工|公益|就业服务|走访"
)
_CHECK = re.compile("(?:月|务工|就业)监测|(?:务工|就业)(?:情况|状态)")
_EARNED = re.compile("收入|工资|报酬|补贴|补助|发放")
_GIFT = re.compile("慰问|救助|低保|抚恤|救济|分红|养老金|高龄|残疾人?.{0,4}补贴|流转费|耕地.{0,4}补贴|种粮|助学金|雨露")
_WORKED_FOR = re.compile("工资|报酬|务工|岗位|计件|薪")
_POST = re.compile("公益(?:性)?岗|岗位补贴")
_POST_STAFF = re.compile("(?:河道|道路|村屯|生态|环境|公路|乡村|农村|水利)?(?:护林|护路|护水|护河|巡河|保洁)员")
_WRONGS = {"wage_arrears": re.compile("欠薪|拖欠(?:工资|薪)"), "injury": re.compile("工伤")}
"""Words of a title about what happened to everybody in the list."""
_HIRED = re.compile("公司|企业|物业|酒店|宾馆|饭店|医院|集团|工厂|车间")
"""Words of a title about staff who hold no public-welfare post: 物业公司保洁员工资表."""
_RECOGNISED = re.compile("识别|纳入|认定")
_COURSE_SPAN = re.compile(r"(?:培训|开班|办班|起止|上课)(?:起止)?(?:时间|日期|期间)|培训起止|(?:^|\s)(?:时间|日期)[:：]")


_CHANNELS = {
    "flexible": re.compile("灵活(?:就业|务工|从业)"),
    "odd_job": re.compile("零工"),
    "self_employed": re.compile("自主(?:创业|经营)|个体(?:经营|工商)"),
    "piecework": re.compile("来料加工"),
    "work_relief": re.compile("以工代赈"),
    "public_post": re.compile("公益(?:性)?岗|护林员"),
    "workshop": re.compile("(?:帮扶|扶贫|就业)车间"),
}
_SEVERAL_CHANNELS = re.compile("外出|务工人员|转移|输[出送]|点对点|返[乡岗]|[、及和与]|等|家[属庭人]|子女|市场|对接|招聘|推荐|意[愿向]")
"""Words of a title that is about more than one way to work, or about something else of these people."""
_WORK = re.compile("返[乡回岗家]|回[乡村流]|离[职岗]|务工|打工|就业|用工|外出")
_PAID_OUT = re.compile("发放|拨付|补贴(?!岗)|补助")
_EXITS = re.compile("退出(?!低保|特困|监测|贫困)|退岗|离岗|解聘|清退|减少人员|人员减少")
_NOT_YET = re.compile("拟|计划|预计|应(?=退|清)|申请|意[向愿]")
"""Words of a title about what has not happened: 拟退出人员公示."""
_NOT_DONE = re.compile("报名|需求|意[向愿]|申[请领]|计划|拟|预约|调查|摸底|问卷|发放|签收|领取")
"""Words of a title about services that are wished for or planned, or about what is handed out: 政策宣传单发放签收."""
_UNCERTAIN = re.compile("排查|摸排|线索|隐患|是否|保险|参保|缴费|清零")
"""Words of a title after which not everybody in the list was wronged: 欠薪隐患排查表, 工伤保险."""
_FEES = re.compile("[水电饭餐暖]费|伙食|扣款|代扣|缴费|收缴|产量")
"""What is paid by the people of a list, or counted, month by month."""
_WAGES = re.compile("工资|报酬|薪|补贴")
_FARES = re.compile("(?:交通|路费|车费|车票).{0,4}补[贴助]|[路车]费|车票")
"""Words of a title about the fares of those who work away."""
_OTHER_AGREEMENT = re.compile("流转|承包|土地|耕地|林地|房|租|借款|贷|帮扶|赡养|供养|合作|托管")
"""Words of a title about agreements other than for posts: 土地流转协议."""
_AT_WORK = re.compile("务工|打工|就业|用工|务农|返[岗工]|复工|离职")
_NOT_AT_WORK = re.compile(
    "未(?:就业|务工|外出)|[探省]亲|空挂|选民|选举|党员|团员|民兵|学生|毕业|就读|入学|军人|现役|服役|入伍|死亡|去世|子女|儿童|老人|家属"
    "|领取|签收|体检|房屋|住房|车辆|慰问|报备|意[向愿]|需求|求职|招聘|(?:计划|拟|预计|打算)(?:外出|务工|就业)|(?:务工|就业)监测|参保|缴费|申[领请]|补[贴助](?!岗)|发放|拨付|离[职厂]|辞[职退]"
)
"""Words of a title about people who are not all at work, or about something else of those who are: 务工人员子女, 计划外出."""
_RUNS_OUT = re.compile("贷款|信贷|贴息|保险|意外险|参保|合同|协议")
"""What else has an end: 返乡创业贷款台账."""
_TERM = re.compile("20\\d\\d年?度?[春秋](?:季学?期?|学期)|20\\d\\d[-—~至]20\\d\\d学?年度?第?[一二12上下]学期")


@dataclass(frozen=True)
class Headlines:
    """What the lines above a table and the names say. Rosters refer to these properties by name (`@post_title`)."""

    carrier: str
    """The workshop or other carrier named; "" if there is none."""
    titled: TitleMonths
    month_from_file: bool
    """Whether the month is only in the file's name."""
    course_title: bool
    """Whether they mention a course."""
    course_span: bool
    """Whether a line gives the dates of the course."""
    gift_title: bool
    """Whether they are about money that nobody worked for (慰问金, 低保金, 水费)."""
    check_title: bool
    """Whether they are about people's work status rather than their earnings."""
    occasion_title: bool
    """Whether they are about a course, pay or attendance rather than a register of residents."""
    recognised_title: bool
    """Whether they are about recognition (纳入监测申请)."""
    post_title: bool
    """Whether they mention public-welfare posts."""
    term_title: str
    """The school term that they name; "" if there is none."""
    work_title: bool
    """Whether they are about work or the return from it."""
    channel: str | None
    """The way of working that the title is about (灵活就业人员登记表), if it is about one other than going away."""

    pay_title: bool
    """Whether they are about what is paid out."""
    exit_title: bool
    """Whether they are about people who leave posts."""
    at_work_title: bool
    """Whether they are about people who work, not only about people who are away."""
    not_at_work: bool
    """Whether they are about people of whom not all are at work."""
    other_agreement: bool
    """Whether they are about agreements other than for posts."""

    @property
    def at_home(self) -> bool:
        """Whether they are about a way of working for which nobody goes away."""
        return self.channel in ("flexible", "odd_job", "self_employed")

    @property
    def several_months(self) -> bool:
        """Whether they name a period of several months."""
        return self.titled.several

    @property
    def month_title(self) -> bool:
        """Whether they name the month or months of each row, rather than a period of several months."""
        return bool(self.titled.months) and not self.titled.several


def headlines(found: Found) -> Headlines:
    """The headlines of a table."""
    return _read(tuple(found.titles), found.sheet.name, found.sheet.file)


@lru_cache(maxsize=64)  # a table is compared with some forty rosters
def _read(titles: tuple[str, ...], sheet: str, file: str) -> Headlines:
    lines = [*titles, sheet]
    titled = _months(lines, sheet, file)
    of_file = TitleMonths() if titled else read_months([file])
    course = any("培训" in title for title in titles)
    return Headlines(
        carrier=carrier_of(titles),
        titled=of_file or titled,
        month_from_file=bool(of_file),
        course_title=course,
        course_span=course and any(map(_COURSE_SPAN.search, titles)),
        gift_title=(any(map(_GIFT.search, lines)) and not any(map(_WORKED_FOR.search, lines)))
        or (any(map(_FEES.search, lines)) and not any(map(_WAGES.search, lines))),
        check_title=any(map(_CHECK.search, [*lines, file])) and not any(map(_EARNED.search, lines)),
        occasion_title=any(map(_OCCASION.search, lines)),
        recognised_title=any(_RECOGNISED.search(title) and not _EARNED.search(title) for title in lines),
        post_title=any(_POST.search(title) or (_POST_STAFF.search(title) and not _HIRED.search(title)) for title in titles),
        term_title=next((hit[0] for hit in map(_TERM.search, lines) if hit), ""),
        work_title=any(map(_WORK.search, lines)) and not any(map(_RUNS_OUT.search, lines)),
        channel=_channel(titles[:1] or lines),
        pay_title=any(map(_PAID_OUT.search, lines)),
        exit_title=any(map(_EXITS.search, lines)) and not any(map(_NOT_YET.search, lines)),
        at_work_title=any(map(_AT_WORK.search, lines)),
        other_agreement=any(map(_OTHER_AGREEMENT.search, lines)),
        not_at_work=any(_NOT_AT_WORK.search(line) and not _FARES.search(line) for line in lines),
    )


def _channel(titles: Sequence[str]) -> str | None:
    text = "".join(titles)
    named = [code for code, words in _CHANNELS.items() if words.search(text)]
    return named[0] if len(named) == 1 and not _SEVERAL_CHANNELS.search(text) else None


def _months(lines: Sequence[str], sheet: str, file: str) -> TitleMonths:
    """The months that the titles name, otherwise the month that is the sheet's name (3月)."""
    titled = read_months(lines)
    if not titled and (month := month_of_heading(plain(sheet))) and (year := month[0] or year_of([*lines, file])):
        return TitleMonths((f"{year}-{month[1]:02d}",))
    return titled
