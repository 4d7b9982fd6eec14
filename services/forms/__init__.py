"""Forms for paper (`domain.md` §9.4), each described once as data and drawn as `.xlsx` or `.docx`, as a page of a website, or as PDF
(`desktop.paper.document`).

    form = forms.make(session, "application", claim_id)       numbers masked; with a `reason`, which is logged, in full
    forms.write(form, file)                                    a new workbook
    forms.CATALOGUE                                            every form: title, what its record is, its fields

making    catalogue (all of them), form (what one is), subjects (who one is of), capitals; personal, official, noticed, handed, handover,
          workshops, posts, contacts, quality, reports, surveyed, workload; slips (enrolment codes)
drawing   files (by its ending), workbook, word, markup, fitting (text and columns on A4), word_code (the code in the corner)
county's  templates (a workbook or Word document in the place of a layout), workbook_template, word_template, word_parts,
          template_fields, issued_templates (sent to every station)
"""

from services.forms.catalogue import CATALOGUE, Entry, make, of_kind
from services.forms.files import document, own_ending, own_template, write
from services.forms.form import Form

__all__ = ["CATALOGUE", "Entry", "Form", "document", "make", "of_kind", "own_ending", "own_template", "write"]
