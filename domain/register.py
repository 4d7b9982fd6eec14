"""The register: a village's records in memory, indexed for data checks and early warnings. Pure: nothing here reads a database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar, cast

from domain import namesakes
from domain.fields import KINDS, Record
from domain.grouping import by_key
from domain.namesakes import Bearer, marked
from domain.records import (
    Agreement,
    Appointment,
    CategorySpan,
    Course,
    Employment,
    Enrolment,
    Household,
    HouseholdIncome,
    Insurance,
    JobWish,
    MonthlyCheck,
    Person,
    Post,
    Service,
    Vacancy,
    Wage,
)
from domain.words import _

R = TypeVar("R", bound=Record)
T = TypeVar("T")

KINDS_READ = tuple(name for name in KINDS if name not in ("attachment", "claim_step", "finding"))
"""Kinds that a register may need; others can be omitted."""


def _by_id(cls: type[R]) -> cached_property[Mapping[str, R]]:
    """Index the records of a kind by id."""
    return cached_property(lambda register: {row.id: row for row in register.all(cls)})


def _by(cls: type[R], field: str) -> cached_property[Mapping[Any, list[R]]]:
    """Index the records of a kind by one of their reference fields."""
    return cached_property(lambda register: register.by(cls, field))


class Register:
    """Records by kind, with the look-ups that checks need. Pass no deleted and no merged records. Their order does not matter."""

    def __init__(
        self,
        records: Mapping[str, Iterable[Record]],
        merged: Mapping[str, str] | Iterable[str] = (),
        *,
        apart: Iterable[str] = (),
        deleted: Mapping[str, str] | Iterable[str] = (),
        required_days: Callable[[str, str], int | None] = lambda _village, _day: None,
    ) -> None:
        """`merged`: ids of people merged into another, so that references to them are not dangling, with the other's id. `apart`: ids
        of pairs of people found not to be the same (`domain.likeness.pair_id`). `deleted`: ids of deleted posts, employers, courses
        and people, with titles; other missing ones belong to the village where a person used to live. `required_days`: the days of
        attendance that the policy requires in a village on a day, for posts that state none."""
        self.required_days = required_days
        self.apart = frozenset(apart)
        self.deleted: Mapping[str, str] = deleted if isinstance(deleted, Mapping) else dict.fromkeys(deleted, "")
        self._kept: dict[str, Any] = {}
        self._at_work: dict[str, frozenset[str]] = {}
        self._indexes: dict[tuple[type[Record], str], Mapping[Any, list[Any]]] = {}
        self.replaced: Mapping[str, str] = merged if isinstance(merged, Mapping) else dict.fromkeys(merged, "")
        self.incomplete: list[Record] = []
        """Records without a required field, which all other checks skip."""
        # in order of id, so that findings do not depend on the order of reading
        self._records = {kind: self._complete(sorted(rows, key=attrgetter("id"))) for kind, rows in sorted(records.items())}

    def _complete(self, rows: list[Record]) -> list[Record]:
        required = attrgetter("id", *(name for name in rows[0].KIND.required)) if rows else None
        lacking = [row for row in rows if None in required(row)] if required else []
        self.incomplete += lacking
        return [row for row in rows if required and None not in required(row)] if lacking else rows

    def all(self, cls: type[R]) -> Sequence[R]:
        """Every record of a kind."""
        return cast("Sequence[R]", self._records.get(cls.KIND.name, ()))

    def records(self, kind: str) -> Sequence[Record]:
        """Every record of a kind given by its name."""
        return self._records.get(kind, ())

    def knows(self, kind: str) -> frozenset[str] | None:
        """Ids of every record of a kind, including incomplete ones; None if the kind was omitted."""
        return self.once(f"ids of {kind}", lambda: self._ids(kind)) if kind in self._records else None

    def _ids(self, kind: str) -> frozenset[str]:
        ids = frozenset(row.id for row in (*self._records[kind], *self.incomplete) if row.KIND.name == kind)
        return ids | self.replaced.keys() if kind == Person.KIND.name else ids

    def by(self, cls: type[R], field: str) -> Mapping[Any, list[R]]:
        """Records of a kind grouped by a field, each group in order of id."""
        if (cls, field) not in self._indexes:
            rows = self.all(cls)
            self._indexes[cls, field] = by_key(zip(map(attrgetter(field), rows), rows, strict=True))
        return self._indexes[cls, field]

    people = _by_id(Person)
    households = _by_id(Household)
    courses = _by_id(Course)
    employments = _by_id(Employment)
    appointments = _by_id(Appointment)
    posts = _by_id(Post)
    vacancies = _by_id(Vacancy)

    spans = _by(CategorySpan, "person_id")
    spells = _by(Employment, "person_id")
    holders = _by(Appointment, "person_id")
    monthly = _by(MonthlyCheck, "person_id")
    enrolments = _by(Enrolment, "person_id")
    wishes = _by(JobWish, "person_id")
    services = _by(Service, "person_id")
    agreements = _by(Agreement, "appointment_id")
    insurances = _by(Insurance, "appointment_id")
    wages = _by(Wage, "employment_id")
    incomes = _by(HouseholdIncome, "household_id")

    @cached_property
    def _marks(self) -> Mapping[str, str]:
        living = (one for one in self.all(Person) if not one.died_on)
        return namesakes.marks(Bearer(one.id or "", one.village or "", one.name, one.birth, one.id_number) for one in living)

    @cached_property
    def members(self) -> Mapping[str, list[Person]]:
        """Living people by household."""
        return by_key((person.household_id, person) for person in self.all(Person) if person.household_id and not person.died_on)

    # -- on a day ------------------------------------------------------------------------------------------------

    def working(self, person_id: str, day: str) -> list[Employment]:
        """The person's spells of work in effect on `day`."""
        return [spell for spell in self.spells.get(person_id, ()) if holds(spell.start, spell.end, day)]

    def on_post(self, person_id: str, day: str) -> list[Appointment]:
        """The person's appointments to public posts in effect on `day`."""
        return [held for held in self.holders.get(person_id, ()) if holds(held.start, held.exit_on, day)]

    def at_work(self, day: str) -> frozenset[str]:
        """Ids of everybody with a spell of work or a public post in effect on `day`."""
        if day not in self._at_work:
            spells = (spell.person_id for spell in self.all(Employment) if holds(spell.start, spell.end, day))
            held = (held.person_id for held in self.all(Appointment) if holds(held.start, held.exit_on, day))
            self._at_work[day] = frozenset(chain(spells, held))
        return self._at_work[day]

    def categories(self, person_id: str, day: str) -> set[str]:
        """The person's categories on `day`. A span without a start covers all time before its end."""
        return {span.category for span in self.spans.get(person_id, ()) if holds(span.start, span.end, day)}

    def once(self, key: str, make: Callable[[], T]) -> T:
        """The result of `make`, computed once per register."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast("T", self._kept[key])

    def name(self, person_id: Any) -> str:
        """A person's name, for sentences; with the year of birth where others of the village have the same."""
        person = self.people.get(person_id)
        return marked(person.name, self._marks.get(person_id, "")) if person is not None else ""

    def whose(self, row: Record) -> str:
        """The person or household that a record is about; the label of its kind if nobody is known."""
        held = self.appointments.get(row.get("appointment_id") or "") or self.employments.get(row.get("employment_id") or "")
        person = row.id if isinstance(row, Person) else row.get("person_id") or (held and held.person_id)
        return self.name(person) or self.householder(row.get("household_id") or "") or _(row.KIND.label)

    def householder(self, household_id: str) -> str:
        """A household's name in messages: its head, otherwise any member, otherwise its number."""
        household, members = self.households.get(household_id), self.members.get(household_id, ())
        named = [person for person in members if household is not None and person.id == household.head_id] or members
        return named[0].name if named else (household.number or "") if household is not None else ""


def holds(start: str | None, end: str | None, day: str) -> bool:
    """Whether a span of fdates, at its longest, contains `day`; a missing bound is open."""
    return (start is None or start <= day) and (end is None or end >= day[: len(end)])
