"""Forms for paper (`domain.md` §9.4), each described once as data and drawn as `.xlsx` or `.docx`, as a page of a website, or as PDF
(`desktop.paper.document`).

    form = forms.make(session, "application", claim_id)       numbers masked; with a `reason`, which is logged, in full
    forms.write(form, file)                                    a new workbook
    forms.CATALOGUE                                            every form: title, what its record is, its fields

A station may put a workbook or Word document of its own in the place of a form's layout, and a county sends one to every station:
`services.forms.templates`, `services.forms.issued_templates`.
"""

from services.forms.catalogue import CATALOGUE, Entry, make, of_kind
from services.forms.files import document, own_ending, own_template, write
from services.forms.form import Form

__all__ = ["CATALOGUE", "Entry", "Form", "document", "make", "of_kind", "own_ending", "own_template", "write"]
