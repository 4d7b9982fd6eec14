"""Application services: functions that read and write records through a session. Services and sync do not import each other.

records   records (saving, deleting, the bin and undo of any kind), registration, households and household_words (what changes in a
          household), merging and suspects (one person recorded twice), key_changes (changes that a second person confirms), attachments
people    person (everything about one), standing (what people are on a day), lookup (names typed in a form), household_income, contacts
lists     listing, filters, columns, titles (what a record is called), joined_ids; exporting, ledgers (on paper), layouts, sheets, files
work      work (spells, the monthly check), check_records (what a check calls for), workshop, workshop_sheets, wages; posts, post_pay;
          training, sign_in; employment_services and promised (1-3-1)
policy    policies (packs), facts (what the rules judge), screening and cards (verdicts), arbitration (who of several)
money     claims, claim_steps, claim_work (the spells one rests on), materials, notices, payments, bank_answers, payees, funds;
          dossier with dossier_clause, dossier_proof and dossier_records; signed_pages
watching  quality, quality_overview, alerts, today, villages, monthly, month_figures (for the county's web console), targets,
          workload; sealed, sealing and sealed_since (reports handed in); surveys, survey_design, survey_figures
county    waiting (what is still to be sent), departures (who was moved away); program_package and previous_program (upgrades)
folders   importing (rosters taken in), filling (sheets from above filled in), forms (paper); word_xml (the parser of Word documents), qr
"""
