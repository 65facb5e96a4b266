"""What do jobs keep? Which slots were worked off, so that each is worked off once whatever the number of servers."""

from sqlalchemy import Column, Date, DateTime, Index, SmallInteger, Table, Text, Uuid, column, literal_column

from tallystick.store.metadata import metadata, small_enum

# One row for each slot of each job that was begun. The nil space stands for jobs that belong to no space. A row whose lease has run out
# before it was done belongs to whoever asks next.
job_run = Table(
    "job_run",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("slot", Date, primary_key=True),
    small_enum("state"),
    Column("attempts", SmallInteger, nullable=False),
    Column("leased_until", DateTime(timezone=True), nullable=False),
    Column("problem", Text),
    Index("ix_job_run_open", "job", "leased_until", postgresql_where=column("state") == literal_column("1")),
)
