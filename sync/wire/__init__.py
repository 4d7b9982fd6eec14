"""Wire formats: messages, sealed batches, bundles. Knows no database table.

batches   envelope (sealed, chained, signed), columns (the changes in one), packing (one column)
network   messages, framing (partial messages stay usable), link (the client), connection (one HTTP connection), trust (the county's
          own authority), words (refusals in sentences)
sticks    bundle, bundle_words, by_code (enrolment by stick), handover (over a local network), finding (the other computer there)
"""
