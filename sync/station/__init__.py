"""A station's side: seal, send, take in, go on where it broke, over the network and by stick."""
