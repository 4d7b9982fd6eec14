"""The view model of 设置 → 政策 and its text: packs, unset parameters, differences, and comparing two packs person by person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal

from db.session import Session
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.view_model import ViewModel
from desktop.wiring.verdicts import outcome_label
from domain import clock
from domain.money import yuan_grouped
from domain.policy.case import Rule
from domain.policy.pack import Pack
from domain.policy.packs import Difference, differences, in_force, unset
from domain.policy.params import PER_MILLE, Sort
from domain.policy.verdict import Verdict
from domain.words import _
from services import cards, policies, screening
from services import policies as packs_here
from services.screening import Change


@dataclass(frozen=True)
class PackShown:
    """A policy pack. `state` with its tone: in use, not switched on, expired, or not yet in force."""

    pack: Pack
    state: str
    tone: str
    expired: str = ""
    """What it means that it has expired, "" where it has not."""


@dataclass(frozen=True)
class Policies:
    """Everything the tab shows at first."""

    packs: Sequence[PackShown]
    unset: Sequence[tuple[str, str, str]]
    """The parameters without a value: rule, label, and the value suggested. Verdicts that depend on one are 参数未配置."""
    departures: Sequence[tuple[str, str, str]]
    """The parameters in which an overlay differs from its base pack: the overlay, rule and label, and both values."""
    unusable: Sequence[str] = ()
    """Sentences about packs that the county signed and this program cannot use."""
    draft_expired: str = ""
    """What it means that the pack has expired for which parameters are to be confirmed; "" where it has not."""


@dataclass(frozen=True)
class ChangeShown:
    """What another pack changes for one person; `difference` in fen."""

    id: str
    name: str
    item: str
    year: int
    before: str
    after: str
    difference: int
    person_id: str


def shown(known: Sequence[Pack], used: Sequence[Pack], today: str) -> Policies:
    """Return the packs, those in use first; their unset parameters; and where overlays differ from their base packs."""
    by_id = {pack.id: pack for pack in known}
    in_use = {pack.id for pack in used}
    overlays = [pack for pack in known if pack.base is not None and pack.base in by_id]
    unset_parameters = [_unset(one, each.rule) for each in in_force(used) for one in unset([each])]
    departures = [_departure(pack, by_id[pack.base or ""], one) for pack in overlays for one in differences(pack, by_id[pack.base or ""])]
    ordered = sorted(known, key=lambda pack: (pack.id not in in_use, pack.id))
    base = policies.draft_base(used)
    late = policies.expired(base, known, today) if base is not None else ""
    return Policies([_pack(pack, pack.id in in_use, known, today) for pack in ordered], unset_parameters, departures, draft_expired=late)


def _pack(pack: Pack, used: bool, known: Sequence[Pack], today: str) -> PackShown:
    state, tone, late = _("未启用"), "plain", ""
    if used:
        late = policies.expired(pack, known, today)
        state, tone = (_("在用，已到期"), "warn") if late else (_("未生效"), "plain") if pack.start > today else (_("在用"), "good")
    return PackShown(pack, state, tone, late)


def _unset(one: Difference, rule: Rule) -> tuple[str, str, str]:
    value = _value(rule.kind.params[one.name].sort, one.base)
    suggested = _("没有参考值") if one.base is None else _("参考值 {value}").format(value=value)
    return f"{rule.article}{_(rule.name)}", _(one.label), suggested


def _departure(overlay: Pack, base: Pack, one: Difference) -> tuple[str, str, str]:
    rule = next(rule for rule in base.rules if rule.id == one.rule)
    sort = rule.kind.params[one.name].sort
    own, was = _value(sort, one.own), _value(sort, one.base)
    idle = "" if overlay.active else _("（未启用）")
    return f"{overlay.id} {overlay.version}{idle}", f"{rule.article}{_(rule.name)}　{_(one.label)}", f"{was} → {own}"


def _value(sort: Sort, value: Any) -> str:
    """A parameter value as text."""
    if value is None:
        return _("（没有）")
    if sort is Sort.YUAN:
        return _("{amount} 元").format(amount=yuan_grouped(value))
    if sort is Sort.SHARE:
        return f"{value / PER_MILLE:.1%}"
    if sort is Sort.FLAG:
        return _("是") if value else _("否")
    words = sorted(value) if sort is Sort.WORDS else [str(value)]
    labels = {"actual": _("据实"), "flat": _("定额"), "cumulative": _("累计"), "continuous": _("连续")}
    return _("、").join(labels.get(word, word) for word in words)


def changes_shown(session: Session, changes: Iterable[Change], known: Iterable[Pack]) -> list[ChangeShown]:
    """Return what changes for whom, largest differences first."""
    listed = [(change, verdict) for change in changes if (verdict := change.after or change.before) is not None]
    names = cards.names_of(session, [(verdict.person_id, verdict.employer_id) for _change, verdict in listed])
    rules = {rule.id: _(rule.name) for pack in known for rule in pack.rules}
    found = []
    for number, (change, verdict) in enumerate(listed):
        subject = [names[id][0] for id in (verdict.person_id, verdict.employer_id) if id is not None and id in names]
        item, results = rules.get(verdict.rule, verdict.rule), (_outcome(change.before), _outcome(change.after))
        person = verdict.person_id or ""
        found.append(ChangeShown(str(number), "　".join(subject), item, verdict.year, *results, change.difference, person))
    return sorted(found, key=lambda one: (-abs(one.difference), one.name))


def _outcome(verdict: Verdict | None) -> str:
    if verdict is None:
        return "—"
    amount = f" {yuan_grouped(verdict.amount)}" if verdict.amount else ""
    return outcome_label(verdict.outcome) + amount


class PolicyModel(ViewModel):
    """The state of the tab."""

    found = Signal(object)
    compared = Signal()

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.drafts = station.store.role == "county" and station.store.account().role == "admin"
        """Whether the user may export an overlay with the unset parameters."""
        self.changes: Sequence[ChangeShown] = ()
        self.done = False
        """Whether two packs have been compared."""

    def load(self) -> None:
        """Load again."""
        self._jobs.run(self._station.reading(_policies), self.found.emit, key="policies")

    def draft(self, file: Path) -> None:
        """Write an overlay with the unset parameters, to be filled in."""
        message = _("已保存到 {file}，填好以后由县服务器签名下发").format(file=file.name)
        self._jobs.run(lambda: _write(file, self._station.read(_draft)), lambda _n: self._frame.message(message))

    def compare(self, before: str, after: str) -> None:
        """Judge everybody under both packs ("": those in use), with progress and a stop button."""
        self._frame.run_long(_("正在按两个版本比对"), lambda progress: self._station.read(_compare, before, after, progress), self._show)

    def _show(self, changes: Sequence[ChangeShown]) -> None:
        self.changes, self.done = changes, True
        self.compared.emit()


def _write(file: Path, text: str) -> None:
    from services.files import written

    with written(file) as unfinished:
        unfinished.write_text(text, "utf-8")


def _policies(session: Session) -> Policies:
    found = shown(packs_here.here(session), packs_here.used_here(session), clock.today())
    return replace(found, unusable=[one.sentence() for one in packs_here.unusable(session)])


def _compare(session: Session, before: str, after: str, progress: Progress) -> Sequence[ChangeShown]:
    known = packs_here.here(session)
    chosen = [
        packs_here.used_here(session) if not id else packs_here.in_use([one for one in known if one.id == id], known)
        for id in (before, after)
    ]
    changes = screening.compare(session, *chosen, progress=lambda done, total, what: progress(done, total, _(what)))
    return changes_shown(session, changes, known)


def _draft(session: Session) -> str:
    return packs_here.draft(packs_here.used_here(session), session.scope, clock.today())
