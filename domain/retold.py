"""Show a sentence that was stored in the language of its time in the present language."""

from __future__ import annotations

import gettext
import re
from functools import lru_cache
from string import Formatter

from domain.words import CATALOGUES, LANGUAGES, _, unfilled

_CJK = "\u2e80"
_SURE = 6
"""Sentences whose fixed text weighs less could match by chance. A Chinese character weighs as much as four letters. Twice as much is
needed where a sentence begins with a value."""

_SHORT = 16
"""A label of up to so many characters is also recognised by its values, if the catalogues have all of them: 记岗位推荐."""

_SHARE = 12
"""Fixed text also has to be this part of the whole: `{was} to {now}` would match any long sentence."""


def retold(text: str) -> str:
    """Return a stored sentence in the present language; unchanged if no catalogue has it, or if it is in that language already."""
    plain, filled = _known()
    if text in plain:
        return _(plain[text])
    possible = [one for one in filled if one[0] in text]  # a loop of its own: one look at each of 10 000 shapes
    likely = [(_weight("".join(fixed)), shape, word) for _longest, shape, fixed, word in possible if all(part in text for part in fixed)]
    share = _weight(text) // _SHARE
    for weight, shape, word in sorted(likely, reverse=True):
        sure = weight >= max(_SURE * (2 if shape.startswith("{") else 1), share)
        found = _pattern(shape).fullmatch(text) if sure or len(text) <= _SHORT else None
        if found is not None and (sure or all(value in plain for value in found.groupdict().values())):
            return _filled(_(word), {name: retold(value) for name, value in found.groupdict().items()})
    return text


def _weight(text: str) -> int:
    return sum(4 if letter >= _CJK else 1 for letter in text)


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, str], list[tuple[str, str, list[str], str]]]:
    """The Chinese of every sentence by its text in any language; of sentences with values: the longest fixed part, the text, its fixed
    parts, and the Chinese."""
    plain: dict[str, str] = {}
    filled: list[tuple[str, str, list[str], str]] = []
    for language in LANGUAGES:
        catalogue = gettext.translation("cunzhan", CATALOGUES, languages=[language], fallback=True)
        for key, told in getattr(catalogue, "_catalog", {}).items():
            word = key[0] if isinstance(key, tuple) else key
            for shape in {word, told}:
                if "{" not in shape:
                    plain.setdefault(shape, word)
                elif fixed := [part for part, _name, _spec, _conversion in Formatter().parse(shape) if part]:
                    filled.append((max(fixed, key=len), shape, fixed, word))
    return plain, filled


def _pattern(shape: str) -> re.Pattern[str]:
    seen: set[str] = set()
    made = ""
    for part, name, _spec, _conversion in Formatter().parse(shape):
        made += re.escape(part)
        if name:
            value = r"[\d,.]+" if name == "n" else ".+?"  # by convention a count (words._Counted)
            made += f"(?P={name})" if name in seen else f"(?P<{name}>{value})"
            seen.add(name)
    return re.compile(made, re.DOTALL)


def _filled(shape: str, values: dict[str, str]) -> str:
    """Like `format`, but values are text already: `{n:,}` takes 1,234 as it is."""
    parts = Formatter().parse(unfilled(shape, values))
    return "".join(part + (values.get(name, "") if name else "") for part, name, _spec, _conversion in parts)
