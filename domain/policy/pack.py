"""Policy packs: dated TOML files that say which rules apply where and when, and with which parameters (`docs/packs.md`).

A pack is either complete (its own rules) or an overlay of another (`base`), which changes parameters that the base allows it to change.
Loading validates the whole pack and raises `PackUnusable`. A signature is a comment line at the end of the file.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from domain import divisions
from domain.errors import FieldError, InputUnusable
from domain.policy.case import Rule
from domain.policy.leads import OF_EMPLOYERS, OF_PEOPLE
from domain.policy.rules import KINDS
from domain.policy.standing import GROUPS
from domain.records.choices import FUNDS
from domain.scopes import is_county
from domain.values import CONTROL, seen
from domain.words import _

MAX_BYTES: Final = 2_000_000
MAX_RULES: Final = 200
_MAX_DOTS: Final = 100
"""Most dots in a line. A name of thousands of parts takes the parser minutes and gigabytes."""
_MAX_DEPTH: Final = 8
_MAX_NUMBER: Final = 10**12
_MAX_NAME: Final = 400
_MAX_TEXT: Final = 20_000
_MAX_SAID: Final = 350
"""Most characters of what is said about a pack, which may repeat a text of the pack."""
FORMAT: Final = 1
LEVELS: Final = ("province", "city", "county")
SIGNATURE: Final = re.compile(rb"(?<=\n)# signature ([0-9a-f]{64}) ([0-9a-f]{128})\r?\n?\Z")
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
VERSION: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}")
_PACK_WORDS: Final = frozenset(
    "format id version title level area from to base active supersedes source rules examples given leads".split()
)
_RULE_WORDS: Final = frozenset(
    "id kind article name fund departments groups review_groups from to params suggested may_change documents text".split()
)
_OVERLAY_RULE_WORDS: Final = frozenset({"id", "params", "suggested", "source"})


class PackUnusable(InputUnusable):
    """A pack cannot be used; the message says why. `packs`: if several cannot be used together, the names of those of which one must go."""

    def __init__(self, message: str, *packs: str) -> None:
        super().__init__(message[:_MAX_SAID])
        self.packs = packs


@dataclass(frozen=True)
class Replaced:
    """Rules of another pack that this one replaces from its own first day; without names, all of them."""

    pack: str
    rules: frozenset[str]


@dataclass(frozen=True)
class Pack:
    """A loaded pack. `area` is padded (`230000`); `start` and `end` are days; `sha256` is that of the signed bytes."""

    id: str
    version: str
    title: str
    level: str
    area: str
    start: str
    end: str
    base: str | None
    active: bool
    source: str
    supersedes: tuple[Replaced, ...]
    rules: tuple[Rule, ...]
    changes: Mapping[str, Mapping[str, Any]]
    """The parameters that an overlay sets, by rule."""
    suggestions: Mapping[str, Mapping[str, Any]]
    """The values that an overlay offers but does not set, by rule."""
    examples: tuple[Mapping[str, Any], ...]
    given: Mapping[str, str]
    """Facts that several examples share, by name."""
    leads: tuple[Mapping[str, str], ...]
    sha256: str
    signer: str | None = None
    """The public key (hex) of a verified signature. Whether to trust it is up to the caller, who knows the keys."""

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, for comparison: `1.2` is `1.2.0`."""
        return order_of(self.version)


def order_of(version: str) -> tuple[int, ...]:
    """A version as numbers (`VERSION`)."""
    numbers = tuple(int(part) for part in version.split("."))
    return numbers + (0,) * (3 - len(numbers))


def split_signature(data: bytes) -> tuple[bytes, tuple[str, str] | None]:
    """The signed bytes of a pack file; public key and signature (hex) if the file has one."""
    match = SIGNATURE.search(data)
    if match is None:
        return data, None
    return data[: match.start()], (match[1].decode(), match[2].decode())


def _unreadable(error: Exception) -> str:
    """The message for a text that is not TOML. The parser's own words are English, so only the place is told."""
    place = re.search(r"at line (\d+), column (\d+)", str(error))
    if place is None:
        return _("政策包不是可读的 TOML：到文件末尾还没有写完，或格式不对。请对照随程序带的政策包核对。")
    text = _("政策包不是可读的 TOML：第 {line} 行第 {column} 列写法不对，或者这一项前面已经写过。请改好再试。")
    return text.format(line=place[1], column=place[2])


def parsed(body: bytes) -> dict[str, Any]:
    """The TOML of a pack without its signature. Raises `PackUnusable` for what would take the parser or a reader of its values too long:
    whoever signs may have tools of their own."""
    if len(body) > MAX_BYTES:
        raise PackUnusable(_("政策包太大（超过 {n} 字节）").format(n=MAX_BYTES))
    deep = next((n for n, line in enumerate(body.splitlines(), 1) if line.count(b".") > _MAX_DOTS), None)
    if deep is not None:
        raise PackUnusable(_("政策包第 {line} 行的点太多，不像是政策包。请向发文单位重新索取。").format(line=deep))
    try:
        raw = tomllib.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PackUnusable(_("政策包不是 UTF-8 文本")) from None
    except (ValueError, RecursionError) as error:
        raise PackUnusable(_unreadable(error)) from None
    if not _plain(raw):
        raise PackUnusable(_("政策包里有特别大的数，或者套了很多层，不像是政策包。请向发文单位重新索取。"))
    return raw


def _plain(value: object, depth: int = 0) -> bool:
    """Whether all numbers and levels are such as people write."""
    if isinstance(value, (dict, list)):
        inside = (*value, *value.values()) if isinstance(value, dict) else value
        return depth < _MAX_DEPTH and all(_plain(one, depth + 1) for one in inside)
    return not isinstance(value, int) or abs(value) < _MAX_NUMBER


def load(data: bytes, signer: str | None = None) -> Pack:
    """Read and check a pack. `signer` is the key whose signature the caller has verified. Raises `PackUnusable`."""
    body, _signature = split_signature(data)
    raw = parsed(body)
    try:
        return _pack(raw, hashlib.sha256(body).hexdigest(), signer)
    except FieldError as error:
        name = raw.get("id")
        raise PackUnusable(_("政策包 {id} 不能用：{text}").format(id=str(name)[:40] if name else "", text=error)) from None


def _pack(raw: Mapping[str, Any], sha256: str, signer: str | None) -> Pack:
    _only(raw, _PACK_WORDS, "")
    if raw.get("format") != FORMAT:
        raise FieldError(_("format 应为 {n}；更新的格式要用新的程序").format(n=FORMAT))
    start, end = _day(raw, "from"), _day(raw, "to")
    if start > end:
        raise FieldError(_("开始日期 from（{start}）在结束日期 to（{end}）后面").format(start=start, end=end))
    base = _text(raw, "base", optional=True, shape=_ID)
    if base is not None and base == raw.get("id"):
        raise FieldError(_("补充规定不能以自己为基础"))
    supersedes = tuple(_replaced(one) for one in _list(raw, "supersedes", MAX_RULES))
    if any(one.pack == raw.get("id") for one in supersedes):
        raise FieldError(_("不能替代自己"))
    rules = _list(raw, "rules", MAX_RULES)
    names = [rule.get("id") for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FieldError(_("规则 {id} 写了两次").format(id=twice))
    level = _text(raw, "level")
    if level not in LEVELS:
        raise FieldError(_("level 应为 {choices}").format(choices=" ".join(LEVELS)))
    return Pack(
        id=str(_text(raw, "id", shape=_ID)),
        version=str(_text(raw, "version", shape=VERSION)),
        title=str(_text(raw, "title")),
        level=str(level),
        area=_area(raw),
        start=start,
        end=end,
        base=base,
        active=_flag(raw, "active"),
        source=_text(raw, "source", optional=True, most=_MAX_TEXT) or "",
        supersedes=supersedes,
        rules=() if base else tuple(_rule(rule, start, end) for rule in rules),
        changes={str(_text(rule, "id", shape=_ID)): _table(rule, "params") for rule in rules if _overlay_rule(rule)} if base else {},
        suggestions={str(rule["id"]): _table(rule, "suggested") for rule in rules} if base else {},
        examples=tuple(_list(raw, "examples", 5_000)),
        given={name: _text(raw["given"], name, most=_MAX_TEXT) or "" for name in _table(raw, "given")},
        leads=tuple(_lead(lead) for lead in _list(raw, "leads", MAX_RULES)),
        sha256=sha256,
        signer=signer,
    )


def _rule(raw: Mapping[str, Any], start: str, end: str) -> Rule:
    id = str(_text(raw, "id", shape=_ID))
    try:
        _only(raw, _RULE_WORDS, "")
        named = str(_text(raw, "kind"))
        kind = KINDS.get(named)
        if kind is None:
            raise FieldError(_("没有「{kind}」这类规则，可用的有：{kinds}").format(kind=named, kinds=" ".join(sorted(KINDS))))
        first, last = _day(raw, "from", start), _day(raw, "to", end)
        if not start <= first <= last <= end:
            raise FieldError(_("规则的起止（{first} 至 {last}）超出政策包的起止").format(first=first, last=last))
        fund = _text(raw, "fund", optional=True)
        if fund is not None and fund not in FUNDS:
            raise FieldError(_("没有「{fund}」这种资金渠道").format(fund=fund))
        params = kind.read(_table(raw, "params"))
        may_change = frozenset(_words(raw, "may_change"))
        unknown = sorted(may_change - kind.params.keys())
        if unknown:
            raise FieldError(_("may_change 里没有这样的参数：{name}").format(name=unknown[0]))
        return Rule(
            id=id,
            kind=kind,
            article=str(_text(raw, "article")),
            name=str(_text(raw, "name")),
            fund=fund,
            departments=tuple(_words(raw, "departments")),
            groups=_groups(raw, "groups"),
            review_groups=_groups(raw, "review_groups"),
            start=first,
            end=last,
            params=params,
            suggested=kind.read(_table(raw, "suggested")),
            may_change=may_change,
            text=_text(raw, "text", optional=True, most=_MAX_TEXT) or "",
            documents=tuple(_words(raw, "documents")),
        )
    except FieldError as error:
        raise FieldError(_("规则 {id}：{text}").format(id=id, text=error)) from None


def _overlay_rule(raw: Mapping[str, Any]) -> bool:
    _only(raw, _OVERLAY_RULE_WORDS, str(raw.get("id", "")))
    return True


def _lead(raw: Mapping[str, Any]) -> Mapping[str, str]:
    words = frozenset({"article", "when", "policy", "text"})
    _only(raw, words | {"groups"}, "leads")
    if _text(raw, "when") not in {*OF_PEOPLE, *OF_EMPLOYERS}:
        raise FieldError(_("leads 的 when 应为 {choices}").format(choices=" ".join((*OF_PEOPLE, *OF_EMPLOYERS))))
    return {word: _text(raw, word, most=_MAX_TEXT) or "" for word in sorted(words)} | {"groups": " ".join(_groups(raw, "groups"))}


def _replaced(raw: Mapping[str, Any]) -> Replaced:
    _only(raw, frozenset({"pack", "rules"}), "supersedes")
    return Replaced(str(_text(raw, "pack", shape=_ID)), frozenset(_words(raw, "rules")))


# ---------------------------------------------------------------- what a pack may say, checked


def _only(raw: Mapping[str, Any], words: frozenset[str], where: str) -> None:
    unknown = next((name for name in raw if name not in words), None)
    if unknown is not None:
        raise FieldError(_("{where} 里不认识「{name}」").format(where=where or _("政策包"), name=unknown[:40]))


def _text(
    raw: Mapping[str, Any], name: str, *, optional: bool = False, shape: re.Pattern[str] | None = None, most: int = _MAX_NAME
) -> str | None:
    value = raw.get(name)
    if value is None and optional:
        return None
    if not isinstance(value, str) or not (value := seen(value)).strip() or CONTROL.search(value):
        raise FieldError(_("{name} 应为文字").format(name=name))
    if len(value) > most:
        raise FieldError(_("{name} 最多 {most} 字").format(name=name, most=most))
    if shape is not None and not shape.fullmatch(value):
        raise FieldError(_("{name} 写法不对：{value}").format(name=name, value=value[:40]))
    return value


def _flag(raw: Mapping[str, Any], name: str) -> bool:
    value = raw.get(name, True)
    if not isinstance(value, bool):
        raise FieldError(_("{name} 应为 true 或 false").format(name=name))
    return value


def _day(raw: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = raw.get(name, date.fromisoformat(default) if default else None)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FieldError(_("{name} 应为日期，如 2023-06-05（不加引号）").format(name=name))
    return value.isoformat()


def _area(raw: Mapping[str, Any]) -> str:
    area = _text(raw, "area") or ""
    if divisions.level(area) is None or (is_county(area) and not divisions.exists(area)):
        raise FieldError(_("没有区划代码 {value}").format(value=area[:20]))
    return area


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = raw.get(name, {})
    if not isinstance(value, dict):
        raise FieldError(_("{name} 应为一组 名称 = 值").format(name=name))
    return value


def _list(raw: Mapping[str, Any], name: str, most: int) -> list[Mapping[str, Any]]:
    value = raw.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > most:
        raise FieldError(_("{name} 应写成 [[{name}]]，最多 {most} 个").format(name=name, most=most))
    return value


def _words(raw: Mapping[str, Any], name: str) -> list[str]:
    value = raw.get(name, [])
    if not isinstance(value, list) or len(value) > 100:
        raise FieldError(_("{name} 应为文字的列表").format(name=name))
    return [_text({name: one}, name) or "" for one in value]


def _groups(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    groups = _words(raw, name)
    unknown = next((group for group in groups if group not in GROUPS), None)
    if unknown is not None:
        raise FieldError(_("没有「{group}」这类对象，可用的有：{groups}").format(group=unknown[:40], groups=" ".join(GROUPS)))
    return tuple(groups)
