"""分户、合户、换户主: what may be done, what goes where, and one undoing for all of it."""

from __future__ import annotations

import pytest

from domain.errors import CunzhanError, DomainError
from domain.identity import check_digit
from domain.kinship import HEAD
from services import merging, records
from services.households import households
from services.households import words as household_words
from services.households.households import DELETE, KEEP, Plan
from services.records import save
from tests.fresh import taken_back

SON = ("赵强", "赵强媳妇", "孙女")


class Village:
    """赵家: 老赵 (head), his wife, their son with wife and daughter, and the son's shop. 李家: 李四 alone."""

    def __init__(self, session):
        self.session, self.serial = session, 10
        self.ids: dict[str, str] = {}
        self.home = save(session, "household", {"number": "23082600001", "address": "横头山1号", "group": "3组"})
        for name, sex, relation in (
            ("老赵", 1, HEAD),
            ("老伴", 0, "配偶"),
            ("赵强", 1, "之子"),
            ("赵强媳妇", 0, "之儿媳"),
            ("孙女", 0, "之孙女"),
        ):
            self.add(name, sex, relation, self.home)
        save(session, "household", {"head_id": self.ids["老赵"]}, self.home)
        self.other = save(session, "household", {"number": "23082600002"})
        self.add("李四", 1, HEAD, self.other)
        save(session, "household", {"head_id": self.ids["李四"]}, self.other)
        self.shop = save(
            session,
            "household_business",
            {"household_id": self.home, "operator_id": self.ids["赵强"], "business": "小卖店", "start": "2022"},
        )
        self.corn = save(session, "household_business", {"household_id": self.home, "business": "玉米", "start": "2020"})
        self.visit = save(session, "visit", {"household_id": self.home, "on": "2023-05-01", "content": "谈分户"})
        self.income = save(session, "household_income", {"household_id": self.home, "start": "2022-10", "end": "2022-12", "persons": 5})

    def add(self, name, sex, relation, home):
        self.serial += 10
        number = f"23082619700307{self.serial + sex:03d}"
        values = {"name": name, "document": "resident_id", "id_number": number + check_digit(number), "labour": "ordinary"}
        self.ids[name] = save(self.session, "person", {**values, "household_id": home, "relation": relation})

    def person(self, name):
        return self.session.get("person", self.ids[name])

    def household(self, id):
        return self.session.get("household", id)

    def plan(self, going, staying=None, **more):
        goes, stays = ({self.ids[name]: word for name, word in some.items()} for some in (going, staying or {}))
        return Plan(self.home, goes, stays, **more)

    def proposed(self, head, names):
        home = households.home(self.session, self.home)
        found = households.proposed(home, self.person(head), [self.person(name) for name in names])
        return {name: found[self.ids[name]] for name in names}

    def do(self, *given, **more):
        return households.carry_out(self.session, self.plan(*given, **more))


@pytest.fixture
def v(session):
    return Village(session)


def where(v, name):
    person = v.person(name)
    return person.household_id, person.relation


def test_a_son_sets_up_his_own_household(v):
    going = v.proposed("赵强", SON)
    assert going == {"赵强": HEAD, "赵强媳妇": "配偶", "孙女": "之女"}
    made = v.do(going, values={"number": "23082600009", "address": "横头山9号"})
    assert [where(v, name) for name in SON] == [(made, HEAD), (made, "配偶"), (made, "之女")]
    assert (v.household(made).head_id, v.household(made).number, v.household(made).address) == (v.ids["赵强"], "23082600009", "横头山9号")
    assert where(v, "老伴") == (v.home, "配偶")
    assert v.household(v.home).head_id == v.ids["老赵"]
    get = v.session.get
    assert get("household_business", v.shop).household_id == made  # with who runs it
    assert {
        get(kind, id).household_id for kind, id in (("household_business", v.corn), ("visit", v.visit), ("household_income", v.income))
    } == {v.home}


def test_who_comes_back_and_goes_again_finds_the_same_household(v):
    made = v.do({"赵强": HEAD}, values={"number": "23082600009"})
    households.carry_out(v.session, Plan(made, {v.ids["赵强"]: "之子"}, into=v.home, emptied=DELETE))
    assert v.household(made) is None
    assert v.do({"赵强": HEAD}, values={"address": "村东"}) == made
    assert (v.household(made).number, v.household(made).address) == (None, "村东")
    households.carry_out(v.session, Plan(made, {v.ids["赵强"]: "之子"}, into=v.home, emptied=KEEP))
    assert (v.household(made).head_id, v.do({"赵强": HEAD}) != made) == (None, True)


def test_two_households_become_one(v):
    everybody = dict.fromkeys(v.ids.keys() - {"李四"}, "其他")
    assert v.do(everybody, into=v.other, emptied=DELETE) == v.other
    assert {where(v, name) for name in everybody} == {(v.other, "其他")}
    assert (v.household(v.home), v.household(v.other).head_id) == (None, v.ids["李四"])
    get = v.session.get
    assert {get(kind, id).household_id for kind, id in (("household_business", v.corn), ("visit", v.visit))} == {v.other}
    assert get("household_income", v.income).household_id == v.home  # of the months and the people it was collected of


def test_the_head_dies(v):
    save(v.session, "person", {"died_on": "2023-05-01"}, v.ids["老赵"])
    assert households.home(v.session, v.home).head is None
    staying = v.proposed("老伴", ("老赵", "老伴", *SON))
    assert staying == {"老赵": "配偶", "老伴": HEAD, "赵强": "之子", "赵强媳妇": "之儿媳", "孙女": "之孙女"}
    assert v.do({}, staying) == v.home
    assert v.household(v.home).head_id == v.ids["老伴"]
    assert (v.person("老赵").relation, v.person("老伴").relation) == ("配偶", HEAD)


def test_the_head_goes_and_another_follows(v):
    made = v.do({"老赵": HEAD, "老伴": "配偶"}, v.proposed("赵强", SON))
    assert where(v, "老赵") == (made, HEAD)
    assert (v.household(v.home).head_id, where(v, "赵强媳妇")) == (v.ids["赵强"], (v.home, "配偶"))


@pytest.mark.parametrize(
    ("going", "staying", "more", "said"),
    [
        ({"老赵": HEAD}, {}, {}, "户主老赵要走"),
        ({"赵强": "之子"}, {}, {}, "新的一户还没有户主"),
        ({"赵强": HEAD, "孙女": HEAD}, {}, {}, "只能有一位户主"),
        ({"赵强": HEAD, "孙女": ""}, {}, {}, "孙女：请选与户主的关系"),
        ({}, {"老伴": HEAD}, {}, "只能有一位户主"),
        ({}, {"老伴": HEAD, "老赵": "配偶"}, {}, "关系还没有选"),
        ({}, {}, {}, "还没有选"),
        ({}, {"老赵": HEAD, "老伴": "配偶"}, {}, "没有变"),
        ({"李四": HEAD}, {}, {}, "李四不在这一户"),
        ({"老赵": HEAD, "老伴": "配偶", "赵强": "之子", "赵强媳妇": "之儿媳", "孙女": "之孙女"}, {}, {}, "不是分户"),
        (dict.fromkeys(("老赵", "老伴", *SON), "其他"), {}, {"into": "other"}, "没有人了"),
        ({"赵强": HEAD}, {}, {"into": "other"}, "只能有一位户主"),
        ({"赵强": HEAD}, {}, {"into": "home"}, "就是原来这一户"),
        ({"赵强": HEAD}, {}, {"into": "nobody"}, "没有这一户"),
        ({"赵强": HEAD}, {}, {"values": {"number": "23082600002"}}, "已有别的户在用（户主李四）"),
        ({"赵强": "女婿吧"}, {}, {}, "与户主关系"),
        ({"赵强": HEAD}, {}, {"seen": frozenset()}, "重新打开"),
    ],
)
def test_what_cannot_be_is_refused_in_words(v, going, staying, more, said):
    if "into" in more:
        more = {"into": {"other": v.other, "home": v.home}.get(more["into"], more["into"])}
    with pytest.raises(CunzhanError, match=said):
        v.do(going, staying, **more)
    assert {v.person(name).household_id for name in ("老赵", *SON)} == {v.home}


def test_the_dead_are_not_left_in_a_household_that_goes(v):
    save(v.session, "person", {"died_on": "2023-05-01"}, v.ids["老伴"])
    going = dict.fromkeys(("老赵", *SON), "其他")
    with pytest.raises(DomainError, match="已故的老伴"):
        v.do(going, into=v.other, emptied=DELETE)
    with pytest.raises(DomainError, match="已故，不能当户主"):
        v.do({"老伴": HEAD})
    v.do({**going, "老伴": ""}, into=v.other, emptied=DELETE)
    assert where(v, "老伴") == (v.other, "配偶")


def test_a_record_merged_into_another_is_no_member(v):
    v.add("赵强二", 1, "之子", v.home)
    save(v.session, "person", {"id_number": "无证001", "document": "other"}, v.ids["赵强二"])
    merging.merge(v.session, v.ids["赵强二"], v.ids["赵强"])
    assert v.ids["赵强二"] not in {one.id for one in households.home(v.session, v.home).members}
    save(v.session, "household", {"head_id": v.ids["赵强二"]}, v.other)
    made = v.do(v.proposed("赵强", SON))
    assert where(v, "赵强") == (made, HEAD)
    assert v.person("赵强二").household_id == made  # where it is found again when the two are parted


def test_the_words_beforehand(v):
    save(v.session, "category_span", {"person_id": v.ids["老伴"], "category": "marginal", "start": "2022-01"})
    save(v.session, "person", {"payee_relation": "户主"}, v.ids["孙女"])
    said = household_words.preview(v.session, v.plan(v.proposed("赵强", SON), values={"address": "村东"}))
    text = "\n".join(said.lines)
    for words in ("新立一户", "赵强媳妇：之儿媳 → 配偶", "老赵 户：剩 2 口人", "小卖店", "走访 1 次", "家庭收入 1 条"):
        assert words in text
    warned = "\n".join(said.warnings)
    for words in ("边缘易致贫户", "乡镇", "孙女", "户编号"):
        assert words in warned
    assert v.person("赵强").household_id == v.home


def test_one_undoing_takes_it_all_back(store):
    with store.write("准备") as session:
        v = Village(session)
    with store.write("分户") as session:
        v.session = session
        made = v.do(v.proposed("赵强", SON))
    with store.write("撤销") as session:
        taken_back = records.undo_last(session)
        assert taken_back is not None
        label, undone = taken_back
        v.session = session
        assert (label, undone.kept, v.household(made)) == ("分户", 0, None)
        assert [where(v, name) for name in SON] == [(v.home, "之子"), (v.home, "之儿媳"), (v.home, "之孙女")]
        assert session.get("household_business", v.shop).household_id == v.home


def test_a_township_moves_nobody_to_another_village(township):
    with taken_back(township) as session:
        here, there = (save(session, "household", {"number": code, "village": code}) for code in ("230826101202", "230826101203"))
        person = {
            "name": "周桂英",
            "document": "other",
            "id_number": "无证001",
            "labour": "ordinary",
            "relation": HEAD,
            "household_id": here,
        }
        who = save(session, "person", person)
        with pytest.raises(DomainError, match="跨村迁移由县里办"):
            households.carry_out(session, Plan(here, {who: HEAD}, into=there, emptied=KEEP))
        assert session.get("person", who).household_id == here
