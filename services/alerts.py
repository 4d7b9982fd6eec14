"""The early warnings that apply to the store's records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from db import erased
from db.mapping import table
from db.session import Session
from domain import divisions
from domain.alert_rule import Alert, Find, Found
from domain.alerts import WATCHES, nearly_away, nearly_paid, too_few_jobs, warnings
from domain.fields import Record
from domain.income import below_line
from domain.periods import INCOME_PERIOD_START, add_days
from domain.records import Finding, PolicyPack
from domain.register import Register
from domain.words import _
from services import employment_services, policies
from services.quality import quality

POLICY_DAYS = 60
_LAST_DAY = re.compile(r"^[ \t]*to[ \t]*=[ \t]*(\d{4}-\d\d-\d\d)", re.MULTILINE)
_CLAIMS = {"A10": "travel", "A11": "carrier"}
"""Warnings that a claim will soon be possible → the kind of its rule."""

_MARKS = {"A10": "months", "A11": "period_start"}
"""Warning → the parameter of that rule that decides when a person is near."""

__all__ = ["WATCHES", "Alert", "alerts"]


def alerts(session: Session, on: str | None = None, *, register: Register | None = None) -> list[Alert]:
    """The warnings of a day (by default today), in the order of `WATCHES`, without those settled by a person and those about erased people.

    `register` saves reading the records again if the caller has them.
    """
    day = on or session.today
    done, gone = quality.settled(session), erased.rows(session.conn)
    t = table("finding")
    dated = {(f.code, f.record_id, f.due) for f in session.select(Finding, t.c.state != "open", t.c.due.is_not(None))}
    found = warnings(register if register is not None else quality.load(session, asked=day[:7]), day, _by_rules(session, day))
    open_ones = [a for a in found if (a.alert, a.id) not in done and (a.alert, a.id, a.due) not in dated and a.id not in gone]
    kept = _judged(session, open_ones, day)
    order = {watch.code: place for place, watch in enumerate(WATCHES)}
    return sorted([*kept, *_ending(session, day), *_unusable(session, day)], key=lambda alert: order[alert.alert])


def _by_rules(session: Session, day: str) -> dict[str, Find]:
    """How A10, A11, A14 and A15 are found if the county published packs: by the months, income periods and jobs of the rules in force. If
    it published none, the default figures of the shipped document apply; reading it would take long."""
    if not session.count("policy_pack"):
        return {}
    from domain.policy.packs import in_force

    marks: dict[str, set[Any]] = {code: set() for code in _CLAIMS}
    rules = in_force(policies.used_here(session))
    for each in rules:
        params = each.params(each.applied(session.scope, day))
        for code, name in _MARKS.items():
            if each.rule.kind.name == _CLAIMS[code] and params.get(name) is not None:
                marks[code].add(params[name])
    jobs = employment_services.needed_by_rules(rules, session.scope, day)[1]
    away, pay = sorted(marks["A10"]), sorted(marks["A11"])
    return {
        "A10": lambda register, on: _each(nearly_away(register, on, months) for months in away),
        "A11": lambda register, on: _each(nearly_paid(register, on, start) for start in pay),
        "A14": lambda register, on: too_few_jobs(register, on, jobs),
        "A15": lambda register, on: _each(below_line(register, on, start) for start in pay or [INCOME_PERIOD_START]),
    }


def _each(found: Iterable[Found]) -> Found:
    """Each record once, with the earliest due date."""
    first: dict[str, tuple[Record | str, str, str]] = {}
    for about, due, message in sorted(chain.from_iterable(found), key=lambda one: (one[1], one[2])):
        first.setdefault(about if isinstance(about, str) else about.id, (about, due, message))
    return iter(first.values())


def _may_end(session: Session, first: str, last: str) -> bool:
    """Whether a pack or rule known here may expire between two days. Only end dates are searched for, because parsing packs is slow."""
    texts = [path.read_text("utf-8") for path in policies.SHIPPED.glob("*.toml")]
    texts += [row.content for row in session.select(PolicyPack) if isinstance(row.content, str)]
    return any(first <= end <= last for text in texts for end in _LAST_DAY.findall(text))


def _ending(session: Session, on: str) -> list[Alert]:
    """A13: packs, overlays and rules in force at this station that expire within `POLICY_DAYS`."""
    last = add_days(on, POLICY_DAYS)
    if not _may_end(session, on, last):
        return []
    found: dict[str, str] = {}
    for pack in policies.used_here(session):
        if divisions.covers(pack.area, session.scope):
            ends = {pack.title: pack.end} | {f"{rule.article}{_(rule.name)}": rule.end for rule in pack.rules if rule.end != pack.end}
            found |= {name: end for name, end in ends.items() if on <= end <= last}
    text = _("{what} {day} 到期，到期以后的事实要按新文件判定")
    watch = next(one for one in WATCHES if one.code == "A13")
    ordered = sorted(found.items(), key=lambda one: (one[1], one[0]))
    return [Alert(watch.code, "village", session.scope, day, text.format(what=name, day=day), watch.tone, None) for name, day in ordered]


def _unusable(session: Session, day: str) -> list[Alert]:
    """A16: packs of the county that cannot be used at this station."""
    watch = next(one for one in WATCHES if one.code == "A16")
    found = policies.unusable(session) if session.count("policy_pack") else ()
    return [Alert(watch.code, "village", session.scope, day, one.sentence(), watch.tone, None) for one in found]


def _judged(session: Session, found: list[Alert], day: str) -> list[Alert]:
    """Keep only those warnings about upcoming claims for which the rules in force find that something is still missing."""
    people = frozenset(a.person_id for a in found if a.alert in _CLAIMS and a.person_id)
    if not people:
        return found
    # imported here because loading the engine would delay the home page
    from domain.policy.engine import Question, evaluate
    from domain.policy.packs import in_force
    from domain.policy.verdict import Outcome
    from services import facts as stored

    facts, rules = stored.of_people(session, people), in_force(policies.used_here(session))
    asked = [each for each in rules if each.rule.kind.name in _CLAIMS.values()]
    kinds = {(each.pack.id, each.rule.id): each.rule.kind.name for each in asked}
    verdicts = evaluate(facts, asked, Question(day, people=people, settled=False, everyone=False))
    short = {(kinds[v.pack, v.rule], v.person_id) for v in verdicts if v.outcome is Outcome.PENDING}
    return [a for a in found if a.alert not in _CLAIMS or (_CLAIMS[a.alert], a.person_id) in short]
