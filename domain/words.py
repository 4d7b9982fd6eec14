"""Translation: every text shown to people passes through here (standard-library gettext).

Chinese is the source language: a sentence in the code is its own key, and a missing translation falls back to Chinese. Chinese has no
plural forms, so the code names none; if a catalogue has them, formatting chooses one.
"""

import gettext
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = {"zh": "中文", "en": "English"}
CATALOGUES = Path(__file__).resolve().parent.parent / "resources" / "translations"
_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "zh"
_MANY, _LONG = 2, 20
PAGE = "page"
"""Message context for the names of pages."""
_on_paper: ContextVar[bool] = ContextVar("on_paper", default=False)


def set_language(language: str) -> None:
    """Set the language of all further text (a key of `LANGUAGES`); unknown languages mean Chinese."""
    global _current, _language
    _language = language if language in LANGUAGES else "zh"
    _current = gettext.translation("cunzhan", CATALOGUES, languages=[_language], fallback=True)


def language() -> str:
    """The present language, a key of `LANGUAGES`."""
    return _language


def N_(text: str) -> str:
    """Mark a text in a table for the catalogues and return it unchanged; `_` translates it when it is shown."""
    return text


def P_(text: str) -> str:
    """Mark a page name that a language may word differently for a single record, and return it unchanged; `page_word` translates it."""
    return text


def page_word(text: str) -> str:
    """A page name in the present language: 公益岗 is Public posts as a page, but Public post of one record."""
    found = _current.pgettext(PAGE, text)
    return _(text) if found == text else found


def _(text: str) -> str:
    """`text` in the present language. Values are filled in after translation: `_("第 {row} 行").format(row=3)`."""
    if not text or _on_paper.get():
        return text
    return _sentence(_current, text) if "{" in text else _current.gettext(text)


@lru_cache(maxsize=4096)
def _sentence(catalogue: gettext.NullTranslations, text: str) -> str:
    """`text` from the catalogue, as a `_Counted` if it has plural forms there."""
    many = catalogue.ngettext(text, text, _MANY)
    return catalogue.gettext(text) if many is text else _Counted(catalogue, text, many)


class _Counted(str):
    """A translated sentence in the plural, for which `format` chooses the form that matches the count.

    The count is `n`, otherwise the first number in the translated sentence.
    """

    _names: list[str]
    _forms: Callable[[int], str]

    def __new__(cls, catalogue: gettext.NullTranslations, text: str, many: str) -> "_Counted":
        counted = super().__new__(cls, many)
        names = [name for _text, name, _spec, _conversion in Formatter().parse(many) if name]
        counted._names = sorted(names, key=lambda name: name != "n")
        counted._forms = lambda number: catalogue.ngettext(text, text, number)
        return counted

    def form(self, values: Mapping[str, object]) -> str:
        """The form that matches the count, its values not filled in."""
        numbers = (_number(values.get(name)) for name in self._names)
        return self._forms(next((number for number in numbers if number is not None), _MANY))

    def format(self, *given: object, **values: object) -> str:
        return self.form(values).format(*given, **values)


def unfilled(text: str, values: Mapping[str, object]) -> str:
    """A translated sentence in the form that matches these values, which are not filled in."""
    return text.form(values) if isinstance(text, _Counted) else text


def _number(value: object) -> int | None:
    """A count, given as a number or formatted (`1,234`); None for anything else."""
    if isinstance(value, int):
        return value
    shown = value.replace(",", "") if isinstance(value, str) and len(value) < _LONG else ""
    return int(shown) if shown.isdecimal() else None


@dataclass(frozen=True)
class LazyText:
    """A sentence that is translated when it is shown; made by `lazy`."""

    text: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return _(self.text).format(**{name: str(value) if isinstance(value, LazyText) else value for name, value in self.values.items()})


def lazy(text: str, **values: object) -> LazyText:
    """A sentence of the catalogues with its values, which may be lazy texts too: `lazy("登记 {name}", name="张三")`."""
    return LazyText(text, values)


def stored(text: LazyText | str) -> str:
    """A lazy text as JSON for a table, since the language may change: `["登记 {name}", {"name": "张三"}]`. Other text is unchanged."""
    return text if isinstance(text, str) else json.dumps(text, default=_parts, ensure_ascii=False)


def openings(text: str) -> list[str]:
    """How the stored forms of every lazy text made from `text` begin: JSON, and in stores of earlier releases a sentence in a language."""
    catalogues = [gettext.translation("cunzhan", CATALOGUES, languages=[one], fallback=True) for one in LANGUAGES]
    return [stored(LazyText(text, {})).removesuffix("{}]"), *(one.gettext(text).partition("{")[0] for one in catalogues)]


def shown(text: str) -> str:
    """The result of `stored` in the present language."""
    try:
        return str(_restored(*json.loads(text))) if text.startswith('["') else _(text)
    except (ValueError, TypeError, AttributeError, LookupError):  # a text that only begins like a lazy one
        return text


def _parts(value: object) -> object:
    return [value.text, dict(value.values)] if isinstance(value, LazyText) else str(value)


def _restored(text: str, values: Mapping[str, Any]) -> LazyText:
    return LazyText(text, {name: _restored(*value) if isinstance(value, list) else value for name, value in values.items()})


@contextmanager
def chinese() -> Iterator[None]:
    """Make `_` return Chinese inside the block, whatever the language of the window: forms and public notices are Chinese documents."""
    before = _on_paper.set(True)
    try:
        yield
    finally:
        _on_paper.reset(before)
