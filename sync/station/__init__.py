"""A station's side: seal, send, take in, go on where it broke, over the network and by stick.

out    seal (own ops into batches), written (what an op wrote), seal_slices; asking (the request); exchange (the whole of it)
in     receive (entries), concurrent_rows (which of them have to be merged), file_entries (those that come in files, out of order),
       rebase and install (a snapshot), bulk_tables; unknown (of a newer program)
again  resuming (broken transfers), fork (a copied store), rewind and kept_copies (a restored county), checking and mending (a
       difference between the two), releasing (held changes)
sticks stick, stick_files, stick_rewind, stick_result; courier and receipts (a township carries); enrol
beside receiver and receiving (a township over a local network), handing_in (a village there); begun_file
"""
