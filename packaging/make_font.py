"""Cuts the two bundled fonts out of Debian's Noto Sans CJK: `make_font.py FOLDER_WITH_THE_TTC_FILES`.

Names of people need rare characters that the fonts of a village laptop may not have, and a printed notice has to look the same
everywhere. Bold has them too: names are what the pages show in bold, and a bold face that lacks a character shows a box. Hinting, which
keeps strokes crisp on low-resolution screens, is kept where it shows most.

Needs `cffsubr` from PyPI beside fonttools; it is run once in years, so it is no dependency of the project. Get the folder with
`apt-get download fonts-noto-cjk && dpkg-deb -x fonts-noto-cjk_*.deb DIR`.
"""

import sys
from pathlib import Path

import cffsubr
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection

FACE = "Noto Sans CJK SC"
TARGET = Path(__file__).resolve().parents[1] / "resources" / "fonts"

CHARACTERS: list[tuple[int, int]] = [
    (0x0020, 0x024F),  # Latin with the tone marks of pinyin
    (0x0370, 0x0451),  # Greek and Cyrillic, as in GB 2312
    (0x2000, 0x27BF),  # punctuation, currency, Roman and circled numbers, arrows, boxes, ticks and crosses
    (0x2E80, 0x33FF),  # radicals, CJK punctuation, kana, bopomofo, enclosed and squared signs
    (0xFE10, 0xFE6F),  # vertical and small forms
    (0xFF00, 0xFFEF),  # full-width forms
    (0x3400, 0x4DBF),  # extension A
    (0x4E00, 0x9FFF),  # the basic block
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0x20000, 0x3FFFF),  # extension B and later: what the face has of them
]

RADICALS = range(0x2E80, 0x2FE0)

FONTS = {
    "NotoSansCJKsc-Regular.otf": ("NotoSansCJK-Regular.ttc", True),
    "NotoSansCJKsc-Bold.otf": ("NotoSansCJK-Bold.ttc", False),
}


def face(collection: Path, name: str) -> TTFont:
    """The one face of a collection with this full name."""
    for font in TTCollection(collection, lazy=True).fonts:
        if font["name"].getBestFamilyName() == name:
            return font
    raise SystemExit(f"{collection} holds no face {name}")


def forget_radicals(font: TTFont) -> None:
    """Leave out the codes of radicals whose shape is that of a character. Qt names each shape in a PDF by the lowest code that has it:
    a name copied or searched there must be 赵大山, not the radicals ⼤⼭ that nobody types."""
    characters = {glyph for code, glyph in font.getBestCmap().items() if code >= 0x3400}
    for table in font["cmap"].tables:
        table.cmap = {code: glyph for code, glyph in table.cmap.items() if code not in RADICALS or glyph not in characters}


def subset(source: Path, target: Path, *, hinting: bool) -> None:
    """Write the characters wanted, horizontal layout only, to one OpenType file."""
    options = Options()
    options.layout_features = ["ccmp", "kern"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    options.name_languages = [0x409, 0x804]
    options.notdef_outline = True
    options.hinting = hinting
    font = face(source, FACE)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in CHARACTERS for code in range(first, last + 1)])
    subsetter.subset(font)
    forget_radicals(font)
    cffsubr.subroutinize(font)
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    for file, (collection, hinting) in FONTS.items():
        subset(next(folder.rglob(collection)), TARGET / file, hinting=hinting)
