"""Which roles and which database the embedded PostgreSQL has, made again wherever one is missing."""

import base64
import hashlib
import hmac
from typing import LiteralString

import psycopg
from psycopg import sql

from tallystick.runtime.credentials import Credentials

DATABASE = "tallystick"
OWNER = "tallystick_owner"
APP = "tallystick_app"

OWNER_RIGHTS: LiteralString = "LOGIN CREATEROLE NOSUPERUSER NOCREATEDB NOBYPASSRLS NOREPLICATION"
APP_RIGHTS: LiteralString = "LOGIN NOCREATEROLE NOSUPERUSER NOCREATEDB NOBYPASSRLS NOREPLICATION"


async def ensure_roles_and_database(superuser_dsn: str, credentials: Credentials) -> None:
    async with await psycopg.AsyncConnection.connect(superuser_dsn, autocommit=True) as connection:
        await _ensure_role(connection, OWNER, OWNER_RIGHTS, credentials.owner)
        await _ensure_role(connection, APP, APP_RIGHTS, credentials.app)
        await _ensure_database(connection)


async def _ensure_role(connection: psycopg.AsyncConnection, role: str, rights: LiteralString, password: str) -> None:
    found = await connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role])
    row = await found.fetchone()
    if row is not None and is_verifier_of(row[0], password):
        return
    verb = sql.SQL("CREATE" if row is None else "ALTER")
    # The verifier travels and not the password, so that no log of statements can ever hold the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    await connection.execute(
        sql.SQL("{} ROLE {} {} PASSWORD {}").format(verb, sql.Identifier(role), sql.SQL(rights), sql.Literal(verifier))
    )


async def _ensure_database(connection: psycopg.AsyncConnection) -> None:
    found = await connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
    if await found.fetchone() is None:
        await connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        )
    # Repeated at every start: a kill between the statements must not leave the database open to everyone.
    for statement in (
        sql.SQL("REVOKE ALL ON DATABASE {0} FROM PUBLIC"),
        sql.SQL("GRANT CONNECT ON DATABASE {0} TO {1}"),
        # ADMIN lets migrations change the app role; without INHERIT and SET the owner is not the app role.
        sql.SQL("GRANT {1} TO {2} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"),
    ):
        await connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(APP), sql.Identifier(OWNER)))


def is_verifier_of(verifier: str | None, password: str) -> bool:
    """Whether a stored SCRAM-SHA-256 verifier (RFC 5803) was made from this password."""
    if verifier is None or not verifier.startswith("SCRAM-SHA-256$"):
        return False
    _, iterations_and_salt, keys = verifier.split("$")
    iterations, salt = iterations_and_salt.split(":")
    stored_key = keys.split(":")[0]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(base64.b64decode(stored_key), hashlib.sha256(client_key).digest())
