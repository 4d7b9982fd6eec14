"""Policy packs: finding those that apply, reading pack files, signing, verifying and publishing them.

Packs ship with the program, are published by the county (as signed records) or are given as files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey
from sqlalchemy import select

from db.files import regular, write_whole
from db.local import COUNTY_KEY, get_meta
from db.mapping import table
from db.session import Session
from db.signatures import verify
from domain.grouping import by_key
from domain.periods import INCOME_PERIOD_START
from domain.policy.case import Rule
from domain.policy.pack import MAX_BYTES as PACK_BYTES
from domain.policy.pack import VERSION, Pack, PackUnusable, load, order_of, split_signature
from domain.policy.packs import built_on, in_force, keep_promises, replaces, unset
from domain.policy.params import Sort
from domain.records import PolicyPack
from domain.values import Type, from_stored
from domain.words import _, language

SHIPPED = Path(__file__).resolve().parent.parent / "resources" / "policy"
FOLDER = "policy"
"""Folder of published packs under the county's data folder; they reach the stations as records."""
MAX_PUBLISHED = 150_000
"""Characters of a published pack: with escapes and signature this fits a record's JSON value."""
MAX_BYTES = 64_000_000
"""Size limit of a facts file."""
MARK = b"cunzhan pack 1\n"
"""Prefix of the signed bytes (domain separation): the signature of a pack can never pass for a signature of anything else."""


@lru_cache(maxsize=1)
def shipped() -> tuple[Pack, ...]:
    """The packs that ship with the program, active or not, in order of file name."""
    return tuple(load(path.read_bytes()) for path in sorted(SHIPPED.glob("*.toml")))


def read(path: Path) -> Pack:
    """Read a pack file. A signature, if present, must be valid; its key becomes the pack's `signer`. Raises `PackUnusable`."""
    with regular(path) as file:
        return read_bytes(file.read(PACK_BYTES + 1))


def read_bytes(data: bytes) -> Pack:
    """Like `read`, from the bytes of the file."""
    return load(data, signer=_signer(data))


def _signer(data: bytes) -> str | None:
    """Hexadecimal key of a pack's signature, None where it has none; the pack itself is not parsed. Raises `PackUnusable` for an invalid
    signature."""
    body, signature = split_signature(data)
    if signature is None:
        return None
    if not verify(bytes.fromhex(signature[0]), MARK + body, bytes.fromhex(signature[1])):
        raise PackUnusable(_("政策包的签名不对，文件被改动过。请向发文单位重新索取。"))
    return signature[0]


def sign(data: bytes, key: SigningKey) -> bytes:
    """Append a signature line to a pack, replacing a valid one.

    Raises `PackUnusable` for an unusable pack, and for one that was changed after signing: a new signature would hide the change.
    """
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
    """The packs known at a county, of each name the highest version: those that ship and those it has published.

    Published packs are files under `home` and records of the county's database; the records come back with a backup and do not depend on
    the data folder. A published pack without a signature by the key `trusted` is ignored.
    """
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
    """A pack signed by the county that cannot be used here; `instead`: the version of that name that stays in force, "" for none."""

    id: str
    version: str
    why: str
    instead: str = ""

    def sentence(self) -> str:
        """Message for people: which pack, why, what applies meanwhile and what to do."""
        kept = _("先按 {version} 版办理").format(version=self.instead) if self.instead else _("先按没有这个政策包办理")
        todo = _("请告诉县里改好、升高版本号再签发；县里刚升级的，请把这里的程序也升级。")
        text = _("县里签发的政策包 {id} {version} 版用不了，{kept}。{why}。") + todo
        return text.format(id=self.id, version=self.version, kept=kept, why=self.why.removesuffix("。"))


def here(session: Session) -> tuple[Pack, ...]:
    """The packs known at a station: those that ship and those its county published, of each name the highest version that can be used.

    A published pack counts only with the signature of the county the station is enrolled with."""
    return _fitting(session)[0]


def version_of(session: Session, id: str, version: str) -> Pack | None:
    """The pack in the version a claim names, from those that ship and those the county has published; None where it is not here."""
    trusted = get_meta(session, COUNTY_KEY)
    texts = (str(row.content).encode() for row in session.select(PolicyPack) if trusted is not None)
    published = (pack for pack in _usable(texts) if pack.signer == trusted)
    return next((pack for pack in (*published, *shipped()) if (pack.id, pack.version) == (id, version)), None)


def used_here(session: Session) -> tuple[Pack, ...]:
    """The packs a station judges by: the active ones of those known there."""
    return in_use((), here(session))


def published_since(session: Session, day: str) -> list[Pack]:
    """The packs a station judges by whose version its county has published since a day."""
    recent = {(row.pack, row.version) for row in session.select(PolicyPack, table("policy_pack").c.created_at >= day)}
    return [pack for pack in used_here(session) if (pack.id, pack.version) in recent] if recent else []


def over(packs: Iterable[Pack], day: str) -> str:
    """The latest end date of these packs where all have expired before `day`, else ""; overlays do not count."""
    last = max((pack.end for pack in packs if pack.base is None), default="")
    return last if last < day else ""


def expired(pack: Pack, known: Iterable[Pack], day: str) -> str:
    """What it means that a pack, or one that it is built on, has expired before `day`, and what to do; "" where it has not."""
    late = [one for one in built_on(pack, known) if one.end < day]
    if not late or not pack.active:
        return ""
    ending = late[-1]
    if ending.base is not None:
        text = _("{id} 执行到 {day}，已经到期：只改这天以前的事怎么判，以后的照上级文件判。要接着用，改 to 的日期，版本号升高，再下发。")
    elif ending is pack:
        text = _("{id} 执行到 {day}，已经到期：只判这天以前的事，以后的都判「政策已到期」，没有补助。{next}")
    else:
        text = _("{id} 执行到 {day}，已经到期：对它的补充规定只改这天以前的事怎么判，以后的照样判「政策已到期」，没有补助。{next}")
    after = _("今年的要能办，得有接着执行的文件：照它做成新的政策包下发，写明替代 {id}；补充规定对新的包写。").format(id=ending.id)
    return text.format(id=ending.id, day=ending.end, next=after)


def income_start(session: Session, on: str) -> str:
    """The day (`MM-DD`) on which income periods begin, from the latest carrier rule that started by `on` and has no successor yet.
    `INCOME_PERIOD_START` where no such rule states it, or where the county has published no pack."""
    found = [("", INCOME_PERIOD_START)]
    for each in in_force(used_here(session)) if session.count("policy_pack") else ():
        start = each.params(each.applied(session.scope, on)).get("period_start")
        if start and each.pack.start <= on and each.successor(session.scope, on) is None:
            found.append((each.pack.start, str(start)))
    return max(found)[1]


class Rules(dict[str, Rule]):
    """Rules of packs by rule id; where packs share an id, the last pack wins."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        super().__init__((rule.id, rule) for pack in packs for rule in pack.rules)
        self._of_pack = {(pack.id, rule.id): rule for pack in packs for rule in pack.rules}

    def of(self, pack: str, rule: str) -> Rule | None:
        """The rule as it stands in the pack a claim was judged by, since a successor may reuse its id; where that pack is not known, the
        rule of that id in another."""
        return self._of_pack.get((pack, rule)) or self.get(rule)

    @property
    def names(self) -> dict[str, str]:
        """Rule id → name."""
        return {id: rule.name for id, rule in self.items()}

    def fund(self, pack: str, rule: str) -> str | None:
        """Code of the fund that pays for the rule, None where it names none."""
        found = self.of(pack, rule)
        return found.fund if found is not None else None


def rules(session: Session) -> Rules:
    """Every rule known here; where packs share a rule id, the pack in use wins.

    Rules that a later version withdrew are included, because claims under them may still be open.
    """
    known = here(session)
    return Rules((*shipped(), *known, *in_use((), known)))


def kin(session: Session, rule: str) -> frozenset[str]:
    """Ids of the predecessor and successor rules that give the same benefit, in the packs used here."""
    return frozenset[str]().union(*(each.kin for each in in_force(used_here(session)) if each.rule.id == rule))


def unusable(session: Session) -> tuple[Unusable, ...]:
    """The county's packs that cannot be used here, usually because another version of the program signed them. A pack is left out once a
    higher version of it can be used."""
    return _fitting(session)[1]


def _fitting(session: Session) -> tuple[tuple[Pack, ...], tuple[Unusable, ...]]:
    """The packs that can be used together, and the county's packs that cannot. A pack that does not fit is replaced by the version before
    it."""
    trusted = get_meta(session, COUNTY_KEY)
    t = table("policy_pack")
    stored = select(t.c.pack, t.c.version, t.c.content).where(t.c.deleted_at.is_(None)).order_by(t.c.id)
    published = session.conn.execute(stored).all() if trusted is not None else ()
    return _fitted(tuple(map(tuple, published)), trusted, language())


@lru_cache(maxsize=2)  # it is asked for several times for each claim of a list
def _fitted(published: Sequence[tuple[str, ...]], trusted: str | None, _said_in: str) -> tuple[tuple[Pack, ...], tuple[Unusable, ...]]:
    versions = {pack.id: [pack] for pack in shipped()}
    refused: list[Unusable] = []
    for name, number, stored in published:
        content = str(from_stored(Type.JSON, stored))
        try:
            pack = _published(content)
        except PackUnusable as error:
            refused += [Unusable(name, _number(number), str(error))] if trusted == _signer_or_none(content) else []
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
    by_version = {(one.id, one.version): replace(one, instead=used[one.id].version if one.id in used else "") for one in refused}
    return known, tuple(by_version[key] for key in sorted(by_version) if key[0] not in used or order_of(key[1]) > used[key[0]].order)


def _signer_or_none(content: str) -> str | None:
    """The signer of a pack that cannot be loaded; None where the signature is missing or invalid."""
    try:
        return _signer(content.encode())
    except PackUnusable:
        return None


def _number(version: str) -> str:
    """The version given in a record, "0" where it is malformed: anybody may have written the record."""
    return version if VERSION.fullmatch(version) else "0"


def _known(versions: Mapping[str, Sequence[Pack]]) -> tuple[Pack, ...]:
    return tuple(versions[id][-1] for id in sorted(versions) if versions[id])


def _misfit(known: Sequence[Pack]) -> PackUnusable | None:
    """The error that keeps these packs from being used, None if there is none: the active ones are tried together, each other one by
    itself."""
    for given in ((), *((pack,) for pack in known if not pack.active)):
        try:
            in_force(in_use(given, known))
        except PackUnusable as error:
            return error
    return None


def untrusted(session: Session) -> tuple[Pack, ...]:
    """Packs that arrived but are not used, because another key than that of this station's county signed them; by name and version."""
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
    """Sign a pack or an overlay and store it where `known_at` finds it.

    Raises `PackUnusable` for a version lower than the published one, for the same version with other content, for packs that contradict
    each other, for an overlay that gives less than its base promises, and for a pack that replaces one that is not there.
    """
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
    together = {one.id: one for one in (*in_use((), known), *in_use([pack], known))}.values()
    in_force(together)
    at_stations = {one.id: one for one in (*known, pack)}.values()
    in_force(one for one in at_stations if one.active)  # else an overlay without its base would fail at the stations only
    keep_promises(pack, together)
    replaces(pack, together)
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    write_whole(home / FOLDER / f"{pack.id}.toml", signed)
    return pack


def as_record(home: Path, pack: Pack) -> dict[str, Any]:
    """A published pack as the `policy_pack` record that carries it to the stations."""
    return {"pack": pack.id, "version": pack.version, "content": (home / FOLDER / f"{pack.id}.toml").read_bytes().decode()}


def draft_base(packs: Iterable[Pack]) -> Pack | None:
    """The pack that `draft` is built on: the one that leaves most parameters open."""
    waiting = by_key((each.pack.id, each.pack) for each in in_force(packs) for _one in unset([each]))
    return max(waiting.values(), key=len)[0] if waiting else None


def draft(packs: Iterable[Pack], area: str, day: str) -> str:
    """Template of an overlay: every parameter the county has to set, as a line commented out with `#`.

    For the pack that leaves most parameters open; "" where nothing is open. Of a pack that has expired by `day` it says so.
    """
    packs = tuple(packs)
    pack = draft_base(packs)
    if pack is None:
        return ""
    rules = {each.rule.id: each for each in in_force(packs) if each.pack.id == pack.id}
    waiting = unset(rules.values())
    late = expired(pack, packs, day)
    lines = [
        "# 参数确认单。把定下来的参数前面的 # 去掉，填上数（有引号的填在引号里）；改好标题；没定的不用管。",
        "# 填好以后：cunzhan policy check 本文件，再由县服务器 cunzhan-server pack publish 本文件，各站同步后生效。",
        *([f"# 注意：{late}"] if late else []),
        "format = 1",
        f'id = "COUNTY-{area}"',
        'version = "1.0.0"',
        'title = "（县里的文号和标题）"',
        'level = "county"',
        f'area = "{area}"',
        f'base = "{pack.id}"',
        f"from = {pack.start}",
        f"to = {pack.end}",
    ]
    for rule in dict.fromkeys(one.rule for one in waiting):
        lines += ["", "[[rules]]", f'id = "{rule}"  # {rules[rule].rule.article}{rules[rule].rule.name}', "[rules.params]"]
        params = rules[rule].rule.kind.params
        empty = {one.name: "" if params[one.name].sort is Sort.INT else '""' for one in waiting if one.rule == rule}
        lines += [f"# {name} = {mark}  # {params[name].label}" for name, mark in empty.items()]
    return "\n".join(lines) + "\n"


def in_use(given: Iterable[Pack] = (), known_here: Iterable[Pack] | None = None) -> tuple[Pack, ...]:
    """The packs to judge by: those given, with what they extend or replace; without any, the active ones of `known_here` (what ships)."""
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
