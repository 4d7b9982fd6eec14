"""How sheets are laid out in offices: other people's tables beside one, what stands for the cell above, what is hidden."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from db.store import Store
from services import importing
from tests.services.rosters_taken import CHANGCHUN, DALIAN, LI, WANG, ZHAO, Take, number, people, take

__all__ = ["people", "take"]

WENT = ["姓名", "证件号码", "务工所在地", "务工企业名称", "开始时间"]


def test_nothing_of_the_table_beside_is_about_the_people_further_left(people: Store, take: Take) -> None:
    result, plan = take(
        ["序号", *WENT, "", "序号", "姓名", "证件号码", "家访时间", "返乡原因"],
        [1, "王芳", WANG, DALIAN, "某厂", "2023-03-01", "", 1, "赵敏", ZHAO, "2023-11-20", "照顾家人"],
        [2, "李强", LI, CHANGCHUN, "某厂", "2023-03-01", "", "", "", "", "", ""],
    )
    assert (result.added, result.rejected, len(plan.notes)) == (2, [], 1)
    with people.read() as session:
        assert [(work.end, work.end_reason) for work in session.select("employment")] == [(None, None)] * 2


def test_each_of_two_tables_side_by_side_has_its_own_title(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "实发工资"]
    result, _plan = take(
        ["解放村就业帮扶车间2023年3月工资表", "", "", "", "解放村就业帮扶车间2023年4月工资表"],
        ["单位：元"],
        [*heads, "", *heads],
        ["王芳", WANG, 3000, "", "王芳", WANG, 3100],
    )
    assert result.rejected == []
    with people.read() as session:
        assert sorted((wage.month, wage.amount) for wage in session.select("wage")) == [("2023-03", 300000), ("2023-04", 310000)]


def test_marks_that_say_as_above_are_read_as_what_stands_above(people: Store, take: Take) -> None:
    result, plan = take(
        WENT,
        ["王芳", WANG, DALIAN, "某厂", "2023-03-01"],
        ["本页小计", "1人", "", "", ""],
        ["李强", LI, "同上", " 〃 ", '"'],
    )
    assert (result.added, result.rejected, [issue.row for issue in plan.repaired]) == (2, [], [4, 4, 4])
    with people.read() as session:
        assert {(work.place, work.employer_name, work.start) for work in session.select("employment")} == {("210211", "某厂", "2023-03-01")}


def test_a_mark_with_nothing_above_it_is_refused(people: Store, take: Take) -> None:
    result, _plan = take(WENT, ["王芳", WANG, "同上", "某厂", "2023-03-01"])
    assert [issue.row for issue in result.rejected] == [2]


def test_marks_at_the_top_of_a_page_say_what_stands_at_the_foot_of_the_one_before(people: Store, take: Take) -> None:
    heads = ["村", *WENT]
    result, _plan = take(
        ["解放村外出务工人员花名册"],
        heads,
        ["解放村", "王芳", WANG, DALIAN, "某厂", "2023-03-01"],
        ["解放村外出务工人员花名册"],
        heads,
        ["同上", "李强", LI, "同上", "同上", "同上"],
    )
    assert (result.added, result.rejected) == (2, [])
    with people.read() as session:
        assert {(work.place, work.employer_name, work.start) for work in session.select("employment")} == {("210211", "某厂", "2023-03-01")}


def test_a_mark_with_nothing_above_it_is_no_firms_name(people: Store, take: Take) -> None:
    result, plan = take(WENT, ["王芳", WANG, DALIAN, "同上", "2023-03-01"])
    assert (result.added, [(issue.row, issue.code) for issue in plan.warnings]) == (1, [(2, "ditto")])
    with people.read() as session:
        assert [work.employer_name for work in session.select("employment")] == [None]


def test_what_stands_only_in_the_first_row_of_a_household_is_its_members_too(store: Store, take: Take) -> None:
    result, plan = take(
        ["户编号", "姓名", "证件号码", "与户主关系", "劳动技能", "户类型"],
        ["1001", "甲一", number(11), "户主", "普通劳动力", "脱贫户"],
        ["", "甲二", number(12), "配偶", "普通劳动力", ""],
        ["", "乙一", number(13), "户主", "普通劳动力", "脱贫户"],
        ["", "乙二", number(14), "配偶", "普通劳动力", ""],
        ["1002", "丙一", number(15), "户主", "普通劳动力", ""],
        ["", "合计", "5人", "", "", ""],
        ["", "丙二", number(16), "之女", "普通劳动力", ""],
    )
    assert (result.rejected, [issue.row for issue in plan.repaired]) == ([], [3, 8])
    assert [(issue.row, issue.code) for issue in plan.warnings] == [(4, "household"), (5, "household")]
    with store.read() as session:
        numbers = {household.id: household.number for household in session.select("household")}
        assert {person.name: numbers.get(person.household_id or "") for person in session.select("person")} == {
            **dict.fromkeys(("甲一", "甲二"), "1001"),
            **dict.fromkeys(("乙一", "乙二")),
            **dict.fromkeys(("丙一", "丙二"), "1002"),
        }
        assert len(list(session.select("category_span"))) == 3


def test_a_column_that_is_seen_is_read_before_a_hidden_one_of_the_same_name(people: Store, tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*WENT, "月收入", "月收入"])
        sheet.write_row(1, 0, ["王芳", WANG, DALIAN, "某厂", "2023-03-01", 1000, 4000])
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_column(5, 5, None, None, {"hidden": True})
    with people.write("导入") as session:
        plan = importing.plan(session, path)
        importing.apply(session, plan)
    assert plan.tables[0].notes == ["没有导入的列：月收入", "隐藏的列也读入了：证件号码"]
    with people.read() as session:
        assert [work.monthly_wage for work in session.select("employment")] == [400000]


def test_a_column_of_which_more_is_said_is_read_after_one_of_the_bare_name(people: Store, take: Take) -> None:
    take([*WENT, "月收入（旧）", "月收入"], ["王芳", WANG, DALIAN, "某厂", "2023-03-01", 1000, 4000])
    with people.read() as session:
        assert [work.monthly_wage for work in session.select("employment")] == [400000]


def test_what_stands_between_and_below_the_rows_is_nobody(people: Store, take: Take) -> None:
    result, _plan = take(
        ["序号", *WENT, "月收入"],
        ["", "", "", "省市县", "", "年月日", "元"],
        [1, "王芳", WANG, DALIAN, "某厂", "2023-03-01", 4000],
        ["其中：女工", "1人", "1户", "", "", "", 4000],
        ["一组小计", "1人", "1户", "", "", "", 4000],
        ["承前页", "", "1人", "", "", "", 4000],
        [2, "李强", LI, DALIAN, "某厂", "2023-03-01", 4000],
        ["总计（大写）", "捌仟元整", "2人", "", "", "", 8000],
        ["注：1.地点写到县", "2.时间写到日", "3.收入为税后"],
        ["说明", "一式三份", "村、镇、县各一份"],
        ["村委会（盖章）", "", "填报日期：2023.12.1"],
        ["", "联系人：王芳", "监督电话：13800138000"],
        ["", "公示期：2023年6月1日至6月7日", "", "邮箱：a@b.c"],
        ["乡镇意见", "同意", "", "县意见", "同意"],
        ["（盖章）", "", "2023年6月1日"],
    )
    assert (result.added, result.rejected, result.warnings) == (2, [], [])


def test_whoever_has_a_number_is_somebody_whatever_stands_before_it(people: Store, take: Take) -> None:
    """Rows of 村民代表 and 负责人 were passed over without a word, as lines for signatures are."""
    heads = ["人员类别", "姓名", "证件号码", "务工所在地", "开始时间"]
    words = ["村民代表", "负责人", "无意见"]
    rows = [
        [word, name, id, DALIAN, "2023-03-01"] for word, name, id in zip(words, ("王芳", "李强", "赵敏"), (WANG, LI, ZHAO), strict=True)
    ]
    result, _plan = take(heads, *rows)
    assert (result.added, result.rejected) == (3, [])


def test_days_of_the_week_under_the_days_are_nobody(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "岗位名称", "开发主体", "资金渠道", "待遇标准", "岗位类型", "上岗时间"]
    take(heads, ["王芳", WANG, "保洁员", "人社", "就业补助资金", 500, "保洁", "2023-01-01"])
    days = list(range(1, 32))
    result, _plan = take(
        ["2023年3月公益性岗位考勤表"],
        ["姓名", "证件号码", *days],
        ["", "", *("三四五六日一二" * 5)[:31]],
        ["王芳", WANG, *["√"] * 20],
    )
    assert (result.added, result.rejected) == (1, [])


def test_days_without_a_year_are_of_the_titles_year(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "务工所在地", "务工单位", "务工时间"]
    rows = [["王芳", WANG, DALIAN, "某厂", "3月-11月"], ["李强", LI, DALIAN, "某厂", "3月5日至今"], ["赵敏", ZHAO, DALIAN, "某厂", "3个月"]]
    result, plan = take(["2023年外出务工人员花名册"], heads, *rows)
    assert ([issue.row for issue in result.rejected], [issue.code for issue in plan.repaired]) == ([5], ["year", "year"])
    with people.read() as session:
        assert sorted((work.start, work.end or "") for work in session.select("employment")) == [("2023-03", "2023-11"), ("2023-03-05", "")]
    untold, _plan = take(["外出务工人员花名册"], heads, rows[0])
    assert [issue.code for issue in untold.rejected] == ["date"]


def test_what_the_bank_sent_back_is_asked_about(people: Store, take: Take) -> None:
    result, plan = take(
        ["解放村就业帮扶车间2023年3月工资发放明细"],
        ["姓名", "证件号码", "实发工资", "发放状态"],
        ["王芳", WANG, 3000, "成功"],
        ["李强", LI, 3000, "失败：户名不符"],
        ["赵敏", ZHAO, 3000, "未发现异常"],
    )
    assert ([(issue.row, issue.code) for issue in result.questions], plan.tables[0].notes) == ([(4, "sent_back")], [])
    with people.read() as session:
        assert len(list(session.select("wage"))) == 2


def test_who_says_no_under_whatever_heading_wishes_for_nothing(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "是否有外出就业意愿", "意向地区", "期望月薪"]
    take(heads, ["王芳", WANG, "是", "省外", "4000"], ["李强", LI, "否", "", ""], ["赵敏", ZHAO, "×", "", ""])
    with people.read() as session:
        assert [wish.areas for wish in session.select("job_wish")] == ["省外"]


def test_yuan_yue_is_a_column_of_january(people: Store, take: Take) -> None:
    take(["解放村就业帮扶车间2023年工资表"], ["姓名", "证件号码", "元月", "二月份"], ["王芳", WANG, 3000, 3100])
    with people.read() as session:
        assert sorted((wage.month, wage.amount) for wage in session.select("wage")) == [("2023-01", 300000), ("2023-02", 310000)]


def test_pay_by_the_month_beside_where_somebody_works_is_that_work_s(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "务工地点", "务工单位", "开始时间", "1月", "2月"]
    result, _plan = take(["2023年外出务工月收入表"], heads, ["王芳", WANG, DALIAN, "某厂", "2023-01-01", 4000, 4000])
    assert result.rejected == []
    with people.read() as session:
        assert [(work.employer_name, work.place, work.start) for work in session.select("employment")] == [("某厂", "210211", "2023-01-01")]
        assert (session.count("wage"), [employer.place for employer in session.select("employer")]) == (2, [None])


def test_the_title_names_no_workshop_for_a_row_among_those_that_name_theirs(people: Store, take: Take) -> None:
    heads = ["车间名称", "姓名", "证件号码", "实发工资"]
    rows = [["解放村服装车间", "王芳", WANG, 3000], ["", "李强", LI, 2900]]
    result, _plan = take(["2023年3月帮扶车间工资汇总"], heads, *rows)
    assert [issue.row for issue in result.rejected] == [4]
    with people.read() as session:
        assert [employer.name for employer in session.select("employer")] == ["解放村服装车间"]


def test_a_post_without_a_name_is_not_proposed_as_none(people: Store, take: Take) -> None:
    heads = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "证件号码", "上岗时间"]
    rows = [["保洁员", "保洁", "人社", "就业补助资金", 500, "王芳", WANG, "2023-01-01"], ["", "", "", "", "", "李强", LI, "2023-01-01"]]
    result, plan = take(heads, *rows)
    assert ([issue.row for issue in result.rejected], "None" in "".join(plan.tables[0].proposals)) == ([3], False)


def test_whom_a_list_registers_without_a_category_is_said(store: Store, take: Take) -> None:
    heads, row = ["户编号", "姓名", "证件号码", "与户主关系", "劳动技能"], ["1001", "甲一", number(11), "户主", "普通劳动力"]
    _result, plan = take(["脱贫户名单"], heads, ["一、脱贫户"], row)
    assert plan.tables[0].notes == ["名册没有「户类型」，新登记的人没有人员类别，请事后补上"]
    _result, again = take(["脱贫户名单"], heads, row)
    assert again.tables[0].notes == []


def test_what_ends_a_table_does_not_begin_the_one_beside_it(people: Store, take: Take) -> None:
    heads, more = (
        [["序号", *WENT, "备注"], ["王芳", WANG, DALIAN, "某厂", "2023-03-01", ""]],
        ["序号", "姓名", "证件号码", "家访时间", "备注"],
    )
    _result, plan = take([*heads[0], *more, *more[:3], "联系电话"], [1, *heads[1], 1, "赵敏", ZHAO, "", "", 1, "李强", LI, "13900139000"])
    read = {table.roster: [column.heading for column in table.columns] for table in plan.tables}
    assert (read, len(plan.notes)) == ({"work": heads[0], "registry": [*more[:3], "联系电话"]}, 1)
