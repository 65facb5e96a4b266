"""How does a migration guard a table? Grants, row-level security and the refusing trigger.

Migrations that ran are history: a guard that must change gets a new function here, and the old one stays as it is.
"""

from alembic import op

APP_ROLE = "tallystick_app"


def create_app_role() -> None:
    """The role that every transaction works as. It owns nothing. Whoever migrates may work as it; a login of that name may exist."""
    op.execute(
        f"""
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
            CREATE ROLE {APP_ROLE} NOLOGIN;
            EXECUTE format('GRANT {APP_ROLE} TO %I', current_user);
          END IF;
        END $$
        """
    )


def grant(table: str, rights: str) -> None:
    op.execute(f'GRANT {rights} ON "{table}" TO {APP_ROLE}')


def bind_to_space(table: str) -> None:
    """Rows of the transaction's space only, for everybody but a superuser. Without a space in the transaction: no rows."""
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    # The sub-select is evaluated once a statement, not once a row.
    space = "(SELECT nullif(current_setting('tallystick.space', true), '')::uuid)"
    op.execute(f'CREATE POLICY space ON "{table}" USING (space_id = {space}) WITH CHECK (space_id = {space})')


def hide_private_rows(table: str) -> None:
    """Rows with `private_to` are there for that user only. The store's own work, which names the nil user, sees all."""
    user = "(SELECT nullif(nullif(current_setting('tallystick.user', true), ''), '00000000-0000-0000-0000-000000000000')::uuid)"
    op.execute(
        f'CREATE POLICY private ON "{table}" AS RESTRICTIVE USING (private_to IS NULL OR {user} IS NULL OR private_to = {user})'
    )


def show_private_rows(table: str) -> None:
    op.execute(f'DROP POLICY private ON "{table}"')


def create_refusing_function() -> None:
    """It only refuses; it holds no logic. Whether it is called at all is the triggers' own condition, which PostgreSQL evaluates without
    entering the function: a row that the write door stamped costs next to nothing."""
    op.execute(
        """
        CREATE FUNCTION refuse_unrecorded() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'TS002';
          END IF;
          RAISE EXCEPTION 'a change of % that the write door did not record', TG_TABLE_NAME USING ERRCODE = 'TS001';
        END $$
        """
    )


def drop_refusing_function() -> None:
    op.execute("DROP FUNCTION refuse_unrecorded()")


def refuse_unrecorded(table: str) -> None:
    """Refuses every row that does not bear the seq of the commit, which the write door sets.

    Sealing a row again under a new key changes no version, and says so by another setting.
    """
    unstamped = "NEW.version IS DISTINCT FROM nullif(current_setting('tallystick.seq', true), '')::bigint"
    is_resealed = "(NEW.version = OLD.version AND current_setting('tallystick.reseal', true) = 'on')"
    conditions = {
        "INSERT": f"WHEN ({unstamped})",
        "UPDATE": f"WHEN ({unstamped} AND {is_resealed} IS NOT TRUE)",
        "DELETE": "",
    }
    for verb, condition in conditions.items():
        op.execute(
            f"""
            CREATE TRIGGER refuse_unrecorded_{verb.lower()} BEFORE {verb} ON "{table}"
            FOR EACH ROW {condition} EXECUTE FUNCTION refuse_unrecorded()
            """
        )
