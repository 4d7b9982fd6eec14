"""补助: entitled people, processing of claims, public notices, payments."""
