"""Synthetic rosters for tests and benches: people who do not exist, with valid numbers; the same seed gives the same people."""

from __future__ import annotations

import io
import random
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from domain.identity import check_digit

VILLAGE = "230826101202"
PLACE = ("黑龙江省", "佳木斯市", "桦川县", "横头山镇", "解放村")
HEADINGS = (
    *("序号", "省", "市", "县", "乡", "村", "户编号", "人编号", "姓名", "性别", "出生日期", "证件类型", "证件号码", "民族", "与户主关系"),
    *("文化程度", "在校生状况", "健康状况", "劳动技能", "政治面貌", "户类型", "户联系电话", "联系电话", "开户行", "社保卡账号"),
    *("收款人与本人关系", "家庭住址", "村民小组", "识别监测时间", "备注"),
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗单仇曾解"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉兰红梅建国志宏波"
_RELATIONS = ("户主", "配偶", "之子", "之女", "之父", "之母")
_EDUCATION = ("小学", "初中", "高中", "大专")
_LABOUR = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "无劳动力")


def id_number(rng: random.Random, sex: str, serial: int) -> str:
    """A valid number of the county; different serials give different numbers."""
    born = date(1940, 1, 1) + timedelta(days=serial % 25_000)
    order = (serial // 25_000) * 2 + (1 if sex == "男" else 0)
    first17 = f"230826{born:%Y%m%d}{order:03d}"
    return first17 + check_digit(first17)


def luhn_account(rng: random.Random) -> str:
    """A nineteen-digit card number whose check digit is right."""
    digits = [6, 2, 2, 8, *(rng.randrange(10) for _ in range(14))]
    doubled = sum(d if i % 2 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(reversed(digits)))
    return "".join(map(str, digits)) + str(-doubled % 10)


def people(count: int, *, seed: int = 1) -> Iterable[list[str]]:
    """Rows under `HEADINGS`: households of three, everything filled in."""
    rng = random.Random(seed)
    for n in range(count):
        sex = "男" if rng.random() < 0.5 else "女"
        number = id_number(rng, sex, n)
        born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        student = n % 9 == 8
        yield [
            str(n + 1),
            *PLACE,
            f"23082600{n // 3:06d}",
            f"23082600{n // 3:06d}{n:07d}",
            rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2)))),
            sex,
            born,
            "居民身份证",
            number,
            "汉族" if n % 20 else "满族",
            _RELATIONS[n % 3],
            "" if student else rng.choice(_EDUCATION),
            "九年级" if student else "",
            "健康" if n % 7 else "长期慢性病",
            rng.choice(_LABOUR),
            "群众",
            "脱贫户" if n % 5 else "边缘易致贫户",
            f"139{n // 3 % 10**8:08d}",
            f"138{n % 10**8:08d}",
            "农村信用社",
            luhn_account(rng),
            "本人",
            f"解放村{n // 3 % 8 + 1}组{n // 3}号",
            f"{n // 3 % 8 + 1}组",
            "2021年06月",
            "",
        ]


def write_xlsx(path: Path, rows: Iterable[Sequence[Any]], *, sheet: str = "Sheet1") -> Path:
    """Rows of cells as an `.xlsx`, in constant memory; text stays text, numbers numbers. The file is as xlsxwriter makes it, which takes
    ten times as long for a small one because it makes the other parts anew each time, in temporary files."""
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as book:
        for name, part in _parts_beside_rows().items():
            book.writestr(name, part.replace(_SHEET, escape(sheet, {'"': "&quot;"})))
        with book.open(_ROWS, "w") as page:
            page.write(_BEFORE.encode())
            for y, row in enumerate(rows, 1):
                cells = "".join(_cell(f"{_letters(x)}{y}", cell) for x, cell in enumerate(row) if cell not in ("", None))
                if cells:
                    page.write(f'<row r="{y}">{cells}</row>'.encode())
            page.write(b"</sheetData></worksheet>")
    return path


_ROWS = "xl/worksheets/sheet1.xml"
_SHEET = "the name of the sheet"
_BEFORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
_CONTROL = re.compile("_x[0-9a-fA-F]{4}_|[\x00-\x08\x0b-\x1f]")
_letters = cache(xl_col_to_name)


@cache
def _parts_beside_rows() -> Mapping[str, str]:
    """The parts of a workbook with one sheet, apart from its rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet(_SHEET)
    with ZipFile(file) as made:
        return {name: made.read(name).decode() for name in made.namelist() if name != _ROWS}


def _cell(place: str, cell: object) -> str:
    if isinstance(cell, str):
        text = escape(_CONTROL.sub(lambda hit: f"_x005F{hit[0]}" if hit[0][0] == "_" else f"_x{ord(hit[0]):04X}_", cell))
        kept = ' xml:space="preserve"' if text != text.strip() else ""
        return f'<c r="{place}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'
    assert isinstance(cell, int | float), cell
    return f'<c r="{place}" t="b"><v>{cell:d}</v></c>' if isinstance(cell, bool) else f'<c r="{place}"><v>{cell:.16G}</v></c>'


def write_sheets(path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]]) -> Path:
    """A workbook of several sheets by name."""
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


def registry_xlsx(path: Path, count: int, *, seed: int = 1) -> Path:
    """A roster of `count` people and thirty columns, headings on the third row as the national system has them."""
    head: list[Sequence[Any]] = [["（自定义）监测对象信息"], ["导出时间：2025-11-20"], HEADINGS]
    return write_xlsx(path, (row for part in (head, people(count, seed=seed)) for row in part))


# ---------------------------------------------------------------- .xls, which nothing here writes


def xls(rows: Sequence[Sequence[Any]], *, sheet: str = "Sheet1") -> bytes:
    """A small BIFF8 workbook in its compound file: text and numbers only, enough to test the reading of `.xls`."""
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, str) and cell:
                text = cell.encode("utf-16-le")
                body += _record(0x0204, struct.pack("<HHHHB", y, x, 0, len(cell), 1) + text)
            elif isinstance(cell, int | float):
                body += _record(0x0203, struct.pack("<HHHd", y, x, 0, float(cell)))
    body += _record(0x000A, b"")
    name = struct.pack("<BB", len(sheet), 1) + sheet.encode("utf-16-le")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    codepage = _record(0x0042, struct.pack("<H", 1200))
    place = len(start) + len(codepage) + 4 + 6 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBB", place, 0, 0) + name)
    return _compound(start + codepage + bound + _record(0x000A, b"") + body)


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def _compound(stream: bytes) -> bytes:
    """One stream named Workbook in an OLE compound file of 512-byte sectors (padded past the 4096 below which streams are small)."""
    size = max(len(stream), 4096)
    stream = stream.ljust(-(-size // 512) * 512, b"\0")
    sectors = len(stream) // 512
    fat_sectors = next(n for n in range(1, 109) if n * 128 >= n + 1 + sectors)
    table = [0xFFFFFFFD] * fat_sectors + [0xFFFFFFFE] + [fat_sectors + 2 + i for i in range(sectors)]
    table[-1] = 0xFFFFFFFE
    table += [0xFFFFFFFF] * (fat_sectors * 128 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, fat_sectors, fat_sectors, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *range(fat_sectors), *[0xFFFFFFFF] * (109 - fat_sectors))
    directory = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry("Workbook", 2, 0xFFFFFFFF, fat_sectors + 1, len(stream))
    return header + struct.pack(f"<{len(table)}I", *table) + directory.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    none = 0xFFFFFFFF
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, none, none, child)
        + b"\0" * 36
        + struct.pack("<III", start, size, 0)
    )
