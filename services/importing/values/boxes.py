"""Reads cells in which choices are ticked: ☑岗位推荐 ☐创业服务, or 男□ 女☑."""

from __future__ import annotations

import re

BOXES = re.compile("[☐□☑☒]")
"""Boxes before or behind the words of a cell."""
_MARKS = re.compile("([☐□☑☒■✓✔√])")


def ticked_words(text: str) -> str:
    """The words of a cell with boxes that are ticked, joined by 、; the text itself if it has no words."""
    lead, *rest = _MARKS.split(text)
    marks, words = rest[::2], [lead, *rest[1::2]]
    beside = words[1:] if not lead.strip() else words[:-1]
    found = [(mark, word.strip(" \u3000、，,;；/\n")) for mark, word in zip(marks, beside, strict=True)]
    return "、".join(word for mark, word in found if word and mark not in "☐□") if any(word for _mark, word in found) else text
