"""The one door through which every text shown to a person passes (standard-library gettext).

Chinese is the source language: a sentence in the code is its own key, and a missing translation falls back to Chinese.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

LANGUAGES = {"zh": "中文", "en": "English"}
_CATALOGUES = Path(__file__).resolve().parent.parent / "resources" / "translations"
_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "zh"
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


def _(text: str) -> str:
    """`text` in the language in force; values are filled in after translation: `_("第 {row} 行").format(row=3)`."""
    return _current.gettext(text) if text and not _on_paper.get() else text


@contextmanager
def chinese() -> Iterator[None]:
    """Inside, `_` answers Chinese whatever the window speaks: forms and public notices are Chinese documents."""
    before = _on_paper.set(True)
    try:
        yield
    finally:
        _on_paper.reset(before)
