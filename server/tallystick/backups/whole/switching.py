"""How does what was restored take the place of what is there? All of it in one commit: before it nothing has changed, after it everything.

Devices learn of it by the spaces' new epochs, which are part of the same commit.
"""

import psycopg
from psycopg import sql

from tallystick.backups.errors import InUse, NotEmpty
from tallystick.backups.whole.erased import Erased
from tallystick.backups.whole.scratch import SCHEMA
from tallystick.store.epochs import LEAP

LOCK_TIMEOUT = "30s"
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY relname"
_FUNCTIONS = "SELECT oid::regprocedure::text, proname FROM pg_proc WHERE pronamespace = %s::regnamespace ORDER BY 2"
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()
"""


def require_alone(connection: psycopg.Connection) -> None:
    """Servers keep keys and states of spaces in memory: they must not see a database change under them."""
    row = connection.execute(_OTHERS).fetchone()
    if row and row[0]:
        raise InUse(
            f"{row[0]} connections to this database are open. To fix: stop every server (and pooler) of it, then restore"
        )


def is_empty(connection: psycopg.Connection) -> bool:
    """Whether nobody has ever signed up here. A schema without users or spaces is as good as none."""
    tables = {name for (name,) in connection.execute(_TABLES, [_current(connection)])}
    return not any(
        connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
        for table in ("space", "login")
        if table in tables
    )


def require_empty(connection: psycopg.Connection) -> None:
    if not is_empty(connection):
        raise NotEmpty(
            "There are users or spaces in this database. To fix: restore into an empty one, or give --replace, "
            "which backs up first what it replaces"
        )


def forget_the_erased(connection: psycopg.Connection, erased: Erased) -> int:
    """Whoever is erased is erased in what comes back, too: their login here, and the rest by whoever finishes erasures. Returns how many
    came back."""
    scratch = sql.Identifier(SCHEMA)
    found = connection.execute(
        sql.SQL(
            "UPDATE {}.login l SET email_hash = NULL, email_verified = false, password_hash = NULL, "
            "password_version = l.password_version + 1, erased_at = o.erased_at "
            "FROM unnest(%s::uuid[], %s::timestamptz[]) AS o(user_id, erased_at) "
            "WHERE o.user_id = l.user_id AND l.erased_at IS NULL RETURNING l.user_id"
        ).format(scratch),
        [[*erased.users], [*erased.users.values()]],
    ).fetchall()
    connection.execute(
        sql.SQL(
            "UPDATE {}.access_key k SET revoked_at = o.revoked_at "
            "FROM unnest(%s::uuid[], %s::timestamptz[]) AS o(id, revoked_at) "
            "WHERE o.id = k.id AND k.revoked_at IS NULL"
        ).format(scratch),
        [[*erased.access_keys], [*erased.access_keys.values()]],
    )
    users = [user_id for (user_id,) in found]
    connection.execute(sql.SQL("DELETE FROM {}.access_key WHERE user_id = ANY(%s)").format(scratch), [users])
    return len(users)


def renew(connection: psycopg.Connection) -> None:
    """As after any database that was put back (store/epochs.py)."""
    connection.execute(
        sql.SQL("UPDATE {}.space SET epoch = gen_random_uuid(), seq = seq + %s").format(sql.Identifier(SCHEMA)), [LEAP]
    )


def switch(connection: psycopg.Connection) -> None:
    """The one moment. Whoever waits for a table of before finds the one of now."""
    target = _current(connection)
    coming = [name for (name,) in connection.execute(_TABLES, [SCHEMA])]
    leaving = {name for (name,) in connection.execute(_TABLES, [target])} & {*coming}
    functions = connection.execute(_FUNCTIONS, [SCHEMA]).fetchall()
    replaced = {name for _, name in functions}
    old = [signature for signature, name in connection.execute(_FUNCTIONS, [target]) if name in replaced]
    # Durable, with all that came before it.
    connection.execute("SET synchronous_commit = on")
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(LOCK_TIMEOUT))
        note_replaced(connection, target)
        if leaving:
            names = sql.SQL(", ").join(sql.Identifier(target, name) for name in sorted(leaving))
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(names))
        for signature in old:
            connection.execute(sql.SQL("DROP FUNCTION {}").format(_signature(signature)))
        for name in coming:
            connection.execute(_move("TABLE", sql.Identifier(SCHEMA, name), target))
        for signature, _ in functions:
            connection.execute(_move("FUNCTION", _signature(signature), target))
        # Nothing may be left in it: then it would not be dropped, and nothing would have happened.
        connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(SCHEMA)))


def note_replaced(connection: psycopg.Connection, target: str) -> None:
    """Which spaces are no more, so that what lies of them outside of the database is swept away. Those of earlier restores, too."""
    there = {name for (name,) in connection.execute(_TABLES, [target])} & {"space", "replaced_space"}
    coming = sql.Identifier(SCHEMA, "replaced_space")
    for name in sorted(there):
        noted = sql.SQL("INSERT INTO {} SELECT id FROM {} ON CONFLICT DO NOTHING")
        connection.execute(noted.format(coming, sql.Identifier(target, name)))
    back = sql.SQL("DELETE FROM {} r USING {} s WHERE s.id = r.id")
    connection.execute(back.format(coming, sql.Identifier(SCHEMA, "space")))


def analyze(connection: psycopg.Connection) -> None:
    with connection.transaction():
        for (name,) in connection.execute(_TABLES, [SCHEMA]).fetchall():
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(SCHEMA, name)))


def _move(kind: str, what: sql.Composable, target: str) -> sql.Composed:
    verb = {"TABLE": sql.SQL("ALTER TABLE"), "FUNCTION": sql.SQL("ALTER FUNCTION")}[kind]
    return sql.SQL("{} {} SET SCHEMA {}").format(verb, what, sql.Identifier(target))


def _signature(text: str) -> sql.SQL:
    """As PostgreSQL itself writes it."""
    return sql.SQL(text)


def _current(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT current_schema()").fetchone()
    assert row is not None, "one row was asked for"
    return str(row[0])
