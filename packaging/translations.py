"""Keep the catalogues of `resources/translations/` in step with the words of the program: `make translations`.

Words come from two places: `_("…")` in the code (found by Babel) and the labels, choices and suggestions of the
declarations. New ones enter each `.po` untranslated, gone ones leave it, and the `.mo` files are compiled. A test says
when a word is missing.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import domain.records  # noqa: E402, F401  (fills KINDS)
from domain.fields import KINDS  # noqa: E402

TRANSLATIONS = ROOT / "resources" / "translations"
CODE = ("domain", "db", "services", "sync", "desktop", "server", "cli")


def words() -> Catalog:
    """Every word shown to people, in Chinese."""
    found = Catalog(project="cunzhan", charset="utf-8")
    for folder in CODE:
        for path, line, message, _comments, _context in extract_from_dir(ROOT / folder, keywords={"_": None, "N_": None}, comment_tags=()):
            if isinstance(message, str) and message:
                found.add(message, locations=[(f"{folder}/{path}", line)])
    for kind in KINDS.values():
        found.add(kind.label)
        for f in kind.fields:
            for word in (f.label, *(f.choices or {}).values()):
                found.add(word)
    return found


def po_file(language: str) -> Path:
    """The catalogue of a language, as people edit it."""
    return TRANSLATIONS / language / "LC_MESSAGES" / "cunzhan.po"


def read(language: str) -> Catalog:
    """The catalogue of a language."""
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, project="cunzhan", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def update(language: str) -> int:
    """Bring a catalogue up to date and compile it; answers how many words still lack a translation."""
    old, fresh = read(language), Catalog(locale=language, project="cunzhan", charset="utf-8", header_comment="# English words of cunzhan.")
    for message in words():
        if message.id:
            kept = old.get(message.id)
            fresh.add(message.id, kept.string if kept else "")
    fresh.revision_date = fresh.creation_date = old.creation_date
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=0, sort_output=True, omit_header=False)
    path.with_suffix(".mo").write_bytes(compiled(fresh))
    return sum(1 for message in fresh if message.id and not message.string)


if __name__ == "__main__":
    for folder in sorted(TRANSLATIONS.glob("*/")):
        print(f"{folder.name}: {update(folder.name)} without a translation")
