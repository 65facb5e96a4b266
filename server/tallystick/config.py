"""Which settings does the server have? All of them, from the environment, read once; every bad one is named at the start.

A setting whose name ends in _FILE gives the value's file instead of the value, for secrets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tallystick.backups.archive.passphrase import LETTERS_MIN
from tallystick.backups.cron import Cron
from tallystick.backups.rules import Keep
from tallystick.config_drives import (
    find_contradictions,
    read_root_url,
    read_service_account,
    require_guarded_url,
)
from tallystick.runtime.data_dir import default_data_dir
from tallystick.shipped import find_shipped
from tallystick.store.keyring import Keyring, load_or_create

# The page that comes with the server.
DEMO = find_shipped("site", "sdk/typescript/demo/dist")
# What `make docs` makes of the contract.
DOCS = find_shipped("docs", ".build/docs")


class BadSettings(Exception):
    """Some settings cannot be used; the message has a line for each."""


def _setting(name: str, parse: Callable[[str], Any], default: Any, meaning: str) -> Any:
    is_lazy = callable(default)
    metadata = {"env": name, "parse": parse, "meaning": meaning}
    return field(default_factory=default, metadata=metadata) if is_lazy else field(default=default, metadata=metadata)


def _between(least: float, most: float, number: Callable[[str], Any] = int) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        value = number(text)
        if not least <= value <= most:
            raise ValueError(f"must be between {least} and {most}")
        return value

    return parse


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text.lower() == "yes"


def _one_of(*words: str) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if text.lower() not in words:
            raise ValueError(f"must be {' or '.join(words)}")
        return text.lower()

    return parse


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _address(text: str) -> str:
    if not text.isprintable() or " " in text or not all(text.partition("@")):
        raise ValueError("must be an e-mail address")
    return text


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(word) for word in _words(text))


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", _between(0, 65535)(port)


def _time_or_cron(text: str) -> Cron:
    """03:00, or a crontab line."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return Cron.parse(text)
    if found.tzinfo is not None or found.second or found.microsecond:
        raise ValueError("must be a time like 03:00, without seconds or a zone")
    return Cron.daily(found)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise ValueError("is no time zone") from unknown


def _keep(text: str) -> Keep:
    daily, weekly, monthly = (_between(0, 1000)(word) for word in _words(text))
    return Keep(daily, weekly, monthly)


@dataclass(frozen=True)
class Config:
    """The settings of one server."""

    data_dir: Path = _setting(
        "TALLYSTICK_DATA_DIR", Path, default_data_dir, "where the keyring, mail and the embedded database are"
    )
    database_url: str = _setting("DATABASE_URL", str, "", "an external PostgreSQL; empty: the embedded one of `up`")
    migration_url: str = _setting(
        "MIGRATION_DATABASE_URL", str, "", "the owner's URL, for `migrate`; empty: DATABASE_URL"
    )
    backup_url: str = _setting(
        "BACKUP_DATABASE_URL", str, "", "of a role that sees every row, for backups; empty: MIGRATION_DATABASE_URL"
    )
    backup_passphrase: str = _setting(
        "TALLYSTICK_BACKUP_PASSPHRASE", str, "", "what archives of the whole server are closed with"
    )
    backup_to: Path | None = _setting(
        "TALLYSTICK_BACKUP_TO",
        Path,
        None,
        "a folder, on another disk, for an encrypted archive of everything each day; empty: none is made",
    )
    backup_at: Cron = _setting(
        "TALLYSTICK_BACKUP_AT",
        _time_or_cron,
        Cron.daily(time(3)),
        "when a backup is due: a time of the day, or a crontab line that comes once an hour at most",
    )
    backup_zone: ZoneInfo = _setting("TALLYSTICK_BACKUP_ZONE", _zone, ZoneInfo("UTC"), "where that time is told")
    backup_keep: Keep = _setting(
        "TALLYSTICK_BACKUP_KEEP",
        _keep,
        Keep(daily=7, weekly=4, monthly=12),
        "of how many days, weeks and months a backup is kept: three numbers",
    )
    pool_size: int = _setting("TALLYSTICK_POOL_SIZE", _between(2, 500), 16, "connections of one server process")
    keyring: str = _setting(
        "TALLYSTICK_KEYRING", str, "", "the keyring itself; empty: keyring.json in the data directory"
    )
    listen: tuple[str, int] = _setting(
        "TALLYSTICK_LISTEN", _host_and_port, ("127.0.0.1", 50051), "where gRPC is served"
    )
    metrics_listen: tuple[str, int] = _setting(
        "TALLYSTICK_METRICS_LISTEN",
        _host_and_port,
        ("127.0.0.1", 9464),
        "where Prometheus reads metrics; port 0: nowhere",
    )
    tls_certificate: str = _setting("TALLYSTICK_TLS_CERTIFICATE", str, "", "PEM file; needed to listen beyond loopback")
    tls_key: str = _setting("TALLYSTICK_TLS_KEY", str, "", "PEM file")
    http_listen: tuple[str, int] = _setting(
        "TALLYSTICK_HTTP_LISTEN",
        _host_and_port,
        ("127.0.0.1", 8080),
        "where Envoy serves gRPC, grpc-web and REST under `up`",
    )
    envoy_admin: str = _setting(
        "TALLYSTICK_ENVOY_ADMIN", str, "", "socket or loopback port where the status asks Envoy; empty: not"
    )
    site: Path | None = _setting(
        "TALLYSTICK_SITE",
        Path,
        DEMO,
        "a folder of files that Envoy serves to browsers; a folder that is not there: none",
    )
    docs: Path | None = _setting(
        "TALLYSTICK_DOCS",
        Path,
        DOCS,
        "the documentation, which Envoy serves under /docs/; a folder that is not there: none",
    )
    cors_origins: tuple[str, ...] = _setting(
        "TALLYSTICK_CORS_ORIGINS", _words, (), "browser origins that may call besides those on localhost"
    )
    trusted_proxies: tuple[str, ...] = _setting(
        "TALLYSTICK_TRUSTED_PROXIES", _words, ("127.0.0.0/8", "::1/128"), "networks whose x-forwarded-for is believed"
    )
    workers: int = _setting("TALLYSTICK_WORKERS", _between(1, 64), 1, "server processes that `up` starts")
    reflection: bool = _setting("TALLYSTICK_REFLECTION", _yes_or_no, True, "whether grpcurl may list the services")
    log_messages: bool = _setting(
        "TALLYSTICK_LOG_MESSAGES", _yes_or_no, False, "whether requests are logged, without sensitive fields"
    )
    quota_units_an_hour: int = _setting(
        "TALLYSTICK_QUOTA_AN_HOUR", _between(1, 10**9), 1000, "calls of one user in an hour"
    )
    call_deadline_s: float = _setting(
        "TALLYSTICK_CALL_DEADLINE_S", _between(0.1, 600, float), 30.0, "of calls whose client sets none"
    )
    watch_lifetime_s: float = _setting(
        "TALLYSTICK_WATCH_LIFETIME_S",
        _between(1, 1200, float),
        900.0,
        "how long a Watch goes on before the server asks to begin anew, more or less a tenth",
    )
    drain_s: float = _setting(
        "TALLYSTICK_DRAIN_S", _between(0, 600, float), 2.0, "time for the proxy to see that we are leaving"
    )
    stop_grace_s: float = _setting(
        "TALLYSTICK_STOP_GRACE_S", _between(0, 600, float), 10.0, "time for running calls to end"
    )
    access_token_s: int = _setting("TALLYSTICK_ACCESS_TOKEN_S", _between(10, 3600), 900, "life of an access token")
    refresh_token_s: int = _setting(
        "TALLYSTICK_REFRESH_TOKEN_S", _between(60, 90 * 86400), 7 * 86400, "life of a refresh token"
    )
    session_check_s: float = _setting(
        "TALLYSTICK_SESSION_CHECK_S", _between(0, 300, float), 30.0, "how long an ended session may go on elsewhere"
    )
    bcrypt_cost: int = _setting("TALLYSTICK_BCRYPT_COST", _between(4, 16), 12, "work factor of password hashes")
    require_verified_email: bool = _setting(
        "TALLYSTICK_REQUIRE_VERIFIED_EMAIL", _yes_or_no, False, "whether signing in needs a verified address"
    )
    jobs: bool = _setting(
        "TALLYSTICK_JOBS", _yes_or_no, True, "whether this server posts templates, fetches rates and proves books"
    )
    rates: str = _setting(
        "TALLYSTICK_RATES",
        _one_of("ecb", "off"),
        "ecb",
        "ecb: the European Central Bank is asked for exchange rates once a day; off: nobody is",
    )
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "TALLYSTICK_WEBHOOK_NETWORKS",
        _networks,
        (),
        "networks that webhooks may lead to besides the public internet, also without encryption; none: no others",
    )
    files_dir: Path | None = _setting(
        "TALLYSTICK_FILES_DIR",
        Path,
        None,
        "where the contents of files lie, sealed; empty: files in the data directory",
    )
    file_bytes_max: int = _setting(
        "TALLYSTICK_FILE_BYTES", _between(1024, 2**28), 25 * 2**20, "how many bytes a file may have"
    )
    user_files_bytes_max: int = _setting(
        "TALLYSTICK_FILES_BYTES", _between(1024, 2**50), 2**30, "how many bytes all files of one user may have"
    )
    google_client_id: str = _setting(
        "TALLYSTICK_GOOGLE_CLIENT_ID",
        str,
        "",
        "the OAuth client that users connect their Drives with; empty: they cannot",
    )
    google_client_secret: str = _setting("TALLYSTICK_GOOGLE_CLIENT_SECRET", str, "", "its secret")
    google_redirect_url: str = _setting(
        "TALLYSTICK_GOOGLE_REDIRECT_URL",
        require_guarded_url,
        "",
        "the page of the app where Google sends users back to; empty: the public URL",
    )
    drive_service_account: Mapping[str, Any] | None = _setting(
        "TALLYSTICK_DRIVE_SERVICE_ACCOUNT",
        read_service_account,
        None,
        "the JSON key of who writes to the shared drive; empty: nobody",
    )
    shared_drive_id: str = _setting("TALLYSTICK_SHARED_DRIVE_ID", str, "", "the shared drive; empty: none")
    drive_root_url: str = _setting(
        "TALLYSTICK_DRIVE_ROOT_URL",
        read_root_url,
        "https://www.googleapis.com/",
        "where the Drive is, for a proxy or tests",
    )
    public_url: str = _setting("TALLYSTICK_PUBLIC_URL", str, "http://127.0.0.1:8080", "what links in mails start with")
    mail_from: str = _setting("TALLYSTICK_MAIL_FROM", str, "tallystick@localhost", "the sender of mails")
    operator_email: str = _setting(
        "TALLYSTICK_OPERATOR_EMAIL", _address, "", "who is told by mail when backups fail; empty: nobody"
    )
    smtp_host: str = _setting("TALLYSTICK_SMTP_HOST", str, "", "empty: mails are .eml files in the data directory")
    smtp_port: int = _setting("TALLYSTICK_SMTP_PORT", _between(1, 65535), 587, "where mails are handed over")
    smtp_user: str = _setting("TALLYSTICK_SMTP_USER", str, "", "how to sign in there; empty: not")
    smtp_password: str = _setting("TALLYSTICK_SMTP_PASSWORD", str, "", "the password there")

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Config":
        """Reads every setting, and names every one that cannot be used."""
        values: dict[str, Any] = {}
        bad: list[str] = []
        for setting in fields(cls):
            name = setting.metadata["env"]
            try:
                text = _text_of(environment, name)
                if text:
                    values[setting.name] = setting.metadata["parse"](text)
            except (ValueError, OSError) as wrong:
                bad.append(f"{name}: {wrong}")
        known = {setting.metadata["env"] for setting in fields(cls)} | OTHER_NAMES
        bad += [
            f"{name}: no such setting"
            for name in environment
            if name.startswith("TALLYSTICK_") and name.removesuffix("_FILE") not in known
        ]
        bad += find_contradictions(values)
        has_place = values.get("backup_to") or values.get("drive_service_account")
        if has_place and len(values.get("backup_passphrase", "")) < LETTERS_MIN:
            bad.append(
                f"TALLYSTICK_BACKUP_PASSPHRASE: is needed for TALLYSTICK_BACKUP_TO and TALLYSTICK_DRIVE_SERVICE_ACCOUNT, "
                f"with {LETTERS_MIN} letters at least"
            )
        if bad:
            raise BadSettings("\n".join(bad))
        return cls(**values)

    @property
    def backs_up(self) -> bool:
        """Whether there is a place for backups of the whole server."""
        return bool(self.backup_to or self.drive_service_account)

    def load_keyring(self) -> Keyring:
        if self.keyring:
            return Keyring.load(self.keyring)
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return load_or_create(self.data_dir / "keyring.json")


# Read where they are needed, before or apart from a server.
OTHER_NAMES = {"TALLYSTICK_MIGRATIONS", "TALLYSTICK_POSTGRES_BIN", "TALLYSTICK_POSTGRES_USER", "TALLYSTICK_ENVOY_BIN"}


def _text_of(environment: Mapping[str, str], name: str) -> str:
    file = environment.get(name + "_FILE")
    if file is None:
        return environment.get(name, "")
    if name in environment:
        raise ValueError(f"is given twice, here and as {name}_FILE")
    return Path(file).read_text().strip()
