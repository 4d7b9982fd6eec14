"""Payment of approved claims: payments (batches and the bank's sheet), payees (warnings before), bank_answers (what came of it), refunds
(what is paid back), funds (资金额度)."""
