"""Merging at once the records that are surely of one person, as after two laptops imported one register before they heard of each other.

Two records are surely of one person if they are of one village, have the same valid number and the same name, and nobody has to choose
between two values of a field whose conflicts people decide (`Merge.REVIEW`). The one that was registered first stays, so that every laptop
merges in the same direction and families stay together; what it lacks is filled in from the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from db.among import among
from db.mapping import table
from db.session import Session
from domain.errors import DomainError, Refused
from domain.fields import Field, Merge
from domain.likeness import pair_id
from domain.name_likeness import bare_name
from domain.progress import Progress, unwatched
from domain.records import Person
from domain.words import _
from services import merging, records
from services.lists.titles import field_text
from services.quality.quality import settled
from services.suspects import told_apart

_SAME_NUMBER: Final = "E04"
"""The data check that lists people with the same number."""
_OWN: Final = frozenset({"name", "merged_into"})
"""Fields that are not compared: names are compared by `bare_name`."""
_TOGETHER: Final = (("household_id", "relation"), ("bank_name", "bank_account", "payee_relation"))
"""Fields that say something only together: none is filled in where another one differs."""


@dataclass(frozen=True)
class Sure:
    """Two records that are surely of one person."""

    id: str
    into: str
    """The one that stays."""
    name: str
    number: str
    """Masked."""
    differs: Sequence[tuple[str, str, str]]
    """Label of each field with two values, the value that stays, and the other; secrets masked."""
    lacking: Mapping[str, Any]
    """Values that the one that stays lacks."""

    @property
    def text(self) -> str:
        """What would be merged, and what differs, in a line."""
        filled = _("、").join(_(Person.KIND.by_name[name].label) for name in self.lacking)
        told = [_("{label}留 {value}，另一条是 {other}").format(label=what, value=a, other=b) for what, a, b in self.differs]
        told += [_("补上{labels}").format(labels=filled)] if filled else []
        return f"{self.name}　{self.number}" + (f"　{_('；').join(told)}" if told else "")


@dataclass(frozen=True)
class Done:
    """How many records were merged, and how many were not for each reason."""

    merged: int
    left: Mapping[str, int]

    @property
    def text(self) -> str:
        """What was done, in one sentence, and what was not and why."""
        said = _("合并了 {n} 对。").format(n=self.merged) if self.merged else _("没有能一起合并的。")
        return said + "".join(_("另有 {n} 对没有合并：{why}。").format(n=n, why=why.rstrip("。")) for why, n in self.left.items())


def sure(session: Session) -> list[Sure]:
    """The records that are surely of one person and may be merged here, those that differ first. What somebody settled or told apart is
    left out."""
    closed = settled(session)
    pairs = [pair for pair in _pairs(session) if not any((_SAME_NUMBER, one.id) in closed for one in pair)]
    apart = told_apart(session, [_finding(*pair) for pair in pairs])
    homes = _homes(session, pairs)
    found = [_compared(session, homes, *pair) for pair in pairs if _finding(*pair) not in apart]
    return sorted(filter(None, found), key=lambda one: (not one.differs, not one.lacking, one.name, one.id))


def merge_sure(session: Session, progress: Progress = unwatched) -> Done:
    """Merge all that `sure` finds, within the caller's act. Of somebody with more than two records the third is compared again, with what
    the second filled in."""
    left, merged = dict[str, str](), 0
    while found := {one.into: one for one in reversed(sure(session)) if one.id not in left}:
        for n, one in enumerate(found.values()):
            progress(n, len(found), _("合并"))
            try:
                records.save(session, "person", one.lacking, one.into)
                merging.merge(session, one.id, one.into)
                merged += 1
            except (DomainError, Refused) as error:
                left[one.id] = str(error)
    return Done(merged, Counter(left.values()))


def _pairs(session: Session) -> Iterator[tuple[Person, Person]]:
    for first, *others in merging.same_people(session):
        if merging.is_valid(first.id_number) and session.may_write(first.village or ""):
            name = bare_name(first.name)
            yield from ((first, other) for other in others if other.village == first.village and bare_name(other.name) == name != "")


def _finding(one: Person, other: Person) -> str:
    return pair_id(str(one.id), str(other.id))


def _compared(session: Session, homes: Mapping[str, str], one: Person, other: Person) -> Sure | None:
    """None if a person has to choose between two values."""

    def meant(f: Field, person: Person) -> Any:
        return homes.get(person[f.name], person[f.name]) if f.name == "household_id" else person[f.name]

    fields = [f for f in Person.KIND.fields if f.name not in _OWN]
    two = [f for f in fields if one[f.name] and other[f.name] and meant(f, one) != meant(f, other)]
    if any(f.merge is Merge.REVIEW for f in two):
        return None
    unsure = {name for group in _TOGETHER for name in group if any(f.name in group for f in two)}
    lacking = {f.name: other[f.name] for f in fields if not one[f.name] and other[f.name] and f.name not in unsure}
    differs = [(_(f.label), field_text(session, f, one[f.name]), field_text(session, f, other[f.name])) for f in two]
    return Sure(str(other.id), str(one.id), one.name, one.shown("id_number"), differs, lacking)


def _homes(session: Session, pairs: Sequence[tuple[Person, Person]]) -> Mapping[str, str]:
    """What the households of these people are known by, by id: their number, or the number of their head. They were often registered twice
    themselves."""
    h, head = table("household"), table("person")
    known = func.coalesce(func.nullif(h.c.number, ""), head.c.id_tail, h.c.id)
    query = select(h.c.id, known).join(head, head.c.id == h.c.head_id, isouter=True)
    return dict(session.conn.execute(query.where(among(h.c.id, {one.household_id for pair in pairs for one in pair}))).all())
