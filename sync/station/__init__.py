"""A station's side of sync: seal, send, receive and resume, over the network and by USB stick.

network  exchange (from first to last), rounds (one request and answer after the other), asking (one request), result;
         outstanding (what is unfinished); attachments; program_fetch (releases)
trust    enrol, revocation, report_keys (signatures of submitted reports)
held     releasing (changes that could not be applied)
folders  sealing (own changes), receiving (changes of others), recovery (what broke, differs or was restored); stick (bundles as files)
         and lan (bundles over the local network)
"""
