"""Application services: functions that read and write records through a session. Services and sync do not import each other.

records   records (saving, deleting, the bin and undo of any kind), registration, unnumbered (who has no document), households;
          merging, merging_sure and suspects (one person recorded twice), key_changes (changes that a second person
          confirms), attachments, history (修改记录)
people    person (everything about one), standing (what people are on a day), search (of everything), lookup (names typed in a form),
          namesakes (told apart in lists), contacts
          reserved (what is left to the levels above)
lists     lists; exporting, printed_lists, layouts, sheets, files
work      work (spells, the monthly check and what it calls for), workshop, posts; training; employment_services (1-3-1)
policy    policies (packs), policy_trial (before one is published), facts (what the rules judge), screening and cards (verdicts)
money     claims, payments; dossier; signed_pages
watching  quality, alerts, today, villages; reports, surveys
county    waiting (what is still to be sent), departures (who was moved away); upgrading
          practice (the practice village as of today)
folders   importing (rosters taken in), filling (sheets from above filled in), forms (paper); office_files (files read as sheets), word_xml
          (the parser of Word documents), qr
"""
