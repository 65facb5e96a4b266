"""How are invitations kept? Members are the store's own (store/members.py), because the write door asks who is one."""

from sqlalchemy import Column, DateTime, Index, LargeBinary, Table, Uuid

from tallystick.store.entity import Entity
from tallystick.store.metadata import created_at, entity_table, metadata, small_enum
from tallystick.times import to_datetime
from tallystick.v1.space_pb2 import Invitation

invitation = entity_table(
    "invitation",
    small_enum("state"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
INVITATION = Entity(
    invitation,
    Invitation,
    lambda message: {"state": message.state, "expires_at": to_datetime(message.expires_at)},
)

# The way from an address or a code to its invitation, which lies in a space that the invited person cannot see yet.
# `lookup` is a keyed hash of the address or code. It says no more than that, and stands outside row-level security.
invitation_route = Table(
    "invitation_route",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),
    Column("invitation_id", Uuid, primary_key=True),
    Column("space_id", Uuid, nullable=False),
    created_at(),
    Index("ix_invitation_route_invitation_id", "invitation_id"),
)
