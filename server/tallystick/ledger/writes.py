"""What does the ledger write outside of a book's own rows? What providers say of currencies, and when templates are due."""

from sqlalchemy import ARRAY, Date, DateTime, Text, Uuid, bindparam, func, insert, null, select
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.jobs.due.writes import dues_in
from tallystick.jobs.tables import job_run
from tallystick.jobs.writes import RunState
from tallystick.ledger.tables import provider_rate, template_due
from tallystick.store.statements import Statement

_OF_SPACE = bindparam("of_space", type_=Uuid)

# All that a provider published, in one statement. What it corrects replaces what it said before; the same again changes no row.
_published = upsert(provider_rate).from_select(
    ["source", "base", "quote", "effective_on", "rate"],
    select(
        bindparam("source", type_=Text),
        func.unnest(bindparam("bases", type_=ARRAY(Text))),
        func.unnest(bindparam("quotes", type_=ARRAY(Text))),
        func.unnest(bindparam("days", type_=ARRAY(Date))),
        func.unnest(bindparam("rates", type_=ARRAY(Text))),
    ),
)
PUBLISH_RATES: Statement[()] = Statement(
    _published.on_conflict_do_update(
        index_elements=["source", "base", "quote", "effective_on"],
        set_={"rate": _published.excluded.rate},
        where=provider_rate.c.rate != _published.excluded.rate,
    )
)

TEMPLATE_DUES = dues_in(template_due, "template_id")

# An occurrence that was posted. There is one row of each for ever: a second posting of the same could not be committed.
NOTE_POSTED: Statement[()] = Statement(
    insert(job_run).values(
        space_id=_OF_SPACE,
        job=bindparam("of_job", type_=Text),
        slot=bindparam("of_slot", type_=Date),
        state=RunState.DONE,
        attempts=1,
        leased_until=bindparam("now", type_=DateTime(timezone=True)),
        problem=null(),
    ),
    makes_rows=True,
)
