"""Facts for the rules: indexed records, and reading them from JSON Lines."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

import domain.records  # noqa: F401  (declares the kinds)
from domain import identity
from domain.divisions import HOME_PROVINCE, Region, level, region
from domain.errors import FieldError, InputUnusable
from domain.fields import KINDS, SYSTEM_FIELDS, Record
from domain.grouping import by_key
from domain.json_lines import JsonLine, id_text, read_line, read_values
from domain.records import Claim, ClaimStep, Employer, Household, Payment, Person
from domain.register import Register
from domain.scopes import county_of
from domain.values import Type, canonical_json
from domain.words import _

R = TypeVar("R", bound=Record)
MAX_LINES: Final = 2_000_000
_MAX_REPORTED: Final = 5


class Facts(Register):
    """Records by kind, with the look-ups that rules need. Unlike in a `Register`, records without a required field are kept: the missing
    field may not matter."""

    def __init__(self, records: Mapping[str, Iterable[Record]], merged: Mapping[str, str] | None = None) -> None:
        """`merged`: people merged into another, mapped to that other, to whom all references are redirected."""
        super().__init__(_redirected(records, merged) if merged else records)
        self._regions: dict[tuple[str, str], Region] = {}
        self._by_id: dict[type[Record], dict[str | None, Any]] = {}
        villages = {person.village for person in self.all(Person)} - {""}
        self._only_village = villages.pop() if len(villages) == 1 else ""

    def _complete(self, rows: list[Record]) -> list[Record]:
        return rows

    def of(self, cls: type[R], field: str, id: str | None) -> Sequence[R]:
        """Records of a kind whose `field` is `id`, in order of id."""
        if id is None:
            return ()
        index = self._indexes.get((cls, field))
        return (self.by(cls, field) if index is None else index).get(id, ())

    def get(self, cls: type[R], id: str | None) -> R | None:
        """A record by its id."""
        if cls not in self._by_id:
            self._by_id[cls] = {row.id: row for row in reversed(self.all(cls))}  # of equal ids, the first
        return self._by_id[cls].get(id)

    def number(self, person_id: str) -> str:
        """The key that identifies a person: the first 18 characters of the ID number, otherwise the record's id (`domain.md` §3.6)."""
        return self._numbers.get(person_id, person_id)

    @cached_property
    def _numbers(self) -> dict[str, str]:
        found = {}
        for person in self.all(Person):
            number = identity.clean_id(person.id_number or "")
            if len(number) == 15:
                number = identity.id18(number)
            found[person.id] = number[:18] if len(number) >= 18 and "*" not in number else person.id
        return found

    def same(self, person_id: str) -> Sequence[str]:
        """All records of the same person, including this one: a person may have moved between villages."""
        return self._same.get(self._numbers.get(person_id, person_id), (person_id,))

    @cached_property
    def _same(self) -> dict[str, list[str]]:
        return by_key((self.number(person.id), person.id) for person in self.all(Person))

    def theirs(self, cls: type[R], person_id: str | None) -> list[R]:
        """Records of a kind that belong to a person under any of their records."""
        return [row for id in self.same(str(person_id)) for row in self.of(cls, "person_id", id)]

    def unit(self, employer_id: str | None) -> str:
        """The key that identifies an employer: its credit code, since it may be on file in several villages, otherwise the record's id."""
        employer = self.get(Employer, employer_id)
        return (employer.uscc or "").upper() or employer.id if employer is not None else employer_id or ""

    def birth(self, person: Person) -> str | None:
        """The birth date; if none is recorded, the one in the ID number."""
        return person.birth or identity.birth_of(self.number(person.id))

    def home(self, person: Person | None) -> str:
        """The village a person belongs to, if known: the person's, the household's, or the only one among the facts; otherwise ""."""
        if person is None:
            return self._only_village
        household = self.get(Household, person.household_id) if not person.village else None
        return person.village or (household.village if household else "") or self._only_village

    def region(self, place: str, home: str) -> Region:
        """The region of a place relative to home; if home is unknown, relative to a village of the province."""
        key = (place, county_of(home))
        if key not in self._regions:
            self._regions[key] = region(place, home or HOME_PROVINCE)
        return self._regions[key]

    def paid(self, rule: str) -> Sequence[Claim]:
        """Claims under a rule that were paid and not recovered: by a step, or by a payment that the bank did not return."""
        return self._paid.get(rule, ())

    @cached_property
    def _paid(self) -> dict[str, list[Claim]]:
        taken = {step.claim_id for step in self.all(ClaimStep) if step.to_state == "recovered"}
        paid = {payment.claim_id for payment in self.all(Payment) if payment.bank_result != "failed"}
        paid |= {step.claim_id for step in self.all(ClaimStep) if step.to_state == "paid"}
        kept = paid - taken
        return by_key((claim.rule, claim) for claim in self.all(Claim) if claim.id in kept)

    def submitted(self, rule: str, record: Record, person_id: str | None, year: int, employer_id: str | None = None) -> str:
        """When something was handed in, UTC: the claim's filing day, otherwise when the record was made; "~", which sorts last, if neither
        is known. `employer_id`: count only this employer's claims, those for no person if none is given."""
        for claim in self.of(Claim, "person_id", person_id) if person_id is not None else self.of(Claim, "employer_id", employer_id):
            if employer_id is not None and (claim.employer_id, claim.person_id) != (employer_id, person_id):
                continue
            if claim.rule == rule and claim.year == year and claim.record_id in (None, record.id) and (claim.filed_on or claim.created_at):
                return claim.created_at or claim.filed_on or "~"
        return record.created_at or "~"


def _redirected(records: Mapping[str, Iterable[Record]], merged: Mapping[str, str]) -> Mapping[str, Iterable[Record]]:
    """The records without merged people, with every reference to one redirected to the person they were merged into."""
    found: dict[str, list[Record]] = {}
    for kind, rows in records.items():
        names = [f.name for f in KINDS[kind].fields if f.ref == Person.KIND.name]
        found[kind] = [row for row in rows if kind != Person.KIND.name or row.id not in merged]
        for row in found[kind] if names else ():
            for name in names:
                id = row.get(name)
                if id in merged:
                    object.__setattr__(row, name, _survivor(str(id), merged))
    return found


def _survivor(id: str, merged: Mapping[str, str]) -> str:
    """The person that somebody was finally merged into. A cycle ends where it begins to repeat."""
    seen = set()
    while id in merged and id not in seen:
        seen.add(id)
        id = merged[id]
    return id


# ---------------------------------------------------------------- from JSON Lines


def read_facts(lines: Iterable[str]) -> Facts:
    """Read facts from JSON Lines. Raises `InputUnusable`, naming each faulty line: nothing is judged from half of the facts.

    Ids may be any short text. A line without an id gets one derived from its content, so that the order of lines never matters.
    """
    found: dict[str, dict[str, Record]] = defaultdict(dict)
    wrong: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for number, text in enumerate(lines, 1):
        if number > MAX_LINES:
            raise InputUnusable(_("超过 {limit} 行。请分成几个文件。").format(limit=MAX_LINES))
        if not text.strip():
            continue
        line = read_line(text)
        read_values(line, any_id=True)
        record = _record(line)
        if record is not None and not line.faults:
            first = seen.setdefault((record.KIND.name, record.id), number)
            if first != number:
                line.fault("id", record.id, _("与第 {row} 行是同一条记录").format(row=first), "duplicate")
            else:
                found[record.KIND.name][record.id] = record
        wrong += [_fault_text(number, line, fault.column, fault.message) for fault in line.faults]
    if wrong:
        more = _("等 {n} 处").format(n=len(wrong)) if len(wrong) > _MAX_REPORTED else ""
        raise InputUnusable(_("事实文件不能用：{faults}").format(faults=_("；").join(wrong[:_MAX_REPORTED]) + more))
    people = {record.id: str(record["merged_into"]) for record in found["person"].values() if record["merged_into"]}
    return Facts({kind: records.values() for kind, records in found.items()}, {a: b for a, b in people.items() if b in found["person"]})


def _fault_text(number: int, line: JsonLine, column: str, message: str) -> str:
    place = ".".join(part for part in (line.kind.name if line.kind else "", column) if part)
    return _("第 {row} 行 {place} {message}").format(row=number, place=place, message=message)


def _record(line: JsonLine) -> Record | None:
    """The record of a line. Required references must be given, other required fields may be missing."""
    kind = line.kind
    if kind is None:
        return None
    for f in kind.fields:
        if f.required and f.type is Type.ID and line.values.get(f.name) is None:
            line.fault(f.name, "", _("缺少{label}").format(label=_(f.label)), "required")
    village = line.content.get("village")
    if village is not None and not (isinstance(village, str) and level(village)):
        line.fault("village", village, _("village 应为 6、9 或 12 位区划代码"), "village")
    id = _id(line)
    if id is None or line.faults:
        return None
    values = {f.name: None for f in kind.fields} | dict(line.values)
    system = {name: said for name in SYSTEM_FIELDS if isinstance(said := line.content.get(name), str)}
    return kind.cls(id=id, village=village or "", **values, **system)


def _id(line: JsonLine) -> str | None:
    try:
        if line.content.get("id") is not None:
            return id_text(line.content["id"])
    except FieldError as error:
        line.fault("id", "", str(error), error.code)
        return None
    try:
        content = canonical_json(dict(line.content))
    except ValueError:  # NaN and infinity, which Python reads but JSON does not have
        if not line.faults:
            line.fault("", "", _("这一行不是 JSON"), "json")
        return None
    return "#" + hashlib.sha256(content.encode()).hexdigest()[:32]
