"""What the county does itself: authoring (it writes as a station does), moves (of people, households and villages), erasure and
retention."""
