"""The county's side of sync: authenticate stations, order and check what they send, and make the decisions reserved to the county.

requests  answering (an exchange), bundle_intake (a stick), lineage (which station asks, and is it a copy?), enrolment, contents (files),
          programs (program releases for download); keys
folders   receiving (what stations send, and whether they may), sending (what they have not read), acts (what the county does itself),
          recovery (after a restore)
"""
