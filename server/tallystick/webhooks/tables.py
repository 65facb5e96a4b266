"""How are webhooks kept? What they are is in their space; how far they are, and what came of their deliveries, stands beside it."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    column,
)

from tallystick.store.entity import Entity
from tallystick.store.metadata import entity_table, metadata, small_enum
from tallystick.v1.webhook_pb2 import Webhook

webhook = entity_table("webhook", Column("user_id", Uuid, nullable=False))

# How far each webhook is in its space's journal, in whose name it reads, and when it is to be worked on next; without that it is paused,
# or has stopped. It holds no secret, and stands outside row-level security, so that one query finds which are behind.
# `leased_until` keeps two servers from working on the same one at the same time.
webhook_follow = Table(
    "webhook_follow",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("told_seq", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failing_since", DateTime(timezone=True)),
    Column("given_up", SmallInteger, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("leased_until", DateTime(timezone=True)),
    Index("ix_webhook_follow_due", "due_at", postgresql_where=column("due_at").is_not(None)),
)

# The last attempts of each. Nothing of what was sent, or answered.
webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status_code", SmallInteger, nullable=False),
    small_enum("problem"),
    Column("number", Integer, nullable=False),
)

# What was given up: which changes of which commit. The changes themselves are in the journal.
webhook_dead_letter = Table(
    "webhook_dead_letter",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, primary_key=True),
    Column("delivery_id", Uuid, primary_key=True),
    Column("from_seq", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ordinals", ARRAY(Integer), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("given_up_at", DateTime(timezone=True), nullable=False),
    small_enum("problem"),
    Column("attempts", Integer, nullable=False),
)

WEBHOOK = Entity(webhook, Webhook, lambda message: {"user_id": UUID(message.user_id)})
