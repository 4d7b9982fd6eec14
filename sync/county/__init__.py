"""The county's side of sync: authenticate stations, order and check what they send, and make the decisions reserved to the county.

requests answering (an exchange), bundle_intake (a stick), lineage (which station asks, and is it a copy?), enrolment, contents (files)
in       ingest, sequencing (positions in the log), whereabouts (of rows that left it), resuming;
         rights and claim_steps (who may write what)
out      outgoing (entries), snapshot, comparing (does a station hold the same?)
its own  keys, authoring (the county writes as a station does), moves, erasure and retention, taking_back and following (after a
         restore), replaying (do the records match the log?), programs (program releases for download)
"""
