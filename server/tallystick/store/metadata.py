"""What do all tables have in common? One MetaData, names for every constraint, and the columns that each kind of table starts with."""

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, MetaData, SmallInteger, Table, Uuid, func
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# What a migration must have done to a table; tests/migrations compares these marks with the database.
SPACE_BOUND = "space_bound"  # row-level security by space
STAMPED = "stamped"  # the refusing trigger: every row carries the seq of the commit that wrote it


def space_column() -> Column[Any]:
    """The first column of every key of every table that belongs to spaces, so that they can be sharded by it."""
    return Column("space_id", Uuid, primary_key=True)


def entity_table(name: str, *columns: SchemaItem) -> Table:
    """A table of entities: an id, the version and instants, and the entity itself, sealed as the bytes that travel on the wire.

    Further columns are structure: what the database must see to find, order and link rows.
    """
    return Table(
        name,
        metadata,
        space_column(),
        Column("id", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("deleted_at", DateTime(timezone=True)),
        Column("body", LargeBinary, nullable=False),
        *columns,
        info={SPACE_BOUND: True, STAMPED: True},
    )


def derived_table(name: str, *columns: SchemaItem, **options: Any) -> Table:
    """A table of rows that follow from entities and are kept in the same commit: entries, balances, totals."""
    return Table(
        name,
        metadata,
        space_column(),
        *columns,
        Column("version", BigInteger, nullable=False),
        info={SPACE_BOUND: True, STAMPED: True},
        **options,
    )


def link_table(name: str, *columns: SchemaItem) -> Table:
    """A derived table whose rows hold nothing sealed: they tie ids together."""
    return derived_table(name, *columns)


def created_at() -> Column[Any]:
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())


def small_enum(name: str) -> Column[Any]:
    """A number of one of the contract's enums."""
    return Column(name, SmallInteger, nullable=False)
