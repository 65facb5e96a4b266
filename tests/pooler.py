"""Does the server also work through PgBouncer, which gives it another connection for each transaction?

`PGBOUNCER=/usr/sbin/pgbouncer make test` shows it: every server on the PostgreSQL of the run then reaches it that way.
"""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from runtime.probes import free_port, until

# Far fewer than the tests' connections, so that they do share.
SETTINGS = """[databases]
{dbname} = host={host} dbname={dbname} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_prepared_statements = 200
default_pool_size = 8
max_client_conn = 1000
logfile = {log}
"""


@contextmanager
def pooled(dsn: str) -> Iterator[str]:
    """The database behind a pooler of its own, or as it is."""
    program = os.environ.get("PGBOUNCER")
    if not program:
        yield dsn
        return
    target, port = conninfo_to_dict(dsn), free_port()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as place:
        settings, log = Path(place) / "pgbouncer.ini", Path(place) / "log"
        settings.write_text(SETTINGS.format(**{**target, "port": port, "log": log}))
        # PgBouncer refuses to be root's, and only its own account reaches PostgreSQL's socket.
        account = pwd.getpwuid(Path(str(target["host"])).stat().st_uid)
        as_somebody = [] if account.pw_uid == os.geteuid() else ["-u", account.pw_name]
        for path in (Path(place), settings):
            os.chown(path, account.pw_uid, account.pw_gid)
        running = subprocess.Popen([program, "-q", *as_somebody, str(settings)])
        through = make_conninfo(host="127.0.0.1", port=port, dbname=target["dbname"], user=target["user"])
        try:
            until(lambda: answers(through), "PgBouncer answers")
            yield through
        finally:
            running.terminate()
            running.wait()


def answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True
