"""Parses the XML of a Word document and keeps the byte positions of its elements, so that some of them can be replaced and all other bytes
stay as they are.

    Parser                            base of those that read a part of a document
    edited(xml, edits, start, end)    the pieces of the XML with some of its bytes replaced
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from xml.parsers.expat import ExpatError, ParserCreate

from domain.errors import InputUnusable

WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_WORD: Final = "http://purl.oclc.org/ooxml/wordprocessingml/main"
Edit = tuple[int, int, bytes]
"""Start, end and replacement bytes."""
_TAG: Final = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")
_PREFIX: Final = re.compile(rb"<([\w.-]+:)?")


@dataclass(frozen=True)
class Span:
    """A range of bytes, `end` exclusive."""

    start: int
    end: int


def edited(xml: bytes, edits: Iterable[Edit], start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes from `start` to `end`, in pieces, with the edits made, which must not overlap."""
    for first, after, new in sorted(edits, key=lambda edit: edit[:2]):
        yield xml[start:first]
        yield new
        start = after
    yield xml[start:end]


def prefix(xml: bytes, start: int) -> str:
    """The namespace prefix of the element at `start`, with its colon."""
    tag = _PREFIX.match(xml, start)
    return (tag[1] or b"").decode() if tag else ""


class Parser(ABC):
    """Base of the parsers of a part: limits its size, refuses document types, and knows the open elements and where they begin.

    A subclass sets the limits and the namespaces, and says what to do where an element begins and ends.
    """

    max_elements: ClassVar[int]
    max_depth: ClassVar[int]
    spaces: ClassVar = frozenset({WORD})
    """The namespaces whose elements have a name in `_open`; the others have an empty one."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        self._open: list[tuple[str, int]] = []
        """The open elements: names and positions."""
        self._text: list[str] | None = None
        """The text that is being collected; None for text that is not wanted."""
        self._count = 0
        self._parser = parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._begun, self._ended
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._characters, self._declared

    def _parse(self) -> None:
        """Parse the XML. Raises `ExpatError` and `InputUnusable`."""
        self._parser.Parse(self.xml, True)

    @abstractmethod
    def _enter(self, space: str, local: str, attributes: dict[str, str], here: int) -> None:
        """Handle the beginning of an element, the last one in `_open`."""

    @abstractmethod
    def _leave(self, space: str, local: str, start: int) -> None:
        """Handle the end of an element, which is no longer in `_open`."""

    @abstractmethod
    def _too_large(self) -> InputUnusable:
        """The refusal of a document that is too large."""

    # -- parser events -----------------------------------------------------------------------------

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > self.max_elements or len(self._open) > self.max_depth:
            raise self._too_large()
        space, _gap, local = name.rpartition(" ")
        here = self._parser.CurrentByteIndex
        self._open.append((local if space in self.spaces else "", here))
        self._enter(space, local, attributes, here)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _ended(self, name: str) -> None:
        space, _gap, local = name.rpartition(" ")
        self._leave(space, local, self._open.pop()[1])

    def _declared(self, *_any: Any) -> None:
        raise ExpatError("document type")

    # -- positions ---------------------------------------------------------------------------------

    def _end(self, start: int) -> int:
        """The end of the element that began at `start` and ends here, with its closing tag."""
        return self._self_closing_end(start) or self.xml.index(b">", self._parser.CurrentByteIndex) + 1

    def _self_closing_end(self, start: int) -> int:
        """The end of the tag at `start` if it is self-closing; otherwise 0."""
        tag = _TAG.match(self.xml, start)
        return tag.end() if tag and tag[0].endswith(b"/>") else 0
