"""What a claim has to be proved with: the documents its rule asks for, and the files that are there for each.

    for one in materials(session, claim, rule.documents):  one.document, one.files
    attachments.add(session, "claim", claim.id, file, called="身份证")

A file counts for a document by its name, which begins with the document or with one of those it may be replaced by (“合同或承诺书”).
Files of the person count too, so that an identity card is photographed once. What is lacking never stops a claim (`design/interface.md`).
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

_EITHER: Final = re.compile(r"[、，或/（）()]+")
_LEAST: Final = 2
"""Letters of a word that tells a document."""


@dataclass(frozen=True)
class Material:
    """A document and the files that stand for it; "" for files that stand for none."""

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
    """Whether a file of that name is a document, or one of those that may stand in its place."""
    words = [document, *_EITHER.split(document)]
    return any(len(word) >= _LEAST and name.startswith(clean_name(word)) for word in words)
