"""The client of the county server: bounded answers, retries while the server is busy, and every failure as one clear sentence."""

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
from sync.wire.connection import Connection, HttpRequest, HttpResponse, NotConnected, TooSlow, Transport
from sync.wire.messages import CONTENT_TYPE, MAX_MESSAGE, M, read

_MAX_RETRIES, _MAX_WAIT = 3, 20
"""How often a request to a busy server is repeated, and after how many seconds at most."""
FULL = 507
"""HTTP's status for a server that cannot store what it is sent."""
_CUT_OFF = 408
"""HTTP's status for a server that waited too long for the rest of a request. It keeps what came."""
_E = TypeVar("_E", bound=BaseException)
_OUT_OF_DATE = frozenset({9, 10})
"""OpenSSL's numbers for a certificate that is not valid yet, or no longer."""
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
"""OpenSSL's reasons for an answer that is no TLS at all."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself: plain HTTP is allowed only there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def server_url(server: str) -> str:
    """Normalise a server's address: with scheme, without a trailing slash. Raises `InputUnusable`; plain HTTP only on loopback."""
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
    """The answer broke off; `content` is the part that arrived."""

    def __init__(self, sentence: str, content: bytes) -> None:
        super().__init__(sentence)
        self.content = content


class Busy(Unreachable):
    """The server is overloaded, limits the rate of requests or is being upgraded. `seconds`: when to try again, if it said so."""

    def __init__(self, seconds: int | None) -> None:
        if seconds is None:
            told = _("县服务器现在收不了：正忙，或者正在维护。数据都在本机，稍后会再传；一直这样就告诉县管理员。")
        else:
            told = _("县服务器正忙，{n} 秒后会再传。数据都在本机。").format(n=seconds)
        super().__init__(told)
        self.seconds = seconds


class CountyFull(Unreachable):
    """The county's disk is full or read-only: a retry is of no use until its administrator has mended that."""

    def __init__(self) -> None:
        super().__init__(
            _("县服务器的磁盘满了，或者写不进去，这次没有收。没交上去的都留在本机，一条没丢。请告诉县管理员，他清理好以后会自动再传。")
        )


Waiting = Callable[[float], None]


class Link:
    """An open connection to the server. Counts requests and body bytes both ways. `waiting` is called with the seconds before each wait
    for a busy server."""

    def __init__(self, line: Transport, url: str, waiting: Waiting = lambda _seconds: None) -> None:
        self._line = line
        self._url = url
        self._waiting = waiting
        self.requests = 0
        self.sent = 0
        self.received = 0

    def post(self, path: str, body: bytes, *, named: bool = True) -> bytes:
        """Return the body of the answer. Waits and retries while the server is busy.

        Raises `Unreachable` for anything but a complete answer of our content type; `BrokenOff` with its beginning. With `named=False`
        an answer without a content type is accepted too, and a path that the server does not know (404) gives an empty body.
        """
        for left in range(_MAX_RETRIES, -1, -1):
            try:
                return self._post(path, body, named)
            except Busy as busy:
                if not left or busy.seconds is None or busy.seconds > _MAX_WAIT:
                    raise
                wait = max(busy.seconds, 1) * random.uniform(1.0, 1.5)  # not all at the same moment
                self._waiting(wait)
                sleep(wait)
        raise AssertionError("the last try raises")

    def ask(self, path: str, body: bytes, answer: type[M]) -> M:
        """Return the answer as a message. Raises as `post` does, also for a malformed message."""
        try:
            return read(answer, self.post(path, body))
        except WireError as error:
            raise malformed_answer() from error

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
            if reply.status == _CUT_OFF:
                raise ConnectionError("cut off")
            if not named and reply.status == 404:
                return b""
            if reply.status != 200 or (reply.kind != CONTENT_TYPE and (named or reply.kind)):
                raise malformed_answer()
            self._read(reply, came)
            return b"".join(came)
        except TimeoutError as error:
            told = _("县服务器没有及时答复，可能信号太弱。数据都在本机，稍后会再传。")
            if isinstance(error, TooSlow):
                told = _("与县服务器传得太慢，这次先停下。传到的都算数，下次从断的地方接着传。一直这样请告诉县管理员，或者用 U 盘交。")
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
                raise malformed_answer()
            came.append(part)
            self.received += len(part)


def _in_chain(error: BaseException, wanted: type[_E]) -> _E | None:
    """Return the first error of a type in the chain of causes, or None."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, wanted):
        found = found.__cause__ or found.__context__
    return found


def plain_only(host: str) -> str:
    """Return the sentence for a server that was asked over https and speaks plain HTTP, as it does on its own machine."""
    if is_loopback(host):
        return _("本机（{host}）上的县服务器不用 https，请把地址改成 http:// 开头再试。").format(host=host)
    told = _(
        "{host} 答的不是 https：端口可能写错了，或者县服务器没有用证书启动。没有发送任何内容。请照县里给的地址核对，还不行就问县管理员。"
    )
    return told.format(host=host)


def unanswered(error: BaseException, host: str) -> str:
    """Return the sentence for a failed connection, by its likely cause: the network, the address or the server."""
    spoken = _in_chain(error, ssl.SSLError)
    hung_up = spoken is not None or _in_chain(error, ConnectionResetError) is not None
    if (spoken is not None and spoken.reason in _NO_TLS) or (hung_up and is_loopback(host)):  # within one machine no network is to blame
        return plain_only(host)
    if _in_chain(error, gaierror) is not None or _in_chain(error, UnicodeError) is not None:  # nobody of that name, or no name at all
        told = _("找不到县服务器 {host}。数据都在本机。先看别的网页能不能打开：打不开是网络没通；打得开就请县管理员核对地址。")
        return told.format(host=host)
    if _in_chain(error, ConnectionRefusedError) is not None:
        return _("连不上县服务器：网络是通的，那边的程序没有开。数据都在本机，稍后再试；一直这样就告诉县管理员。")
    return _("连不上县服务器。数据都在本机，有网络时会再传。请看网线、Wi-Fi 接好没有；一直这样就问县管理员。")


def _untrusted(error: BaseException) -> str:
    """Return the sentence for a connection that failed because of the server's certificate; "" for other causes."""
    found = _in_chain(error, ssl.SSLCertVerificationError)
    if found is None:
        return ""
    if found.verify_code in _OUT_OF_DATE:
        return _("县服务器的证书按本机的日期不在有效期内，没有发送任何内容。请先看本机日期对不对；日期没错就请县管理员重启县服务器。")
    return _("这台服务器拿不出本县的证书，可能是网络登录页或假冒的服务器，没有发送任何内容。数据都在本机，换个网络再试，或问县管理员。")


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def malformed_answer() -> Unreachable:
    """Return the error for an answer that cannot be understood: a network's sign-on page, a broken proxy, a faulty server."""
    return Unreachable(_("县服务器的答复看不懂，可能上网要先登录，或服务器出了故障。数据都在本机，没有改动。打开一个网页看看，稍后再试。"))


@contextmanager
def connect(server: str, ca: str | None, transport: Transport | None = None, waiting: Waiting = lambda _seconds: None) -> Iterator[Link]:
    """Open a link to `server`. `ca`: the county's certificate authority (PEM), pinned at enrolment; `transport` replaces the network."""
    url = server_url(server)
    with transport or Connection(_pinned(ca) if url.startswith("https:") else None) as line:
        yield Link(line, url, waiting)


def _pinned(ca: str | None) -> ssl.SSLContext:
    """Return a TLS context that trusts this authority only; without one, none. The authority signs one server only, so host names are not
    checked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if ca is not None:
        context.load_verify_locations(cadata=ca)
    return context
