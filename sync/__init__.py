"""How data travels between stations and their county: one ordered log per scope, sealed batches, one merge rule for every replica.

The words, from the inside outwards:

    op         one change of one row, as the triggers log it (`db.capture`); also `Change` where it is no longer a table row
    batch      ops of one station sealed together: compressed, signed, chained to the batch before it by hash (`sync.wire.envelope`)
    scope      a village, township or county (by its code); each has a log of its own
    entry      a batch at its place (`seq`) in the log of a scope. The county alone gives places, and signs each. This order is the only
               clock there is: no time of day takes part in a merge
    cursor     how far a station has read a log; `known` in a batch is the cursor its author had, and so what the change was made in
               view of. Two changes are concurrent when neither was known to the other's author
    chain      a hash over all entries before a place: equal chains, equal logs up to there (`sync.replica.history`)
    outbox     own batches the county has not acknowledged. A station shows the log's state with these on top
    conflict   a value that lost to a concurrent one, listed for people; held: a change that could not be applied, kept with its reason
    stub       what stays in a scope of a row that moved to another
    snapshot   the state of a scope at a place of its log, for whoever would have to read too much of it; it comes in `pieces`
    incarnation  one life of a store. A copied or restored store goes on under a new one (`fork`), so that two never share a chain;
               `author` is station and incarnation together
    rewind     what a station does when the county itself was put back from a backup and its logs went on differently
    bundle     what an exchange carries, as a file on a stick; a courier is a township that carries those of villages
    handover   giving bundles to a courier and taking them from it over a local network, beside it, without a stick

Where to begin: `station.exchange` is one exchange from first to last, `county.answering` its other side, `replica.apply` what an entry does
to the tables, `replica.merge` the rule, in a hundred lines.
"""
