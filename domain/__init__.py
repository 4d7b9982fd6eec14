"""What is true: record kinds, identity numbers, periods, divisions and rules. Standard library only.

kinds     records (a folder: every kind), fields (`@record`), values, json_lines, dependents (what moves with a person), attachments
people    identity with number_text and other_numbers, kinship, likeness and name_likeness (one person or two), authors, key_changes
places    divisions with division_tables and place_text
time      clock, periods, fuzzy_dates, lunar, workdays
money     money, han_amounts, funds, income, claims (the path of a claim), notices
work      attendance, insured, vacancies (who suits which), adverts, promise (1-3-1), surveys
checks    quality with quality_rule, quality_people, quality_work, quality_posts, quality_income; alerts with alert_rule; register
policy    policy (a folder: packs, rules, verdicts)
beside    errors, words (gettext), grouping, progress, codes (read out and typed), page_codes, release
"""
