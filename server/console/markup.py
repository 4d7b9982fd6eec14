"""Pages as element trees: every text is escaped when a page is written, so a record cannot bring markup with it. QR codes are drawn as
SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element, tostring

from domain.words import _, language
from services.qr import dots

Part = Element | str | int | None
ROOT = "/console"
STYLE = f"{ROOT}/style.css"


def element(tag: str, *parts: Part, **attributes: str | int | bool | None) -> Element:
    """An HTML element. None among the parts is left out; an attribute that is None or False too, one that is True has no value. `class_`
    and `for_` stand for Python's keywords."""
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None and value is not False:
            made.set(name.rstrip("_"), name.rstrip("_") if value is True else str(value))
    for part in parts:
        append(made, part)
    return made


def append(to: Element, part: Part) -> None:
    """Add a part at the end of an element."""
    if isinstance(part, Element):
        to.append(part)
    elif part is not None:
        text, last = str(part), to[-1] if len(to) else None
        if last is None:
            to.text = (to.text or "") + text
        else:
            last.tail = (last.tail or "") + text


def address(path: str, others: Mapping[str, str] = MappingProxyType({}), **query: str | int | None) -> str:
    """The address of a page; parameters that are empty are left out. `others`: parameters with names that somebody may have typed."""
    given = {name: value for name, value in {**others, **query}.items() if value not in ("", None)}
    return f"{ROOT}{quote(path)}" + (f"?{urlencode(given)}" if given else "")


def link(text: str, to: str) -> Element:
    """A link to an address of the console."""
    return element("a", text, href=to)


def table(head: Sequence[Part], rows: Iterable[Sequence[Part]], *, numeric: Sequence[int] = ()) -> Element:
    """A table; `numeric`: columns to be right-aligned."""
    side = ["number" if n in numeric else None for n in range(len(head))]
    body = [element("tr", *(element("td", cell, class_=align) for cell, align in zip(row, side, strict=True))) for row in rows]
    heading = element("tr", *(element("th", cell, class_=align, scope="col") for cell, align in zip(head, side, strict=True)))
    return element("div", element("table", element("thead", heading), element("tbody", *body)), class_="wide")


def empty(text: str) -> Element:
    """What is said where a list has no lines."""
    return element("p", text, class_="empty")


def notice(text: str, sort: str = "info") -> Element:
    """A message at the top of a page. `sort`: info, warn or bad."""
    return element("p", text, class_=f"notice {sort}", role="alert" if sort == "bad" else "status")


def field(text: str, name: str, value: str = "", **attributes: str | int | bool | None) -> Element:
    """A labelled text field."""
    return element("label", element("span", text), element("input", name=name, value=value, **attributes))


def choice(text: str, name: str, options: Iterable[tuple[str, str] | tuple[str, Sequence[tuple[str, str]]]], value: str = "") -> Element:
    """A labelled list of choices: code and label, or the label of a group and its choices."""
    made = element("select", name=name)
    for code, label in options:
        if isinstance(label, str):
            made.append(element("option", label, value=code, selected=code == value))
        else:
            made.append(element("optgroup", *(element("option", said, value=c, selected=c == value) for c, said in label), label=code))
    return element("label", element("span", text), made)


@dataclass(frozen=True)
class Page:
    """The content of a page below its title."""

    title: str
    parts: Sequence[Part]
    status: int = 200


def written(page: Page, *, place: str, entries: Sequence[tuple[str, str]], here: str, user: str, leave: Part = None) -> bytes:
    """A page as HTML. `entries` of the navigation: path and name; `here`: the path of the one that is shown."""
    links = [element("a", name, href=address(path), aria_current="page" if path == here else None) for path, name in entries]
    for one in links:
        if "aria_current" in one.attrib:
            one.set("aria-current", one.attrib.pop("aria_current"))
    top = element(
        "header",
        element("strong", place),
        element("nav", *links) if links else None,
        link(user, address("/account")) if user else None,
        leave,
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", _("{page} · 村站通").format(page=page.title)),
        element("link", rel="stylesheet", href=STYLE),
    )
    main = element("main", element("h1", page.title), *page.parts)
    root = element("html", head, element("body", top, main), lang="zh-CN" if language() == "zh" else language())
    return f"<!DOCTYPE html>{tostring(root, encoding='unicode', method='html')}".encode()


_QUIET: Final = 4
"""Modules of white around a code."""


def drawn(text: str, label: str) -> Element:
    """A QR code of a text, as an image called `label`."""
    found = dots(text)
    height, width = found.shape
    black = [(x, y) for y in range(height) for x in range(width) if not found[y, x]]
    path = element("path", d="".join(f"M{x + _QUIET} {y + _QUIET}h1v1h-1z" for x, y in black))
    size = width + 2 * _QUIET
    made = element("svg", element("title", label), path, viewBox=f"0 0 {size} {size}", role="img", class_="qr")
    made.set("shape-rendering", "crispEdges")
    return made
