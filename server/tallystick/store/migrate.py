"""Is the schema as new as this server, and how does it become so?"""

import os
from functools import cache
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from tallystick.shipped import find_shipped

# An image that lays it elsewhere says where.
MIGRATIONS = Path(os.environ.get("TALLYSTICK_MIGRATIONS") or find_shipped("migrations", "migrations"))


def upgrade(url: str, revision: str = "head") -> None:
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str) -> None:
    command.downgrade(config(url), revision)


@cache
def newest() -> str:
    """The newest migration that this server knows."""
    head = ScriptDirectory.from_config(config("")).get_current_head()
    assert head is not None, f"there are no migrations in {MIGRATIONS}"
    return head


def knows(revision: str) -> bool:
    """Whether a schema of this revision is one of this server's, or of one before it."""
    known = ScriptDirectory.from_config(config("")).walk_revisions()
    return any(each.revision == revision for each in known)


def current(url: str) -> str | None:
    """The newest migration that the database has run. None: it has run none."""
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as connection:
        exists = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if exists is None or exists[0] is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def config(url: str) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    # Migrations import guards.py, which lies beside their folder.
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("prepend_sys_path", str(MIGRATIONS))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["url"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return settings
