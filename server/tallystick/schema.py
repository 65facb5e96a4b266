"""What is the whole schema? Importing this file brings every table into the one MetaData."""

from tallystick.backups import tables as backups
from tallystick.backups.own import tables as own_backups
from tallystick.budgets import tables as budgets
from tallystick.files import tables as files
from tallystick.groups import tables as groups
from tallystick.identity import tables as identity
from tallystick.imports import tables as imports
from tallystick.jobs import tables as jobs
from tallystick.ledger import tables as ledger
from tallystick.notifications import tables as notifications
from tallystick.settings import tables as settings
from tallystick.spaces import tables as spaces
from tallystick.store import members
from tallystick.store import tables as store
from tallystick.store.metadata import metadata
from tallystick.store.sealed import sealed_columns
from tallystick.sync import tables as sync
from tallystick.webhooks import tables as webhooks

# Every column that a space's key seals. A module with new entities or derived rows is named here once.
SEALED = sealed_columns(
    members,
    identity,
    ledger,
    spaces,
    groups,
    budgets,
    settings,
    webhooks,
    notifications,
    imports,
    files,
    own_backups,
    sync,
)

__all__ = [
    "SEALED",
    "backups",
    "budgets",
    "files",
    "groups",
    "identity",
    "imports",
    "jobs",
    "ledger",
    "metadata",
    "notifications",
    "own_backups",
    "settings",
    "spaces",
    "store",
    "sync",
    "webhooks",
]
