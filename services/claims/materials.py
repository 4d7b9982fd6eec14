"""Supporting documents of a claim: those its rule asks for, and the attached files that count for each.

    for one in materials(session, claim, rule.documents):  one.document, one.files
    attachments.add(session, "claim", claim.id, file, called="身份证")

A file counts for a document by its name, which begins with the document or with one of those it may be replaced by (“合同或承诺书”).
Files of the person count too, so that an identity card is photographed once. Missing documents never stop a claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from db.session import Session
from domain.attachments import clean_name
from domain.records import Claim
from services import attachments
from services.attachments import Attached

_SEPARATORS: Final = re.compile(r"[、，或/（）()]+")
_MIN_LENGTH: Final = 2
"""Characters a word needs to identify a document."""


@dataclass(frozen=True)
class Material:
    """A document and the files that count for it. `document` is "" for files that count for none."""

    document: str
    files: Sequence[Attached]


def materials(session: Session, claim: Claim, documents: Sequence[str]) -> list[Material]:
    """The documents in the rule's order, then the claim's other files."""
    own = attachments.attachments(session, [claim.id])
    subject = claim.person_id or claim.employer_id
    holders = attachments.holders(session, "person" if claim.person_id else "employer", subject) if subject else []
    there = own + attachments.attachments(session, holders)
    found = [Material(document, [file for file in there if stands_for(file.name, document)]) for document in documents]
    placed = {file.id for one in found for file in one.files}
    others = [file for file in own if file.id not in placed]
    return [*found, Material("", others)] if others else found


def stands_for(name: str, document: str) -> bool:
    """Whether a file of that name counts for a document, or for one of those that may replace it."""
    words = [document, *_SEPARATORS.split(document)]
    return any(len(word) >= _MIN_LENGTH and name.startswith(clean_name(word)) for word in words)
