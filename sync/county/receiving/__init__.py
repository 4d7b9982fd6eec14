"""Taking in what stations send: ingest (a batch), sequencing (its position in the log), whereabouts (of rows that left the log), resuming
(transfers that broke off); rights (who may write what), with claim_steps and levels."""
