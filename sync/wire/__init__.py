"""Wire formats: messages, sealed batches, bundles. Knows no database table.

batches   envelope (sealed, chained, signed), columns (the changes in one), packing (one column)
network   messages, framing (partial messages stay usable), link (the client), connection (one HTTP connection), trust (the county's
          own authority, and enrolment by stick), words (refusals in sentences)
sticks    bundle, handover (over a local network, and finding the other computer there)
"""
