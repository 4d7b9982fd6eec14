"""The domain model: record kinds, identity numbers, periods, divisions, policy rules. Pure Python, standard library only.

kinds     records (a package with every kind), fields (`@record`), bounds, values, json_lines, attachments
          dependents (records owned by a person)
people    identity with other_numbers, kinship, likeness and name_likeness (duplicate detection), authors, key_changes
places    scopes (codes of counties, townships and villages); divisions with division_tables, place_text and scope_search
time      clock, periods, fuzzy_dates, lunar, workdays
money     money, han_amounts, funds, income, claims (the workflow of a claim) with claim_rules (what the county accepts),
          notices
work      attendance, insured, post_month, vacancies (job matching), promise (1-3-1 services), surveys
checks    quality with quality_rule, quality_people, quality_work, quality_posts, quality_repeats, quality_other;
          alerts with alert_rule; register, namesakes
policy    policy (a package: packs, rules, verdicts)
general   errors, words (gettext), grouping, progress, codes (read aloud and typed), page_codes, release
"""
