"""${message}

What a person sees differently: …

Works beside the server before it: expand first, then backfill, then contract, each in a release of its own. Raise
`statement_timeout` or `lock_timeout` only here, with a comment. A new space table gets row-level security and, if it is
stamped, the refusing trigger, in this same file.
"""

from alembic import op
import sqlalchemy as sa

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
