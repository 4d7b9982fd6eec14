"""Enrolment of a station: it sends its public keys to the county with a one-time code, and receives the county's keys."""

from __future__ import annotations

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from db import keys, lease
from db.local import COUNTY_KEY, PRACTICE, RECOVERY_KEY, RESTORED, REVOKED, get_meta, set_meta
from db.session import Session
from db.store import Store
from domain import divisions
from domain.errors import CunzhanError, DomainError, Misused, Refused
from domain.release import VERSION
from domain.words import _
from sync.replica import identity
from sync.replica.identity import Identity
from sync.station.revocation import outdate_files
from sync.wire.connection import Transport
from sync.wire.link import connect, malformed_answer, server_url
from sync.wire.messages import PROTOCOL, Enrol, Enrolled, pack
from sync.wire.trust import fetch_authority, split_code


def enrolled(session: Session) -> Identity:
    """Return the identity of a station that can reach the county's server. Raises `DomainError`."""
    refuse_practice(session)
    me = identity.load(session)
    if me is None:
        raise DomainError(_("这台电脑还没有在县里注册，数据都在本机。请在 设置 → 县服务器 填写地址和注册码。"))
    if not me.server:
        raise DomainError(_("这台电脑是用 U 盘注册的，还不知道县服务器的地址。请用 U 盘交换，或者填写地址和注册码再注册一次。"))
    return me


def certified(
    store: Store, *, village: bool, elsewhere: CunzhanError, unenrolled: CunzhanError, uncertified: CunzhanError
) -> tuple[Identity, bytes]:
    """Return the identity of a station that takes part in a handover, and the county's certificate of its key. Raises `elsewhere` where it
    is not of a village, or not above one; the others where it has not enrolled, or did so before stations were certified."""
    with store.read() as session:
        refuse_practice(session)
        me, certificate = identity.load(session), identity.certificate(session)
    if (store.role == "village") != village:
        raise elsewhere
    if me is None:
        raise unenrolled
    if not certificate:
        raise uncertified
    return me, certificate


def enrol(store: Store, server: str, code: str, *, transport: Transport | None = None) -> str:
    """Enrol this station at `server` with a code of the county. Returns the device's name at the county. Without a code, `server` is a new
    address of the county it already belongs to.

    Enrolling again with the same code and the same store gives the same answer. Raises `InputUnusable` for a malformed address or code,
    `Unreachable`, or `Refused` with the county's reason. Nothing changes unless it succeeds.
    """
    url = server_url(server)
    if not code.strip():
        return _readdressed(store, url, transport)
    secret, fingerprint = split_code(code)
    ca = fetch_authority(url, fingerprint, transport)
    with store.applying() as session:
        signing, sealing = identity.keys(session)
        known = get_meta(session, identity.COUNTY)
    message = asking(store, secret, signing, sealing)
    with connect(url, ca, transport) as link:
        answer = link.ask("/enrol", pack(message), Enrolled)
    join(store, answer, known, server=url, ca=ca)
    return store.station


def _readdressed(store: Store, url: str, transport: Transport | None) -> str:
    """Store `url` as the county's address if the county's own certificate is found there. Returns the device's name."""
    with store.read() as session:
        refuse_practice(session)
        store.refuse_reader(session.conn)
        ca, revoked = get_meta(session, identity.CA), get_meta(session, REVOKED)
    if ca is None or revoked or url.startswith("http:"):
        raise Misused(_("请填写县里给的服务器地址和注册码。"))
    with connect(url, ca, transport) as link:
        link.post("/again", b"", named=False)
    with store.applying() as session:
        set_meta(session, identity.SERVER, url)
    return store.station


def refuse_practice(session: Session) -> None:
    """Raise `DomainError` in a practice village, which never exchanges."""
    if get_meta(session, PRACTICE):
        raise DomainError(_("这里是练习村，里面的人都是编的，不和县里交换。"))


def asking(store: Store, secret: str, signing: SigningKey, sealing: PrivateKey) -> Enrol:
    """Return a request to enrol with the secret of a code. Raises `DomainError` in a practice village, `Refused` for a user who may only
    read."""
    with store.read() as session:
        refuse_practice(session)
        store.refuse_reader(session.conn)
    return Enrol(
        protocol=PROTOCOL,
        code=secret,
        station=store.station,
        scope=store.scope,
        role=store.role,
        key=bytes(signing.verify_key),
        seal_key=bytes(sealing.public_key),
        program=VERSION,
    )


def join(store: Store, answer: Enrolled, known: str | None, **network: str | None) -> None:
    """Join the county that answered. `known`: the county this station belongs to already; `network`: `server` and `ca`, if it was reached
    over one. Raises `Refused` or `DomainError`; then nothing changed."""
    _check(answer, store)
    if known is not None and known != answer.county:
        raise DomainError(_("这个村站已属于另一个县的服务器，不能再注册到这里。没有改动任何内容。"))
    store.replace_slots(keys.wrap_for_county(answer.recovery_key, store.data_key, store.station))
    facts: dict[str, str | None] = {
        identity.COUNTY: answer.county,
        COUNTY_KEY: answer.county_key.hex(),
        RECOVERY_KEY: answer.recovery_key.hex(),
        identity.CERTIFICATE: answer.certificate.hex(),
        identity.CODE: None,
        REVOKED: None,
    }
    if known is None:  # it was enrolled before: it keeps its own incarnation and token
        facts |= {identity.CLAIMED: str(answer.incarnation), identity.TOKEN: answer.token.hex(), RESTORED: None}
    if network:
        facts |= {identity.SERVER: network["server"], identity.CA: network["ca"]}
    with store.applying() as session:
        for name, value in facts.items():
            set_meta(session, name, value)
        lease.record_term(session, answer.lease, answer.time)
        outdate_files(session)


def _check(answer: Enrolled, store: Store) -> None:
    if answer.status == "ok":
        if len(answer.county_key) != 32 or len(answer.recovery_key) != 32 or not answer.county:
            raise malformed_answer()
        return
    if answer.status == "scope":
        text = _(
            "这个注册码是给 {scope} 的，这台电脑是给 {own} 建的，没有加入。拿错了码，请向县管理员要本站的；"
            "建错了地方，就关掉村站通，把文件夹 {home} 改个名字，再打开重新建。"
        )
        raise Refused(text.format(scope=_named(answer.scope), own=_named(store.scope), home=store.home))
    raise Refused(
        {
            "expired": _("注册码已过期，请向县管理员要一个新的。"),
            "taken": _("注册码已被别的电脑用过，请向县管理员要一个新的。"),
            "revoked": _("县里已停用这台电脑。数据都在本机，请联系县管理员。"),
        }.get(answer.status, _("注册码不对，请核对后再输入一次。"))
    )


def _named(scope: str) -> str:
    return f"{divisions.full_name(scope) or ''} {scope}".strip()
