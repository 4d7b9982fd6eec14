"""Addresses in a local network: this machine's own, and those that people type."""

from __future__ import annotations

import socket
import struct
import sys
import unicodedata
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, ip_address

from domain.errors import InputUnusable
from domain.words import _
from sync.wire.handover import PORT

_SIOCGIFADDR = 0x8915
_LOCAL = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_ELSEWHERE = ("10.255.255.254", "172.31.255.254", "192.168.255.254", "203.0.113.1")
"""Destinations for asking the system which local address it would use; nothing is sent."""


def near(address: str) -> bool:
    """Whether an address is one of a local network, or this machine's."""
    found = ip_address(address)
    return isinstance(found, IPv4Address) and (found.is_loopback or found.is_link_local or any(found in net for net in _LOCAL))


def lan_addresses() -> list[str]:
    """This machine's addresses in local networks; those it gave itself, as two laptops on one cable do, last."""
    found = [*_by_name(), *_by_interface()]
    for target in _ELSEWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
            asking.connect((target, 9))
            found.append(asking.getsockname()[0])
    lan = [name for name in dict.fromkeys(found) if near(name) and not ip_address(name).is_loopback]
    return sorted(lan, key=lambda name: ip_address(name).is_link_local)


def _by_name() -> list[str]:
    """The addresses of this machine's name: on Windows all of them."""
    with suppress(OSError):
        return [str(line[4][0]) for line in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    return []


def _by_interface() -> list[str]:
    """The addresses of its network interfaces, where the system is Linux."""
    found: list[str] = []
    if sys.platform == "linux":
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            for _number, name in socket.if_nameindex():
                with suppress(OSError):  # one without an address
                    told = fcntl.ioctl(asking.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()))
                    found.append(socket.inet_ntoa(told[20:24]))
    return found


def shown_address(host: str, port: int) -> str:
    """An address as people type it: with the port unless it is the default."""
    return host if port == PORT else f"{host}:{port}"


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of an address as somebody typed it, full-width characters included. Raises `InputUnusable` for anything but an address
    in a local network."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace(" ", "")
    host, _colon, port = plain.partition(":")
    try:
        if near(host) and (not _colon or 0 < int(port) < 65536):
            return host, int(port) if _colon else PORT
    except ValueError:
        pass
    raise InputUnusable(_("地址不对：照乡镇电脑屏幕上的填，像 192.168.1.5 这样的四组数字。"))
