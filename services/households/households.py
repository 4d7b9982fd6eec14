"""Household changes: splitting (分户), merging (合户), moving to another household (迁入另一户) and changing the head (换户主).

A `Plan` states who moves where and everybody's relation to the head there. `case` checks it, `services.households.words` describes it
before it is confirmed, and `carry_out` applies it within the caller's act. Only the county can move a household to another village.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from db import changes, erased
from db.merged import root, selves, stands
from db.session import Session
from domain import divisions
from domain.errors import DomainError, FieldError, Refused
from domain.fields import KINDS
from domain.kinship import HEAD, related
from domain.records import Household, HouseholdBusiness, Person, Visit
from domain.words import _
from services.lookup import title_of
from services.records import canonical, delete, save

KEEP: Final = "keep"
DELETE: Final = "delete"
NEW_FIELDS: Final = ("number", "group", "address", "phone", "note")
"""Fields of a new household that a plan may set."""


@dataclass(frozen=True)
class Plan:
    """A planned change of the household `home`. `going`, `staying`: person ids with the 与户主关系 to their future head; those who stay
    and are not listed keep theirs. `into`: the household to join, None for a new one with `values`. `emptied`: keep or delete, for a
    household left without living members. `seen`: the members when the form was opened."""

    home: str
    going: Mapping[str, str] = field(default_factory=dict)
    staying: Mapping[str, str] = field(default_factory=dict)
    into: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    emptied: str = ""
    seen: frozenset[str] | None = None


@dataclass(frozen=True)
class Home:
    """A household with its members, the head first; `head` is None where no living member is the head. `erased`: it is left for the books
    only, and who was put into it nevertheless can only move out."""

    household: Household
    title: str
    members: Sequence[Person]
    head: Person | None
    erased: bool

    @property
    def living(self) -> list[Person]:
        """The living members."""
        return [one for one in self.members if not one.died_on]


@dataclass(frozen=True)
class Case:
    """A checked plan with its records. `head`: the future head of `home`, None where it is left empty; `target_head`: the future head of
    the household people move to."""

    plan: Plan
    home: Home
    target: Home | None
    going: Sequence[Person]
    head: Person | None
    target_head: Person | None

    @property
    def left(self) -> list[Person]:
        """The members left in the household, alive or not."""
        return [one for one in self.home.members if one.id not in self.plan.going]

    @property
    def empties(self) -> bool:
        """Whether the move leaves no living member behind."""
        return bool(self.going) and not any(not one.died_on for one in self.left)


def home(session: Session, id: str) -> Home:
    """A household with its members, without those who were erased. Raises `NotFound`."""
    household = session.existing(Household, id, _("没有这一户，或已被删除。"))
    people = session.select(Person, stands(), erased.kept(), household_id=id, order=("birth", "id"))
    alive = [one for one in people if not one.died_on]
    named = root(session, household.head_id) if household.head_id else None
    head = next((one for one in alive if one.id == named), None) or next((one for one in alive if one.relation == HEAD), None)
    ordered = sorted(people, key=lambda one: (one is not head, bool(one.died_on)))
    gone = bool(erased.found(session.conn, [(Household.KIND.number, id)]))
    return Home(household, title_of(session, "household", id), ordered, head, gone)


def relation_of(home: Home, person: Person) -> str | None:
    """A member's relation to the head. The head may be recorded in the household only, not in the person's own relation."""
    return HEAD if home.head is not None and person.id == home.head.id else person.relation


def proposed(home: Home, head: Person, members: Iterable[Person]) -> dict[str, str]:
    """The members' 与户主关系 to a new head, as far as it follows from the present ones; "" where the user has to choose."""
    before = next((one for one in home.members if one.relation == HEAD and one.died_on), None) if home.head is None else home.head
    couples = max(sum(one.relation == word for one in home.members) for word in ("之子", "之女", "之儿媳", "之女婿"))
    sex = before.sex if before is not None else None
    found = {}
    for one in members:
        words = (relation_of(home, head), sex, relation_of(home, one), one.sex)
        found[one.id] = HEAD if one.id == head.id else related(*words, several=couples > 1)
    return found


# -- checking a plan ---------------------------------------------------------------------------------------------------


def case(session: Session, plan: Plan) -> Case:
    """Check a plan and return it with its records. Raises `NotFound`, `Refused`, `FieldError` or `DomainError` for one that cannot be
    carried out."""
    here = home(session, plan.home)
    if not session.may_write(here.household.village):
        raise Refused(_("这一户属于 {scope}，不归本站填写。").format(scope=here.household.village))
    if plan.seen is not None and plan.seen != {one.id for one in here.members}:
        raise DomainError(_("您打开以后，这一户的人变了（同步或另一位用户改的）。什么都没有改；请关掉，重新打开再办。"))
    known = {one.id: one for one in here.members}
    strangers = [id for id in (*plan.going, *plan.staying) if id not in known]
    if strangers:
        raise DomainError(_("{name}不在这一户。").format(name=title_of(session, "person", strangers[0]) or strangers[0]))
    if not plan.going and not plan.staying:
        raise DomainError(_("还没有选：谁走，或者谁当户主。"))
    target = _target(session, plan, here)
    going = [known[id] for id in plan.going]
    _check_relations(here, plan)
    staying = [one for one in here.members if one.id not in plan.going]
    there = _head_there(plan, going, target) if going else None
    head = _head_here(plan, here, staying)
    found = Case(plan, here, target, going, head, there)
    _check_number(session, plan, here)
    same = all(word in ("", relation_of(here, known[id])) for id, word in plan.staying.items())
    if not going and same and head is not None and head.id == here.household.head_id:
        raise DomainError(_("户主和各人的关系都没有变，不用办。"))
    if found.empties:
        _check_emptied(found)
    return found


def _target(session: Session, plan: Plan, here: Home) -> Home | None:
    if not plan.going or plan.into is None:
        return None
    if plan.into == plan.home:
        raise DomainError(_("迁入的就是原来这一户，请另选一户。"))
    target = home(session, plan.into)
    if target.household.village != here.household.village:
        place = divisions.called(target.household.village)
        raise DomainError(_("{title}在{place}，不是本村。跨村迁移由县里办。").format(title=target.title, place=place))
    return target


def _check_relations(here: Home, plan: Plan) -> None:
    words = KINDS["person"].by_name["relation"]
    for one in here.members:
        given = plan.going.get(one.id, plan.staying.get(one.id))
        if given:
            canonical(words, given)
        elif given is not None and not one.died_on:
            raise FieldError(_("{name}：请选与户主的关系").format(name=one.name), "relation")


def _one_head(heads: Sequence[Person], none: str) -> Person:
    if not heads:
        raise DomainError(none)
    if len(heads) > 1:
        names = _("、").join(one.name for one in heads)
        raise DomainError(_("一户只能有一位户主，现在选了：{names}。").format(names=names))
    return heads[0]


def _head_there(plan: Plan, going: Sequence[Person], target: Home | None) -> Person:
    heads = [one for one in going if plan.going[one.id] == HEAD]
    dead = next((one for one in heads if one.died_on), None)
    if dead is not None:
        raise DomainError(_("{name}已故，不能当户主。").format(name=dead.name))
    if target is None:
        return _one_head(heads, _("新的一户还没有户主：走的人里请选一位户主。"))
    present = [target.head] if target.head is not None else []
    missing = _("{title}现在没有户主：请让迁入的一人当户主，或先给那一户定好户主。").format(title=target.title)
    return _one_head([*present, *heads], missing)


def _head_here(plan: Plan, here: Home, staying: Sequence[Person]) -> Person | None:
    alive = [one for one in staying if not one.died_on]
    if not alive:
        return None
    known = {one.id: relation_of(here, one) for one in alive}
    heads = [one for one in alive if plan.staying.get(one.id, known[one.id]) == HEAD]
    gone = here.head.name if here.head is not None and here.head.id in plan.going else ""
    missing = _("户主{name}要走，留下的人里请选一位户主。").format(name=gone) if gone else _("留下的一户没有户主：请选一位户主。")
    head = _one_head(heads, missing)
    unsaid = next((one for one in alive if one.id not in plan.staying), None)
    if here.head is not None and head.id != here.head.id and unsaid is not None:
        raise FieldError(_("换了户主，{name}与新户主是什么关系还没有选").format(name=unsaid.name), "relation")
    return head


def _check_number(session: Session, plan: Plan, here: Home) -> None:
    number = plan.values.get("number")
    if plan.into is not None or not plan.going or not number:
        return
    taken = session.select(Household, number=number, village=here.household.village, limit=1)
    if taken:
        head = session.get(Person, taken[0].head_id, deleted=True) if taken[0].head_id else None
        text = _("户编号 {number} 已有别的户在用（户主{name}）。请核对；还没有新编号就空着。")
        if head is None:
            text = _("户编号 {number} 已有别的户在用。请核对；还没有新编号就空着。")
        raise FieldError(text.format(number=number, name=head.name if head is not None else ""), "number")


def _check_emptied(found: Case) -> None:
    if found.home.erased:
        return
    if found.target is None:
        raise DomainError(_("一家人都走，就不是分户了。只是地址或户编号变了，请直接修改这一户。"))
    if found.plan.emptied not in (KEEP, DELETE):
        raise DomainError(_("这样原来的一户就没有人了。请选：把空户删除，还是留着。"))
    if found.left and found.plan.emptied == DELETE:
        names = _("、").join(one.name for one in found.left)
        raise DomainError(_("已故的{names}还在原来的一户，空户不能删除。请把已故的人也一起带走，或留着空户。").format(names=names))


# -- carrying it out ---------------------------------------------------------------------------------------------------


def carry_out(session: Session, plan: Plan) -> str:
    """Carry out a plan within the caller's act; returns the id of the household people moved to, or of the one whose head changed.

    Raises the errors of `case`, before anything is written. The records given by `following` move along.
    """
    found = case(session, plan)
    if not found.going:
        _update_home(session, found)
        return plan.home
    to = found.target.household.id if found.target is not None else _create(session, found)
    for one in found.going:
        relation = plan.going[one.id]
        save(session, "person", {"household_id": to, **({"relation": relation} if relation else {})}, one.id)
        for twin in selves(session, one.id)[1:]:
            other, gone = session.existing(Person, twin), erased.found(session.conn, [(Person.KIND.number, twin)])
            if other.household_id == plan.home and session.may_write(other.village) and not gone:
                changes.update(session, "person", twin, {"household_id": to})
    if found.target is not None and found.target_head is not None and found.target.household.head_id != found.target_head.id:
        save(session, "household", {"head_id": found.target_head.id}, to)
    for kind, records in following(session, found).items():
        for record in records:
            save(session, kind, {"household_id": to}, record.id)
    _update_home(session, found)
    if found.empties and plan.emptied == DELETE and not found.home.erased:
        delete(session, "household", plan.home)
    return to


def following(session: Session, found: Case) -> dict[str, list[Any]]:
    """Records of the household that move along with its people, by kind: a business with its operator, and all businesses and visits where
    nobody is left. Collected income stays: it is that of the household in those months."""
    of_home = session.select(HouseholdBusiness, household_id=found.plan.home, order=("start", "id"))
    if found.empties:
        visits = session.select(Visit, household_id=found.plan.home, order=("on", "id"))
        gone = erased.rows(session.conn) if found.home.erased else frozenset()
        return {kind: [one for one in some if one.id not in gone] for kind, some in (("household_business", of_home), ("visit", visits))}
    run = {record.id: root(session, record.operator_id) for record in of_home if record.operator_id}
    return {"household_business": [record for record in of_home if run.get(record.id) in found.plan.going]}


def _create(session: Session, found: Case) -> str:
    """Create the new household and return its id. The id is derived from the old household and the new head, so that two laptops making
    the same split create the same record; where that id is in use already, a new one is made."""
    assert found.target_head is not None
    declared, village = KINDS["household"], found.home.household.village
    given = {name: canonical(declared.by_name[name], found.plan.values.get(name)) for name in NEW_FIELDS if found.plan.values.get(name)}
    values = {**dict.fromkeys(NEW_FIELDS), **given, "head_id": found.target_head.id}
    id = session.joint_id(declared, village, found.home.household.id, found.target_head.id)
    known = session.get(declared, id, deleted=True)
    if known is None or known.deleted_at is None:
        id = session.new_id() if known is not None else id
        changes.insert(session, declared, [{**given, "head_id": found.target_head.id, "id": id, "village": village}])
    else:
        changes.undelete(session, declared, id)
        changes.update(session, declared, id, values)
    return id


def _update_home(session: Session, found: Case) -> None:
    """Write the new relations and head of the household people leave or stay in."""
    before = {one.id: one.relation for one in found.home.members}
    for id, relation in found.plan.staying.items():
        if relation and relation != before[id]:
            save(session, "person", {"relation": relation}, id)
    head = found.head.id if found.head is not None else None
    deleted = found.empties and found.plan.emptied == DELETE
    if not deleted and not found.home.erased and found.home.household.head_id != head:
        save(session, "household", {"head_id": head}, found.plan.home)
