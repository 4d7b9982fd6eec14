"""Finding tables and columns: titles, merged and two-row headings, months across, several tables, noise, any order of columns."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.importing.columns.binding import Binding
from services.importing.columns.headlines import carrier_of
from services.importing.columns.matching import words_of
from services.importing.columns.recognising import recognise
from services.importing.tables.finding import FoundTable, find_tables
from services.importing.tables.heading_words import alike, plain
from services.importing.tables.headings import month_of_heading
from services.importing.tables.rosters import common_columns, field_of, rosters, templates
from services.importing.tables.titles import carrier_type
from services.office_files.limits import SEARCHED_ROWS
from services.office_files.reading import Sheet, load, read_workbook
from services.office_files.web_tables import Merged
from tests.paths import ROOT

SAMPLES = ROOT / "resources" / "samples"
PERSON = ["张三", "230826197908178768"]


def sheet(*rows: list[Any], merged: list[Merged] | None = None) -> Sheet:
    width = max(map(len, rows))
    return Sheet("Sheet1", [[*row, *[""] * (width - len(row))] for row in rows], merged or [], set())


def only(page: Sheet) -> FoundTable:
    tables = find_tables(page)
    assert len(tables) == 1
    return tables[0]


def bound(page: Sheet, kind: str | None = None) -> Binding:
    binding = recognise(only(page), kind)
    assert binding is not None
    return binding


@pytest.mark.parametrize(
    ("file", "roster", "tables", "heading_row"),
    [
        ("registry.xlsx", "registry", 1, 3),
        ("work.xlsx", "work", 1, 3),
        ("wages.xlsx", "wages", 1, 2),
        ("workshop.xlsx", "workshop", 1, 2),
        ("training.xlsx", "training", 2, 2),
        ("posts.xlsx", "posts", 1, 3),
        ("survey.csv", "work", 1, 3),
    ],
)
def test_the_samples_are_known(file: str, roster: str, tables: int, heading_row: int) -> None:
    found = find_tables(read_workbook(load(SAMPLES / file))[0])
    assert len(found) == tables
    assert found[0].heading_row + 1 == heading_row
    names = [binding.roster.name for table in found if (binding := recognise(table, None))]
    assert names == [roster] * tables


@pytest.mark.parametrize("above", [*range(10), 15, SEARCHED_ROWS - 1])
def test_the_heading_row_may_stand_anywhere_in_the_first_thirty(above: int) -> None:
    page = sheet(*[["某某名册" if n == 0 else ""] for n in range(above)], ["姓名", "证件号码", "与户主关系"], [*PERSON, "户主"])
    assert only(page).heading_row == above
    assert bound(page).roster.name == "registry"


def test_further_down_no_first_heading_is_looked_for() -> None:
    assert find_tables(sheet(*[["说明"]] * SEARCHED_ROWS, ["姓名", "证件号码", "与户主关系"], [*PERSON, "户主"])) == []


def test_two_rows_of_headings_merged() -> None:
    page = sheet(
        ["花名册"],
        ["序号", "姓名", "身份证号", "合同起止", "", "岗位"],
        ["", "", "", "开始日期", "终止日期", ""],
        [1.0, *PERSON, "2023-01-01", "2023-12-31", "缝纫工"],
        merged=[((1, 0), (2, 0)), ((1, 1), (2, 1)), ((1, 2), (2, 2)), ((1, 3), (1, 4)), ((1, 5), (2, 5))],
    )
    found = only(page)
    assert found.start == 3
    assert set(bound(page, "employment").columns) >= {"employment.contract_start", "employment.contract_end", "employment.job"}


def test_two_rows_of_headings_merged_sideways_only() -> None:
    page = sheet(
        ["2023年第3期育婴员培训班花名册"],
        ["序号", "姓名", "身份证号码", "培训工种", "培训起止", "", "出勤天数"],
        ["", "", "", "", "起", "止", ""],
        [1.0, *PERSON, "育婴员", "2023-03-01", "2023-03-10", 10.0],
        merged=[((1, 4), (1, 5))],
    )
    assert only(page).start == 3
    assert set(bound(page).columns) >= {"course.start", "course.end", "course.trade", "enrolment.days_present"}


def test_a_group_above_tells_whose_unit_it_is() -> None:
    page = sheet(
        ["姓名", "身份证号", "务工情况", "", "", ""],
        ["", "", "务工地点", "单位", "开始时间", "结束时间"],
        [*PERSON, "大连市", "大连某厂", "2023-03", "2023-09"],
        merged=[((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 2), (0, 5))],
    )
    assert "employment.employer_name" in bound(page).columns


def test_two_rows_of_headings_without_merged_cells() -> None:
    page = sheet(
        ["桦川县某服装厂 工资表"],
        ["姓名", "证件号码", "发放金额（元）", "", "合计"],
        ["", "", "2022年12月", "2023年1月", ""],
        [*PERSON, 520.0, 530.0, 1050.0],
    )
    binding = bound(page)
    assert binding.roster.name == "wages"
    assert [month for _heading, month in binding.months] == ["2022-12", "2023-01"]


def test_a_row_of_groups_above_the_headings() -> None:
    page = sheet(
        ["基本信息", "", "", "合同", ""],
        ["姓名", "证件号码", "岗位", "开始", "结束"],
        [*PERSON, "缝纫工", "2023-01-01", "2023-12-31"],
        merged=[((0, 0), (0, 2)), ((0, 3), (0, 4))],
    )
    assert {"employment.contract_start", "employment.contract_end"} <= set(bound(page, "employment").columns)


@pytest.mark.parametrize(
    ("title", "headings", "months"),
    [
        (
            "2022年10月—2023年3月工资",
            ["10月", "11月", "12月", "1月", "2月", "3月"],
            ["2022-10", "2022-11", "2022-12", "2023-01", "2023-02", "2023-03"],
        ),
        ("2023年度工资表", ["1月", "2月"], ["2023-01", "2023-02"]),
        ("工资表", ["2023年6月", "2023-07", "202308", "2023.9"], ["2023-06", "2023-07", "2023-08", "2023-09"]),
        ("工资表", ["2023年11月", "12月", "1月份工资（元）"], ["2023-11", "2023-12", "2024-01"]),
        ("2023年工资表", ["九月", "十月", "十一月", "一月工资"], ["2023-09", "2023-10", "2023-11", "2024-01"]),
        ("工资表", [2023.8, 2023.9, 2023.1, 2023.11], ["2023-08", "2023-09", "2023-10", "2023-11"]),
    ],
)
def test_months_across(title: str, headings: list[Any], months: list[str]) -> None:
    page = sheet([title], ["姓名", "证件号码", *headings, "合计"], [*PERSON, *[500.0] * len(headings), ""])
    assert [month for _heading, month in bound(page).months] == months


def test_months_with_days_and_amounts_under_each() -> None:
    page = sheet(
        ["巾帼就业帮扶车间2023年工资表"],
        ["姓名", "身份证号", "1月", "", "2月", ""],
        ["", "", "天数", "金额", "天数", "金额"],
        [*PERSON, 20.0, 1500.0, 21.0, 1600.0],
        merged=[((1, 0), (2, 0)), ((1, 1), (2, 1)), ((1, 2), (1, 3)), ((1, 4), (1, 5))],
    )
    assert [(heading.index, month) for heading, month in bound(page, "wage").months] == [(3, "2023-01"), (5, "2023-02")]


def test_the_year_of_months_may_be_the_sheets_name() -> None:
    page = replace(sheet(["工资表"], ["姓名", "证件号码", "10月", "11月"], [*PERSON, 1.0, 2.0]), name="2023年")
    assert [month for _heading, month in bound(page).months] == ["2023-10", "2023-11"]


def test_of_two_columns_of_one_sort_the_more_telling_name_is_taken() -> None:
    page = sheet(["2023年6月工资表"], ["姓名", "证件号码", "应发工资", "扣款", "实发工资"], [*PERSON, 1500.0, 100.0, 1400.0])
    binding = bound(page)
    assert binding.columns["wage.amount"].text == "实发工资"
    assert "应发工资" in [heading.text for heading in binding.unmatched]


def test_months_without_any_year_are_not_guessed() -> None:
    page = sheet(["工资表"], ["姓名", "证件号码", "工资", "10月", "11月"], [*PERSON, 1.0, 2.0, 3.0])
    binding = recognise(only(page), "wage")
    assert binding is not None
    assert binding.months == []
    assert [heading.text for heading in binding.unmatched][-2:] == ["10月", "11月"]


def test_several_tables_each_with_its_titles() -> None:
    heads = ["姓名", "证件号码", "培训工种", "开班日期", "结业日期"]
    row = [*PERSON, "缝纫工", "2023-03-06", "2023-03-15"]
    tables = find_tables(sheet(["第一期缝纫班"], heads, row, row, [""], ["第二期护理班"], heads, row))
    assert [(t.titles, t.start, t.end) for t in tables] == [(["第一期缝纫班"], 2, 4), (["第二期护理班"], 7, 8)]


def test_a_table_that_goes_on_beside_itself_is_read_whole() -> None:
    block = ["序号", "姓名", "身份证号码\n(18位)", "与户主\n关系"]
    page = sheet(["人员花名册"], [*block, "", *block], [1.0, *PERSON, "户主", "", 3.0, "李四", "x", "户主"], [2.0, "王五", "y", "户主"])
    left, right = find_tables(page)
    assert [[row[h.index] for h in left.headings][1] for row in left.rows()] == [PERSON[0], "王五"]
    assert [right.rows()[0][h.index] for h in right.headings][1] == "李四" and not any(right.rows()[1])
    twice = sheet(["姓名", "证件号码", "上午", "下午", "上午", "下午"], [*PERSON, "√", "√", "√", "√"])
    assert len(find_tables(twice)) <= 1  # what repeats under one name is no second table


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("就业起始日期", "employment.start"),
        ("结束务工时间", "employment.end"),
        ("就业单位名称", "employment.employer_name"),
        ("外出务工企业", "employment.employer_name"),
        ("就业所在区县", "work.county"),
        ("务工地所在省份", "work.province"),
        ("外出务工起止时间", "work.range"),
        ("务工地区", "employment.place"),
    ],
)
def test_what_offices_call_in_several_ways_is_one_column(heading: str, target: str) -> None:
    known = words_of(next(roster for roster in rosters() if roster.name == "work"))
    assert (known.get(plain(heading)) or known[alike(plain(heading))]) == target


@pytest.mark.parametrize(
    ("title", "heads", "name"),
    [
        ("外出务工人员花名册", ["工种", "开始时间", "务工省份", "务工城市", "务工区县"], "work"),
        ("电焊工培训班学员花名册", ["工种", "开始时间", "务工省份", "务工城市", "务工区县"], "training"),
        ("外出务工人员花名册", ["与户主关系", "性别", "开始时间", "务工企业名称", "何地"], None),
        ("外出务工人员花名册", ["联系电话", "何时走", "何地"], None),
        ("脱贫人口名册", ["与户主关系", "性别", "文化程度", "开始时间", "务工企业名称"], "registry"),
    ],
)
def test_a_list_of_work_is_no_course_and_no_register(title: str, heads: list[str], name: str | None) -> None:
    binding = recognise(only(sheet([title], ["姓名", "证件号码", *heads], [*PERSON])), None)
    assert (binding.roster.name if binding else None) == name


@pytest.mark.parametrize("paid", ["实发工资金额", "到手工资", "实付金额", "本月实发", "税后工资"])
def test_what_came_into_the_hand_is_read_before_what_was_due(paid: str) -> None:
    page = sheet(["解放村车间2023年3月工资表"], ["姓名", "证件号码", "应发工资", paid], [*PERSON, 2100, 2000])
    assert bound(page).columns["wage.amount"].text == paid


def test_headings_beside_the_names_of_groups_need_no_merged_cells() -> None:
    page = sheet(["解放村车间2023年3月工资表"], ["序号", "基本信息", "", "实发工资"], ["", "姓名", "证件号码", ""], [1, *PERSON, 2000])
    assert bound(page).roster.name == "wages"
    assert {target: heading.index for target, heading in bound(page).columns.items() if "." in target} == {
        "person.name": 1,
        "person.id_number": 2,
        "wage.amount": 3,
    }


def test_headings_and_titles_repeated_at_a_page_break_go_on_with_the_table() -> None:
    heads, title = [["姓名", "证件号码", "与户主关系"], ["1", "2", "3"]], ["解放村名册"]
    table = only(sheet(title, ["2023年12月"], *heads, [*PERSON, "户主"], *heads, [*PERSON, "配偶"], title, *heads, [*PERSON, "之子"]))
    assert (table.titles, table.again) == ([*title, "2023年12月"], [range(5, 7), range(8, 11)])
    assert [row[2] for row in table.rows()] == ["3", "户主", "", "", "配偶", "", "", "", "之子"]


def test_headings_under_another_title_begin_another_table() -> None:
    heads = ["姓名", "证件号码", "与户主关系"]
    tables = find_tables(sheet(["解放村名册"], heads, [*PERSON, "户主"], ["新村名册"], heads, [*PERSON, "配偶"]))
    assert [(t.titles, t.start, t.end) for t in tables] == [(["解放村名册"], 2, 3), (["新村名册"], 5, 6)]


def test_values_that_are_heading_words_too_do_not_start_a_table() -> None:
    rows = [[*PERSON, "户主", "居民身份证", "组"]] * 3
    page = sheet(["姓名", "证件号码", "与户主关系", "证件类型", "备注"], *rows)
    assert only(page).end == 4


@pytest.mark.parametrize(
    ("title", "name", "type"),
    [
        ("解放村就业帮扶车间 2022年10月—2023年9月 工资发放表", "解放村就业帮扶车间", "workshop"),
        ("附件3：佳木斯市宏达服装有限公司用工花名册", "佳木斯市宏达服装有限公司", "enterprise"),
        ("单位：解放村玉米种植专业合作社（盖章）", "解放村玉米种植专业合作社", "cooperative"),
        ("2023年解放村社区工厂工资表", "解放村社区工厂", "community_factory"),
        ("乡村公益性岗位管理台账", "", "enterprise"),
        ("日升村手工编织扶贫车间2023年3月份工资表", "日升村手工编织扶贫车间", "workshop"),
        ("2023年3月5日日升村手工编织扶贫车间工资表", "日升村手工编织扶贫车间", "workshop"),
        ("2023年度解放村车间", "解放村车间", "workshop"),
    ],
)
def test_the_carrier_in_a_title(title: str, name: str, type: str) -> None:
    assert carrier_of([title]) == name
    assert carrier_type(name) == type


def test_a_sort_of_carrier_is_its_name_only_where_no_line_names_it() -> None:
    titles = ["就业帮扶车间吸纳脱贫劳动力奖补花名册", "申报单位：恒丰服装加工就业帮扶车间（盖章）"]
    assert carrier_of(titles) == "恒丰服装加工就业帮扶车间"
    assert carrier_of(titles[:1]) == "就业帮扶车间"


@pytest.mark.parametrize(
    ("word", "month"),
    [
        ("2022年10月", (2022, 10)),
        ("10月工资(元)", (None, 10)),
        ("9月补贴", (None, 9)),
        ("202301", (2023, 1)),
        ("13月", None),
        ("姓名", None),
    ],
)
def test_month_headings(word: str, month: tuple[int | None, int] | None) -> None:
    assert month_of_heading(plain(word)) == month


REGISTRY = (
    "省 市 县(市、区、旗) 乡(镇) 行政村 自然村 户编号 人口编号 姓名 性别 出生日期 证件类型 "
    "证件号码 民族 户联系电话 家庭成员联系电话 年度 与户主关系 文化程度 在校生状况 失学或辍学原因 "
    "劳动技能 务工时间（月） 务工所在地 务工企业名称 健康状况 残疾类别 政治面貌 是否享受低保 "
    "公益性岗位(类型) 就业渠道 户主姓名 户类型 监测对象类别 风险是否已消除 识别监测时间 消除监测时间 "
    "风险消除方式 致贫/返贫风险1 致贫/返贫风险2 年收入（元）"
)
JOBS = (
    "序号 姓名 身份证号 户口所在地 性别 年龄 民族 政治面貌 学历 健康状况 劳动技能 户主姓名 "
    "联系电话 就业形式 就业地域 就业地 就业工种 就业时间 是否签订劳动合同或协议 月均工资 岗位类型 "
    "安置地址 安置单位名称 安置时间 岗位名称 是否参加就业培训 培训类型 培训开始 培训截止 培训类别 "
    "取得证书"
)
POSTS = (
    "序号 县 乡镇 村 岗位名称 岗位类型 岗位数量 开发主体(主管部门) 用人单位(使用单位) 资金渠道 "
    "待遇标准(元/月) 姓名 性别 身份证号码 人员类别 劳动技能 上岗时间 协议起止 保险公司 保单号 "
    "保险起止 规定出勤天数 考核结果 退岗时间 退岗原因 银行卡号 联系电话 备注"
)


@pytest.mark.parametrize(
    ("title", "headings", "roster", "columns"),
    [
        ("（自定义）监测对象信息", REGISTRY, "registry", {"category_span.monitored": "监测对象类别", "person.phone": "家庭成员联系电话"}),
        ("就业信息导入表", JOBS, "work", {"employment.start": "就业时间", "employment.place": "就业地", "employment.channel": "就业形式"}),
        (
            "公益性岗位管理台账",
            POSTS,
            "posts",
            {"agreement.range": "协议起止", "post.developer": "开发主体(主管部门)", "post.user_unit": "用人单位(使用单位)"},
        ),
        (
            "缝纫工培训班",
            "姓名 身份证号码 培训职业(工种) 培训起止 课时 出勤天数",
            "training",
            {"course.range": "培训起止", "course.trade": "培训职业(工种)"},
        ),
        ("交通补助名册", "姓名 身份证号 务工省市县 务工单位 工种 务工起止 月收入 去程", "work", {"employment.employer_name": "务工单位"}),
        (
            "某车间2023年花名册",
            "姓名 身份证号码 岗位 合同起止 1月工资 2月工资 累计报酬",
            "wages",
            {"contract.range": "合同起止", "total": "累计报酬"},
        ),
        (
            "雨露计划",
            "学生姓名 身份证号 人员类别 学校 学段 专业 年级 学期 开学日期",
            "schooling",
            {"schooling.stage": "学段", "person.name": "学生姓名"},
        ),
        (
            "就业帮扶车间台账",
            "序号 车间名称 统一社会信用代码 单位类型 负责人 负责人电话",
            "@employer",
            {"employer.uscc": "统一社会信用代码"},
        ),
        ("走访记录", "姓名 证件号码 走访日期 走访人 走访内容 反映需求", "@visit", {"visit.need": "反映需求"}),
        ("务工月监测", "姓名 证件号码 月份 状态 所在地 月收入 核实方式", "@monthly_check", {"monthly_check.income": "月收入"}),
    ],
)
def test_rosters_as_villages_have_them(title: str, headings: str, roster: str, columns: dict[str, str]) -> None:
    words = headings.split()
    binding = bound(sheet([title], words, ["x"] * len(words)))
    assert binding.roster.name == roster
    assert {target: binding.columns[target].text for target in columns} == columns


def test_no_roster_repeats_the_names_of_its_fields() -> None:
    """Only where such a name has to go before another, or before another field that has it."""
    ordered = {
        ("wages", "wage.amount"),
        ("wages", "wage.month"),
        ("post_months", "post_pay.amount"),
        ("post_months", "attendance.month"),
        ("workshop", "employer.name"),
        ("registry", "category_span.monitored"),
    }
    data = tomllib.loads((ROOT / "resources" / "rosters" / "rosters.toml").read_text(encoding="utf-8"))
    for roster in data["roster"]:
        for target, words in roster.get("columns", {}).items():
            f = field_of(target)
            own = {plain(word) for word in (f.label, *f.aliases)} if f is not None else set()
            assert (roster["name"], target) in ordered or own.isdisjoint(map(plain, words)), (roster["name"], target)


def test_the_data_files_name_real_columns() -> None:
    from services.importing.tables.rosters import field_of

    for roster in rosters():
        for target in [*roster.columns, *(t for group in roster.needs for t in group if not t.startswith(("@", "!")))]:
            assert field_of(target) is not None or target in common_columns() or target.startswith("employer."), target
    for template in templates().values():
        for target in template.columns:
            known = field_of(target.replace("monitored.", "category_span.")) is not None or target in ("@months", "monitored.cleared")
            assert known or target in common_columns(), target


WORK = [
    "序号",
    "村",
    "姓名",
    "证件号码",
    "开始时间",
    "结束时间",
    "务工所在省",
    "务工所在市",
    "务工所在县",
    "务工企业名称",
    "务工月收入",
    "就业渠道",
]
NOISE = st.sampled_from(["{}", " {} ", "{}\n", "*{}", "{}（必填）", "{}：", "　{}"])


def noisy(word: str, pattern: str, spread: bool, wide: bool) -> str:
    text = "　".join(word) if spread else word
    return pattern.format("".join(chr(ord(c) + 0xFEE0) if wide and "!" <= c <= "~" else c for c in text))


@settings(max_examples=80)
@given(
    st.permutations(WORK),
    st.lists(st.tuples(NOISE, st.booleans(), st.booleans()), min_size=len(WORK), max_size=len(WORK)),
    st.integers(0, 9),
)
def test_any_order_and_any_noise_of_headings_is_the_same_roster(order: list[str], noise: list[tuple[str, bool, bool]], above: int) -> None:
    heads = [noisy(word, *how) for word, how in zip(order, noise, strict=True)]
    rng = random.Random(above)
    titles = [[rng.choice(["", "外出务工名单", "2023年12月"])] for _n in range(above)]
    page = sheet(*titles, heads, ["1"] * len(heads))
    binding = bound(page)
    assert binding.roster.name == "work"
    assert binding.unmatched == []
    assert {target: order[heading.index] for target, heading in binding.columns.items()} == {
        "row": "序号",
        "area.village": "村",
        "person.name": "姓名",
        "person.id_number": "证件号码",
        "employment.start": "开始时间",
        "employment.end": "结束时间",
        "work.province": "务工所在省",
        "work.city": "务工所在市",
        "work.county": "务工所在县",
        "employment.employer_name": "务工企业名称",
        "employment.monthly_wage": "务工月收入",
        "employment.channel": "就业渠道",
    }
