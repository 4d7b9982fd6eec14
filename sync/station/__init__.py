"""A station's side of sync: seal, send, receive and resume, over the network and by USB stick.

out      seal (own ops into batches), op_values (what an op wrote), seal_slices; asking (the request); exchange (from first to last), result
in       receive (entries), concurrent_rows (rows that must be merged), file_entries (entries that arrive by stick, out of order);
         snapshot_fetch and install, bulk_tables; newer_program (data of newer programs); outstanding (unacknowledged batches); attachments
recovery resuming (broken transfers), fork (a copied store), rewind and kept_copies (a restored county), checking and mending (differences
         from the county), releasing (held changes)
trust    enrol, revocation, report_keys (signatures of submitted reports)
sticks   stick_writing, stick_reading, stick_files, stick_rewind, stick_result; courier and receipts (a township carries bundles)
network  lan_receiver and lan_desk (the township over a local network), handing_in (the village there); begun_file; program_fetch (releases)
"""
