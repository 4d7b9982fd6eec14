"""Makes records from rows: a maker for each kind of roster → `PlanRow`.

register   registry with homes, families and categories
work       work with work_besides (fares, trips, remarks) and with_work (registers that also tell the work); wages
posts      posts; monthly (a value for each person and month) with attendance
courses    training
surveys    surveyed
the rest   generic (a list of any kind) with resolving (references) and special_lists
"""
