"""Forms for paper (`domain.md` §9.4). Each is described once as data, and written as `.xlsx` or `.docx`, as a web page, or as PDF
(`desktop.paper.document`).

    form = forms.make(session, "application", claim_id)       numbers masked; in full with a `reason`, which is logged
    forms.write(form, file)                                    writes a new file
    forms.CATALOGUE                                            all forms: title, kind of record, fields

making     catalogue (all forms), form (the data of one), subjects (the people it is about); personal, official, noticed, handed,
           handed_in (applications as they were signed), own_records, handover, workshops, posts, reports, surveyed;
           slips (enrolment codes)
writing    files (by suffix), workbook, word, markup, fitting (text size and column widths on A4)
templates  templates (a county's workbook or Word document instead of the layout), workbook_template, word_template, word_parts,
           template_fields, issued_templates (sent to all stations)
"""

from services.forms.catalogue import CATALOGUE, FormType, make, of_kind
from services.forms.files import document, own_ending, own_template, write
from services.forms.form import Form

__all__ = ["CATALOGUE", "Form", "FormType", "document", "make", "of_kind", "own_ending", "own_template", "write"]
