"""A station's side: seal, send, take in, go on where it broke, over the network and by stick.

out      seal (own ops into batches), op_values (what an op wrote), seal_slices; asking (the request); exchange (the whole of it), result
in       receive (entries), concurrent_rows (which of them must be merged), file_entries (those that come in files, out of order);
         snapshot_fetch and install, bulk_tables; newer_program (what only that knows); outstanding (what waits); attachments
again    resuming (broken transfers), fork (a copied store), rewind and kept_copies (a restored county), checking and mending (a
         difference between the two), releasing (held changes)
right    enrol, revocation (whether it was taken away), report_keys (signatures of what is handed in)
sticks   stick_writing, stick_reading, stick_files, stick_rewind, stick_result; courier and receipts (a township carries)
beside   lan_receiver and lan_desk (a township over a local network), handing_in (a village there); begun_file; program_fetch (releases)
"""
