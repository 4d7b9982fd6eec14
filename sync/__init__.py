"""Synchronisation between stations and their county: one ordered log per scope, sealed batches, one merge rule for every replica.

Terms, from the inside outwards:

    op         one change of one row, as the triggers log it (`db.capture`); outside the table it is a `Change`
    batch      ops of one station sealed together: compressed, signed, chained to the batch before it by hash (`sync.wire.envelope`)
    scope      a village, township or county (by its code); each has its own log
    entry      a batch at its position (`seq`) in the log of a scope. Only the county assigns positions, and it signs each. This order is
               the only clock: merging never compares times of day
    cursor     how far a station has read a log. `known` in a batch is the cursor its author had when making the changes. Two changes are
               concurrent when neither was known to the other's author
    chain      a hash over all entries before a position: equal chains mean equal logs up to there (`sync.replica.history`)
    outbox     own batches that the county has not acknowledged. A station shows the state of the log with these applied on top
    conflict   a value that lost to a concurrent one, listed for people to decide
    held       a change that could not be applied, kept with its reason
    stub       what remains in a scope of a row that moved to another scope
    snapshot   the state of a scope at a position of its log, for stations that would otherwise read too many entries; sent in `pieces`
    incarnation  one life of a store. A copied or restored store continues under a new one (`sealing.fork`), so that two stores never
               share a chain; `author` is station and incarnation together
    rewind     what a station does after the county was restored from a backup and its logs continued differently
    bundle     the content of an exchange as a file on a USB stick; a courier is a township that carries bundles for villages
    handover   exchange of bundles with a courier over a local network instead of a stick

Where to begin: `station.exchange` runs one exchange from first to last, `county.answering` is its other side, `replica.apply` applies an
entry to the tables, `replica.merge` is the merge rule, in a hundred lines.
"""
