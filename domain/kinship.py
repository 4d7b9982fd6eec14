"""Relations to the head of household (与户主关系) after the head changes, derived from those to the old head.

`related("之子", "male", "之儿媳", "female")` → 配偶. The words are those of 与户主关系 (`domain.md` §5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HEAD: Final = "户主"
SPOUSE: Final = "配偶"
OTHER: Final = "其他"

_SELF: Final = "本人"
"""The old head, as a member seen from the new one."""
_Words = tuple[str, str]
"""The word for a man and the one for a woman."""
_CHILD: Final = ("之子", "之女")
_PARENT: Final = ("之父", "之母")
_GRANDCHILD: Final = ("之孙子", "之孙女")
_GRANDPARENT: Final = ("之祖父", "之祖母")
_SIBLING: Final = ("之兄弟姐妹", "之兄弟姐妹")
_SPOUSES: Final = (SPOUSE, SPOUSE)
_GREAT: Final = ("之曾孙子", "之曾孙女")

_BY_NEW_HEAD: Mapping[str, Mapping[str, _Words]] = {
    SPOUSE: {
        _SELF: _SPOUSES,
        **{word: (word, word) for word in (*_CHILD, "之儿媳", "之女婿", *_GRANDCHILD, "之外孙子", "之外孙女", *_GREAT)},
        **dict.fromkeys(("之岳父", "之公公"), ("之父", "")),
        **dict.fromkeys(("之岳母", "之婆婆"), ("", "之母")),
    },
    "之子": {
        _SELF: _PARENT,
        SPOUSE: _PARENT,
        "之儿媳": ("", SPOUSE),
        **dict.fromkeys(_CHILD, _SIBLING),
        **dict.fromkeys(_GRANDCHILD, _CHILD),
        **dict.fromkeys(_GREAT, _GRANDCHILD),
        "之女婿": (OTHER, OTHER),
    },
    "之女": {
        _SELF: _PARENT,
        SPOUSE: _PARENT,
        "之女婿": (SPOUSE, ""),
        **dict.fromkeys(_CHILD, _SIBLING),
        **dict.fromkeys(("之外孙子", "之外孙女"), _CHILD),
        "之儿媳": ("", "之兄弟媳妇"),
    },
    "之儿媳": {
        **dict.fromkeys((_SELF, SPOUSE), ("之公公", "之婆婆")),
        "之子": (SPOUSE, ""),
        **dict.fromkeys(_GRANDCHILD, _CHILD),
        **dict.fromkeys(_GREAT, _GRANDCHILD),
    },
    "之女婿": {
        **dict.fromkeys((_SELF, SPOUSE), ("之岳父", "之岳母")),
        "之女": ("", SPOUSE),
        **dict.fromkeys(("之外孙子", "之外孙女"), _CHILD),
    },
    **{
        parent: {
            _SELF: _CHILD,
            SPOUSE: ("之女婿", "之儿媳"),
            **dict.fromkeys(_PARENT, _SPOUSES),
            "之兄弟姐妹": _CHILD,
            **dict.fromkeys(_GRANDCHILD, _GREAT),
        }
        for parent in _PARENT
    },
    **{
        grandchild: {
            **dict.fromkeys((_SELF, SPOUSE), _GRANDPARENT),
            "之子": ("之父", ""),
            "之儿媳": ("", "之母"),
            **dict.fromkeys(_GRANDCHILD, _SIBLING),
        }
        for grandchild in _GRANDCHILD
    },
    "之兄弟姐妹": {
        _SELF: _SIBLING,
        **{word: (word, word) for word in (*_PARENT, *_GRANDPARENT)},
        "之兄弟姐妹": _SIBLING,
        "之子": ("之侄儿", ""),
        "之女": ("", "之侄女"),
    },
}
"""By the new head's former relation: by a member's former relation, the member's relation to the new head."""
_OF_HEAD: Mapping[tuple[str, str], Mapping[str, _Words]] = {
    ("male", SPOUSE): {"之父": ("之公公", ""), "之母": ("", "之婆婆")},
    ("female", SPOUSE): {"之父": ("之岳父", ""), "之母": ("", "之岳母")},
    **{
        (sex, child): found
        for child in _CHILD
        for sex, found in (
            ("male", {**dict.fromkeys(_PARENT, _GRANDPARENT), "之岳父": ("之外祖父", ""), "之岳母": ("", "之外祖母")}),
            ("female", {**dict.fromkeys(_PARENT, ("之外祖父", "之外祖母")), "之公公": ("之祖父", ""), "之婆婆": ("", "之祖母")}),
        )
    },
    **{
        (sex, parent): dict.fromkeys(_CHILD, words)
        for parent in _PARENT
        for sex, words in (("male", _GRANDCHILD), ("female", ("之外孙子", "之外孙女")))
    },
}
"""Relations that depend on the sex of the old head."""
_ONE_OF: Mapping[str, frozenset[str]] = {
    "之子": frozenset({"之儿媳", *_GRANDCHILD, *_GREAT}),
    "之儿媳": frozenset({"之子", *_GRANDCHILD, *_GREAT}),
    "之女": frozenset({"之女婿", "之外孙子", "之外孙女"}),
    "之女婿": frozenset({"之女", "之外孙子", "之外孙女"}),
    "之孙子": frozenset({"之子", "之儿媳"}),
    "之孙女": frozenset({"之子", "之儿媳"}),
}
"""Relations that are ambiguous if a household has several couples: whose wife, whose child?"""


def related(head: str | None, before: str | None, member: str | None, sex: str | None, *, several: bool = False) -> str:
    """A member's relation to the new head. `head` and `member`: the relations of both to the old head, whose sex was `before`; `sex` is
    the member's. `several`: more than one couple of the old head's children lives there. "" if it cannot be derived."""
    if not head or not member or (several and member in _ONE_OF.get(head, ())):
        return ""
    if head == HEAD:
        return "" if member == HEAD else member
    seen = _SELF if member == HEAD else member
    words = _OF_HEAD.get((before or "", head), {}).get(seen) or _BY_NEW_HEAD.get(head, {}).get(seen)
    if words is None:
        return ""
    male, female = words
    return female if sex == "female" else male if sex == "male" or male == female else ""
