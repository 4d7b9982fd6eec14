"""Changes of key information (关键信息变更), which decides who gets money, and their confirmation by a second person.

A change takes effect at once. It is *unconfirmed* until another person, at the township or the county, records `verified` as a `finding` on
the person, whose code names the field and the moment of the change (`Event.finding`). First entries are not changes, except a date of death
given to somebody on record. Nor are corrections by
the same author on the same day, before the first value left the laptop: nobody else saw it. Pure: the same log gives the same answer on
every laptop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain import clock
from domain.authors import name_of, scope_of, station_of
from domain.fields import Field
from domain.grouping import by_key
from domain.records import CategorySpan, Finding, Person
from domain.scopes import is_village
from domain.values import Stored

PEOPLE: Final[Mapping[str, Field]] = {
    "K1": Person.KIND.by_name["name"],
    "K2": Person.KIND.by_name["id_number"],
    "K3": Person.KIND.by_name["bank_account"],
    "K5": Person.KIND.by_name["died_on"],
}
SPANS: Final[Mapping[str, Field]] = {
    "K4": CategorySpan.KIND.by_name["category"],
    "K6": CategorySpan.KIND.by_name["start"],
    "K7": CategorySpan.KIND.by_name["end"],
}
FIELDS: Final[Mapping[str, Field]] = {**PEOPLE, **SPANS}
"""The watched fields by their stable code: name, ID number, account, date of death, and the category a person counts as (脱贫、监测 …) with
its start and end."""
DEATH: Final = "K5"
CATEGORY, SPAN_START, SPAN_END = SPANS
LISTED_DAYS: Final = 365
"""Age in days beyond which changes are not listed: payments based on them were made, and an upgraded store should not begin with years
of changes."""
MOST_REASON: Final = 200


@dataclass(frozen=True)
class Event:
    """A change of a watched value. `by`: `name@station`; `at`: UTC; `parcel`: the batch in which it left the laptop, or will."""

    code: str
    person_id: str
    old: Stored
    new: Stored
    by: str
    at: str
    parcel: tuple[str, int | None]

    @property
    def finding(self) -> str:
        """The code of findings about exactly this change."""
        return f"{self.code}@{self.at}"

    @property
    def name(self) -> str:
        """Its author's name."""
        return name_of(self.by)

    @property
    def station(self) -> str:
        """Its author's station."""
        return station_of(self.by)


@dataclass(frozen=True)
class Pending:
    """An unconfirmed change; `old` is the value before all unconfirmed changes. `reason`: the author's reason; `dispute`: the objection
    by `disputed_by`."""

    event: Event
    reason: str = ""
    dispute: str = ""
    disputed_by: str = ""


def speaks_of_change(code: str | None) -> bool:
    """Whether a finding's code refers to such a change."""
    head, mark, _at = (code or "").partition("@")
    return bool(mark) and head in FIELDS


def counts(by: str, event: Event) -> bool:
    """Whether a finding by `by` counts for a change: the author must have another name and a station of a township or the county
    (station names begin with the scope)."""
    return not is_village(scope_of(by)) and name_of(by) != event.name


def pending(first: Event, events: Sequence[Event], findings: Iterable[Finding]) -> Pending | None:
    """The unconfirmed part of the changes of one field of a person; None if there is none, or if the value is again the original.
    `events` come in county order after the value `first`, `findings` in county order."""
    said = by_key((finding.code, finding) for finding in findings)
    left = _mended(first, events)
    codes = [event.finding for event in left]
    first_of = (n for n, code in enumerate(codes) if code not in codes[:n])  # one dated like an earlier change borrows no finding
    done = [n for n in first_of if was_confirmed(left[n], said.get(codes[n], ()))]
    left = left[done[-1] + 1 :] if done else left
    dies = first.code == DEATH and bool(left and left[-1].new)  # a death is always a first entry, and stops claims and pay
    while left and not left[0].old and not done and not dies:
        left = left[1:]
    if not left or left[0].old == left[-1].new:
        return None
    last = replace(left[-1], old=left[0].old)
    return _pending(last, said.get(last.finding, ()))


def _mended(first: Event, events: Sequence[Event]) -> list[Event]:
    kept = [first]
    for event in events:
        last = kept[-1]
        own = (last.by, last.parcel) == (event.by, event.parcel) and clock.day_of(last.at) == clock.day_of(event.at)
        if own:
            kept[-1] = replace(event, old=last.old)
        else:
            kept.append(event)
    return kept[1:]


def was_confirmed(event: Event, findings: Iterable[Finding]) -> bool:
    """Whether the latest finding of others on a change confirms it; `findings` of the person in county order."""
    heard = [one for one in findings if one.code == event.finding and counts(str(one.updated_by), event)]
    return bool(heard) and heard[-1].state == "verified"


def _pending(event: Event, findings: Sequence[Finding]) -> Pending:
    own = [one.reason or "" for one in findings if name_of(str(one.updated_by)) == event.name]
    against = [one for one in findings if counts(str(one.updated_by), event) and one.state == "open"]
    who = (against[-1].reason or "", name_of(str(against[-1].updated_by))) if against else ("", "")
    return Pending(event, own[-1] if own else "", *who)
