"""Runs the worked examples in a pack (facts, a question and the expected answer), which document and test it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.errors import CunzhanError, FieldError
from domain.money import yuan_text
from domain.policy.engine import Question, evaluate
from domain.policy.facts import read_facts
from domain.policy.pack import Pack
from domain.policy.packs import in_force, keep_promises, read_setting
from domain.policy.verdict import Verdict
from domain.values import Type, check_text
from domain.words import _

_WORDS: Final = frozenset({"rule", "name", "given", "facts", "set", "year", "on", "expect"})


@dataclass(frozen=True)
class Result:
    """The number of examples run, and the failures: rule, name and message."""

    examples: int
    failed: tuple[Mapping[str, str], ...]


def run(pack: Pack, packs: Iterable[Pack]) -> Result:
    """Run every example of a pack against `packs` (the pack itself and its bases). Raises `PackUnusable` if they contradict each other
    or the pack gives less than its base promises."""
    known = tuple(packs)
    in_force(known)
    keep_promises(pack, known)
    failed = []
    for example in pack.examples:
        try:
            wrong = _run(pack, known, example)
        except CunzhanError as error:
            wrong = str(error)
        except (TypeError, ValueError, AttributeError, KeyError):
            wrong = _("例子的写法不对")
        if wrong:
            failed.append({"rule": str(example.get("rule", "")), "name": str(example.get("name", "")), "message": wrong})
    return Result(len(pack.examples), tuple(failed))


def _run(pack: Pack, packs: tuple[Pack, ...], example: Mapping[str, Any]) -> str | None:
    """The deviation from the expected answer, None if there is none. `expect` is an outcome, or outcomes with amounts."""
    unknown = next((word for word in example if word not in _WORDS), None)
    if unknown is not None:
        raise FieldError(_("例子里不认识「{name}」").format(name=unknown[:40]))
    blocks = [pack.given[name] for name in example.get("given", [])] if all(n in pack.given for n in example.get("given", [])) else None
    if blocks is None:
        raise FieldError(_("例子用了没有写过的 given"))
    facts = read_facts("\n".join([*blocks, example.get("facts", "")]).split("\n"))
    settings = dict(read_setting(text, packs) for text in example.get("set", []))
    on = check_text(Type.DATE, str(example["on"])) if "on" in example else pack.end
    question = Question(str(on), example.get("year"), str(example["rule"]))
    got = [_short(v) for v in evaluate(facts, in_force(packs, settings), question) if v.pack == pack.id or pack.base]
    expected = example["expect"] if isinstance(example["expect"], list) else [example["expect"]]
    if sorted(got) == sorted(expected):
        return None
    return _("应为 {expected}，判为 {got}").format(expected="；".join(expected), got="；".join(got) or _("没有判定"))


def _short(verdict: Verdict) -> str:
    """A verdict in short: `eligible 500.00`, or the outcome alone if there is no amount."""
    return verdict.outcome.value + (f" {yuan_text(verdict.amount)}" if verdict.amount else "")
