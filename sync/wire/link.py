"""The wire to the county server: one HTTP client, bounded answers, and every failure as one clear sentence."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from ipaddress import ip_address
from socket import gaierror
from time import sleep
from typing import TypeVar
from urllib.parse import urlsplit

from domain.errors import InputUnusable, Unreachable
from domain.words import _
from sync.wire.columns import WireError
from sync.wire.connection import Connection, HttpRequest, HttpResponse, NotConnected, Transport
from sync.wire.messages import CONTENT_TYPE, MAX_MESSAGE, M, read

_WAITS, _LONGEST_WAIT = 3, 20
"""How often and how long (seconds) a busy server is waited for within one exchange."""
FULL = 507
"""HTTP's status for a server that cannot store what it is sent."""
_E = TypeVar("_E", bound=BaseException)
_OUT_OF_DATE = frozenset({9, 10})
"""OpenSSL's numbers for a certificate that is not valid yet, or no longer."""
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
"""OpenSSL's reasons for an answer that is no TLS at all."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself: only there plain HTTP is spoken."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def server_url(server: str) -> str:
    """A server's address as it is kept: with scheme, without a trailing slash. Raises `InputUnusable`; plain HTTP only on loopback."""
    text = server.strip()
    if "://" not in text:
        text = f"{'http' if is_loopback(text.partition(':')[0]) else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise InputUnusable(_("县服务器地址不对：{server}").format(server=server)) from None
    if parts.scheme not in ("http", "https") or not host:
        raise InputUnusable(_("县服务器地址不对：{server}").format(server=server))
    if parts.scheme == "http" and not is_loopback(host):
        raise InputUnusable(_("县服务器地址必须用 https，个人信息不能明文传输。"))
    return text.rstrip("/")


class BrokenOff(Unreachable):
    """The answer stopped in the middle; `content` is what came of it."""

    def __init__(self, sentence: str, content: bytes) -> None:
        super().__init__(sentence)
        self.content = content


class Busy(Unreachable):
    """The server has too much to do, or was asked too often; `seconds` is when it wants to be asked again, if it said so."""

    def __init__(self, seconds: int | None) -> None:
        later = _("{n} 秒后").format(n=seconds) if seconds is not None else _("稍后")
        super().__init__(_("县服务器正忙，{later}会再传。数据都在本机。").format(later=later))
        self.seconds = seconds


class CountyFull(Unreachable):
    """The county's disk is full or read-only: asking again helps only once its administrator has done something."""

    def __init__(self) -> None:
        super().__init__(
            _("县服务器的磁盘满了，或者写不进去，这次没有收。没交上去的都留在本机，一条没丢。请告诉县管理员，他清理好以后会自动再传。")
        )


Waiting = Callable[[float], None]


class Link:
    """An open connection to the server. Counts requests and bytes of bodies both ways. `waiting` is told before it waits for a busy one."""

    def __init__(self, line: Transport, url: str, waiting: Waiting = lambda _seconds: None) -> None:
        self._line = line
        self._url = url
        self._waiting = waiting
        self.requests = 0
        self.sent = 0
        self.received = 0

    def post(self, path: str, body: bytes, *, named: bool = True) -> bytes:
        """The body of the answer; raises `Unreachable` for anything but a whole answer of our kind (`BrokenOff` with
        its beginning). Waits a while for a busy server. An answer that need not be `named` is empty where the server has no such path."""
        for left in range(_WAITS, -1, -1):
            try:
                return self._post(path, body, named)
            except Busy as busy:
                if not left or busy.seconds is None or busy.seconds > _LONGEST_WAIT:
                    raise
                wait = max(busy.seconds, 1) * random.uniform(1.0, 1.5)  # not all at the same moment
                self._waiting(wait)
                sleep(wait)
        raise AssertionError("the last try raises")

    def ask(self, path: str, body: bytes, answer: type[M]) -> M:
        """The body of the answer as a message; raises as `post`, also where it is none."""
        try:
            return read(answer, self.post(path, body))
        except WireError as error:
            raise nonsense() from error

    def _post(self, path: str, body: bytes, named: bool) -> bytes:
        self.requests += 1
        self.sent += len(body)
        came: list[bytes] = []
        try:
            reply = self._line.ask(HttpRequest(self._url + path, body))
            if reply.status in (429, 503):
                raise Busy(_seconds(reply.retry_after))
            if reply.status == FULL:
                raise CountyFull
            if not named and reply.status == 404:
                return b""
            if reply.status != 200 or (reply.kind != CONTENT_TYPE and (named or reply.kind)):
                raise nonsense()
            self._read(reply, came)
            return b"".join(came)
        except TimeoutError as error:
            told = _("县服务器没有及时答复，可能信号太弱。数据都在本机，稍后会再传。")
            raise (BrokenOff(told, b"".join(came)) if came else Unreachable(told)) from error
        except NotConnected as error:
            raise Unreachable(_untrusted(error) or unanswered(error, urlsplit(self._url).hostname or "")) from error
        except (OSError, HTTPException) as error:
            told = _("与县服务器的连接中断了。数据都在本机，下次从断的地方接着传。")
            raise (BrokenOff(told, b"".join(came)) if came else Unreachable(told)) from error

    def _read(self, reply: HttpResponse, came: list[bytes]) -> None:
        size = 0
        for part in reply.parts:
            size += len(part)
            if size > MAX_MESSAGE:
                raise nonsense()
            came.append(part)
            self.received += len(part)


def _behind(error: BaseException, wanted: type[_E]) -> _E | None:
    """The error of that kind that led to this one."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, wanted):
        found = found.__cause__ or found.__context__
    return found


def plain_only(host: str) -> str:
    """What to say of a server that was asked over https and speaks plain HTTP, as it does on the machine it stands on."""
    if is_loopback(host):
        return _("本机（{host}）上的县服务器不用 https，请把地址改成 http:// 开头再试。").format(host=host)
    told = _(
        "{host} 答的不是 https：端口可能写错了，或者县服务器没有用证书启动。没有发送任何内容。请照县里给的地址核对，还不行就问县管理员。"
    )
    return told.format(host=host)


def unanswered(error: BaseException, host: str) -> str:
    """What to say where nobody answered, and what a person can look at: it is the network, the address or the server."""
    spoken = _behind(error, ssl.SSLError)
    hung_up = spoken is not None or _behind(error, ConnectionResetError) is not None
    if (spoken is not None and spoken.reason in _NO_TLS) or (hung_up and is_loopback(host)):  # within one machine no network is to blame
        return plain_only(host)
    if _behind(error, gaierror) is not None or _behind(error, UnicodeError) is not None:  # nobody of that name, or no name at all
        told = _("找不到县服务器 {host}。数据都在本机。先看别的网页能不能打开：打不开是网络没通；打得开就请县管理员核对地址。")
        return told.format(host=host)
    if _behind(error, ConnectionRefusedError) is not None:
        return _("连不上县服务器：网络是通的，那边的程序没有开。数据都在本机，稍后再试；一直这样就告诉县管理员。")
    return _("连不上县服务器。数据都在本机，有网络时会再传。请看网线、Wi-Fi 接好没有；一直这样就问县管理员。")


def _untrusted(error: BaseException) -> str:
    """What to say when the server's certificate is why there is no connection; empty otherwise."""
    found = _behind(error, ssl.SSLCertVerificationError)
    if found is None:
        return ""
    if found.verify_code in _OUT_OF_DATE:
        return _("县服务器的证书按本机的日期不在有效期内，没有发送任何内容。请先看本机日期对不对；日期没错就请县管理员重启县服务器。")
    return _("这台服务器拿不出本县的证书，可能是网络登录页或假冒的服务器，没有发送任何内容。数据都在本机，换个网络再试，或问县管理员。")


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def nonsense() -> Unreachable:
    """For an answer that is not one: a sign-on page of a network, a broken proxy, a faulty server."""
    return Unreachable(_("县服务器的答复看不懂，可能上网要先登录，或服务器出了故障。数据都在本机，没有改动。打开一个网页看看，稍后再试。"))


@contextmanager
def connect(server: str, ca: str | None, transport: Transport | None = None, waiting: Waiting = lambda _seconds: None) -> Iterator[Link]:
    """A link to `server`. `ca` is the county's own certificate authority (PEM), pinned at enrolment; `transport` replaces the network."""
    url = server_url(server)
    with transport or Connection(_pinned(ca) if url.startswith("https:") else None) as line:
        yield Link(line, url, waiting)


def _pinned(ca: str | None) -> ssl.SSLContext:
    """Trust this authority and no other; without one, nobody. It signs one server only, so whatever name that server goes by is the right
    one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if ca is not None:
        context.load_verify_locations(cadata=ca)
    return context
