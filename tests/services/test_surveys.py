"""摸排: sheets asked beyond the ledgers, whom they ask, what is kept of an answer, and how far they are."""

from dataclasses import replace
from decimal import Decimal

import pytest
import xlsxwriter

from db import changes
from db.erased import erased
from domain.errors import ChangedUnderneath, FieldError, InputUnusable, NotFound, Refused
from domain.records import Person, SurveyAnswer
from domain.surveys import MOST_ITEMS
from services import importing, merging, person, records
from services.forms import catalogue, files
from services.lists import listing
from services.lists.listing import Filter, Query
from services.lists.titles import titles
from services.office_files.reading import read_workbook
from services.records import save
from services.surveys import design, surveys
from services.surveys import figures as survey_figures
from services.surveys.design import Question
from tests.services.test_village_day import village

__all__ = ["village"]

QUESTIONS = (
    Question("明年还出去吗", "yes_no"),
    Question("想去哪里", "choice", "南方、本县、不出去"),
    Question("会什么", "choices", "电焊、家政、养殖", optional=True),
    Question("想要多少工资", "number", optional=True),
)


def sheet_of(session, about="everyone", questions=QUESTIONS, **more):
    return design.save(session, {"title": "返乡意愿摸排", "about": about, **more}, questions)


def keyed(sheet):
    return {item.label: item.id for item in sheet.items}


@pytest.mark.parametrize(
    ("about", "names"),
    [
        ("everyone", {"王秀兰", "李四", "张三", "赵六", "钱七"}),
        ("poor", {"王秀兰", "李四", "张三"}),
        ("lifted", {"王秀兰", "李四"}),
        ("monitored", {"张三"}),
        ("away", {"李四"}),
        ("heads", {"钱七"}),
    ],
)
def test_whom_a_sheet_asks(session, village, about, names):
    save(session, "person", {"relation": "户主"}, village.ids["钱七"])
    assert {one.name for one in surveys.open_sheet(session, sheet_of(session, about)).people} == names


def test_what_another_changed_in_a_sheet_since_it_was_opened_stays(session, village):
    id = sheet_of(session)
    opened = surveys.open_sheet(session, id)
    mine = [Question(one.label, one.type, one.choices or "", bool(one.optional), one.id) for one in opened.items]
    theirs = [mine[0], replace(mine[1], choices="南方、本县、不出去、看情况"), *mine[2:], Question("有车吗", "yes_no")]
    design.save(session, {"note": "别人写的"}, theirs, id)
    now = surveys.open_sheet(session, id)
    person = now.people[0].id
    surveys.answer(session, id, {person: {keyed(now)["有车吗"]: "是", keyed(now)["想去哪里"]: "看情况"}})

    base = {"title": "返乡意愿摸排", "note": None}
    design.save(
        session, {"title": "返乡", "note": None}, [replace(mine[0], label="还出去吗"), *mine[1:3]], id, base=base, opened=opened.items
    )
    found = surveys.open_sheet(session, id)
    assert (found.survey.title, found.survey.note) == ("返乡", "别人写的")
    assert {one.label: one.choices for one in found.items} == {
        "还出去吗": None,
        "想去哪里": "南方、本县、不出去、看情况",
        "会什么": "电焊、家政、养殖",
        "有车吗": None,
    }
    assert set(found.people[0].answers.values()) == {"是", "看情况"}
    with pytest.raises(ChangedUnderneath):
        design.save(session, {"note": "我写的"}, mine[1:3], id, base=base, opened=opened.items)


def test_who_can_work_is_asked_by_age(session, village):
    asked = {one.name for one in surveys.open_sheet(session, sheet_of(session, "labour")).people}
    assert "王秀兰" not in asked  # past sixty by now
    assert asked >= {"赵六", "钱七"}


def test_the_dead_are_not_asked(session, village):
    save(session, "person", {"died_on": "2023-05-01"}, village.ids["李四"])
    assert not surveys.open_sheet(session, sheet_of(session, "away")).people


def test_answers_are_kept_counted_and_taken_back(session, village):
    id = sheet_of(session, "lifted", due="2026-12-10")
    key = keyed(surveys.open_sheet(session, id))
    wang, li = village.ids["王秀兰"], village.ids["李四"]
    surveys.answer(session, id, {wang: {key["明年还出去吗"]: "否", key["想去哪里"]: "本县", key["想要多少工资"]: "3,500.50"}})
    surveys.answer(session, id, {li: {key["会什么"]: "养殖、电焊"}})
    (line,) = surveys.lines(session)
    assert (line.people, line.done, line.left, line.own, line.items) == (2, 1, 1, True, 4)
    found = {one.item.label: one for one in survey_figures.tally(surveys.open_sheet(session, id))}
    assert found["明年还出去吗"].parts == [("是", 0), ("否", 1)]
    assert found["会什么"].parts == [("电焊", 1), ("家政", 0), ("养殖", 1)]
    assert (found["想要多少工资"].total, found["想要多少工资"].mean) == (Decimal("3500.5"), Decimal("3500.50"))
    assert [(one.people, one.done) for one in survey_figures.reach(surveys.open_sheet(session, id))] == [(2, 1)]

    surveys.answer(session, id, {wang: {key["想去哪里"]: None}})
    surveys.answer(session, id, {wang: {key["想去哪里"]: "南方"}})  # the record that was taken back is written again
    assert session.count("survey_answer") == 4
    shown = {one.name: one.answers for one in surveys.open_sheet(session, id).people}
    assert shown["王秀兰"][key["想去哪里"]] == "南方"


def test_who_answered_stays_in_the_sheet(session, village):
    id = sheet_of(session, "away", (Question("何时回来", "date"),))
    (item,) = surveys.items(session, id)
    surveys.answer(session, id, {village.ids["李四"]: {item.id: "2023-11"}})
    save(session, "employment", {"end": "2023-10-01"}, village.away)
    (line,) = surveys.lines(session)
    assert (line.people, line.done) == (1, 1)
    assert surveys.waiting(session) == []


def test_a_question_that_was_answered_keeps_its_answers(session, village):
    id = sheet_of(session)
    key = keyed(surveys.open_sheet(session, id))
    surveys.answer(session, id, {village.ids["李四"]: {key["想去哪里"]: "南方", key["会什么"]: "电焊"}})

    def with_choices(choices, type="choice"):
        changed = [Question(one.label, one.type, one.choices, one.optional, key[one.label]) for one in QUESTIONS]
        changed[1] = Question("想去什么地方", type, choices, id=key["想去哪里"])
        return changed

    with pytest.raises(Refused, match="南方"):
        design.save(session, {}, with_choices("北方、本县"), id)
    with pytest.raises(Refused, match="南方"):
        design.save(session, {}, with_choices("", "number"), id)
    design.save(session, {"note": "问本人"}, with_choices("南方、北方、本县"), id)
    design.save(session, {}, with_choices("", "text"), id)
    assert [one.label for one in surveys.items(session, id)][1] == "想去什么地方"
    shorter = [one for one in with_choices("南方、北方") if one.id != key["会什么"]]
    design.save(session, {}, shorter, id)
    assert {value for _item, value in next(iter(surveys.open_sheet(session, id).people)).answers.items()} == {"南方"}


@pytest.mark.parametrize(
    "questions",
    [
        (),
        (Question("去哪", "text"), Question("去 哪", "text"), Question("去哪 ", "yes_no")),
        (Question("去哪", "choice", "南方"),),
        tuple(Question(f"问题{n}", "text") for n in range(31)),
    ],
)
def test_what_is_no_sheet(session, questions):
    with pytest.raises(FieldError):
        sheet_of(session, questions=questions)


def test_a_closed_sheet_takes_nothing_and_opens_again(session, village):
    id = sheet_of(session, "lifted", (Question("来吗", "yes_no"),))
    (item,) = surveys.items(session, id)
    design.close(session, id)
    with pytest.raises(Refused, match="已于"):
        surveys.answer(session, id, {village.ids["李四"]: {item.id: "是"}})
    design.close(session, id, again=True)
    with pytest.raises(FieldError, match="也许"):
        surveys.answer(session, id, {village.ids["李四"]: {item.id: "也许"}})
    with pytest.raises(NotFound):
        surveys.answer(session, id, {village.ids["李四"]: {id: "是"}})
    with pytest.raises(NotFound):
        surveys.answer(session, id, {id: {item.id: "是"}})
    assert surveys.answer(session, id, {village.ids["李四"]: {item.id: "是"}}) == 1


def test_a_sheet_from_above_is_filled_and_not_changed(session, village):
    id, item = session.new_id(), session.new_id()
    above = {"village": "230826"}
    changes.insert(session, "survey", [{**above, "id": id, "title": "全县摸排", "about": "lifted"}])
    changes.insert(session, "survey_item", [{**above, "id": item, "survey_id": id, "label": "来吗", "type": "yes_no", "position": 1}])
    assert surveys.answer(session, id, {village.ids["李四"]: {item: "是"}}) == 1
    assert not surveys.lines(session)[0].own
    for change in (
        lambda: design.save(session, {"title": "改名"}, (Question("来吗", "text", id=item),), id),
        lambda: design.close(session, id),
        lambda: design.delete(session, id),
    ):
        with pytest.raises(Refused, match="只能填"):
            change()


def test_an_answer_is_called_by_person_and_question(session, village):
    """In the bin, on the list of conflicts, in the history of what was done."""
    id = sheet_of(session, questions=(Question("来吗", "yes_no"),))
    (item,) = surveys.items(session, id)
    surveys.answer(session, id, {village.ids["李四"]: {item.id: "是"}})
    (answer,) = session.select("survey_answer")
    assert titles(session, "survey_answer", [answer.id]) == {answer.id: "李四 返乡意愿摸排 来吗 是"}
    assert titles(session, "survey_item", [item.id]) == {item.id: "返乡意愿摸排 来吗"}


def test_a_deleted_sheet_comes_back_whole(store):
    with store.write("人") as session:
        person = save(session, "person", {"name": "李四", "document": "other", "id_number": "H123456", "labour": "ordinary"})
    with store.write("摸排") as session:
        id = sheet_of(session, questions=(Question("来吗", "yes_no"),))
        (item,) = surveys.items(session, id)
        surveys.answer(session, id, {person: {item.id: "是"}})
    with store.write("删除摸排") as session:
        design.delete(session, id)
        assert not session.count("survey_answer")
    with store.write("撤销") as session:
        records.undo_last(session)
    with store.read() as session:
        assert [one.answers for one in surveys.open_sheet(session, id).people] == [{item.id: "是"}]


# -- what others sent -------------------------------------------------------------------------------------------------------------


def from_above(session, *questions, **survey):
    """A sheet the county sent, whatever is in it; answers its id and those of its questions."""
    id, ids = session.new_id(), [session.new_id() for _question in questions]
    above = {"village": "230826"}
    changes.insert(session, "survey", [{**above, "id": id, "title": "全县摸排", "about": "everyone", **survey}])
    for n, (item, question) in enumerate(zip(ids, questions, strict=True)):
        changes.insert(session, "survey_item", [{**above, "id": item, "survey_id": id, "label": f"第{n}问", "position": n, **question}])
    return id, ids


def given_by(session, village, name, item, value):
    changes.insert(
        session,
        "survey_answer",
        [{"village": session.scope, "id": session.new_id(), "item_id": item, "person_id": village.ids[name], "value": value}],
    )


@pytest.mark.parametrize(
    ("type", "strange", "told"),
    [
        ("number", "NaN", "合计 4，平均 4.00　对不上的 1"),
        ("number", "1e99999", "合计 4，平均 4.00　对不上的 1"),
        ("number", "三十", "合计 4，平均 4.00　对不上的 1"),
        ("choice", "9", "4 1　5 0　对不上的 1"),
    ],
)
def test_an_answer_that_fits_its_question_no_more_is_counted_apart(session, village, type, strange, told):
    """Two stations changed question and answer at once; or somebody means harm."""
    id, (item,) = from_above(session, {"type": type, "choices": "4、5"})
    given_by(session, village, "李四", item, "4")
    given_by(session, village, "张三", item, strange)
    (found,) = survey_figures.tally(surveys.open_sheet(session, id))
    assert (found.answered, found.summary()) == (2, told)


def test_a_bank_card_among_the_answers_is_masked(session, village):
    id, (item,) = from_above(session, {"type": "text"})
    given_by(session, village, "李四", item, "卡号 6217001234567890123")
    (answers,) = [one.answers for one in surveys.open_sheet(session, id).people if one.answers]
    assert "123456" not in answers[item]
    assert "123456" not in str(person.person_page(session, village.ids["李四"], 2023, on=session.today).answers)


def test_a_choice_that_was_moved_still_counts(session, village):
    id, (item,) = from_above(session, {"type": "choices", "choices": "养殖、电焊"})
    given_by(session, village, "李四", item, "电焊、养殖")
    assert survey_figures.tally(surveys.open_sheet(session, id))[0].summary() == "养殖 1　电焊 1"


def test_a_sort_of_question_of_a_newer_program_is_looked_at_and_not_filled(session, village):
    id, (item, known) = from_above(session, {"type": "scale"}, {"type": "yes_no"})
    given_by(session, village, "李四", item, "3")
    with pytest.raises(FieldError, match="更新"):
        surveys.answer(session, id, {village.ids["张三"]: {item: "3"}})
    plan = importing.plan(session, "序号,姓名,联系电话,第0问,第1问\n1,李四,,3,是\n".encode(), name="全县摸排.csv")
    assert not plan.rejected
    importing.apply(session, plan)
    (answers,) = [one.answers for one in surveys.open_sheet(session, id).people if one.name == "李四"]
    assert answers == {item: "3", known: "是"}


def test_of_a_sheet_of_ten_thousand_questions_the_first_are_asked(session, village):
    id, _items = from_above(session, *({"type": "yes_no"} for _n in range(300)))
    assert len(surveys.open_sheet(session, id).items) == MOST_ITEMS
    assert surveys.lines(session)[0].items == MOST_ITEMS


def test_a_sheet_is_deleted_with_the_questions_nobody_sees(session, village):
    id = sheet_of(session, questions=(Question("来吗", "yes_no"),))
    more = [{"village": session.scope, "id": session.new_id(), "survey_id": id, "label": f"{n}", "type": "text"} for n in range(MOST_ITEMS)]
    changes.insert(session, "survey_item", more)
    design.delete(session, id)
    assert not session.count("survey_item")


def test_a_sheet_whose_questions_have_not_come_waits_for_nobody(session, village):
    from_above(session)
    assert surveys.waiting(session) == []


# -- people who were there twice ----------------------------------------------------------------------------------------------------


def test_what_somebody_merged_into_another_answered_counts_for_that_one(session, village):
    id = sheet_of(session, "lifted", (Question("来吗", "yes_no"), Question("会什么", "text", optional=True)))
    come, can = (item.id for item in surveys.items(session, id))
    kept, gone = village.ids["王秀兰"], village.ids["李四"]
    surveys.answer(session, id, {gone: {come: "是", can: "电焊"}})
    surveys.answer(session, id, {kept: {can: "家政"}})
    merging.merge(session, gone, kept, compared=True)
    (one,) = surveys.open_sheet(session, id).people
    assert (one.id, one.answers) == (kept, {come: "是", can: "家政"})
    assert [(line.people, line.done) for line in surveys.lines(session)] == [(1, 1)]
    page = person.person_page(session, gone, 2023, on=session.today)
    assert page.answers == [("返乡意愿摸排", "来吗", "是"), ("返乡意愿摸排", "会什么", "家政")]
    surveys.answer(session, id, {kept: {come: None}})
    assert surveys.open_sheet(session, id).people[0].answers == {can: "家政"}
    merging.unmerge(session, gone)
    assert [(line.people, line.done) for line in surveys.lines(session)] == [(2, 0)]


def test_somebody_whose_other_record_was_erased_can_be_answered_for(session, village):
    """An answer that is left empty deletes that of the record merged into this one, which nobody can write about any more."""
    id = sheet_of(session, "lifted", (Question("来吗", "yes_no"), Question("会什么", "text", optional=True)))
    come, can = (item.id for item in surveys.items(session, id))
    kept, gone = village.ids["王秀兰"], village.ids["李四"]
    surveys.answer(session, id, {gone: {come: "是", can: "电焊"}})
    merging.merge(session, gone, kept, compared=True)
    theirs = {SurveyAnswer.KIND: [one.id for one in session.select("survey_answer")], Person.KIND: [gone]}
    line = {"scope": session.scope, "seq": 1, "at": session.at, "reason": "满期", "fields": "{}"}
    for kind, ids in theirs.items():
        for row in ids:
            session.conn.execute(erased.insert().values(kind=kind.number, row_id=row, **line))
    surveys.answer(session, id, {kept: {come: "否", can: None}})
    assert {one.item_id: one.value for one in session.select("survey_answer") if one.person_id == kept} == {come: "否"}


# -- on paper and back ------------------------------------------------------------------------------------------------------------


def filled(session, id, tmp_path, fill, reason="核对"):
    """The workbook of a sheet with cells filled in by `fill(name, label)`."""
    path = tmp_path / "摸排.xlsx"
    files.write(catalogue.make(session, "survey", id, reason=reason), path)
    (sheet,) = read_workbook(path.read_bytes())
    at = next(n for n, row in enumerate(sheet.rows) if "姓名" in row)
    head = list(sheet.rows[at])
    for row in sheet.rows[at + 1 :]:
        for n, label in enumerate(head):
            if (value := fill(row[head.index("姓名")], label)) is not None:
                row[n] = value
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        for n, row in enumerate(sheet.rows):
            page.write_row(n, 0, ["" if cell is None else cell for cell in row])
    return path


@pytest.mark.parametrize("reason", [None, "核对"])
def test_a_sheet_filled_in_a_spreadsheet_comes_back(session, village, tmp_path, reason):
    id = sheet_of(session, "poor")
    key = keyed(surveys.open_sheet(session, id))
    surveys.answer(session, id, {village.ids["张三"]: {key["明年还出去吗"]: "否"}})
    said = {("李四", "明年还出去吗"): "√", ("李四", "会什么"): "养殖，电焊", ("王秀兰", "想要多少工资"): 3500}
    path = filled(session, id, tmp_path, lambda name, label: said.get((name, label)), reason)
    plan = importing.plan(session, path)
    assert [table.label for table in plan.tables] == ["返乡意愿摸排"]
    assert not plan.rejected
    done = importing.apply(session, plan)
    assert (done.added, done.changed, done.unchanged) == (3, 0, 1)
    shown = {one.name: one.answers for one in surveys.open_sheet(session, id).people}
    assert shown["李四"] == {key["明年还出去吗"]: "是", key["会什么"]: "电焊、养殖"}
    assert shown["王秀兰"] == {key["想要多少工资"]: "3500"}
    again = importing.apply(session, importing.plan(session, path))
    assert (again.added, again.changed) == (0, 0)


def test_a_word_outside_the_choices_refuses_its_row(session, village, tmp_path):
    id = sheet_of(session, "poor")
    path = filled(session, id, tmp_path, lambda name, label: "火星" if (name, label) == ("李四", "想去哪里") else None)
    (issue,) = importing.plan(session, path).rejected
    assert issue.column == "想去哪里"
    assert "南方、本县、不出去" in issue.message


def test_a_sheet_is_known_by_its_questions_where_its_title_is_gone(session, village):
    id = sheet_of(session, "poor")
    plan = importing.plan(session, "序号,姓名,联系电话,想去哪里,会什么\n1,李四,,本县,电焊\n".encode(), name="反馈.csv")
    assert [table.label for table in plan.tables] == ["返乡意愿摸排"]
    importing.apply(session, plan)
    assert {value for one in surveys.open_sheet(session, id).people for value in one.answers.values()} == {"本县", "电焊"}


def test_a_sheet_without_its_title_is_no_list_of_people(session, village):
    id = sheet_of(session, "poor")
    number = session.get("person", village.ids["李四"]).id_number
    heads = "姓名,证件号码,联系电话,明年还出去吗,想去哪里,备注"
    plan = importing.plan(session, f"{heads}\n李四,{number},,是,本县,问过了\n".encode(), name="反馈.csv")
    assert [table.roster for table in plan.tables] == ["survey"]
    people = importing.plan(session, f"姓名,证件号码,联系电话,会什么,备注\n李四,{number},,电焊,问过了\n".encode(), name="名单.csv")
    assert [table.roster for table in people.tables] == ["registry"]
    assert surveys.open_sheet(session, id).items


def test_names_and_answers_alone_are_a_sheet(session, village):
    id = sheet_of(session, "poor", (*QUESTIONS, Question("何时回来", "date")))
    importing.apply(session, importing.plan(session, "姓名,想去哪里,会什么\n李四,本县,电焊\n王秀兰,南方,\n".encode(), name="反馈.csv"))
    given = {one.name: sorted(one.answers.values()) for one in surveys.open_sheet(session, id).people if one.answers}
    assert given == {"李四": ["本县", "电焊"], "王秀兰": ["南方"]}


def test_of_two_sheets_with_one_title_and_questions_it_is_the_open_one(session, village):
    questions = (Question("来吗", "yes_no"), Question("去哪", "text"))
    ids = [sheet_of(session, "poor", questions) for _year in range(3)]
    for id in (ids[0], ids[2]):
        design.close(session, id)
    for name in ("返乡意愿摸排.csv", "反馈.csv"):
        plan = importing.plan(session, "序号,姓名,联系电话,来吗,去哪\n1,李四,,是,南方\n".encode(), name=name)
        importing.apply(session, plan)
        assert {line.survey.id: line.done for line in surveys.lines(session)} == {ids[0]: 0, ids[1]: 1, ids[2]: 0}


def test_a_roster_with_a_heading_of_a_survey_stays_a_roster(session, village):
    sheet_of(session, "poor", (Question("务工地点", "text"),))
    text = "姓名,务工地点,开始时间\n钱七,辽宁省大连市,2026-03-01\n"
    plan = importing.plan(session, f"外出务工人员花名册,,\n{text}".encode(), name="外出.csv")
    assert [table.roster for table in plan.tables] != ["survey"]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("title", "question", "above", "heads"),
    [
        ("就业意愿", "意向工种", "2026年就业意愿登记表", "姓名,登记日期,意向工种,意向地,期望月薪"),
        ("务工", "务工所在地", "外出务工人员名单", "姓名,开始时间,结束时间,务工所在地,务工企业名称"),
        ("人员信息", "联系电话", "人员信息表", "户编号,姓名,性别,证件号码,与户主关系,联系电话"),
    ],
)
def test_a_roster_whose_title_says_that_of_a_survey_stays_a_roster(session, village, title, question, above, heads, closed):
    id = design.save(session, {"title": title, "about": "everyone"}, (Question(question, "text"),))
    if closed:
        design.close(session, id)
    plan = importing.plan(session, f"{above}\n{heads}\n李四,2026-01-01\n".encode(), name="名单.csv")
    assert [table.roster for table in plan.tables] in (["wishes"], ["work"], ["registry"])


def test_a_list_with_one_heading_of_a_closed_survey_does_not_keep_the_others_out(session, village):
    id = sheet_of(session, "everyone", (Question("备注", "text"), Question("来吗", "yes_no"), Question("去哪", "text")))
    design.close(session, id)
    with pytest.raises(InputUnusable, match=r"认不出|找到表头"):
        importing.plan(session, "姓名,手机,备注\n李四,,在家\n".encode(), name="通讯录.csv")


def test_a_closed_sheet_is_not_read_in(session, village, tmp_path):
    id = sheet_of(session, "poor")
    path = filled(session, id, tmp_path, lambda name, label: "是" if label == "明年还出去吗" else None)
    design.close(session, id)
    with pytest.raises(InputUnusable, match="不再填写"):
        importing.plan(session, path)


DEPENDENT = (
    Question("还出去吗", "yes_no"),
    Question("去哪里", "choice", "南方、本县", asked_if="1=是"),
    Question("为什么不去", "text", asked_if="1=否"),
)


def answer(session, id, name, **said):
    sheet = surveys.open_sheet(session, id)
    (who,) = (one.id for one in sheet.people if one.name == name)
    surveys.answer(session, id, {who: {keyed(sheet)[label]: text for label, text in said.items()}})


def figures(session, id):
    """Whom a sheet asks and who has finished: as the list and as the sheet count them."""
    (line,) = (one for one in surveys.lines(session) if one.survey.id == id)
    sheet = surveys.open_sheet(session, id)
    assert (line.people, line.done) == (len(sheet.people), sum(sheet.complete(one.answers) for one in sheet.people))
    return line.people, line.done


def test_who_is_not_asked_a_question_has_finished_without_it(session, village):
    id = sheet_of(session, questions=DEPENDENT)
    assert figures(session, id) == (5, 0)
    answer(session, id, "李四", 还出去吗="是")
    answer(session, id, "张三", 还出去吗="否", 为什么不去="带孩子")
    assert figures(session, id) == (5, 1)
    answer(session, id, "李四", 去哪里="南方")
    assert figures(session, id) == (5, 2)
    answer(session, id, "李四", 还出去吗="否")
    assert figures(session, id) == (5, 1)


def test_an_answer_that_is_no_longer_asked_for_stays_and_is_not_counted(session, village):
    id = sheet_of(session, questions=DEPENDENT)
    answer(session, id, "李四", 还出去吗="是", 去哪里="南方")
    answer(session, id, "李四", 还出去吗="否")
    assert survey_figures.tally(surveys.open_sheet(session, id))[1].answered == 0
    answer(session, id, "李四", 还出去吗="是")
    assert survey_figures.tally(surveys.open_sheet(session, id))[1].parts == [("南方", 1), ("本县", 0)]


def test_a_condition_follows_the_question_when_that_is_renamed_or_moved(session, village):
    id = sheet_of(session, questions=DEPENDENT)
    items = surveys.open_sheet(session, id).items
    kept = [Question(one.label, one.type, one.choices or "", False, one.id, one.asked_if or "") for one in items]
    design.save(session, {}, [Question("多大岁数", "number"), replace(kept[0], label="明年还走吗"), *kept[1:]], id)
    assert [item.asked_if for item in surveys.open_sheet(session, id).items] == [None, None, "明年还走吗=是", "明年还走吗=否"]
    with pytest.raises(FieldError, match="「去哪里」的「什么人才问」"):
        design.save(session, {}, kept[1:], id)


def test_the_sheet_on_paper_says_who_fills_in_what(session, village, tmp_path):
    form = catalogue.make(session, "survey", sheet_of(session, questions=DEPENDENT))
    assert form.text[1] == "2. 去哪里：南方／本县（选一个）　「还出去吗」答是的才填"


def test_the_people_behind_a_line_of_the_results_are_those_it_counts(session, village):
    id = sheet_of(session, "everyone", DEPENDENT)
    answer(session, id, "王秀兰", 还出去吗="是", 去哪里="南方")
    answer(session, id, "李四", 还出去吗="否")
    sheet = surveys.open_sheet(session, id)
    for line in survey_figures.lines(sheet):
        told, ids = survey_figures.among_answers(session, line.key)
        assert len(ids) == line.people
        assert line.item.label in told
        assert sorted(listing.ids(session, Query("person", (Filter("answer", "=", line.key),)))) == sorted(ids)
    assert survey_figures.among_answers(session, "gone=是") == ("这个问题已经删除", ())


def test_an_answer_narrows_the_list_of_people_with_other_conditions(session, village):
    id = sheet_of(session, "everyone", QUESTIONS)
    item = keyed(surveys.open_sheet(session, id))["会什么"]
    surveys.answer(session, id, {village.ids[name]: {item: "养殖、电焊"} for name in ("张三", "李四")})
    both = listing.ids(session, Query("person", (Filter("answer", "=", f"{item}=电焊"),)))
    assert sorted(both) == sorted(village.ids[name] for name in ("张三", "李四"))
    monitored = (Filter("answer", "=", f"{item}=电焊"), Filter("monitored"))
    assert listing.ids(session, Query("person", monitored)) == [village.ids["张三"]]
