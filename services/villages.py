"""Overview of the villages of a township or county: when each last sent data, progress of its monthly check, and work due here.

Based on the local store only: the batches of a village's own laptops as the county ordered and distributed them. Entries a village has not
sent yet are not included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy import func, literal, select

from db import held
from db.conflicts import OPEN
from db.exchange import closed, conflict, entry
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.errors import NotFound
from domain.grouping import by_key
from domain.periods import add_days
from domain.scopes import DIGITS, is_county, is_township, is_village, township_of, within
from domain.words import _
from services import contacts, key_changes, work
from services.claims import claims
from services.reports import monthly
from services.standing import living

SILENT_DAYS: Final = 30
"""Days without data after which a village counts as silent: it cannot have sent its monthly check."""
_MONTHLY_KINDS: Final = ("person", "employment", "monthly_check")
"""Kinds that villages write every month; the last author and time of their records show when a village last sent data."""


@dataclass(frozen=True)
class Village:
    """A village, or the sum of a township. `figures` by the names in `FIGURES`; `disputed`: number of open conflicts and held changes;
    `sent`: UTC time of the latest data from there, "" for none; `silent`: number of its villages that sent nothing for more than
    `SILENT_DAYS`."""

    area: str
    name: str
    figures: Mapping[str, int]
    disputed: int
    sent: str
    silent: int


def overview(session: Session, month: str) -> list[Village]:
    """Every village of the area, those with records or data first; at a county each township's sum precedes its villages.

    A village that was merged into another is listed only while it has open conflicts or held changes.
    """
    reading = _Reading(session, month)
    found = {name: members(reading) for name, members in FIGURES.items()}
    sent, disputed, gone = _sent(session), _disputed(session), closed(session)
    towns = [session.scope] if is_township(session.scope) else list(divisions.children(session.scope))
    since = add_days(session.today, -SILENT_DAYS)

    def line(area: str, villages: Sequence[str]) -> Village:
        figures = {name: sum(len(members.get(one, ())) for one in villages) for name, members in found.items()}
        latest = max((sent.get(one, "") for one in villages), default="")
        quiet = sum(sent.get(one, "") < since for one in villages if one not in gone)
        return Village(area, divisions.called(area), figures, sum(disputed[one] for one in villages), latest, quiet)

    def used(made: Village) -> bool:
        return bool(made.sent or made.disputed or any(made.figures.values()))

    blocks = []
    known = {village for members in found.values() for village in members} | sent.keys()
    for town in sorted({*towns, *(township_of(village) for village in known if is_village(village))}):
        villages = sorted({*divisions.children(town), *(one for one in known if within(one, town) and is_village(one))})
        own = sorted((line(one, [one]) for one in villages if one not in gone or disputed[one]), key=lambda made: not used(made))
        blocks.append([line(town, villages), *own] if is_county(session.scope) else own)
    blocks.sort(key=lambda block: not any(map(used, block)))
    return [made for block in blocks for made in block]


def ids(session: Session, month: str, area: str, figure: str) -> list[str]:
    """Ids of the people (for `due`: the claims) counted in a figure. Raises `NotFound` for an unknown figure."""
    if figure not in FIGURES:
        raise NotFound(_("没有「{name}」这一项。").format(name=figure[:40]))
    return [id for village, members in FIGURES[figure](_Reading(session, month)).items() if within(village, area) for id in members]


# -- members of each figure -----------------------------------------------------------------------------------------------

_Members = dict[str, list[str]]


class _Reading:
    """Data of one month that several figures need, read once for all of them."""

    def __init__(self, session: Session, month: str) -> None:
        self.session = session
        self.month = month

    @cached_property
    def asked(self) -> list[str]:
        """Ids of the people the monthly check covers."""
        return work.people_to_ask(self.session, self.month)

    @cached_property
    def _homes(self) -> dict[str, str]:
        p = table("person")
        return dict(self.session.conn.execute(select(p.c.id, p.c.village)).all())

    def by_home(self, people: Iterable[str]) -> _Members:
        """People by their village, in the order given."""
        homes = self._homes
        return by_key((homes[id], id) for id in people)


def _people(of: _Reading) -> _Members:
    p = table("person")
    query = select(p.c.id).where(*living(of.session.today)).order_by(p.c.pinyin, p.c.id)
    return of.by_home(of.session.conn.execute(query).scalars())


def _working(of: _Reading) -> _Members:
    return of.by_home(monthly.ids(of.session, of.month, of.session.scope, "working"))


def _asked(of: _Reading) -> _Members:
    return of.by_home(of.asked)


def _unchecked(of: _Reading) -> _Members:
    done = work.checked(of.session, of.month)
    return of.by_home(id for id in of.asked if id not in done)


def _quiet(of: _Reading) -> _Members:
    return of.by_home(contacts.out_of_touch(of.session, of.month, of.asked))


def _due(of: _Reading) -> _Members:
    """Claims whose next step belongs to this level."""
    return by_key((each.claim.village, each.claim.id) for each in claims.waiting(of.session))


def _changed(of: _Reading) -> _Members:
    return of.by_home(dict.fromkeys(one.pending.event.person_id for one in key_changes.waiting(of.session)))


FIGURES: Final[Mapping[str, Callable[[_Reading], _Members]]] = {
    "people": _people,
    "working": _working,
    "asked": _asked,
    "unchecked": _unchecked,
    "quiet": _quiet,
    "due": _due,
    "changes": _changed,
}
"""Figures by name: living people, people at work, people the monthly check covers, those not checked yet, those without contact for
months, claims waiting for this level, and people with key changes that nobody else has confirmed."""


def _sent(session: Session) -> dict[str, str]:
    """UTC time of the latest data from a village's own laptops, by village: from its batches and, for data received as a snapshot, from the
    records."""
    own = func.substr(entry.c.station, 1, DIGITS["village"]) == entry.c.scope
    latest = select(entry.c.scope, func.max(entry.c.at)).where(own).group_by(entry.c.scope)
    found: dict[str, str] = {row[0]: row[1] for row in session.conn.execute(latest)}
    for name in _MONTHLY_KINDS:
        t = table(name)
        theirs = t.c.updated_by.contains(literal("@") + t.c.village + "-")
        home = t.c.village + ""  # not the bare column: its index would fetch the rows in an order that decrypts each page many times
        for village, at in session.conn.execute(select(home, func.max(t.c.updated_at)).where(theirs).group_by(home)):
            found[village] = max(at, found.get(village, ""))
    return found


def _disputed(session: Session) -> Counter[str]:
    found: Counter[str] = Counter()
    for scope, count in session.conn.execute(
        select(conflict.c.scope, func.count()).where(conflict.c.state == OPEN).group_by(conflict.c.scope)
    ):
        found[scope] += count
    return found + held.by_scope(session)
