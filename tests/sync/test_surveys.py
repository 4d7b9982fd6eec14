"""A survey made at the township is asked, filled in the village and counted at the township; two laptops that answer one question."""

from __future__ import annotations

from db.store import Store
from services.surveys import design, figures, surveys
from services.surveys.design import Question
from tests.sync.conftest import VILLAGE, World, add, assert_equal, listed


def answers(store: Store, id: str) -> dict[str, dict[str, str]]:
    with store.read() as session:
        sheet = surveys.open_sheet(session, id)
        label = {item.id: item.label for item in sheet.items}
        return {one.name: {label[item]: text for item, text in one.answers.items()} for one in sheet.people}


def fill(store: Store, id: str, name: str, **said: str) -> None:
    with store.write("摸排") as session:
        sheet = surveys.open_sheet(session, id)
        item = {one.label: one.id for one in sheet.items}
        person = next(one.id for one in sheet.people if one.name == name)
        surveys.answer(session, id, {person: {item[label]: text for label, text in said.items()}})


def test_a_survey_goes_down_and_its_answers_come_up(world: World) -> None:
    village, township = world.station("甲"), world.station("镇", VILLAGE[:9])
    for name in ("张三", "李四"):
        add(village, name=name, relation="户主")
    with township.write("新建摸排表") as session:
        id = design.save(
            session, {"title": "返乡意愿", "about": "everyone"}, [Question("去哪", "choice", "南方、本县"), Question("几人", "number")]
        )
    world.settle()
    fill(village, id, "张三", 去哪="本县", 几人="2")
    fill(township, id, "李四", 去哪="南方")
    world.settle()
    assert_equal(world)
    assert answers(village, id) == answers(township, id) == {"张三": {"去哪": "本县", "几人": "2"}, "李四": {"去哪": "南方"}}
    with township.read() as session:
        assert [(one.area, one.people, one.done) for one in figures.reach(surveys.open_sheet(session, id))] == [(VILLAGE, 2, 1)]
        (line,) = surveys.lines(session)
    assert (line.people, line.done) == (2, 1)


def test_two_laptops_that_answer_one_question_make_one_answer_and_a_conflict(world: World) -> None:
    a, b = world.station("甲"), world.station("甲二")
    add(a, name="张三")
    with a.write("新建摸排表") as session:
        id = design.save(session, {"title": "返乡意愿", "about": "everyone"}, [Question("来吗", "yes_no"), Question("会什么", "text")])
    world.settle()
    fill(a, id, "张三", 来吗="是")
    fill(b, id, "张三", 来吗="否", 会什么="电焊")
    world.settle()
    assert_equal(world)
    assert answers(a, id) == answers(b, id)
    assert answers(a, id)["张三"]["会什么"] == "电焊"
    with a.read() as session:
        assert session.count("survey_answer") == 2
    assert [one.field for one in listed(a)] == ["value"]
    with b.write("改摸排表") as session:
        items = surveys.items(session, id)
        design.save(session, {}, [Question("来吗", "yes_no", id=items[0].id)], id)
    fill(a, id, "张三", 会什么="家政")  # the question is being taken away meanwhile
    world.settle()
    assert_equal(world)


def test_a_laptop_that_joins_later_has_the_sheet(world: World) -> None:
    a = world.station("甲")
    add(a, name="张三")
    with a.write("新建摸排表") as session:
        id = design.save(session, {"title": "返乡意愿", "about": "everyone"}, [Question("来吗", "yes_no")])
    fill(a, id, "张三", 来吗="是")
    world.sync(a)
    b = world.station("甲二")
    world.settle()
    assert answers(b, id) == {"张三": {"来吗": "是"}}
