"""The county's side: who asks, what is taken in and in which order, what only it may decide.

asked    answering (an exchange), bundle_intake (a stick), lineage (who asks, and whether it is a copy), enrolment, contents (files)
in       ingest, sequencing (a place in the log), whereabouts (of rows that left it), resuming; rights, claim_steps and confirmations (who
         may write what)
out      outgoing (entries), snapshot, comparing (does a station hold the same?)
its own  keys, authoring (the county writes as a station does), moves, erasure and retention, taking_back and following (after a
         restore), replaying (are the records what the log makes of them?), programs (releases handed out)
"""
