"""补助: who is entitled, the path of claims, public notices, payments."""
