"""Combines the packs in force: overlays over their bases, rules replaced by successors, parameters set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain import divisions
from domain.errors import FieldError
from domain.policy.case import Rule, RuleKind
from domain.policy.pack import LEVELS, Pack, PackUnusable
from domain.words import _

Settings = Mapping[tuple[str, str], Any]
"""Values set by hand, by (rule, parameter); they count as confirmed by the county."""
_NARROW: Final = {level: place for place, level in enumerate(LEVELS)}


@dataclass(frozen=True)
class Overlay:
    """An overlay resolved against its base: checked parameters by rule."""

    pack: Pack
    params: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class InForce:
    """A rule of a whole pack with everything that changes it."""

    pack: Pack
    rule: Rule
    overlays: tuple[Overlay, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    replaced_by: tuple[Pack, ...] = ()
    """The packs that replace this rule, and those that replace its replacements, the earliest first."""
    kin: frozenset[str] = frozenset()
    """Other ids of the same benefit: rules of this kind in the packs that replace this rule, and those this one replaces."""

    def reaches(self, area: str) -> bool:
        """Whether the document applies to a village ("" if unknown): a document of a township or of another county does not apply
        elsewhere."""
        return not area or divisions.covers(self.pack.area, area)

    def applied(self, area: str, day: str) -> tuple[Overlay, ...]:
        """The overlays that apply in a village on a day, the wider first. Facts that name no village count as in the overlays' own area."""
        timely = (o for o in self.overlays if o.pack.start <= day <= o.pack.end)
        return tuple(o for o in timely if not area or divisions.covers(o.pack.area, area))

    def params(self, overlays: Sequence[Overlay]) -> Mapping[str, Any]:
        """The parameters after the given overlays and the settings."""
        values = dict(self.rule.params)
        for overlay in overlays:
            values.update(overlay.params[self.rule.id])
        values.update(self.settings)
        return values

    def version(self, overlays: Sequence[Overlay]) -> str:
        """The pack's version and those of the overlays that set its parameters: `1.0.0+FY-2024-2@1.0.0`."""
        return "+".join([self.pack.version, *(f"{o.pack.id}@{o.pack.version}" for o in overlays)])

    def successor(self, area: str, day: str) -> Pack | None:
        """The first pack that replaces this rule in a village on a day."""
        fitting = (p for p in self.replaced_by if day >= p.start and (not area or divisions.covers(p.area, area)))
        return next(fitting, None)


def in_force(packs: Iterable[Pack], settings: Settings | None = None) -> tuple[InForce, ...]:
    """All rules of the given packs, with overlays resolved. The order of the packs does not matter.

    If an overlay gives less than its base promises, the base applies: publishing such an overlay is refused (`keep_promises`), but earlier
    programs allowed it. Raises `PackUnusable` for two packs of one name, an overlay without its base or in a cycle, an overlay that changes
    what it may not, two overlays that disagree about the same place and day, and an id that two packs use for different measures.
    """
    given = sorted(packs, key=lambda pack: (pack.id, pack.version))
    by_id = {pack.id: pack for pack in given}
    if len(by_id) < len(given):
        raise PackUnusable(_("同一个政策包给了两次：{ids}").format(ids=" ".join(sorted({p.id for p in given if by_id[p.id] is not p}))))
    overlays: dict[str, list[Overlay]] = {}
    for pack in given:
        if pack.base is not None:
            root = _root(pack, by_id)
            overlays.setdefault(root.id, []).append(Overlay(pack, _changes(pack, root)))
    successors = _successors(given)
    _one_measure_each(given, successors)
    kin = _kin(given, successors)
    return tuple(
        InForce(
            pack,
            rule,
            _sorted(rule, [o for o in overlays.get(pack.id, ()) if rule.id in o.params]),
            {name: value for (id, name), value in (settings or {}).items() if id == rule.id},
            successors[pack.id, rule.id],
            frozenset(kin[pack.id, rule.id] - {rule.id}),
        )
        for pack in given
        if pack.base is None
        for rule in pack.rules
    )


def _successors(given: Sequence[Pack]) -> dict[tuple[str, str], tuple[Pack, ...]]:
    """The packs that replace each rule, by pack and id, including those that replace its replacements."""
    return {(pack.id, rule.id): _after(pack, rule, given) for pack in given if pack.base is None for rule in pack.rules}


def _after(pack: Pack, rule: Rule, given: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs that replace a rule, or what replaces it, by their first day. Raises `PackUnusable` for packs that replace each other:
    each would end the other, and neither would pay."""
    after: dict[str, Pack] = {}
    waiting = [(pack, rule)]
    while waiting:
        old, its = waiting.pop()
        new = [p for p in given if any(r.pack == old.id and (not r.rules or its.id in r.rules) for r in p.supersedes)]
        if any(p.id == pack.id for p in new):
            raise PackUnusable(
                _("政策包 {one} 和 {two} 互相替代，哪个都不会执行。请删去一边的 supersedes").format(one=pack.id, two=old.id),
                pack.id,
                old.id,
            )
        waiting += [(p, r) for p in new if p.id not in after for r in p.rules if r.kind is rule.kind]
        after |= {p.id: p for p in new}
    return tuple(sorted(after.values(), key=lambda p: (p.start, p.id)))


def _one_measure_each(given: Sequence[Pack], successors: Mapping[tuple[str, str], Sequence[Pack]]) -> None:
    """Raise `PackUnusable` if two packs use one id for different measures, unless one replaces that rule of the other: claims are matched
    by the id of the rule, so those under one would count under the other."""
    first: dict[str, list[tuple[Pack, Rule]]] = {}
    for pack in sorted((pack for pack in given if pack.base is None), key=lambda pack: (pack.start, pack.id)):
        for rule in pack.rules:
            for other, before in first.setdefault(rule.id, []):
                same = (rule.kind, rule.name) == (before.kind, before.name)
                if not same and other not in successors[pack.id, rule.id] and pack not in successors[other.id, rule.id]:
                    text = _(
                        "{other} 和 {id} 都有规则 {rule}，一个是「{before}」，一个是「{name}」：申请按编号认，两项会算到一起。"
                        "请把后发的那个包里的编号换一个；是替代的，请在 supersedes 里写明"
                    )
                    words = text.format(other=other.id, id=pack.id, rule=rule.id, before=before.name, name=rule.name)
                    raise PackUnusable(words, pack.id, other.id)
            first[rule.id].append((pack, rule))


def _kin(given: Sequence[Pack], successors: Mapping[tuple[str, str], Sequence[Pack]]) -> Mapping[tuple[str, str], set[str]]:
    """For each rule (by pack and id), the ids of the rules of its kind that it replaces or that replace it."""
    found: dict[tuple[str, str], set[str]] = {key: set() for key in successors}
    rules = {(pack.id, rule.id): rule for pack in given for rule in pack.rules}
    for (pack_id, rule_id), packs in successors.items():
        for pack in packs:
            for rule in pack.rules:
                if rule.kind is rules[pack_id, rule_id].kind:
                    found[pack_id, rule_id].add(rule.id)
                    found[pack.id, rule.id].add(rule_id)
    return found


def _root(pack: Pack, by_id: Mapping[str, Pack]) -> Pack:
    """The complete pack on which an overlay is based."""
    seen = [pack.id]
    while pack.base is not None:
        if pack.base in seen:
            raise PackUnusable(_("补充规定互相引用成了圈：{ids}").format(ids=" → ".join([*seen, pack.base])), *seen)
        below = by_id.get(pack.base)
        if below is None:
            raise PackUnusable(_("补充规定 {id} 所依据的政策包 {base} 不在这里，或者停用了").format(id=pack.id, base=pack.base), pack.id)
        if not divisions.covers(below.area, pack.area) or _NARROW[below.level] > _NARROW[pack.level]:
            raise PackUnusable(_("补充规定 {id} 的地区或级别超出它所依据的 {base}").format(id=pack.id, base=below.id), pack.id)
        seen.append(below.id)
        pack = below
    return pack


def built_on(pack: Pack, packs: Iterable[Pack]) -> list[Pack]:
    """A pack and those that it is built on, as far as they are known, the root last."""
    by_id, chain = {each.id: each for each in packs}, [pack]
    while (base := by_id.get(chain[-1].base or "")) is not None and base not in chain:
        chain.append(base)
    return chain


def keep_promises(overlay: Pack, packs: Iterable[Pack]) -> None:
    """Raise `PackUnusable` if an overlay gives less than its base, which is among `packs`, promises."""
    root = _root(overlay, {pack.id: pack for pack in packs})
    held, rules = _changes(overlay, root), {rule.id: rule for rule in root.rules}
    for id, said in _said(overlay, root).items():
        for name, value in said.items():
            if value != held[id][name]:
                sentence = _("补充规定 {id}：{rule} 的「{label}」上级承诺 {base}，只能多、不能少")
                label = _(rules[id].kind.params[name].label)
                raise PackUnusable(sentence.format(id=overlay.id, rule=id, label=label, base=held[id][name]))


def holding(rules: Iterable[InForce], area: str, day: str) -> list[InForce]:
    """The rules that have begun in an area and are not replaced on a day. A document's requirements continue after its end until another
    replaces it. If none has begun, all of them."""
    given = [each for each in rules if each.reaches(area)]
    return [each for each in given if each.rule.start <= day and each.successor(area, day) is None] or given


def latest(rules: Iterable[InForce], area: str, day: str) -> InForce | None:
    """Of rules on one measure, the one whose document counts in an area on a day. An expired document keeps applying until another replaces
    it."""
    return max(holding(rules, area, day), key=lambda one: (one.rule.start, one.pack.id), default=None)


def required_days(rules: Iterable[InForce], area: str, day: str) -> int | None:
    """The days of attendance a month that rules on pay of posts require where the post states none: as the county set them, else as the
    pack says."""
    each = latest(rules, area, day)
    days = each.params(each.applied(area, day)).get("required_days") if each is not None else None
    return days if isinstance(days, int) else None


def replaces(pack: Pack, packs: Iterable[Pack], *, known: bool = True) -> None:
    """Raise `PackUnusable` if a pack replaces something that does not exist, as by a typing error: both rules would pay and nobody would
    notice. `known`: whether the pack it names must be among `packs`."""
    by_id = {one.id: one for one in packs}
    for said in pack.supersedes:
        old = by_id.get(said.pack)
        if old is None:
            if known:
                raise PackUnusable(_("{id} 要替代的政策包 {pack} 不在这里，请核对名字").format(id=pack.id, pack=said.pack), pack.id)
            continue
        lacking = sorted(said.rules - {rule.id for rule in old.rules})
        if lacking:
            text = _("{id} 要替代 {pack} 的 {rule}，那个政策包里没有这条规则，请核对编号")
            raise PackUnusable(text.format(id=pack.id, pack=said.pack, rule=lacking[0]), pack.id)
    _one_heir(pack, list(by_id.values()))


def _both_pay(pack: Pack, other: Pack, kind: RuleKind, after: Mapping[tuple[str, str], Sequence[Pack]]) -> bool:
    """Whether rules of a kind of both packs hold somewhere on the same day, and neither replaces the other (`after`)."""
    own, theirs = ([rule for rule in one.rules if rule.kind is kind] for one in (pack, other))
    there = divisions.covers(other.area, pack.area) or divisions.covers(pack.area, other.area)
    if not there or not any(one.start <= two.end and two.start <= one.end for one in own for two in theirs):
        return False
    return not any(other in after[pack.id, rule.id] for rule in own) and not any(pack in after[other.id, rule.id] for rule in theirs)


def _one_heir(pack: Pack, packs: Sequence[Pack]) -> None:
    """Raise `PackUnusable` if two unrelated documents replace the same rule at the same time: both would pay."""
    after = _successors(packs)
    for (old, id), packs_after in after.items():
        kind = next(rule.kind for one in packs if one.id == old for rule in one.rules if rule.id == id)
        for other in packs_after if pack in packs_after else ():
            if other.id != pack.id and _both_pay(pack, other, kind, after):
                text = _("{id} 和 {other} 都替代 {pack} 的 {rule}，会各发一份。请在 {id} 的 supersedes 里写明也替代 {other}")
                raise PackUnusable(text.format(id=pack.id, other=other.id, pack=old, rule=id), pack.id)


def _changes(overlay: Pack, root: Pack) -> dict[str, dict[str, Any]]:
    """The checked parameters of an overlay, raised to what its base promises."""
    rules = {rule.id: rule for rule in root.rules}
    return {id: {name: _promised(rules[id], name, value) for name, value in said.items()} for id, said in _said(overlay, root).items()}


def _promised(rule: Rule, name: str, value: Any) -> Any:
    base = rule.params.get(name)
    return max(value, base) if rule.kind.params[name].promised and base is not None else value


def _said(overlay: Pack, root: Pack) -> dict[str, dict[str, Any]]:
    """The checked parameters of an overlay as written."""
    rules = {rule.id: rule for rule in root.rules}
    changes = {}
    for id, said in overlay.changes.items():
        rule = rules.get(id)
        if rule is None:
            raise PackUnusable(_("补充规定 {id}：{base} 里没有规则 {rule}").format(id=overlay.id, base=root.id, rule=id), overlay.id)
        refused = sorted(said.keys() - rule.may_change)
        if refused:
            sentence = _("补充规定 {id}：{rule} 的参数 {name} 不许由下级改动")
            raise PackUnusable(sentence.format(id=overlay.id, rule=id, name=refused[0]), overlay.id)
        try:
            changes[id] = rule.kind.read(said)
        except FieldError as error:
            raise PackUnusable(_("补充规定 {id}：{rule} 的 {text}").format(id=overlay.id, rule=id, text=error), overlay.id) from None
    return changes


def _sorted(rule: Rule, overlays: list[Overlay]) -> tuple[Overlay, ...]:
    """The overlays of a rule from widest to narrowest; two of the same level must not set the same parameter."""
    overlays = sorted(overlays, key=lambda o: (_NARROW[o.pack.level], len(o.pack.area.rstrip("0")), o.pack.id))
    for place, one in enumerate(overlays):
        for two in overlays[place + 1 :]:
            same = sorted(one.params[rule.id].keys() & two.params[rule.id].keys())
            together = max(one.pack.start, two.pack.start) <= min(one.pack.end, two.pack.end)
            if same and together and one.pack.area == two.pack.area:
                sentence = _("补充规定 {one} 和 {two} 写的{rule}「{name}」不一样，同一时间只能用一份")
                words = sentence.format(one=one.pack.id, two=two.pack.id, rule=rule.id, name=_(rule.kind.params[same[0]].label))
                raise PackUnusable(words, two.pack.id, one.pack.id)
    return tuple(overlays)


@dataclass(frozen=True)
class Difference:
    """A parameter in which an overlay differs from its base, for 「与省级文件不同之处」. Values are as rules use them (money in fen)."""

    rule: str
    name: str
    label: str
    base: Any
    own: Any


def differences(overlay: Pack, base: Pack) -> list[Difference]:
    """The changes an overlay makes to its base, in order of rule and parameter."""
    rules = {rule.id: rule for rule in base.rules}
    found = []
    for id, own in sorted(_changes(overlay, base).items()):
        declared = rules[id].kind.params
        found += [Difference(id, name, declared[name].label, rules[id].params.get(name), own[name]) for name in sorted(own)]
    return [difference for difference in found if difference.base != difference.own]


def unset(rules: Iterable[InForce]) -> list[Difference]:
    """Unset parameters on which answers depend. `base` is the reference value that a pack suggests, which is never used."""
    return [
        Difference(each.rule.id, name, param.label, each.rule.suggested.get(name), None)
        for each in rules
        for name, param in each.rule.kind.params.items()
        if not param.optional and each.params(each.overlays).get(name) is None
    ]


def read_setting(text: str, packs: Iterable[Pack]) -> tuple[tuple[str, str], Any]:
    """Parse `R03.cap=800` against the packs. Raises `FieldError` for an unknown rule or parameter or an unsuitable value."""
    left, sign, value = text.partition("=")
    rule, dot, name = left.strip().rpartition(".")
    if not (sign and dot and rule and name):
        raise FieldError(_("「{text}」应写成 规则.参数=值，例如 R03.cap=800").format(text=text[:60]))
    kinds = [found.kind for pack in packs for found in pack.rules if found.id == rule]
    if not kinds:
        raise FieldError(_("没有规则 {rule}").format(rule=rule[:40]))
    kind = min(kinds, key=lambda kind: (name not in kind.params, kind.name))
    return (rule, name), kind.read({name: value.strip()})[name]
