"""Groups the rows of a register without 户编号 into households by 户主姓名. Ambiguous cases are reported and left without a household.

The order of the rows is not used: a list may have only some of the people, or only heads, or be sorted by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from db.session import Session
from domain.errors import FieldError
from domain.kinship import HEAD, SPOUSE
from domain.words import _
from services.importing.plan import Level, PlanRow
from services.importing.rows.drafting import Context
from services.importing.rows.known import Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import ID, NAME, number_key
from services.importing.values.id_cells import Number
from services.importing.values.other_names import read_name

_RELATION, HEADS = "person.relation", "household.head"
_AT_MOST_ONCE: Final = (SPOUSE, "之父", "之母")
"""Relations that a head has at most once; a second one belongs to another household."""
_YOUNGER: Final = frozenset({"之子", "之女", "之孙子", "之孙女", "之外孙子", "之外孙女"})
_OLDER: Final = frozenset({"之父", "之母", "之祖父", "之祖母"})
_LEAST_YEARS_APART: Final = 12
"""Fewest years between the births of head and child; if there are fewer, one of them does not belong to the household."""


@dataclass
class Family:
    """A household: the index of the head's row, and of the members' rows."""

    head: int
    members: list[int] = field(default_factory=list)
    doubt: str = ""
    """Why these rows are not treated as one household; "" if they are."""


class Families:
    """Groups rows into households and finds each household in the store (`home`, None for a new one)."""

    def __init__(self, context: Context, lines: Lines, rows: Sequence[tuple[int, PlanRow]], where: Sequence[str | None]) -> None:
        self.context, self.lines, self.where = context, lines, where
        self.rows = {i: row for i, row in rows if not row.skipped}
        self.relations: list[str | None] = lines.values(_RELATION)
        self.names: list[str | None] = lines.values(NAME)
        self.numbers = lines.values(ID)
        self.lost: list[int] = []
        """Rows whose household is unknown."""
        found = list(self._named())
        self.of: dict[int, Family] = {i: one for one in found for i in (one.head, *one.members)}
        self.home: dict[int, Row | None] = {}
        """By the index of the head's row."""
        self.elsewhere: set[int] = set()
        """Rows of people who are in another household in the store."""
        self._find_homes(context.session, found)
        self._tell([one for one in found if one.head in self.of])

    def __getitem__(self, i: int) -> Family | None:
        """The household of row `i`; None if it is uncertain, or if the person is in another one in the store."""
        family = self.of.get(i)
        return None if family is None or family.doubt or i in self.elsewhere else family

    # -- what the sheet says -------------------------------------------------------------------------------------------

    def _named(self) -> Iterator[Family]:
        """Groups of rows with the same 户主姓名, which may be written only in the first row of a household; the head is the person of that
        name."""
        for name, members in self._groups():
            heads = [i for i in members if name and self.names[i] == name and self.relations[i] in (None, HEAD)]
            if len(heads) != 1:
                self.lost += members
            else:
                yield Family(heads[0], [i for i in members if i != heads[0]])

    def _groups(self) -> Iterator[tuple[str, list[int]]]:
        """The head's name and the rows of each group."""
        groups: dict[tuple[str | None, str], list[int]] = {}
        named, names = "", list(map(_as_name, self.lines.text(HEADS)))
        for i in self.rows:
            if names[i] or self.relations[i] in (None, HEAD):
                named = names[i] or (self.names[i] or "" if self.relations[i] == HEAD else "")
            groups.setdefault((self.where[i], named), []).append(i)
        return ((name, members) for (_village, name), members in groups.items())

    def _doubtful(self, family: Family) -> str:
        """The reason why these rows cannot be one household; "" if there is none."""
        counts = Counter(self.relations[i] for i in family.members)
        twice = next((word for word in (HEAD, *_AT_MOST_ONCE) if counts[word] > (word != HEAD)), "")
        if twice:
            return _("不止一个「{relation}」").format(relation=twice)
        for i in family.members:
            between, relation = self._years_between(family.head, i), self.relations[i]
            if between is not None and (
                (relation in _YOUNGER and between < _LEAST_YEARS_APART) or (relation in _OLDER and -between < _LEAST_YEARS_APART)
            ):
                return _("{name}的年龄与「{relation}」对不上").format(name=self.names[i], relation=relation)
        return ""

    def _years_between(self, head: int, i: int) -> int | None:
        births = [number.birth if isinstance(number, Number) else None for number in (self.numbers[head], self.numbers[i])]
        return int(births[1][:4]) - int(births[0][:4]) if births[0] and births[1] else None

    # -- what the store has ---------------------------------------------------------------------------------------------

    def _find_homes(self, session: Session, families: Sequence[Family]) -> None:
        """Find the households in the store: the head's own, otherwise the only one that the members belong to, if it has no head."""
        known = self.context.known
        people = {i: next((p.id for p in known.people(number_key(self.numbers[i])) if p.village == self.where[i]), "") for i in self.rows}
        stored = known.rows("person", filter(None, people.values())) if session.count("household") else {}
        lives_in = {i: stored[id]["household_id"] for i, id in people.items() if id in stored and stored[id]["household_id"]}
        homes = known.rows("household", lives_in.values())
        self.lost = [i for i in self.lost if i not in lives_in]
        for one in families:
            self._settle(one, people[one.head], lives_in, homes)

    def _settle(self, one: Family, head: str, lives_in: Mapping[int, str], homes: Mapping[str, Row]) -> None:
        """Find the household of a family whose head is the person `head` in the store; `lives_in` are the stored households of rows."""
        asked = [one.head] if one.head in lives_in else one.members
        wanted = {lives_in[i] for i in asked if lives_in.get(i) in homes}
        home = self.home[one.head] = homes[min(wanted)] if len(wanted) == 1 else None
        others = len(wanted) > 1 or (home is not None and home["head_id"] not in (None, head))
        one.doubt = self._doubtful(one) or (_("台账里他们在别的户，或者户主是别人") if others else "")
        everybody = {one.head, *one.members}
        elsewhere = {i for i in everybody & lives_in.keys() if home is None or lives_in[i] != home["id"]}
        if everybody <= lives_in.keys() and (one.doubt or elsewhere):  # the list is only ordered differently
            for i in everybody:
                del self.of[i]
        else:
            self.elsewhere |= elsewhere

    def _tell(self, families: Sequence[Family]) -> None:
        certain = [one for one in families if not one.doubt]
        if certain:
            message = _("名册没有「户编号」，按「{heading}」归成 {n} 户，请核对；以后有了户编号再导入一次会补上")
            self.context.propose(message.format(heading=self.lines.heading(HEADS), n=len(certain)))
        for one in families:
            if one.doubt:
                message = _("看不出哪几个人是一户：{why}；这几个人先不归户").format(why=one.doubt)
                self.lines.add_issue(self.rows[one.head], one.head, HEADS, message, "household", Level.WARNING)
        for i in sorted(self.elsewhere):
            if not self.of[i].doubt:
                message = _("台账里{name}在别的户，导入不改").format(name=self.names[i])
                self.rows[i].add(self.lines.of_row(i, message, "household", Level.WARNING))
        if self.lost:
            numbers = _("、").join(str(self.lines.number(i)) for i in sorted(self.lost)[:5]) + ("…" if len(self.lost) > 5 else "")
            message = _("名册没有「户编号」，{n} 行（第 {rows} 行）看不出是哪一户的，人先不归户；补上这一列再导入一次就会归户")
            self.context.notes[message.format(n=len(self.lost), rows=numbers)] = None


def _as_name(head: str) -> str:
    """A head's name, read like a person's name: 周　明 → 周明."""
    try:
        return read_name(head, []) or ""
    except FieldError:  # not a name
        return head
