"""The work a claim is based on: the record its verdict names, else the spells of work in the year that its rule counts.

A verdict names a record only where its rule judges records one by one; a benefit paid once a year is based on all spells of that year.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db.merged import counted_for, roots
from db.session import Session
from domain import divisions
from domain.divisions import Region
from domain.grouping import by_key
from domain.periods import INCOME_PERIOD_START, income_period
from domain.policy.case import Rule
from domain.records import Claim, Employment
from domain.scopes import county_of
from services import policies, records


def spells(session: Session, claims: Iterable[Claim], known: policies.Rules | None = None) -> dict[str, list[Employment]]:
    """The spells of work each claim is based on, by claim id, the earliest first; empty for a claim that is not based on work.

    `known`: the policy rules, where the caller has read them already.
    """
    listed = list(claims)
    by_id = policies.rules(session) if known is None else known
    named = records.by_id(session, Employment, (claim.record_id for claim in listed))
    of = roots(session, {claim.person_id for claim in listed if claim.person_id})
    worked = _of_people(session, of.values())
    found: dict[str, list[Employment]] = {}
    for claim in listed:
        record = named.get(claim.record_id)
        rule = by_id.of(claim.pack, claim.rule)
        counted = (spell for spell in worked.get(of.get(claim.person_id or "", ""), ()) if rule is not None and _counts(rule, claim, spell))
        found[claim.id] = [record] if record is not None else sorted(counted, key=lambda spell: (spell.start, spell.id))
    return found


def _of_people(session: Session, ids: Iterable[str]) -> dict[str, list[Employment]]:
    """Spells of work by person, including those of records merged into the person's."""
    whose = counted_for(session, ids)
    spells = session.select(Employment, person_id=whose)
    return by_key((whose[spell.person_id], spell) for spell in spells)


def _counts(rule: Rule, claim: Claim, spell: Employment) -> bool:
    """Whether the rule counts the spell for the claim, by the kind and the time of the work."""
    if not rule.kind.work or not within(rule, claim.year, spell):
        return False
    if claim.employer_id is not None and rule.kind.work == "employed":
        return spell.employer_id == claim.employer_id
    if rule.kind.work == "away":
        return divisions.region(spell.place, claim.village) is Region.OUTSIDE
    return spell.channel != "public_post"


def period(rule: Rule, year: int) -> tuple[str, str]:
    """The first and last day of the period a claim covers: the calendar year or, where wages are summed, the income period."""
    if sums_wages(rule):
        return income_period(year, str(rule.params.get("period_start") or INCOME_PERIOD_START))
    return f"{year}-01-01", f"{year}-12-31"


def sums_wages(rule: Rule) -> bool:
    """Whether a rule sums wages over the income period."""
    return "period_start" in rule.kind.params


def within(rule: Rule, year: int, spell: Employment) -> bool:
    """Whether a spell, at its longest, overlaps the period of the claim."""
    first, last = period(rule, year)
    return spell.start <= last and (spell.end is None or spell.end >= first[: len(spell.end)])


def months(rule: Rule, year: int, spell: Employment) -> str:
    """The first and last month of a spell within the period of the claim: `2023-02—2023-11`, or `2023-02至今` while it has no end."""
    first, last = (day[:7] for day in period(rule, year))
    start = max(first, spell.start[:7]) if len(spell.start) >= 7 else spell.start
    end = spell.end if spell.end is None or len(spell.end) < 7 else min(last, spell.end[:7])
    return f"{start}—{end}" if end else f"{start}至今"


def region_name(place: str) -> str:
    """Name of a place of work, no finer than needed: the county within the home province, the province elsewhere."""
    province = divisions.HOME_PROVINCE[:2]
    return (divisions.name(f"{place[:2]}0000") if place[:2] != province else divisions.name(county_of(place))) or ""


def places(found: Sequence[Employment]) -> str:
    """Names of the places of work, each once."""
    return "、".join(dict.fromkeys(name for spell in found if (name := region_name(spell.place))))
