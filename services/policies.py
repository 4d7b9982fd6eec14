"""Policy packs as files: those that ship with the program, those given by hand; signing one and telling a signature that is sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from db.files import regular, write_whole
from db.local import COUNTY_KEY, get_meta
from db.session import Session
from db.signatures import verify
from domain.grouping import by_key
from domain.periods import INCOME_PERIOD_START
from domain.policy.case import Rule
from domain.policy.pack import MAX_BYTES as PACK_BYTES
from domain.policy.pack import VERSION, Pack, PackUnusable, load, order_of, split_signature
from domain.policy.packs import in_force, keep_promises, replaces, unset
from domain.policy.params import Sort
from domain.records import PolicyPack
from domain.words import _

SHIPPED = Path(__file__).resolve().parent.parent / "resources" / "policy"
FOLDER = "policy"
"""Where published packs lie under the county's data folder; to the stations they travel as records."""
_LAST_DAY = re.compile(r"^\s*to\s*=\s*(\d{4}-\d\d-\d\d)", re.MULTILINE)
MAX_PUBLISHED = 150_000
"""Characters of a pack that travels: a record's JSON value takes so much with its escapes and signature."""
MAX_BYTES = 64_000_000
"""Of a facts file."""
MARK = b"cunzhan pack 1\n"
"""What a signature of a pack begins with, so that it can never pass for a signature of anything else."""


@lru_cache(maxsize=1)
def shipped() -> tuple[Pack, ...]:
    """The packs that came with the program, active or not, in order of name."""
    return tuple(load(path.read_bytes()) for path in sorted(SHIPPED.glob("*.toml")))


def read(path: Path) -> Pack:
    """A pack file. A signature, where there is one, must be sound; whose it is stands in `signer`. Raises `PackUnusable`."""
    with regular(path) as file:
        return read_bytes(file.read(PACK_BYTES + 1))


def read_bytes(data: bytes) -> Pack:
    """As `read`, from the bytes of the file."""
    return load(data, signer=_signer(data))


def _signer(data: bytes) -> str | None:
    """Whose sound signature a pack carries, whatever the pack says. Raises `PackUnusable` for one that is not sound."""
    body, signature = split_signature(data)
    if signature is None:
        return None
    if not verify(bytes.fromhex(signature[0]), MARK + body, bytes.fromhex(signature[1])):
        raise PackUnusable(_("政策包的签名不对，文件被改动过。请向发文单位重新索取。"))
    return signature[0]


def sign(data: bytes, key: SigningKey) -> bytes:
    """The pack with a signature line at its end, in the place of a sound one. Raises `PackUnusable` when the pack itself is no good, and
    when it was changed after somebody signed it: signed once more, nobody could see that."""
    body, _signature = split_signature(data)
    try:
        _signer(data)
    except PackUnusable:
        text = _("政策包签名以后又被改动过，没有签发。请向发文单位重新索取；是本县自己改的，删去文件最后的「# signature」一行再发。")
        raise PackUnusable(text) from None
    load(body)
    body = body if body.endswith(b"\n") else body + b"\n"
    line = f"# signature {bytes(key.verify_key).hex()} {key.sign(MARK + body).signature.hex()}\n"
    return body + line.encode()


def known_at(home: Path, trusted: bytes, session: Session | None = None) -> tuple[Pack, ...]:
    """The packs that ship and those a county has published, of each name the highest version: files at this place, and records of its
    database, which a backup brings along and every command of that county sees, whatever its data folder.

    What lost its signature, or another key than `trusted` signed, counts as not there."""
    paths = sorted((home / FOLDER).glob("*.toml")) if (home / FOLDER).is_dir() else []
    texts = [path.read_bytes() for path in paths]
    texts += [str(row.content).encode() for row in session.select(PolicyPack)] if session is not None else []
    packs = {pack.id: pack for pack in shipped()}
    for pack in sorted(_usable(texts), key=lambda one: one.order):
        if pack.signer == trusted.hex():
            packs[pack.id] = pack
    return tuple(packs[id] for id in sorted(packs))


def _usable(texts: Iterable[bytes]) -> Iterator[Pack]:
    for text in texts:
        with suppress(PackUnusable):
            yield read_bytes(text)


@dataclass(frozen=True)
class Unusable:
    """A pack the county signed that cannot be used here; `instead`: the version of that name that stays in force, "" for none."""

    id: str
    version: str
    why: str
    instead: str = ""

    def sentence(self) -> str:
        """What it is, why, what holds meanwhile and what is to be done."""
        kept = _("先按 {version} 版办理").format(version=self.instead) if self.instead else _("先按没有这个政策包办理")
        todo = _("请告诉县里改好、升高版本号再签发；县里刚升级的，请把这里的程序也升级。")
        text = _("县里签发的政策包 {id} {version} 版用不了，{kept}。{why}。") + todo
        return text.format(id=self.id, version=self.version, kept=kept, why=self.why.removesuffix("。"))


def here(session: Session) -> tuple[Pack, ...]:
    """The packs known at a station: those that ship and those its county published, of each name the highest version that can be used.

    A published pack counts only with the signature of the county the station is enrolled with."""
    return _fitting(session)[0]


def version_of(session: Session, id: str, version: str) -> Pack | None:
    """A document in the version a claim names, of those that ship and those the county has published; None where it is not here."""
    trusted = get_meta(session, COUNTY_KEY)
    texts = (str(row.content).encode() for row in session.select(PolicyPack) if trusted is not None)
    published = (pack for pack in _usable(texts) if pack.signer == trusted)
    return next((pack for pack in (*published, *shipped()) if (pack.id, pack.version) == (id, version)), None)


def used_here(session: Session) -> tuple[Pack, ...]:
    """The packs by which a station judges: of those known there the active ones."""
    return in_use((), here(session))


def over(packs: Iterable[Pack], day: str) -> str:
    """The last day of the last of these documents where all of them are over by `day`, else ""."""
    last = max((pack.end for pack in packs if pack.base is None), default="")
    return last if last < day else ""


def income_start(session: Session, on: str) -> str:
    """The day (`MM-DD`) on which income periods begin: by the latest rule begun by `on` that sums what a carrier pays. Where the county
    published no pack, as in the document that ships."""
    found = [("", INCOME_PERIOD_START)]
    for each in in_force(used_here(session)) if session.count("policy_pack") else ():
        start = each.params(each.applied(session.scope, on)).get("period_start")
        if each.rule.kind.name == "carrier" and start and each.pack.start <= on and each.successor(session.scope, on) is None:
            found.append((each.pack.start, str(start)))
    return max(found)[1]


class Rules(dict[str, Rule]):
    """Every rule of some packs by its id, of packs that share an id the last."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        super().__init__((rule.id, rule) for pack in packs for rule in pack.rules)
        self._of_pack = {(pack.id, rule.id): rule for pack in packs for rule in pack.rules}

    def of(self, pack: str, rule: str) -> Rule | None:
        """The rule as the pack has it by which a claim was judged: a successor may give its own to the same id. Where that pack is not
        known, that of another."""
        return self._of_pack.get((pack, rule)) or self.get(rule)

    def fund(self, pack: str, rule: str) -> str | None:
        """The fund (code) of that rule, None where it names none."""
        found = self.of(pack, rule)
        return found.fund if found is not None else None


def rules(session: Session) -> Rules:
    """Every rule known here; of packs that share an id the one in use before the others. What a later version withdrew keeps its words and
    its fund: claims under it are on their way."""
    known = here(session)
    return Rules((*shipped(), *known, *in_use((), known)))


def kin(session: Session, rule: str) -> frozenset[str]:
    """Other ids by which the packs in use here give what a rule gives: those of a document before it or after it."""
    return frozenset[str]().union(*(each.kin for each in in_force(used_here(session)) if each.rule.id == rule))


def unusable(session: Session) -> tuple[Unusable, ...]:
    """The packs of the county that cannot be used here: a program of another age than this one signed them. Once a higher version of one
    can be used, nobody needs to be told of it."""
    return _fitting(session)[1]


def _fitting(session: Session) -> tuple[tuple[Pack, ...], tuple[Unusable, ...]]:
    """What can be used together, and what of the county's cannot. Whoever does not fit gives way to the version of that name before it."""
    versions = {pack.id: [pack] for pack in shipped()}
    refused: list[Unusable] = []
    trusted = get_meta(session, COUNTY_KEY)
    for row in session.select(PolicyPack) if trusted is not None else ():
        content = row.content if isinstance(row.content, str) else ""
        try:
            pack = _published(content)
        except PackUnusable as error:
            refused += [Unusable(row.pack, _number(row.version), str(error))] if trusted == _sound(content) else []
            continue
        if pack.signer == trusted:
            versions.setdefault(pack.id, []).append(pack)
    for some in versions.values():
        some.sort(key=lambda pack: pack.order)
    known = _known(versions)
    while (misfit := _misfit(known)) is not None:
        id = next((id for id in misfit.packs if versions[id][-1].signer is not None), misfit.packs[0])
        given = versions[id].pop()
        refused.append(Unusable(id, given.version, str(misfit)))
        known = _known(versions)
    used = {pack.id: pack for pack in known}
    told = {(one.id, one.version): replace(one, instead=used[one.id].version if one.id in used else "") for one in refused}
    return known, tuple(told[key] for key in sorted(told) if key[0] not in used or order_of(key[1]) > used[key[0]].order)


def _sound(content: str) -> str | None:
    """Who signed a pack nobody can read."""
    try:
        return _signer(content.encode())
    except PackUnusable:
        return None


def _number(version: str) -> str:
    """A version as a record tells it, which anybody may have written."""
    return version if VERSION.fullmatch(version) else "0"


def _known(versions: Mapping[str, Sequence[Pack]]) -> tuple[Pack, ...]:
    return tuple(versions[id][-1] for id in sorted(versions) if versions[id])


def _misfit(known: Sequence[Pack]) -> PackUnusable | None:
    """Why packs cannot be used: those that are active all together, the others each by itself."""
    for given in ((), *((pack,) for pack in known if not pack.active)):
        try:
            in_force(in_use(given, known))
        except PackUnusable as error:
            return error
    return None


def may_end(session: Session, first: str, last: str) -> bool:
    """Whether a pack or rule known here may run out in these days. Only the dates are looked for: reading packs whole takes long."""
    texts = [path.read_text("utf-8") for path in SHIPPED.glob("*.toml")]
    texts += [row.content for row in session.select(PolicyPack) if isinstance(row.content, str)]
    return any(first <= end <= last for text in texts for end in _LAST_DAY.findall(text))


def untrusted(session: Session) -> tuple[Pack, ...]:
    """Packs that arrived and are not used here: signed by another key than this station's county, in order of name and version."""
    trusted, found = get_meta(session, COUNTY_KEY), []
    for content in [row.content for row in session.select(PolicyPack)]:
        try:
            pack = _published(content if isinstance(content, str) else "")
        except PackUnusable:
            continue
        if pack.signer != trusted or trusted is None:
            found.append(pack)
    return tuple(sorted(found, key=lambda pack: (pack.id, pack.order)))


@lru_cache(maxsize=32)
def _published(content: str) -> Pack:
    return read_bytes(content.encode())


def publish(home: Path, data: bytes, key: SigningKey, session: Session | None = None) -> Pack:
    """Sign a pack or an overlay and keep it where `known_at` finds it. Raises `PackUnusable`: for a version below the one published or of
    its number with other words, when packs contradict each other, for an overlay that gives less than its base promises, and where what a
    pack replaces is not there."""
    signed = sign(data, key)
    pack = read_bytes(signed)
    if len(data.decode()) > MAX_PUBLISHED:
        raise PackUnusable(_("政策包超过 {n} 字，发不下去。请分成几个补充规定。").format(n=MAX_PUBLISHED))
    known = known_at(home, bytes(key.verify_key), session)
    before = next((one for one in known if one.id == pack.id), None)
    if before is not None and pack.order < before.order:
        text = _("{id} 已有 {known} 版，不能再发较低的 {version} 版。请改版本号。")
        raise PackUnusable(text.format(id=pack.id, known=before.version, version=pack.version))
    if before is not None and before.signer is not None and pack.order == before.order and pack.sha256 != before.sha256:
        # claims name the version they were judged by; what ships may be published as it is
        raise PackUnusable(_("{id} 的 {known} 版已经发过，内容不一样。请把版本号升高再发。").format(id=pack.id, known=before.version))
    beside = {one.id: one for one in (*in_use((), known), *in_use([pack], known))}.values()
    in_force(beside)
    stations = {one.id: one for one in (*known, pack)}.values()
    in_force(one for one in stations if one.active)  # an overlay without its base would be found out there only
    keep_promises(pack, beside)
    replaces(pack, beside)
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    write_whole(home / FOLDER / f"{pack.id}.toml", signed)
    return pack


def as_record(home: Path, pack: Pack) -> dict[str, Any]:
    """A published pack as the `policy_pack` record that carries it to the stations."""
    return {"pack": pack.id, "version": pack.version, "content": (home / FOLDER / f"{pack.id}.toml").read_bytes().decode()}


def draft(packs: Iterable[Pack], area: str) -> str:
    """An overlay to be filled in: every parameter that waits for a county's word, as lines that say nothing until somebody takes the `#`
    away. Of the pack that leaves most open; "" where nothing is."""
    rules = {each.rule.id: each for each in in_force(packs)}
    waiting = by_key((rules[one.rule].pack.id, one) for one in unset(rules.values()))
    if not waiting:
        return ""
    base = max(waiting, key=lambda id: len(waiting[id]))
    pack = rules[waiting[base][0].rule].pack
    lines = [
        "# 参数确认单。把定下来的参数前面的 # 去掉，填上数（有引号的填在引号里）；改好标题；没定的不用管。",
        "# 填好以后：cunzhan policy check 本文件，再由县服务器 cunzhan-server pack publish 本文件，各站同步后生效。",
        "format = 1",
        f'id = "COUNTY-{area}"',
        'version = "1.0.0"',
        'title = "（县里的文号和标题）"',
        'level = "county"',
        f'area = "{area}"',
        f'base = "{base}"',
        f"from = {pack.start}",
        f"to = {pack.end}",
    ]
    for rule in dict.fromkeys(one.rule for one in waiting[base]):
        lines += ["", "[[rules]]", f'id = "{rule}"  # {rules[rule].rule.article}{rules[rule].rule.name}', "[rules.params]"]
        params = rules[rule].rule.kind.params
        empty = {one.name: "" if params[one.name].sort is Sort.INT else '""' for one in waiting[base] if one.rule == rule}
        lines += [f"# {name} = {mark}  # {params[name].label}" for name, mark in empty.items()]
    return "\n".join(lines) + "\n"


def in_use(given: Iterable[Pack] = (), known_here: Iterable[Pack] | None = None) -> tuple[Pack, ...]:
    """The packs to judge by: those given and what they are built on or replace; none given: those known here (else those that ship)
    that are active."""
    packs = {pack.id: pack for pack in given}
    known = {pack.id: pack for pack in (shipped() if known_here is None else known_here)}
    if not packs:
        return tuple(pack for pack in known.values() if pack.active)
    waiting = list(packs.values())
    while waiting:
        pack = waiting.pop()
        for name in ([pack.base] if pack.base else []) + [one.pack for one in pack.supersedes]:
            if name not in packs and name in known:
                packs[name] = known[name]
                waiting.append(known[name])
    return tuple(packs.values())
