"""The people and units that a form is about, with numbers masked unless they are shown for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from db.session import Session
from domain import divisions
from domain.fields import kind_of
from domain.policy.case import Rule
from domain.records import Claim, Employer, Employment, Household, Person
from services import policies, records
from services.claims import work
from services.forms.form import shown
from services.sheets import sheet_value
from services.standing import standings


class Subjects:
    """The people, employers, households and employments of some claims."""

    def __init__(self, session: Session, claims: Iterable[Claim], *, plain: bool = False) -> None:
        listed = list(claims)
        self.session, self.plain = session, plain
        self.rules = policies.rules(session)
        self.documents = {pack.id: pack.title.split(" ")[0] for pack in policies.here(session)}
        self.people: dict[str | None, Person] = records.by_id(session, Person, (claim.person_id for claim in listed))
        self.employers: dict[str | None, Employer] = records.by_id(session, Employer, (claim.employer_id for claim in listed))
        homes = (person.household_id for person in self.people.values())
        self.households: dict[str | None, Household] = records.by_id(session, Household, homes)
        self.work = work.spells(session, listed, self.rules)

    def rule(self, claim: Claim) -> Rule | None:
        """The rule of a claim; None if no pack at this station has it."""
        return self.rules.of(claim.pack, claim.rule)

    def item(self, claim: Claim) -> str:
        """The name of the benefit."""
        rule = self.rule(claim)
        return rule.name if rule is not None else claim.rule

    def basis(self, claim: Claim) -> str:
        """The document, article and pack version by which a claim was judged: `某人社发〔2021〕16号（三）（某包 1.0.0）`."""
        rule = self.rule(claim)
        changed = [self.documents.get(overlay.partition("@")[0]) for overlay in (claim.pack_version or "").split("+")[1:]]
        documents = "、".join(filter(None, (f"{self.documents.get(claim.pack, '')}{rule.article if rule else ''}", *changed)))
        return f"{documents}（{claim.pack} {claim.pack_version}）"

    def names(self, claim: Claim) -> str:
        """The names of the person and, for an employer's claim, of the employer."""
        found = (self.people.get(claim.person_id), self.employers.get(claim.employer_id))
        return "、".join(each.name for each in found if each is not None)

    def of(self, record: Any, name: str) -> str:
        """A field's value as written into a form; "" without the record."""
        if record is None:
            return ""
        f = record.KIND.by_name[name]
        return shown(sheet_value(f, record[name], plain=self.plain))

    def number(self, claim: Claim) -> str:
        """The person's ID number, otherwise the employer's credit code."""
        person = self.people.get(claim.person_id)
        return self.of(person, "id_number") if person is not None else self.of(self.employers.get(claim.employer_id), "uscc")

    def home(self, person: Person | None) -> str:
        """A person's home: village, group and address."""
        if person is None:
            return ""
        household, village = self.households.get(person.household_id), divisions.full_name(person.village) or ""
        group, address = self.of(household, "group"), self.of(household, "address")
        name = divisions.name(person.village)
        before, named, rest = address.partition(name) if name else ("", "", "")
        letters = iter(village)
        if named and all(letter in letters for letter in before):  # 横头山镇 or 桦川县: the village is written already
            address = rest
        return village + ("" if address.startswith(group) else group) + address

    def category(self, person: Person | None, day: str) -> str:
        """A person's categories on a day."""
        return standings(self.session, [person.id], day)[person.id].category_text() if person is not None else ""


def place_of(spell: Employment) -> str:
    """The full place of work."""
    return (divisions.full_name(spell.place) or spell.place) + (spell.address or "")


def employer_of(session: Session, spells: Sequence[Employment]) -> dict[str, str]:
    """Employment id → name of the employer."""
    known = records.by_id(session, Employer, (spell.employer_id for spell in spells))
    return {s.id: known[s.employer_id].name if s.employer_id in known else s.employer_name or "" for s in spells}


def label(kind: str, field: str, code: str | None) -> str:
    """The Chinese label of a code; "" for None."""
    return str(sheet_value(kind_of(kind).by_name[field], code)) if code else ""


def date_words(day: str | None) -> str:
    """A date as in official papers (2023年6月5日), without the parts that are unknown; "" for None."""
    parts = (day or "").split("-")
    return "".join(f"{int(part)}{unit}" for part, unit in zip(parts, "年月日", strict=False) if part)


def place_name(session: Session) -> str:
    """The full name of the station's place."""
    return divisions.full_name(session.scope) or session.scope


REPORT_HEADS: Final = ("填报单位", "统计时间")


def report_heads(session: Session, time: str) -> dict[str, str]:
    """The heads of a report: the station, and the time its figures are about."""
    return dict(zip(REPORT_HEADS, (place_name(session), time), strict=True))
