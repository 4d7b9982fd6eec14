"""What the county does itself: authoring (it writes as a station does), places (which villages may be named), moves (of people, households
and villages), moved_on (everybody who came by a merger), erasure and retention."""
