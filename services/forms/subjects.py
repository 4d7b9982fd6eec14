"""Whom a form is about, as it may be shown: numbers masked unless somebody looks at them for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from db.session import Session
from domain import divisions
from domain.fields import kind_of
from domain.policy.case import Rule
from domain.records import Claim, Employer, Employment, Household, Person
from services import claim_work, policies, records
from services.forms.form import shown
from services.sheets import sheet_value
from services.standing import standings


class Subjects:
    """The people, employers, households and work of some claims."""

    def __init__(self, session: Session, claims: Iterable[Claim], *, plain: bool = False) -> None:
        listed = list(claims)
        self.session, self.plain = session, plain
        self.rules = policies.rules(session)
        self.documents = {pack.id: pack.title.split(" ")[0] for pack in policies.here(session)}
        self.people: dict[str | None, Person] = records.by_id(session, "person", (claim.person_id for claim in listed))
        self.employers: dict[str | None, Employer] = records.by_id(session, "employer", (claim.employer_id for claim in listed))
        homes = (person.household_id for person in self.people.values())
        self.households: dict[str | None, Household] = records.by_id(session, "household", homes)
        self.work = claim_work.spells(session, listed, self.rules)

    def rule(self, claim: Claim) -> Rule | None:
        """The rule of a claim, None where no pack here knows it."""
        return self.rules.of(claim.pack, claim.rule)

    def item(self, claim: Claim) -> str:
        """What the benefit is called."""
        rule = self.rule(claim)
        return rule.name if rule is not None else claim.rule

    def basis(self, claim: Claim) -> str:
        """The document, article and version of the pack by which a claim was judged: `某人社发〔2021〕16号（三）（某包 1.0.0）`."""
        rule = self.rule(claim)
        return f"{self.documents.get(claim.pack, '')}{rule.article if rule else ''}（{claim.pack} {claim.pack_version}）"

    def names(self, claim: Claim) -> str:
        """The person, and the employer where it is the employer's claim."""
        found = (self.people.get(claim.person_id), self.employers.get(claim.employer_id))
        return "、".join(each.name for each in found if each is not None)

    def of(self, record: Any, name: str) -> str:
        """A field of a record as it is written into a form; "" without the record."""
        if record is None:
            return ""
        f = record.KIND.by_name[name]
        return shown(sheet_value(f, record[name], plain=self.plain))

    def number(self, claim: Claim) -> str:
        """The ID number of the person, else the credit code of the employer."""
        person = self.people.get(claim.person_id)
        return self.of(person, "id_number") if person is not None else self.of(self.employers.get(claim.employer_id), "uscc")

    def home(self, person: Person | None) -> str:
        """Where a person lives: the village, its group and the address."""
        if person is None:
            return ""
        household, village = self.households.get(person.household_id), divisions.full_name(person.village) or ""
        address = self.of(household, "address")
        if village and address.startswith(village):
            return address  # written in full already
        return "".join((village, self.of(household, "group"), address))

    def category(self, person: Person | None, day: str) -> str:
        """What a person counts as on a day."""
        return standings(self.session, [person.id], day)[person.id].category_text() if person is not None else ""


def place_of(spell: Employment) -> str:
    """Where the work is, in full."""
    return (divisions.full_name(spell.place) or spell.place) + (spell.address or "")


def employer_of(session: Session, spells: Sequence[Employment]) -> dict[str, str]:
    """The employer's name of each spell, by the spell's id."""
    known = records.by_id(session, "employer", (spell.employer_id for spell in spells))
    return {s.id: known[s.employer_id].name if s.employer_id in known else s.employer_name or "" for s in spells}


def label(kind: str, field: str, code: str | None) -> str:
    """A code in Chinese."""
    return str(sheet_value(kind_of(kind).by_name[field], code)) if code else ""


def date_words(day: str | None) -> str:
    """2023-06-05 as official papers write it; what is coarser as far as it goes, "" for none."""
    parts = (day or "").split("-")
    return "".join(f"{int(part)}{unit}" for part, unit in zip(parts, "年月日", strict=False) if part)


def place_name(session: Session) -> str:
    """The station's place, in full."""
    return divisions.full_name(session.scope) or session.scope
