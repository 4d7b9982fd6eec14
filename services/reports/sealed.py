"""File format of a sealed report: a workbook that also holds the figures, the ids of the people behind each, and a signature over both.

    sealed, data = made(facts, drawn, signer)      `data`: the bytes of the `.xlsx`
    of(data)                                       the sealed content of such a workbook, None for any other
    differences(sealed, data)                      cells of its first sheet that were changed after sealing

The signature covers the canonical JSON of `facts`, which includes the cells of the sheet, so that a copy saved again by a spreadsheet
program can still be checked. People are named by id only: a reader without their records does not learn who they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from itertools import zip_longest
from typing import Annotated, Any, Final, TypedDict

import msgspec
from nacl.signing import SigningKey

from db.signatures import verify
from domain.errors import InputUnusable
from domain.scopes import within
from domain.values import canonical_json
from services.forms.form import Cell
from services.office_files.limits import column_letters
from services.office_files.reading import read_workbook

FORMAT: Final = 1
SHEET: Final = "封存"
_DOMAIN: Final = b"cunzhan report 1\n"
"""Prefix of the signed bytes (domain separation): the signature of a report can never pass for a signature of anything else."""
_CELL_CHARACTERS: Final = 30_000
"""Characters of the sealed text per cell; Excel takes at most 32 767."""
_MOST_VILLAGES: Final = 2_000
_NOTE: Final = "以下内容由村站通写入，用来核对这张表是不是报出的那一份，请不要改动。"


class _Village(TypedDict):
    figures: dict[str, int]
    people: dict[str, list[int]]


class _Form(TypedDict):
    title: str
    heads: list[tuple[str, str]]
    columns: list[str]
    rows: list[list[Cell]]
    total: list[Cell]
    text: list[str]
    signatures: list[str]


class _Correction(TypedDict):
    month: str
    area: str
    measure: str
    now: int


class _Facts(TypedDict):
    """Schema of `Sealed.facts`; a later program may add fields."""

    report: str
    scope: str
    month: str
    day: str
    at: str
    by: str
    station: str
    program: str
    form: _Form
    ids: list[str]
    villages: Annotated[dict[str, _Village], msgspec.Meta(max_length=_MOST_VILLAGES)]
    corrections: list[_Correction]
    cells: list[list[str]]


@dataclass(frozen=True)
class Signer:
    """The station's signing key and the county's certificate for it (empty where the county issued none)."""

    key: SigningKey
    certificate: bytes


@dataclass(frozen=True)
class Sealed:
    """The sealed content of a report. `sha256`: of the canonical bytes of `facts`, in hexadecimal. `key`, `signature` and `certificate`
    are empty where the station had no key."""

    facts: Mapping[str, Any]
    sha256: str
    key: bytes
    signature: bytes
    certificate: bytes

    @property
    def month(self) -> str:
        """The month reported."""
        return str(self.facts["month"])

    @property
    def scope(self) -> str:
        """Code of the area whose report it is."""
        return str(self.facts["scope"])

    def figure(self, area: str, measure: str) -> int:
        """A figure of a village, or the sum of an area."""
        return sum(one["figures"].get(measure, 0) for village, one in self.facts["villages"].items() if within(village, area))

    def people(self, area: str, measure: str) -> set[str]:
        """Ids of the people counted in that figure."""
        ids = self.facts["ids"]
        members = (one["people"].get(measure, ()) for village, one in self.facts["villages"].items() if within(village, area))
        return {ids[n] for each in members for n in each}

    @property
    def signed(self) -> bool:
        """Whether `signature` is a valid signature of these facts by `key`."""
        return verify(self.key, _DOMAIN + bytes.fromhex(self.sha256), self.signature)


def made(facts: Mapping[str, Any], drawn: bytes, signer: Signer | None) -> tuple[Sealed, bytes]:
    """The sealed report and the bytes of its workbook: `drawn` is the form as `.xlsx`, whose cells are sealed with the facts."""
    facts = {**facts, "format": FORMAT, "cells": _cells(drawn)}
    text = canonical_json(facts)
    sha = sha256(text.encode())
    key = bytes(signer.key.verify_key) if signer else b""
    signature = signer.key.sign(_DOMAIN + sha.digest()).signature if signer else b""
    sealed = Sealed(facts, sha.hexdigest(), key, signature, signer.certificate if signer else b"")
    return sealed, _with_sheet(drawn, [sealed.sha256, key.hex(), signature.hex(), sealed.certificate.hex()], text)


def _with_sheet(drawn: bytes, head: Sequence[str], text: str) -> bytes:
    import openpyxl  # imported late: it is slow to load, and no page needs it

    book = openpyxl.load_workbook(BytesIO(drawn))
    sheet = book.create_sheet(SHEET)
    parts = [text[n : n + _CELL_CHARACTERS] for n in range(0, len(text), _CELL_CHARACTERS)]
    for row, value in enumerate([_NOTE, *head, *parts], 1):
        cell = sheet.cell(row, 1)
        cell.value = f"·{value}"  # never a formula, and no sign at its edges that a spreadsheet program would strip
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def of(data: bytes) -> Sealed | None:
    """The sealed content of a workbook; None where it has none, or where the content was altered."""
    try:
        sheets = {sheet.name: sheet for sheet in read_workbook(data)}
        column = [str(row[0] or "")[1:] for row in sheets[SHEET].rows]
        sha, key, signature, certificate = column[1:5]
        text = "".join(column[5:])
        facts = json.loads(text)
        sealed = Sealed(facts, sha, bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(certificate))
        whole = sha256(text.encode()).hexdigest() == sha and facts["format"] == FORMAT and _sound(facts)
    except (InputUnusable, KeyError, IndexError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return sealed if whole else None


def _sound(facts: Any) -> bool:
    """Whether the facts match `_Facts` and every person index is valid. A file from another laptop is as untrusted as any other."""
    known = range(len(msgspec.convert(facts, _Facts)["ids"]))
    return all(n in known for one in facts["villages"].values() for members in one["people"].values() for n in members)


def differences(sealed: Sealed, data: bytes) -> list[tuple[str, str, str]]:
    """Cells of the first sheet that differ from the sealed ones: reference (`C7`), sealed text, present text."""
    found = []
    for row, (was, now) in enumerate(zip_longest(sealed.facts["cells"], _cells(data), fillvalue=()), 1):
        for column, (old, new) in enumerate(zip_longest(was, now, fillvalue="")):
            if old != new:
                found.append((f"{column_letters(column)}{row}", str(old), str(new)))
    return found


def _cells(data: bytes) -> list[list[str]]:
    """Text of the cells of the first sheet, without trailing empty cells and rows."""
    rows = []
    for row in read_workbook(data)[0].rows:
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        rows.append(cells)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _text(cell: Any) -> str:
    """Text of a cell. A whole number reads the same whether the file holds an integer or a float."""
    return f"{cell:g}" if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**6 else str(cell if cell is not None else "")
