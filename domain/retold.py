"""Show a sentence that was stored in the language of its time in the present language."""

from __future__ import annotations

import gettext
import re
from functools import lru_cache
from string import Formatter

from domain.words import CATALOGUES, LANGUAGES, _

_SURE = 8
"""Sentences with fewer fixed characters could match by chance."""


def retold(text: str) -> str:
    """Return a stored sentence in the present language; unchanged if no catalogue has it."""
    plain, filled = _known()
    if text in plain:
        return _(plain[text])
    likely = [(sum(map(len, fixed)), shape, word) for shape, fixed, word in filled if all(part in text for part in fixed)]
    for length, shape, word in sorted(likely, reverse=True):
        found = _pattern(shape).fullmatch(text) if length >= _SURE else None
        if found is not None:
            return _filled(_(word), {name: retold(value) for name, value in found.groupdict().items()})
    return text


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, str], list[tuple[str, list[str], str]]]:
    """The Chinese of every sentence by its text in any language; of sentences with values: the text, its fixed parts, and the Chinese."""
    plain: dict[str, str] = {}
    filled: list[tuple[str, list[str], str]] = []
    for language in LANGUAGES:
        catalogue = gettext.translation("cunzhan", CATALOGUES, languages=[language], fallback=True)
        for key, told in getattr(catalogue, "_catalog", {}).items():
            word = key[0] if isinstance(key, tuple) else key
            for shape in {word, told}:
                if "{" not in shape:
                    plain.setdefault(shape, word)
                elif fixed := [part for part, _name, _spec, _conversion in Formatter().parse(shape) if part]:
                    filled.append((shape, fixed, word))
    return plain, filled


def _pattern(shape: str) -> re.Pattern[str]:
    seen: set[str] = set()
    made = ""
    for part, name, _spec, _conversion in Formatter().parse(shape):
        made += re.escape(part)
        if name:
            made += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return re.compile(made, re.DOTALL)


def _filled(shape: str, values: dict[str, str]) -> str:
    """Like `format`, but values are text already: `{n:,}` takes 1,234 as it is."""
    return "".join(part + (values.get(name, "") if name else "") for part, name, _spec, _conversion in Formatter().parse(shape))
