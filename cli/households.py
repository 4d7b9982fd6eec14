"""`household`: the members of a household; splitting (分户), joining (合户) and a new head (换户主), as 户变动 in the window."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cli.access import only, opened
from cli.console import table
from cli.program import Answer, Call, Usage
from db.session import Session
from domain.errors import NotFound
from domain.fields import KINDS
from domain.records import Household, Person
from domain.words import _

if TYPE_CHECKING:
    from services.households.households import Home, Plan

_TAKES = {
    "show": frozenset[str](),
    "split": frozenset({"who", "head", "left_head", "relation", "number", "address", "group"}),
    "join": frozenset({"who", "head", "left_head", "relation", "into", "emptied"}),
    "head": frozenset({"head", "relation"}),
}
"""The options of each subcommand; any other is wrong usage."""


def household(call: Call) -> Answer:
    """Show a household, or change it: as a preview with `--dry-run`, otherwise as one act that can be undone."""
    from services.households import households
    from services.households import words as household_words

    args = call.args
    only(args, "household", _TAKES, args.action)
    if args.action == "show":
        with opened(call) as store, store.read() as session:
            return _shown(households.home(session, _home(session, args.id)))
    with opened(call) as store:
        with store.read() as session:
            plan = _plan(session, args)
            label, preview = household_words.label(session, plan), household_words.preview(session, plan)
        value: dict[str, Any] = {"home": plan.home, "household": plan.into, "batch": None}
        value |= {"lines": list(preview.lines), "warnings": list(preview.warnings)}
        said = [str(label), *preview.lines, *(_("注意：{text}").format(text=text) for text in preview.warnings)]
        if args.dry_run:
            return Answer(value, "\n".join([*said, _("预览，没有改动。")]))
        with store.write(label) as session:
            value |= {"household": households.carry_out(session, plan), "batch": session.act}
            call.console.finish()
    return Answer(value, "\n".join([*said, _("已办好。要撤销：cunzhan undo {batch}").format(batch=value["batch"])]))


def _home(session: Session, id: str) -> str:
    """The household given by its own id or by that of a member."""
    person = session.get(Person, id)
    if session.get(Household, id) is None and person is not None:
        if not person.household_id:
            raise NotFound(_("{name}还没有归到哪一户。").format(name=person.name))
        return str(person.household_id)
    return id


def _plan(session: Session, args: Namespace) -> Plan:
    from services.households.households import Plan, home

    here = home(session, _home(session, args.id))
    known = {one.id: one for one in here.members}
    going = _going(args, known)
    given = _relations(args.relation or ())
    new = args.head if args.action == "head" else args.left_head
    if args.action == "head" and new is None:
        raise Usage(_("请用 --head 写明谁当户主。"))
    if args.action == "split" and args.head is None and len(going) > 1:
        raise Usage(_("请用 --head 写明新户的户主。"))
    there = args.head or (going[0] if args.action == "split" else None)
    staying = _proposed(here, new, [id for id in known if id not in going]) if new is not None else {}
    staying |= {id: word for id, word in given.items() if id not in going}
    goes = _proposed(here, there, going) if there in going else dict.fromkeys(going, "")
    goes |= {id: word for id, word in given.items() if id in going}
    values = {name: getattr(args, name) for name in ("number", "address", "group")} if args.action == "split" else {}
    into = _home(session, args.into) if args.into else None
    return Plan(here.household.id, goes, staying, into, values, args.emptied or "", frozenset(known))


def _going(args: Namespace, known: Mapping[str, Person]) -> list[str]:
    if args.action == "head":
        return []
    if args.action == "join":
        if not args.into:
            raise Usage(_("请用 --into 写明迁入哪一户。"))
        return list(dict.fromkeys(args.who or known))
    if not args.who:
        raise Usage(_("请用 --who 写明谁走，可写多个。"))
    return list(dict.fromkeys(args.who))


def _relations(texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        id, equals, word = text.partition("=")
        if not equals or not word.strip():
            raise Usage(_("关系应写成 编号=与户主关系：{text}").format(text=text))
        found[id.strip()] = word.strip()
    return found


def _proposed(here: Home, head: str | None, ids: Iterable[str]) -> dict[str, str]:
    """The derived relations of people to a new head. People who are not of this household are left for the plan to report."""
    from services.households.households import proposed

    known = {one.id: one for one in here.members}
    words = dict.fromkeys(ids, "")
    if head in known:
        words |= proposed(here, known[head], [known[id] for id in words if id in known])
    return words


def _shown(here: Home) -> Answer:
    from services.households.households import relation_of

    show = KINDS["person"].by_name["relation"].show
    members = [(one, relation_of(here, one)) for one in here.members]
    value = {
        "id": here.household.id,
        "title": here.title,
        "village": here.household.village,
        "number": here.household.number,
        "head_id": here.head.id if here.head is not None else None,
        "members": [{"id": one.id, "name": one.name, "relation": relation, "died_on": one.died_on} for one, relation in members],
    }
    rows = [(one.name, show(relation), _("已故") if one.died_on else "", one.id) for one, relation in members]
    head = (_("姓名"), _("与户主关系"), _("说明"), _("编号"))
    return Answer(value, f"{here.title}　{here.household.id}\n" + (table(head, rows) if rows else _("这一户没有人。")))
