"""Saving, deleting, restoring and undoing of records of any kind, one at a time: what a form does. Grids and imports write many at once
through `db.changes`, after checks of their own.

`values` are record values as `Field.read` returns them. They are validated before anything is written; an error is one sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, or_, select

from db import acts, changes, listed
from db.funds import overdrawn
from db.mapping import table
from db.merged import root, stands
from db.referring import referring_fields
from db.session import R, Session
from domain.errors import ChangedUnderneath, DomainError, FieldError, NotFound, Refused
from domain.fields import KINDS, Field, Kind, Record, kind_of
from domain.grouping import by_key
from domain.identity import Problem, birth_of, explain, id18, id_problem, identifies, is_masked, masks, normalise_id, placeholder, sex_of
from domain.money import yuan_grouped
from domain.quality_people import NUMBERED
from domain.quality_rule import order_problem
from domain.records import Claim, Employer, Notice, Person
from domain.scopes import is_village
from domain.values import Type
from domain.words import _
from services import reserved, unnumbered
from services.lists.titles import titles

_BIN_LIMIT = 500
_PATH = ("claim_step", "payment")


@dataclass(frozen=True)
class Deleted:
    """A record in the bin."""

    kind: str
    id: str
    title: str
    at: str
    by: str


# -- saving ----------------------------------------------------------------------------------------------------------


def save(
    session: Session, kind: str | Kind, values: Mapping[str, Any], id: str | None = None, *, base: Mapping[str, Any] | None = None
) -> str:
    """Save a new record, or the given fields of the one with that `id`. Returns the id.

    A new record may name its `village`; otherwise it lives with what it belongs to, else with the station. `base` holds
    the values the form was opened with: fields the user left alone are not written, and a field somebody else changed in
    between raises `ChangedUnderneath`. Raises `FieldError`, `NotFound`, `Refused` or `DomainError`; then nothing was written.
    """
    declared = kind_of(kind)
    known = session.existing(declared, id) if id is not None else None
    given = _checked(declared, values, known)
    if declared.name == "person" and known is None and given.get("document") == "other" and placeholder(given.get("id_number") or ""):
        given["id_number"] = unnumbered.propose(session, values.get("village"))
    if declared.name == "person":
        given = _with_canonical_number(given, known)
    village = str(known.village if known is not None else values.get("village") or home_of(session, declared, given))
    refuse_foreign(session, village)
    if known is not None and getattr(known, "merged_into", None) and "merged_into" not in given and root(session, known.id) != known.id:
        raise DomainError(_("这条记录已并入另一条。请改那一条；这一条确实要改，就先取消合并。"))
    beside = False
    if known is None and declared.key:
        known = _twin(session, declared, village, given)
        beside = known is not None and declared.append_only and _corrects(known, given)
        known = None if beside else known
    changed = _changed(declared, given, known, base)
    _complete(declared, changed, known)
    _check_rules(session, declared, changed, known)
    if known is not None and changed:
        _refuse_claim_edit(session, known, changed)
    if known is None or changed:
        reserved.refuse(session, declared, known, changed)
    if known is not None:
        if known.deleted_at is not None:
            changes.undelete(session, declared, known.id)
        changes.update(session, declared, known.id, changed)
        return str(known.id)
    new = session.natural_id(declared, village, given) if declared.key and not beside else session.new_id()
    changes.insert(session, declared, [{**changed, "id": new, "village": village}])
    return new


def home_of(session: Session, kind: Kind, values: Mapping[str, Any]) -> str:
    """The scope a new record lives in: its person's or parent's; its own for what belongs to a level (employers, courses …)."""
    if kind.shared:
        return session.scope
    for f in sorted(kind.references(), key=lambda f: f.ref != "person"):
        value = values.get(f.name)
        if value and not kind_of(str(f.ref)).shared:
            parent = session.get(str(f.ref), value if isinstance(value, str) else value[0], deleted=True)
            if parent is not None:
                return str(parent.village)
    if "record_id" in kind.by_name and values.get("record_id"):
        return _anywhere(session, values["record_id"]) or session.scope
    if kind.name in ("person", "household") and not is_village(session.scope):
        raise FieldError(_("请先选择所属的村。"), "village")
    return session.scope


def _anywhere(session: Session, id: str) -> str | None:
    """The scope of a record of any kind."""
    found = (session.conn.execute(select(table(k).c.village).where(table(k).c.id == id)).scalar() for k in KINDS.values())
    return next((village for village in found if village), None)


def refuse_foreign(session: Session, village: str) -> None:
    """Raise `Refused` for a record in a scope that this station may not write."""
    if not session.may_write(village):
        raise Refused(_("这条记录属于 {scope}，不归本站填写。").format(scope=village))


def _twin(session: Session, kind: Kind, village: str, given: Mapping[str, Any]) -> Any:
    """The record with the same natural key, deleted or not: saving it again is changing it."""
    for name in kind.key:
        if given.get(name) is None:
            raise _required(kind.by_name[name])
    return session.get(kind, session.natural_id(kind, village, given), deleted=True)


def _corrects(twin: Any, given: Mapping[str, Any]) -> bool:
    """Whether what is only added to gets a record beside its natural one: an amount that takes back, or something else in the place of one
    that was deleted. Any other is refused as a rewriting of what was paid."""
    if twin.deleted_at is not None:
        return any(twin[name] not in (None, value) for name, value in given.items())
    return given.get("amount") != twin["amount"] and (given.get("amount") or 0) < 0


def _checked(kind: Kind, values: Mapping[str, Any], known: Any) -> dict[str, Any]:
    """Canonical values of the fields named; a masked secret that hides the stored one means: unchanged."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("id", "village"):
            continue
        if name not in kind.by_name:
            raise FieldError(_("{kind}没有「{name}」这一项").format(kind=_(kind.label), name=name), "field")
        f = kind.by_name[name]
        if f.secret and isinstance(value, str) and is_masked(value):
            if known is None or not masks(value, getattr(known, name) or ""):
                raise FieldError(_("{label}：这是遮盖后的内容，请填写完整号码").format(label=_(f.label)), "masked", name)
            continue
        given[name] = canonical(f, value)
    return given


def canonical(f: Field, value: Any) -> Any:
    """A record value checked against its field: its type, its choices. Raises `FieldError` naming the field."""
    try:
        if f.type in (Type.SET, Type.IDS) and isinstance(value, str):
            raise TypeError("a text is not a set of its letters")
        if f.type is Type.YUAN and isinstance(value, bool):
            raise TypeError("yes is no amount")
        return f.from_json(f.to_json(value))
    except FieldError:
        raise
    except (TypeError, AttributeError, ValueError):
        raise FieldError(_("{label}：内容的类型不对").format(label=_(f.label)), "type") from None


def _with_canonical_number(given: dict[str, Any], known: Any) -> dict[str, Any]:
    """A person's number as eighteen characters (what came otherwise is kept beside it); sex and birth from it when absent."""
    number = given.get("id_number")
    document = given.get("document", known.document if known is not None else None)
    if number is None or (document not in NUMBERED and known is not None and number == known.id_number):
        return given
    problem = id_problem(number) if document in NUMBERED else Problem.PLACEHOLDER if placeholder(number) else None
    if problem is None and document not in NUMBERED:
        return given
    if problem is not None:
        raise FieldError(explain(problem, number=number), problem.value, "id_number")
    parsed = normalise_id(number)
    given = {**given, "id_number": parsed.id18}
    if parsed.original is not None:
        given["original_number"] = parsed.original
    for name, value in (("sex", parsed.sex), ("birth", parsed.birth)):
        before = getattr(known, name, None) if known is not None else None
        replaced = known is not None and before == {"sex": sex_of, "birth": birth_of}[name](known.id_number)
        if given.get(name) is None and (name in given or before is None or replaced):
            given[name] = value
    return given


def _changed(kind: Kind, given: dict[str, Any], known: Any, base: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields to be written. Raises `ChangedUnderneath` where the form and somebody else changed the same field."""
    if known is None:
        return {name: value for name, value in given.items() if value is not None}
    wanted = {name: value for name, value in given.items() if base is None or value != base.get(name)}
    changed = {name: value for name, value in wanted.items() if value != getattr(known, name)}
    clashes = {name: getattr(known, name) for name in changed if base is not None and getattr(known, name) != base.get(name)}
    if clashes:
        labels = _("、").join(_(kind.by_name[name].label) for name in clashes)
        raise ChangedUnderneath(_("您打开以后，别处改了：{labels}。请核对后再保存。").format(labels=labels), clashes)
    return changed


def _complete(kind: Kind, changed: Mapping[str, Any], known: Any) -> None:
    for f in kind.fields:
        if f.required and (f.name in changed or known is None) and changed.get(f.name) is None:
            raise _required(f)


def _required(f: Field) -> FieldError:
    return FieldError(_("{label}：必须填写").format(label=_(f.label)), "required", f.name)


def _check_rules(session: Session, kind: Kind, changed: Mapping[str, Any], known: Any) -> None:
    """Check the rules that need the record as it would be after the change."""
    for name in changed:
        before = getattr(known, name, None) if known is not None else None
        if known is not None and name in kind.key:
            raise DomainError(_("{label}不能改。请删除这一条，再另记一条。").format(label=_(kind.by_name[name].label)))
        if kind.append_only and before is not None:
            text = _("{kind}只增不改：{label}已经填过。记错了请另记一笔更正。")
            if kind.key:  # whose first record has its place: only one that takes back comes beside it
                text = _("{kind}只增不改：{label}已经填过。多发了请另记一笔负数冲减。")
            raise DomainError(text.format(kind=_(kind.label), label=_(kind.by_name[name].label)))
    _references(session, kind, changed)
    merged = {**(known.__dict__ if known is not None else {}), **changed}
    problem = order_problem(kind, merged)
    if problem is not None:
        raise problem
    if kind.name == "person" and "id_number" in changed:
        _refuse_duplicate_number(session, merged, known)
    if kind.name == "target" and (gone := overdrawn(session.conn, merged)):
        raise DomainError(_("额度不能少于已拨的 {spent} 元。").format(spent=yuan_grouped(gone)))


def _refuse_claim_edit(session: Session, known: Record, changed: Collection[str], *, deletes: bool = False) -> None:
    """A claim that was reviewed is not changed below the county: the county would hold it, and the list here would show it."""
    if isinstance(known, Claim):
        from services.claims import claims  # it files claims through this module

        claims.refuse_edit(session, known, changed, deletes=deletes)


def _refuse_needed(session: Session, known: Record) -> None:
    """Raise where claims under way rest on the record: a person, an employer or a public notice."""
    from services.claims import claims, notices  # they file and post through this module

    if isinstance(known, (Employer, Person)):
        claims.refuse_gone(session, known.KIND.name, known.id, known.name)
    if isinstance(known, Notice):
        notices.refuse_gone(session, known)


def _references(session: Session, kind: Kind, changed: Mapping[str, Any]) -> None:
    for f in kind.references():
        value = changed.get(f.name)
        for id in () if not value else (value,) if isinstance(value, str) else value:
            if session.get(str(f.ref), id) is None:
                raise NotFound(_("{label}：所选的{kind}不存在，或已被删除。").format(label=_(f.label), kind=_(kind_of(str(f.ref)).label)))


def _refuse_duplicate_number(session: Session, person: Mapping[str, Any], known: Any) -> None:
    others = [other for other in duplicates(session, person["id_number"], person.get("document")) if known is None or other.id != known.id]
    if others:
        told = _(
            "这个证件号码已经登记给「{name}」。同一个人请直接修改那一条；两个人的号码填反了，先把「{name}」的证件类型改成「其他」、"
            "号码写个临时的，再改这一个，最后把「{name}」的改对。"
        )
        raise DomainError(told.format(name=others[0].name))


def by_id(session: Session, kind: type[R] | str, ids: Iterable[str | None]) -> dict[str | None, R]:
    """Records of a kind by id, deleted ones too; ids that are None or not there are left out."""
    return {row.id: row for row in session.select(kind, id={id for id in ids if id}, deleted=True)}


def duplicates(session: Session, id_number: str, document: str | None = None) -> list[Any]:
    """People (not deleted, not merged into another) whose ID number has the same first eighteen characters; one that is no citizen's number
    only on the same type of document."""
    tail = id18(id_number)[::-1]
    found = session.select(Person, stands(), id_tail=tail) if tail else []
    return [one for one in found if identifies(id18(id_number), document, one.document)]


# -- deleting, the bin, undo -------------------------------------------------------------------------------------------


def delete(session: Session, kind: str | Kind, id: str) -> str:
    """Delete softly; answers a sentence about what refers to the record and stays, `""` when nothing does."""
    declared = kind_of(kind)
    known = session.existing(declared, id)
    refuse_foreign(session, known.village)
    _refuse_claim_edit(session, known, (), deletes=True)
    reserved.refuse(session, declared, known, {}, deletes=True)
    _refuse_needed(session, known)
    remaining = _("、").join(_referring(session, declared.name, id))
    changes.delete(session, declared, id)
    return _("已删除。仍保留与它有关的：{counted}。").format(counted=remaining) if remaining else ""


def delete_all(session: Session, kind: str | Kind, ids: Sequence[str]) -> str:
    """Delete several softly; answers the sentence of `delete` where it is one, `""` for more."""
    said = [delete(session, kind, id) for id in ids]
    return said[0] if len(said) == 1 else ""


def undelete(session: Session, kind: str | Kind, id: str) -> None:
    """Bring a deleted record back. Raises `DomainError` for a person whose number was registered again meanwhile."""
    declared = kind_of(kind)
    known = session.get(declared, id, deleted=True)
    if known is None or known.deleted_at is None:
        raise NotFound(_("回收站里没有这条{kind}。").format(kind=_(declared.label)))
    refuse_foreign(session, known.village)
    _refuse_claim_edit(session, known, ())
    reserved.refuse(session, declared, known, {})
    if declared.name == "person":
        _refuse_duplicate_number(session, known.__dict__, known)
    changes.undelete(session, declared, id)


def _referring(session: Session, name: str, id: str) -> Iterator[str]:
    """What refers to a record and is not deleted, in words by kind."""
    for kind, fields in groupby(referring_fields(name), key=lambda pair: pair[0]):
        t = table(kind)
        own = [t.c[f.name] == id for _kind, f in fields]
        query = select(func.count()).select_from(t).where(or_(*own), t.c.deleted_at.is_(None))
        if count := session.conn.execute(query).scalar_one():
            yield _("{label} {count} 条").format(label=_(kind.label), count=count)


def bin(session: Session) -> list[Deleted]:
    """Deleted records, the latest first."""
    found = []
    for kind in KINDS:
        t = table(kind)
        query = select(t.c.id, t.c.deleted_at, t.c.updated_by).where(t.c.deleted_at.is_not(None))
        found += [(kind, row) for row in session.conn.execute(query.order_by(t.c.deleted_at.desc()).limit(_BIN_LIMIT))]
    latest = sorted(found, key=lambda one: str(one[1].deleted_at), reverse=True)[:_BIN_LIMIT]
    named = {kind: titles(session, kind, ids) for kind, ids in by_key((kind, row.id) for kind, row in latest).items()}
    return [Deleted(kind, row.id, named[kind][row.id], row.deleted_at, row.updated_by or "") for kind, row in latest]


def undo_last(session: Session) -> tuple[str, acts.Undone] | None:
    """Take the present user's latest act back; answers its label and what became of it, None when there is nothing to undo. Raises
    `DomainError` for a payment that is in a sheet for the bank."""
    act = acts.last_undoable(session)
    if act is None:
        return None
    at_bank = listed.waiting(session)
    if at_bank and any(one.kind == "payment" and one.id in at_bank for one in acts.touched_by(session, act.id)):
        raise DomainError(
            _(
                "这次拨付已经导出给银行，撤销了银行还会付。没有交给银行的，在导出的表里结果写「失败」、原因写「没有交」，读回来就回到待拨付。"
            )
        )
    return act.label, acts.undo(session, act.id)


def take_back(session: Session, act_id: int, *, whole: bool = False) -> tuple[str, acts.Undone]:
    """Take back an act that is not the latest: a mistake found in a record's history, with all that was done in the same stroke. Answers
    its label and what became of it. Raises `DomainError`, and `Refused` for steps on the path of money, which goes on by steps only;
    `whole`: also with such steps, as an import that brought them."""
    act = acts.find(session, act_id)
    if act is None:
        raise NotFound(_("没有第 {batch} 批。").format(batch=act_id))
    if act.undone:
        raise DomainError(_("第 {batch} 批已经撤销过了。").format(batch=act_id))
    touched = acts.touched_by(session, act_id)
    if not touched:
        return act.label, acts.Undone(0, 0, 0)
    if not whole and any(one.kind in _PATH for one in touched):
        raise Refused(_("补助的办理和拨付不能在这里撤销。请在「补助」里退回、撤回或追回。"))
    return act.label, acts.undo(session, act_id)


def redo_last(session: Session) -> tuple[str, acts.Undone] | None:
    """Do again what the present user took back last; answers its label and what became of it, None once something else was done."""
    undoing = acts.last_redoable(session)
    return None if undoing is None else (undoing.label, acts.undo(session, undoing.id))
