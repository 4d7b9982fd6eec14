"""Courses, enrolments and schooling (articles 三十二, 三十三)."""

from domain.bounds import Bounds
from domain.fields import Record, field, record
from domain.periods import grade, term
from domain.records.choices import SKILL_LEVELS, labels, synonyms
from domain.values import Type


@record(40, "培训班", group="training", title=("title",), match=("title", "start"), shared=True)
class Course(Record):
    """A training course."""

    title: str = field(
        1, "班名", aliases="培训班名称 培训名称 班级名称 培训班次名称 班次名称 培训班期名称 培训期次名称", clause="（三十二）"
    )
    trade: str = field(
        2, "工种", aliases="培训职业(工种) 培训职业（工种） 培训职业 培训工种 培训专业 培训内容 职业(工种) 职业工种 鉴定工种 职业名称"
    )
    level: str | None = field(3, "等级", default=None, aliases="培训等级 技能等级 职业技能等级 证书等级", suggestions=SKILL_LEVELS)
    type: str = field(
        4,
        "培训类型",
        Type.ENUM,
        choices=labels(
            skills="就业技能", pre_job="岗前", upgrade="岗位技能提升", startup="创业", reserve="劳动预备制", practical="实用技术"
        ),
        synonyms={"就业技能培训": "skills", "岗前培训": "pre_job", "创业培训": "startup", "岗位技能提升培训": "upgrade"},
    )
    organiser_id: str | None = field(5, "举办单位", Type.ID, default=None, ref="employer")
    hours: int | None = field(6, "课时", Type.INT, default=None, aliases="培训课时 培训学时 学时 总课时 总学时")
    start: str = field(7, "开班日期", Type.DATE, aliases="培训开始 培训起 开始日期 开课时间")
    end: str = field(8, "结业日期", Type.DATE, aliases="培训截止 培训止 结束日期 结课时间")
    place: str | None = field(9, "培训地点", default=None)
    seats: int | None = field(10, "计划人数", Type.INT, default=None, aliases="计划培训人数 招生人数")
    free: bool | None = field(11, "免费", Type.BOOL, default=None)


@record(41, "参训", group="training", title=("outcome",), key=("course_id", "person_id"))
class Enrolment(Record):
    """A person in a course."""

    course_id: str = field(1, "培训班", Type.ID, ref="course")
    person_id: str = field(2, "人员", Type.ID, ref="person")
    days_present: int | None = field(3, "出勤天数", Type.INT, default=None)
    days_total: int | None = field(4, "总天数", Type.INT, default=None, aliases="应出勤天数 应到天数 应训天数")
    outcome: str | None = field(
        5,
        "结果",
        Type.ENUM,
        default=None,
        choices=labels(enrolled="在训", completed="结业", dropped="中途退出", refused="拒绝"),
        synonyms=synonyms(completed="合格 培训合格 已结业 毕业 完成", dropped="退出 退学 中途退学"),
        aliases="培训结果 结业情况 参训结果 鉴定结果 鉴定结论 考核结果 是否合格 是否结业 考核是否合格 是否培训合格",
    )
    score: int | None = field(
        6, "考核成绩", Type.INT, default=None, bounds=Bounds(0, 100), aliases="成绩 考试成绩 结业成绩 综合成绩 总成绩 鉴定成绩 总评成绩"
    )
    certificate: str | None = field(7, "证书编号", default=None, aliases="证书号 证书号码 结业证书编号 合格证编号 职业资格证书编号")
    certified_on: str | None = field(8, "发证日期", Type.DATE, default=None, aliases="获证时间 取证时间")


@record(42, "在读（雨露计划）", group="training", title=("school", "term"))
class Schooling(Record):
    """One term of a student."""

    person_id: str = field(1, "学生", Type.ID, ref="person", clause="（三十二）")
    school: str = field(2, "学校", aliases="学校名称 就读学校 所在学校")
    stage: str = field(
        3,
        "学段",
        Type.ENUM,
        choices=labels(
            secondary_vocational="中职", higher_vocational="高职", technician="技工院校", high_school="普高", undergraduate="本科"
        ),
        synonyms=synonyms(
            secondary_vocational="中等职业学校 中等职业 中等职业教育 中专 职高",
            higher_vocational="高等职业 高等职业教育 高等职业学校 高职高专 大专 专科",
            technician="技工 技校 技师 技工学校 技师学院",
            high_school="高中 普通高中",
            undergraduate="大学 大学本科",
        ),
        aliases="学历层次 就读学段 在读学段 学校类别 学校类型 教育阶段 办学层次 学制类型 学历类型 办学类型",
    )
    grade: int | None = field(4, "年级", Type.INT, default=None, tidy=grade, aliases="就读年级 在读年级 所在年级 现就读年级 所读年级")
    term: str = field(5, "学期", kept=True, tidy=term, suggestions=("2023-spring", "2023-autumn"), aliases="补助学期 所属学期 享受学期")
    term_start: str = field(6, "开学日期", Type.DATE, aliases="开学时间 学期开始")
    state: str | None = field(
        7,
        "学籍状态",
        Type.ENUM,
        default=None,
        choices=labels(enrolled="在读", internship="顶岗实习", suspended="休学", dropped="退学"),
        synonyms={"在校": "enrolled", "实习": "internship"},
        aliases="在读状态 在校状态 状态",
    )
