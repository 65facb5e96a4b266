"""Which passwords open the embedded PostgreSQL, and where they are kept."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from tallystick.durable import sync_directory

CREDENTIALS_FILE = "credentials.json"
PASSWORD_BYTES = 24


@dataclass(frozen=True, repr=False)
class Credentials:
    superuser: str
    owner: str
    app: str


def find_credentials(data_dir: Path) -> Credentials | None:
    path = data_dir / CREDENTIALS_FILE
    return Credentials(**json.loads(path.read_text())) if path.exists() else None


def make_credentials(data_dir: Path) -> Credentials:
    """New passwords, on disk before anything uses them: a lost password would lock us out of the cluster."""
    made = Credentials(*(secrets.token_urlsafe(PASSWORD_BYTES) for _ in range(3)))
    partial = data_dir / f"{CREDENTIALS_FILE}.partial"
    partial.unlink(missing_ok=True)
    fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump(asdict(made), file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(data_dir / CREDENTIALS_FILE)
    sync_directory(data_dir)
    return made
