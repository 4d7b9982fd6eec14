"""The one door through which every text shown to a person passes (standard-library gettext).

Chinese is the source language: a sentence in the code is its own key, and a missing translation falls back to Chinese.
Chinese counts without plural forms, so the code names none: where a catalogue has them, filling in the sentence chooses.
"""

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from string import Formatter

LANGUAGES = {"zh": "中文", "en": "English"}
_CATALOGUES = Path(__file__).resolve().parent.parent / "resources" / "translations"
_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "zh"
_MANY, _LONG = 2, 20
PAGE = "page"
"""Context under which catalogues keep the words of pages."""
_on_paper: ContextVar[bool] = ContextVar("on_paper", default=False)


def set_language(language: str) -> None:
    """Show everything from now on in `language` (a key of `LANGUAGES`); unknown languages mean Chinese."""
    global _current, _language
    _language = language if language in LANGUAGES else "zh"
    _current = gettext.translation("cunzhan", _CATALOGUES, languages=[_language], fallback=True)


def language() -> str:
    """The language in force, a key of `LANGUAGES`."""
    return _language


def N_(text: str) -> str:
    """`text` as it is: marks a word of a table for the catalogues, which `_` translates where the table is shown."""
    return text


def P_(text: str) -> str:
    """`text` as it is: marks the word of a page that a language says otherwise of one record, which `page_word` translates."""
    return text


def page_word(text: str) -> str:
    """The word of a page in the language in force: 公益岗 is Public posts over the page, and Public post of one record."""
    found = _current.pgettext(PAGE, text)
    return _(text) if found == text else found


def _(text: str) -> str:
    """`text` in the language in force; values are filled in after translation: `_("第 {row} 行").format(row=3)`."""
    if not text or _on_paper.get():
        return text
    return _sentence(_current, text) if "{" in text else _current.gettext(text)


@lru_cache(maxsize=4096)
def _sentence(catalogue: gettext.NullTranslations, text: str) -> str:
    """`text` by the catalogue, as a `_Counted` one where that has plural forms of it."""
    many = catalogue.ngettext(text, text, _MANY)
    return catalogue.gettext(text) if many is text else _Counted(catalogue, text, many)


class _Counted(str):
    """A sentence in its form for many, of which `format` takes the form that goes with the number counted.

    That is `n`, or else the first number of the sentence as it is translated.
    """

    _names: list[str]
    _forms: Callable[[int], str]

    def __new__(cls, catalogue: gettext.NullTranslations, text: str, many: str) -> "_Counted":
        counted = super().__new__(cls, many)
        names = [name for _text, name, _spec, _conversion in Formatter().parse(many) if name]
        counted._names = sorted(names, key=lambda name: name != "n")
        counted._forms = lambda number: catalogue.ngettext(text, text, number)
        return counted

    def format(self, *given: object, **values: object) -> str:
        numbers = (_number(values.get(name)) for name in self._names)
        return self._forms(next((number for number in numbers if number is not None), _MANY)).format(*given, **values)


def _number(value: object) -> int | None:
    """A count, given as a number or as shown (`1,234`); None for anything else."""
    if isinstance(value, int):
        return value
    shown = value.replace(",", "") if isinstance(value, str) and len(value) < _LONG else ""
    return int(shown) if shown.isdecimal() else None


@contextmanager
def chinese() -> Iterator[None]:
    """Inside, `_` answers Chinese whatever the window speaks: forms and public notices are Chinese documents."""
    before = _on_paper.set(True)
    try:
        yield
    finally:
        _on_paper.reset(before)
