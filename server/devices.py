"""Enrolment codes and devices, for the county's administrator (`cunzhan-server enrol`, `devices`, `revoke`, `unlock`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from nacl.public import PrivateKey
from sqlalchemy import select, update

from db.among import among
from db.bundles import early_by_station
from db.exchange import closed, closed_into, device, enrolment_code, entry, scope_head
from db.keys import Slot, new_recovery_code, unwrap_for_county, wrap
from db.lease import COUNTY_SETTING, MAX_DAYS, MIN_DAYS
from db.local import set_meta
from db.session import Session
from db.snapshots import differing
from db.upgrade import alone
from domain import divisions
from domain.authors import name_of
from domain.divisions import Level
from domain.errors import InputUnusable, Misused, NotFound, Refused
from domain.scope_search import find_scope
from domain.scopes import county_of, level_of, valid
from domain.words import LazyText, _, lazy
from server.authority import authority
from server.status import absent
from sync.county.acts.authoring import county_scopes
from sync.wire.columns import WireError
from sync.wire.envelope import open_batch
from sync.wire.trust import code_hash, new_code, split_code

VALIDITY = 14  # days
_ID = 8


class _Placed:
    """What is made for a place."""

    scope: str

    @property
    def place(self) -> str:
        """The place with its full name; its code if it is in no list."""
        return divisions.full_name(self.scope) or self.scope


@dataclass(frozen=True)
class Code(_Placed):
    """An enrolment code. It is shown once and stored only as a hash."""

    code: str
    expires_at: str
    scope: str
    role: str
    uses: int
    id: str
    """As in `OpenCode`."""

    @property
    def act(self) -> LazyText:
        """As the list of acts has it."""
        return lazy("给{place}发注册码 {id}（{uses} 次）", place=self.place, id=self.id, uses=self.uses)


@dataclass(frozen=True)
class OpenCode(_Placed):
    """An enrolment code that can still be used. `id`: the beginning of its hash, since the code itself is not stored."""

    id: str
    scope: str
    role: str
    used: int
    uses: int
    made_at: str
    expires_at: str

    @property
    def withdrawal(self) -> LazyText:
        """The withdrawal as the list of acts has it."""
        return lazy("收回{place}的注册码 {id}", place=self.place, id=self.id)

    def withdrawn_sentence(self) -> str:
        """What the administrator is told after it."""
        return _("{place}的注册码 {id} 已收回，不能再用来注册。用它注册过的电脑照常。").format(place=self.place, id=self.id)


@dataclass(frozen=True)
class Device:
    """An enrolled station. `suspected`: how often it looked like a clone or a restored backup; `different`: how often one of its kinds
    of records differed from the county's; `early`: batches of it that arrived by stick before the ones they continue."""

    device: str
    scope: str
    role: str
    place: str
    enrolled_at: str
    last_sync: str | None
    version: str | None
    unsent: int
    suspected: int
    different: int
    early: int
    revoked_at: str | None
    users: str = ""
    """Who wrote what it sent last (`with_users`): tells two laptops of one village apart."""

    def revoked_sentence(self) -> str:
        """What the administrator is told after revoking it."""
        text = _("已停用{place}的电脑 {device}。它还没上传的数据都在那台电脑上；停错了、找回来了，再给它发一个注册码。")
        return text.format(place=self.place or self.scope, device=self.device)


def make_code(session: Session, scope: str, role: str, uses: int = 1, *, closed: bool = False, secret: bytes | None = None) -> Code:
    """Create an enrolment code for a scope, valid for `uses` stations and two weeks. A scope merged into another gets one only with
    `closed`: for an old laptop whose work is still to come in. `secret`: as in `new_code`. Raises `InputUnusable`."""
    if not valid(scope) or level_of(scope) != role:
        raise Misused(_("站点代码与级别不符：村 12 位，乡镇 9 位，县 6 位。") + _codes_meant(session, scope, role))
    if not 1 <= uses <= 1000:
        raise Misused(_("一个注册码可用 1 到 1000 次。"))
    into = closed_into(session, scope)
    if into and not closed:
        message = _(
            "这个村已并入{place}（{code}），请给新的电脑发{place}的注册码。"
            "旧电脑上还有没交的改动，确实要它再接上来，请用命令 cunzhan-server enrol 发，加 --closed。"
        )
        raise InputUnusable(message.format(place=divisions.called(into), code=into))
    code = new_code(authority(session).certificate, secret)
    expires = session.ago(-VALIDITY)
    hashed = code_hash(split_code(code)[0])
    session.conn.execute(
        enrolment_code.insert().values(code=hashed, scope=scope, role=role, uses=uses, used=0, made_at=session.at, expires_at=expires)
    )
    return Code(code, expires, scope, role, uses, hashed[:_ID])


def made_of(session: Session, secrets: Mapping[str, bytes]) -> list[Code]:
    """The codes that were made of these secrets, by scope, and can still be used; they can be shown again only so."""
    certificate = authority(session).certificate
    codes = {scope: new_code(certificate, secret) for scope, secret in secrets.items()}
    open_ = {(one.scope, one.id): one for one in open_codes(session)}
    found = ((scope, code, open_.get((scope, code_hash(split_code(code)[0])[:_ID]))) for scope, code in codes.items())
    return [Code(code, one.expires_at, scope, one.role, one.uses, one.id) for scope, code, one in found if one is not None]


def was_made(session: Session, secrets: Mapping[str, bytes]) -> bool:
    """Whether a code was ever made of one of these secrets, though it may have been used or withdrawn since."""
    certificate = authority(session).certificate
    hashes = [code_hash(split_code(new_code(certificate, secret))[0]) for secret in secrets.values()]
    return session.conn.execute(select(enrolment_code.c.code).where(among(enrolment_code.c.code, hashes)).limit(1)).first() is not None


def places_meant(session: Session, typed: str) -> list[str]:
    """The places that somebody may mean who typed a name or a code: those of this county, if its log or its codes show which it is and it
    has any of that name."""
    if typed.isascii() and typed.isdigit() and divisions.exists(typed):
        return [typed]
    scopes = [*session.conn.execute(select(scope_head.c.scope)).scalars(), *session.conn.execute(select(enrolment_code.c.scope)).scalars()]
    return find_scope(typed, {county_of(scope) for scope in scopes}) or find_scope(typed)


def _codes_meant(session: Session, typed: str, role: str) -> str:
    """A sentence with the codes of the places of a level that somebody may mean who typed a name; "" where no place is called so."""
    meant = [f"{divisions.full_name(code)} {code}" for code in places_meant(session, typed) if level_of(code) == role]
    return _("请写它的代码，可能是：{places}。").format(places=_("、").join(meant)) if meant else ""


@dataclass(frozen=True)
class CodesMade:
    """The codes made for the places of an area, those withdrawn for them, and the places left out: `waiting` have a code that still
    works, `enrolled` a laptop."""

    made: list[Code]
    withdrawn: list[OpenCode]
    waiting: list[str]
    enrolled: list[str]


def make_codes(
    session: Session, area: str, role: str, *, again: bool = False, secret: Callable[[str], bytes | None] = lambda _scope: None
) -> CodesMade:
    """Create a code for every village (or township) of an area that has no laptop. A place with a code that still works gets a new one
    only with `again`, and the old one is withdrawn. `secret`: that of each place, as in `new_code`. Raises `Misused`."""
    places = places_of(session, area, role)
    alone(session.conn)  # two administrators at once would each make one for every place
    gone, codes = closed(session), open_codes(session)
    enrolled = {one.scope for one in devices(session) if not one.revoked_at}
    lacking = [place for place in places if place not in enrolled and place not in gone]
    open_ = {one.scope for one in codes}
    wanted = [place for place in lacking if again or place not in open_]
    withdrawn = [withdraw(session, one.id) for one in codes if one.scope in wanted]
    made = [make_code(session, place, role, secret=secret(place)) for place in wanted]
    return CodesMade(made, withdrawn, [place for place in lacking if place not in wanted], [place for place in places if place in enrolled])


def other_county(session: Session, scope: str) -> str:
    """A sentence if a scope lies in another county than all stations so far: one server may serve two, but usually the code is mistyped."""
    counties = county_scopes(session)
    if not counties or county_of(scope) in counties or not divisions.exists(scope):
        return ""
    here = _("、").join(divisions.full_name(code) or code for code in counties)
    return _("{place}不在{here}。").format(place=divisions.full_name(scope), here=here)


def places_of(session: Session, area: str, role: str) -> list[str]:
    """The villages (or townships) of an area for which codes are made. Raises `Misused`."""
    level = divisions.level(area) if divisions.exists(area) else None
    if level is not Level.COUNTY and (level is not Level.TOWNSHIP or role != "village"):
        raise Misused(_("请写一个乡镇（9 位）或县（6 位）的代码，给它下面的每个村发。") + _codes_meant(session, area, "township"))
    towns = [area] if level is Level.TOWNSHIP else list(divisions.children(area))
    return towns if role == "township" else [village for town in towns for village in divisions.children(town)]


def open_codes(session: Session) -> list[OpenCode]:
    """Enrolment codes that can still be used, by scope."""
    c = enrolment_code.c
    query = select(enrolment_code).where(c.used < c.uses, c.expires_at >= session.at).order_by(c.scope, c.made_at, c.code)
    return [
        OpenCode(row.code[:_ID], row.scope, row.role, row.used, row.uses, row.made_at, row.expires_at)
        for row in session.conn.execute(query)
    ]


def withdraw(session: Session, id: str) -> OpenCode:
    """Withdraw a code. It stays on record: a station that used it may still ask again for a lost answer. Raises `NotFound`."""
    found = next((one for one in open_codes(session) if one.id == id), None)
    if found is None:
        raise NotFound(_("没有编号为 {id} 的、还能用的注册码。编号见 cunzhan-server codes。").format(id=id))
    session.conn.execute(update(enrolment_code).where(enrolment_code.c.code.startswith(id)).values(expires_at=session.ago(1)))
    return found


def devices(session: Session, late: int | None = None) -> list[Device]:
    """Every device ever enrolled, by scope; with `late`, only those not revoked that have sent nothing for `late` days."""
    different, early = differing(session), early_by_station(session.conn)
    query = select(device).order_by(device.c.scope, device.c.enrolled_at, device.c.station)
    rows = session.conn.execute(query if late is None else query.where(absent(session, session.ago(late))))
    return [
        Device(
            device=row.station,
            scope=row.scope,
            role=row.role,
            place=divisions.full_name(row.scope) or "",
            enrolled_at=row.enrolled_at,
            last_sync=row.last_sync,
            version=row.version,
            unsent=row.unsent,
            suspected=row.suspected,
            different=different.get(row.station, 0),
            early=early[row.station],
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


def with_users(session: Session, found: Iterable[Device]) -> list[Device]:
    """The devices with who used them last."""
    return [replace(one, users=_users(session, one.scope, one.device)) for one in found]


def _users(session: Session, scope: str, station: str) -> str:
    """The users whose work is in the latest batch of a station, "" if none is kept."""
    theirs = entry.c.scope.startswith(scope) & (entry.c.station == station) & entry.c.body.is_not(None)
    body = session.conn.execute(select(entry.c.body).where(theirs).order_by(entry.c.at.desc(), entry.c.seq.desc()).limit(1)).scalar()
    try:
        users = open_batch(bytes(body)).header.users if body else ()
    except WireError:
        users = ()
    return _("、").join(name_of(one) for one in users)


@dataclass(frozen=True)
class Unlocked:
    """A laptop unlocked for its clerk: the recovery code to tell them, and the key slot to send back. `device` is empty if an older
    program did not name it."""

    code: str
    slot: Slot
    device: str
    place: str


def unlock(session: Session, private_key: PrivateKey, asked: Slot, *, revoked: bool = False) -> Unlocked:
    """Create a new recovery code for a laptop whose password and code are lost. A revoked laptop may be stolen and is unlocked only with
    `revoked`. Raises `InputUnusable` or `Refused`."""
    key, station = unwrap_for_county(asked, private_key)
    found = next((d for d in devices(session) if d.device == station), None)
    if station and found is None:
        raise InputUnusable(_("本县没有注册过 {device}。没有改动任何内容。").format(device=station))
    if found is not None and found.revoked_at and not revoked:
        message = _("{device} 已停用，可能是丢了的那台。确实在自己人手里，请加 --revoked。没有改动任何内容。")
        raise Refused(message.format(device=station))
    code = new_recovery_code()
    return Unlocked(code, wrap("recovery", "recovery", code, key), station, found.place if found else "")


def set_lease(session: Session, days: int) -> None:
    """Set the offline term: after how many days without the county a station shows no full numbers; 0 for no term. Raises `Misused`."""
    if days and not MIN_DAYS <= days <= MAX_DAYS:
        raise Misused(_("离网期限应为 {least} 到 {most} 天，off 为不设。").format(least=MIN_DAYS, most=MAX_DAYS))
    set_meta(session, COUNTY_SETTING, str(days) if days else None)


def revoke(session: Session, name: str) -> Device:
    """Revoke a device. Its unsent changes stay on it. Raises `NotFound`."""
    done = session.conn.execute(update(device).where(device.c.station == name, device.c.revoked_at.is_(None)).values(revoked_at=session.at))
    found = next((d for d in devices(session) if d.device == name), None)
    if found is None or (done.rowcount == 0 and found.revoked_at is None):
        raise NotFound(_("没有这台电脑：{name}。编号见 cunzhan-server devices。").format(name=name))
    return found
