"""Does the database guard every table as the schema says it is guarded?"""

import psycopg
import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from fresh_database import FreshDatabase
from tallystick.schema import metadata
from tallystick.store import constraints
from tallystick.store.door import APP_ROLE
from tallystick.store.metadata import SPACE_BOUND, STAMPED

TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
BOUND = [table for table in TABLES if table.info.get(SPACE_BOUND)]

GROUPS = (
    *("expense_group", "join_request", "expense", "expense_comment", "recurring_expense", "settlement"),
    *("settlement_plan", "group_link", "tally"),
)

# Rows that carry a commit's stamp may be put in and changed, never deleted. Every other table says here what may be done.
STAMPED_RIGHTS = {"SELECT", "INSERT", "UPDATE"}
RIGHTS = {
    "alembic_version": {"SELECT"},
    "access_key": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "answer": {"SELECT", "INSERT", "UPDATE (body)"},
    "answer_apart": {"SELECT", "INSERT", "UPDATE (body)", "UPDATE (body_expires_at)"},
    "audit": {"SELECT", "INSERT"},
    "backup_run": {"SELECT", "INSERT", "UPDATE (differing)", "UPDATE (dropped_at)", "UPDATE (restored_at)"},
    "backup_trouble": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "replaced_space": {"SELECT"},
    "device_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "digest_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "file_content": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "file_key": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "backup": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "backup_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "backup_schedule": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "backup_target": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "backup_target_memory": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "backup_restore": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "group_follow": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "group_listing": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "import_row": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "invitation_route": {"SELECT", "INSERT", "DELETE"},
    "journal": {"SELECT", "INSERT", "UPDATE (body)", "UPDATE (superseded_by)"},
    "job_run": {"SELECT", "INSERT", "UPDATE"},
    "known_device": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "login": {"SELECT", "INSERT", "UPDATE"},
    "mail_token": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "notice_follow": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "provider_rate": {"SELECT", "INSERT", "UPDATE"},
    "quota_use": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "recurring_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "refresh_token": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "reminder_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "session": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "signing_key": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "space": {"SELECT", "INSERT", "UPDATE"},
    "space_key": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "spending_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "template_due": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "throttle": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "user_space": {"SELECT", "INSERT", "UPDATE (left_at)", "DELETE"},
    "webhook_attempt": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "webhook_dead_letter": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "webhook_follow": {"SELECT", "INSERT", "UPDATE", "DELETE"},
}
# Nothing of these is ever taken away, whatever a server is made to say.
NEVER_DELETED = {"answer", "audit", "journal", "login", "space"} | {
    table.name for table in TABLES if table.info.get(STAMPED)
}
POLICY = (
    "(space_id = ( SELECT (NULLIF(current_setting('tallystick.space'::text, true), ''::text))::uuid AS \"nullif\"))",
)

# A row that is private to a user is there for them, and for the store's own work, which names the nil user.
_USER = (
    "( SELECT (NULLIF(NULLIF(current_setting('tallystick.user'::text, true), ''::text), "
    "'00000000-0000-0000-0000-000000000000'::text))::uuid AS \"nullif\")"
)
PRIVATE_POLICY = (
    *("RESTRICTIVE", ["public"], "ALL"),
    f"((private_to IS NULL) OR ({_USER} IS NULL) OR (private_to = {_USER}))",
    None,
)


def name_of(table: Table) -> str:
    return table.name


@pytest.mark.parametrize("table", BOUND, ids=name_of)
async def test_a_space_bound_table_shows_only_its_space_s_rows(owner: psycopg.Connection, table: Table) -> None:
    found = owner.execute(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [f'public."{table.name}"']
    ).fetchone()
    assert found == (True, True)
    policies = owner.execute(
        "SELECT permissive, roles::text[], cmd, qual, with_check FROM pg_policies WHERE tablename = %s", [table.name]
    ).fetchall()
    of_space = ("PERMISSIVE", ["public"], "ALL", *POLICY, *POLICY)
    assert sorted(policies) == sorted([of_space, *([PRIVATE_POLICY] if "private_to" in table.c else [])])


@pytest.mark.parametrize("table", BOUND, ids=name_of)
async def test_every_key_of_a_space_bound_table_begins_with_the_space(owner: psycopg.Connection, table: Table) -> None:
    keys = [key for key in table.constraints if isinstance(key, PrimaryKeyConstraint | UniqueConstraint)]
    assert keys
    assert {next(iter(key.columns)).name for key in keys} == {"space_id"}
    first_columns = owner.execute(
        """
        SELECT DISTINCT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = %s::regclass AND i.indisunique
        """,
        [f'public."{table.name}"'],
    ).fetchall()
    assert first_columns == [("space_id",)]


@pytest.mark.parametrize("table", BOUND, ids=name_of)
def test_every_link_of_a_space_bound_table_stays_in_its_space(table: Table) -> None:
    for link in table.foreign_key_constraints:
        assert next(iter(link.columns)).name == "space_id"
        assert link.elements[0].column.name == "space_id"


def test_what_has_a_space_column_is_bound_or_known_to_stand_outside() -> None:
    outside = {table.name for table in TABLES if "space_id" in table.c and table not in BOUND}
    # Each crosses spaces by what it is for: a user's list of spaces, the way from an address to an invitation, the groups that everybody
    # may find, what jobs look for, and what came of what they sent.
    jobs = {"job_run", "template_due", "recurring_due", "group_follow", "webhook_follow", "file_content"}
    jobs |= {"notice_follow", "reminder_due", "spending_due", "digest_due", "device_due", "backup_due"}
    sent = {"webhook_attempt", "webhook_dead_letter"}
    assert outside == {"user_space", "invitation_route", "group_listing", *jobs, *sent}


@pytest.mark.parametrize("table", TABLES, ids=name_of)
async def test_a_table_has_the_guards_of_its_marks_and_no_others(owner: psycopg.Connection, table: Table) -> None:
    triggers = owner.execute(
        """
        SELECT p.proname, t.tgenabled, substring(pg_get_triggerdef(t.oid) FROM 'BEFORE ([A-Z]+) ON .* FOR EACH ROW')
        FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal
        ORDER BY t.tgname
        """,
        [f'public."{table.name}"'],
    ).fetchall()
    expected = [("refuse_unrecorded", "O", verb) for verb in ("DELETE", "INSERT", "UPDATE")]
    assert triggers == (expected if table.info.get(STAMPED) else [])
    (secured,) = owner.execute(
        "SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", [f'public."{table.name}"']
    ).fetchone() or (None,)
    assert secured == bool(table.info.get(SPACE_BOUND))


async def test_the_app_role_owns_nothing_and_can_pass_no_guard(owner: psycopg.Connection) -> None:
    rights = owner.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = %s",
        [APP_ROLE],
    ).fetchone()
    assert rights == (False,) * 5
    for catalogue, column in (
        ("pg_class", "relowner"),
        ("pg_proc", "proowner"),
        ("pg_namespace", "nspowner"),
        ("pg_database", "datdba"),
    ):
        owned = owner.execute(
            f"SELECT count(*) FROM {catalogue} c JOIN pg_roles r ON r.oid = c.{column} WHERE r.rolname = %s".encode(),
            [APP_ROLE],
        ).fetchone()
        assert owned == (0,), catalogue
    member_of = owner.execute(
        "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s", [APP_ROLE]
    ).fetchone()
    assert member_of == (0,), "it would have another role's rights"


async def test_the_app_role_may_make_nothing(database: FreshDatabase) -> None:
    with psycopg.connect(database.app_dsn) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE mine (id int)")


async def test_everybody_may_do_exactly_what_is_granted(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        """
        SELECT c.relname, pg_get_userbyid(a.grantee), a.privilege_type
        FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
        UNION ALL
        SELECT c.relname, pg_get_userbyid(a.grantee), format('%s (%s)', a.privilege_type, t.attname)
        FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
        WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
        """
    ).fetchall()
    assert {grantee for _, grantee, _ in rows} == {APP_ROLE}
    granted: dict[str, set[str]] = {}
    for table, _, right in rows:
        granted.setdefault(table, set()).add(right)
    stamped = {table.name: STAMPED_RIGHTS for table in TABLES if table.info.get(STAMPED)}
    assert granted == stamped | RIGHTS
    assert not [table for table in NEVER_DELETED if {"DELETE", "TRUNCATE"} & granted[table]]


@pytest.mark.parametrize("table", BOUND, ids=name_of)
@pytest.mark.parametrize("setting", [None, "", "00000000-0000-0000-0000-000000000000"])
async def test_without_its_space_a_row_does_not_exist(filled: FreshDatabase, table: Table, setting: str | None) -> None:
    with filled.as_superuser() as connection:
        there = connection.execute(f'SELECT count(*) FROM "{table.name}"'.encode()).fetchone()
    for dsn in (filled.app_dsn, filled.owner_dsn):
        with psycopg.connect(dsn) as connection:
            if setting is not None:
                connection.execute("SELECT set_config('tallystick.space', %s, true)", [setting])
            assert connection.execute(f'SELECT count(*) FROM "{table.name}"'.encode()).fetchone() == (0,)
    if table.name in ("space_key", "member", "journal", "answer", "profile", "entry", *GROUPS):
        assert there != (0,), "there must be rows that could have been seen"


async def test_a_space_shows_its_own_rows_and_no_others(filled: FreshDatabase) -> None:
    with filled.as_superuser() as connection:
        spaces = connection.execute(
            "SELECT id, (SELECT count(*) FROM journal WHERE space_id = space.id) FROM space"
        ).fetchall()
    assert len(spaces) > 1
    for space_id, changes in spaces:
        with psycopg.connect(filled.app_dsn) as connection:
            connection.execute("SELECT set_config('tallystick.space', %s, true)", [str(space_id)])
            seen = connection.execute("SELECT DISTINCT space_id, count(*) OVER () FROM journal").fetchall()
            assert seen == [(space_id, changes)]


async def test_a_row_cannot_be_put_into_another_space(filled: FreshDatabase) -> None:
    with filled.as_superuser() as connection:
        one, two = [row[0] for row in connection.execute("SELECT id FROM space ORDER BY id LIMIT 2").fetchall()]
    with psycopg.connect(filled.app_dsn) as connection:
        connection.execute("SELECT set_config('tallystick.space', %s, true)", [str(one)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO answer (space_id, request_id, fingerprint, seq, body) VALUES (%s, gen_random_uuid(), '', 1, '')",
                [two],
            )


async def test_every_constraint_is_one_of_our_errors_or_known_to_be_impossible(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        """
        SELECT conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'f', 'c', 'x') AND conrelid <> 'alembic_version'::regclass
        UNION SELECT relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND i.indrelid <> 'alembic_version'::regclass
        """
    ).fetchall()
    real, known = {row[0] for row in rows}, constraints.ERRORS.keys() | constraints.IMPOSSIBLE
    assert not real - known, (
        f"a violation of {sorted(real - known)} would reach the caller as INTERNAL. To fix: say in store/constraints.py which error "
        "each is (ERRORS), or that no request can cause it (IMPOSSIBLE)"
    )
    assert not known - real, (
        f"no constraint is named {sorted(known - real)} any more. To fix: remove it from store/constraints.py"
    )
    assert not constraints.ERRORS.keys() & constraints.IMPOSSIBLE
