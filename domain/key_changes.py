"""关键信息变更: changes of what decides who gets money, and whether a second person looked at them.

A change is in force at once. It is *unconfirmed* until somebody else, at the township or the county, says `verified`, as a `finding` of the
person whose code names the field and the moment of the change (`Event.finding`). First entries are no changes. Nor is what its author mends
the same day before any of it left the laptop: nobody else saw the first value. Pure: the same log gives the same answer on every laptop.
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
from domain.values import Stored

FIELDS: Final[Mapping[str, Field]] = {
    "K1": Person.KIND.by_name["name"],
    "K2": Person.KIND.by_name["id_number"],
    "K3": Person.KIND.by_name["bank_account"],
    "K4": CategorySpan.KIND.by_name["category"],
}
"""What is watched, by its stable code: name, ID number, account, and the category a person counts as (脱贫、监测 …)."""
CATEGORY: Final = "K4"
LISTED_DAYS: Final = 365
"""Older changes are not listed: what was paid on them was paid, and an upgraded store does not begin with a list of years."""
MOST_REASON: Final = 200
_VILLAGE: Final = 12


@dataclass(frozen=True)
class Event:
    """A value that took the place of another. `by`: `name@station`; `at`: UTC; `parcel`: with what it left the laptop, or is going to."""

    code: str
    person_id: str
    old: Stored
    new: Stored
    by: str
    at: str
    parcel: tuple[str, int | None]

    @property
    def finding(self) -> str:
        """The code of findings of the person about this very change, and no other."""
        return f"{self.code}@{self.at}"

    @property
    def name(self) -> str:
        """Who made it."""
        return name_of(self.by)

    @property
    def station(self) -> str:
        """On which laptop."""
        return station_of(self.by)


@dataclass(frozen=True)
class Pending:
    """A change nobody confirmed; its `old` is the value before all that nobody confirmed. `reason`: what its author gave for it; `dispute`:
    what `disputed_by` said against it."""

    event: Event
    reason: str = ""
    dispute: str = ""
    disputed_by: str = ""


def speaks_of_change(code: str | None) -> bool:
    """Whether a finding of that code speaks of such a change."""
    head, mark, _at = (code or "").partition("@")
    return bool(mark) and head in FIELDS


def counts(by: str, event: Event) -> bool:
    """Whether the word of `by` on a change counts: somebody of another name, on a laptop of a township or the county: their names begin
    with the scope."""
    return len(scope_of(by)) < _VILLAGE and name_of(by) != event.name


def pending(first: Event, events: Sequence[Event], findings: Iterable[Finding]) -> Pending | None:
    """What nobody confirmed of the changes of one field of a person, given in the county's order after what it held `first`; None where
    there is nothing, or where the value is again what it was. `findings` come in the county's order."""
    said = by_key((finding.code, finding) for finding in findings)
    left = _mended(first, events)
    codes = [event.finding for event in left]
    first_of = (n for n, code in enumerate(codes) if code not in codes[:n])  # what is dated like an earlier change borrows no word on that
    done = [n for n in first_of if was_confirmed(left[n], said.get(codes[n], ()))]
    left = left[done[-1] + 1 :] if done else left
    while left and not left[0].old and not done:
        left = left[1:]
    if not left or left[0].old == left[-1].new:
        return None
    last = replace(left[-1], old=left[0].old)
    return _told(last, said.get(last.finding, ()))


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
    """Whether the last word of the others on a change is that it is right; `findings` of the person in the county's order."""
    heard = [one for one in findings if one.code == event.finding and counts(str(one.updated_by), event)]
    return bool(heard) and heard[-1].state == "verified"


def _told(event: Event, findings: Sequence[Finding]) -> Pending:
    own = [one.reason or "" for one in findings if name_of(str(one.updated_by)) == event.name]
    against = [one for one in findings if counts(str(one.updated_by), event) and one.state == "open"]
    who = (against[-1].reason or "", name_of(str(against[-1].updated_by))) if against else ("", "")
    return Pending(event, own[-1] if own else "", *who)
