"""Bundles of a station, as files on a USB stick: writing, reading, results. What they hold besides the request or answer: entries (late,
twice or out of order), attachments, restored_county (what a restored county lacks). courier: a township carries bundles, with receipts."""
