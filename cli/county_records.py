"""The county's commands that list or export its records."""

from __future__ import annotations

from cli.access import kind_named, reason
from cli.county_access import opened, viewing
from cli.exchange import held_answer
from cli.program import Answer, Call


def export(call: Call) -> Answer:
    """Export the county's records, as at a station. Showing secrets is logged in the county's database."""
    from cli.rosters import ALL, written

    kind = call.args.kind if call.args.kind == ALL else kind_named(call.args.kind).name
    why = reason(call)
    with opened(call) as county:
        viewing(county, f"export {kind}", why)
        with county.read() as session:
            return written(call, session, kind, plain=why is not None)


def held(call: Call) -> Answer:
    """List changes held anywhere in the county, with reasons. Showing secrets is logged in the county's database."""
    why = reason(call)
    with opened(call) as county:
        viewing(county, "held", why)
        with county.read() as session:
            return held_answer(session, plain=why is not None)
