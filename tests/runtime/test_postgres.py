"""The embedded PostgreSQL on an ordinary day: what it makes, what it promises, what it refuses."""

import asyncio
import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from runtime.probes import IS_ROOT, is_alive, list_processes_naming, until
from tallystick.runtime import roles
from tallystick.runtime.errors import (
    DataDirectoryInUse,
    PostgresDidNotStart,
    ProgramMissing,
    ProtectedSetting,
    WrongPostgresVersion,
)
from tallystick.runtime.log_file import RotatedLog
from tallystick.runtime.postgres import EmbeddedPostgres, compose_settings


def socket_dir_of(postgres: EmbeddedPostgres) -> Path:
    return Path(str(psycopg.conninfo.conninfo_to_dict(postgres.app_dsn)["host"]))


def ask(dsn: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(question.encode()).fetchall()


def test_first_start_makes_a_cluster_that_is_durable_closed_and_checksummed(place: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(place / "data") as postgres:
            shown = {
                name: ask(postgres.superuser_dsn, f"SHOW {name}")[0][0]
                for name in (
                    "fsync",
                    "full_page_writes",
                    "data_checksums",
                    "listen_addresses",
                    "unix_socket_permissions",
                    "server_encoding",
                    "password_encryption",
                )
            }
            rules = ask(postgres.superuser_dsn, "SELECT DISTINCT type, auth_method FROM pg_hba_file_rules")
            locale = ask(
                postgres.owner_dsn,
                "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()",
            )
        assert shown == {
            "fsync": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "server_encoding": "UTF8",
            "password_encryption": "scram-sha-256",
        }
        assert set(rules) == {("local", "scram-sha-256"), ("host", "reject")}
        assert locale == [("b", "C.UTF-8")]

    asyncio.run(scenario())


def test_passwords_and_sockets_are_closed_to_other_accounts(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as postgres:
            assert stat.S_IMODE(socket_dir_of(postgres).stat().st_mode) == 0o700
            assert stat.S_IMODE((data_dir / "credentials.json").stat().st_mode) == 0o600
            assert (data_dir / "credentials.json").stat().st_uid == os.geteuid()

    asyncio.run(scenario())


def test_the_owner_owns_the_database_and_is_no_superuser(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as postgres:
            rights = ask(
                postgres.owner_dsn,
                "SELECT rolname, rolsuper, rolcreaterole, rolbypassrls, rolcanlogin FROM pg_roles "
                "WHERE rolname LIKE 'tallystick%' ORDER BY rolname",
            )
            owner = ask(
                postgres.owner_dsn,
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()",
            )
            with psycopg.connect(postgres.owner_dsn) as connection:
                connection.execute("CREATE TABLE made_by_owner ()")
                connection.execute("CREATE ROLE made_by_owner")
        assert rights == [
            ("tallystick_app", False, False, False, True),
            ("tallystick_owner", False, True, False, True),
        ]
        assert owner == [(roles.OWNER,)]

    asyncio.run(scenario())


def test_the_app_role_owns_nothing_and_may_make_nothing(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as postgres:
            owned = ask(
                postgres.superuser_dsn,
                "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid "
                f"WHERE d.deptype = 'o' AND r.rolname = '{roles.APP}'",
            )
            assert owned == [(0,)]
            for forbidden in (
                "CREATE TABLE t ()",
                "CREATE TEMP TABLE t ()",
                "CREATE SCHEMA s",
                "CREATE ROLE r",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    ask(postgres.app_dsn, forbidden)

    asyncio.run(scenario())


def test_a_wrong_password_is_refused_on_the_socket(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as postgres:
            wrong = psycopg.conninfo.make_conninfo(postgres.app_dsn, password="guessed")
            with pytest.raises(psycopg.OperationalError):
                ask(wrong, "SELECT 1")

    asyncio.run(scenario())


def test_stop_leaves_no_process_no_socket_and_no_pid_file(data_dir: Path) -> None:
    async def scenario() -> None:
        postgres = EmbeddedPostgres(data_dir)
        await postgres.start()
        pid = postgres.pid
        host = socket_dir_of(postgres)
        assert is_alive(pid)
        await postgres.stop()
        assert not is_alive(pid)
        assert not list_processes_naming(str(data_dir))
        assert not os.access(host, os.F_OK)
        assert not (data_dir / "cluster" / "postmaster.pid").exists()
        await postgres.stop()

    asyncio.run(scenario())


def test_start_and_stop_may_be_called_from_different_event_loops(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir)
    asyncio.run(postgres.start())
    assert ask(postgres.app_dsn, "SELECT 1") == [(1,)]
    asyncio.run(postgres.stop())
    assert not list_processes_naming(str(data_dir))


def test_start_refuses_a_second_start_in_the_same_process(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as first:
            with pytest.raises(DataDirectoryInUse) as refused:
                await EmbeddedPostgres(data_dir).start()
            assert refused.value.holder_pid == os.getpid()
            assert ask(first.app_dsn, "SELECT 1") == [(1,)]

    asyncio.run(scenario())


def test_a_path_too_long_for_a_socket_works_and_keeps_its_address_after_a_death(template: Path, place: Path) -> None:
    deep = place / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    data_dir = deep / "data"
    subprocess.run(["cp", "-a", str(template), str(data_dir)], check=True)

    async def scenario() -> None:
        postgres = EmbeddedPostgres(data_dir)
        await postgres.start()
        address = postgres.app_dsn
        host = socket_dir_of(postgres)
        assert ask(address, "SELECT 1") == [(1,)]
        os.kill(postgres.pid, 9)
        await postgres.wait()
        await postgres.start()
        assert postgres.app_dsn == address
        assert ask(address, "SELECT 1") == [(1,)]
        await postgres.stop()
        assert not os.access(host, os.F_OK)

    asyncio.run(scenario())


def test_start_refuses_a_cluster_of_another_major_version(data_dir: Path) -> None:
    (data_dir / "cluster" / "PG_VERSION").write_text("15\n")
    with pytest.raises(WrongPostgresVersion) as refused:
        asyncio.run(EmbeddedPostgres(data_dir).start())
    assert refused.value.found == "15"


def test_settings_reach_postgresql(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir, settings={"work_mem": "7MB"}) as postgres:
            assert ask(postgres.app_dsn, "SHOW work_mem") == [("7MB",)]

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "FSYNC", "listen_addresses", "hba_file"])
def test_settings_that_would_lose_data_or_open_a_door_are_refused(name: str) -> None:
    with pytest.raises(ProtectedSetting):
        compose_settings({name: "off"})


def test_a_setting_postgresql_does_not_know_is_reported_with_its_words(data_dir: Path) -> None:
    with pytest.raises(PostgresDidNotStart) as failed:
        asyncio.run(EmbeddedPostgres(data_dir, settings={"no_such_setting": "1"}).start())
    assert failed.value.exit_code == 1
    assert "no_such_setting" in failed.value.log_tail


def test_lost_passwords_are_made_again_without_losing_data(data_dir: Path) -> None:
    async def scenario() -> None:
        async with EmbeddedPostgres(data_dir) as postgres:
            with psycopg.connect(postgres.owner_dsn) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        (data_dir / "credentials.json").unlink()
        async with EmbeddedPostgres(data_dir) as postgres:
            assert ask(postgres.owner_dsn, "SELECT one FROM kept") == [(1,)]
            assert ask(postgres.app_dsn, "SELECT 1") == [(1,)]

    asyncio.run(scenario())


def test_an_absent_program_directory_is_named(place: Path) -> None:
    with pytest.raises(ProgramMissing) as missing:
        asyncio.run(EmbeddedPostgres(place / "data", bin_dir=place / "nowhere").start())
    assert missing.value.program == place / "nowhere" / "postgres"


def test_programs_that_may_not_be_executed_are_named(place: Path) -> None:
    (place / "bin").mkdir()
    for name in ("postgres", "initdb"):
        (place / "bin" / name).write_text("not executable")
    with pytest.raises(ProgramMissing):
        asyncio.run(EmbeddedPostgres(place / "data", bin_dir=place / "bin").start())


def test_a_data_directory_that_exists_keeps_its_permissions(place: Path) -> None:
    (place / "data").mkdir()
    (place / "data").chmod(0o755)

    async def scenario() -> None:
        async with EmbeddedPostgres(place / "data"):
            assert stat.S_IMODE((place / "data").stat().st_mode) == 0o755

    asyncio.run(scenario())


def test_a_new_data_directory_is_closed_to_others(template: Path) -> None:
    # Run by root, the account of PostgreSQL must pass through, but it cannot list what is inside.
    assert stat.S_IMODE(template.stat().st_mode) == (0o711 if IS_ROOT else 0o700)
    assert stat.S_IMODE((template / "cluster").stat().st_mode) == 0o700


def test_cancelling_a_first_start_leaves_nothing_running(place: Path) -> None:
    async def scenario() -> None:
        postgres = EmbeddedPostgres(place / "data")
        starting = asyncio.create_task(postgres.start())
        partial = place / "data" / "cluster.partial" / "PG_VERSION"
        await asyncio.to_thread(until, partial.exists, "initdb is at work")
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        # initdb has been waited for; its killed children vanish a moment after it.
        await asyncio.to_thread(until, lambda: not list_processes_naming(str(place)), "nothing is left", 5)
        await postgres.start()
        assert ask(postgres.app_dsn, "SELECT 1") == [(1,)]
        await postgres.stop()

    asyncio.run(scenario())


def test_a_large_log_is_copied_away_and_writing_goes_on(tmp_path: Path) -> None:
    log = RotatedLog(tmp_path / "postgresql.log", size_max_bytes=10)
    fd = log.open_for_child()
    for text in (b"first run, long\n", b"second run, long\n"):
        os.write(fd, text)
        log.rotate_if_large()
    os.write(fd, b"third\n")
    os.close(fd)
    assert log.path.read_bytes() == b"third\n"
    assert log.path.with_name("postgresql.log.1").read_bytes() == b"second run, long\n"
    assert log.path.with_name("postgresql.log.2").read_bytes() == b"first run, long\n"
