"""Keep the catalogues of `resources/translations/` in step with the words of the program: `make translations`.

Words come from two places: `_("…")`, `N_("…")`, `P_("…")` and `lazy("…")` in the code, and what is declared rather than written
there: labels and choices of records, data checks, warnings, kinds of roster. Suggested values are stored as they are
offered and stay Chinese, and so do names of divisions and what is written into official forms. New words enter each
`.po` untranslated, gone ones leave it, and the `.mo` files are compiled. A test says when a word is missing.

The code names no plural, for Chinese has none. Where a language has one, its entry in the `.po` is made a plural entry by
hand: the Chinese once more as `msgid_plural`, then `msgstr[0]`, `msgstr[1]`. `domain/words.py` takes the form that fits the number.
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import domain.records  # noqa: F401  (fills KINDS)
from domain.alerts import WATCHES
from domain.fields import KINDS
from domain.quality import RULES
from domain.words import PAGE
from services.importing.tables.rosters import in_titles, rosters, templates
from services.policies import shipped

TRANSLATIONS = ROOT / "resources" / "translations"
CODE = ("domain", "db", "services", "sync", "desktop", "server", "cli")


def words() -> Catalog:
    """Every word shown to people, in Chinese."""
    found = Catalog(project="cunzhan", charset="utf-8")
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line, word, context in marked(path):
                found.add(word, locations=[(path.relative_to(ROOT).as_posix(), line)], context=context)
    for word in declared():
        found.add(word)
    return found


def marked(path: Path) -> Iterator[tuple[int, str, str | None]]:
    """Line, word and context of every marked text of a file. Read as Python: a word may stand inside an f-string."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "P_", "lazy"):
            for given in node.args[:1]:
                if isinstance(given, ast.Constant) and given.value:
                    yield node.lineno, str(given.value), PAGE if node.func.id == "P_" else None


def declared() -> Iterator[str]:
    """Words that declarations and resources hold; they pass `_()` where they are shown."""
    for kind in KINDS.values():
        yield kind.label
        for f in kind.fields:
            yield from (f.label, *(f.choices or {}).values())
    yield from (words for rule in RULES for words in (rule.title, rule.fix))
    yield from (watch.title for watch in WATCHES)
    yield from (roster.label for roster in rosters())
    yield from in_titles().values()
    yield from (layout.label for layout in templates().values())
    yield from (rule.name for pack in shipped() for rule in pack.rules)
    yield from (lead[name] for pack in shipped() for lead in pack.leads for name in ("policy", "text"))


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


def forms(message: Message) -> tuple[str, ...]:
    """What a word is in the language: one text, or one for each plural form."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def update(language: str) -> int:
    """Bring a catalogue up to date and compile it; answers how many words still lack a translation."""
    old, fresh = read(language), Catalog(locale=language, project="cunzhan", charset="utf-8", header_comment="# English words of cunzhan.")
    for message in words():
        if message.id:
            kept = old.get(message.id, message.context)
            fresh.add(kept.id if kept else message.id, kept.string if kept else "", context=message.context)
    fresh.revision_date = fresh.creation_date = old.creation_date
    path = po_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=0, sort_output=True, omit_header=False)
    path.with_suffix(".mo").write_bytes(compiled(fresh))
    return sum(1 for message in fresh if message.id and not all(forms(message)))


if __name__ == "__main__":
    for folder in sorted(TRANSLATIONS.glob("*/")):
        print(f"{folder.name}: {update(folder.name)} without a translation")
