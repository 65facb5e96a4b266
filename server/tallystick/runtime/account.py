"""Which operating system account runs PostgreSQL, and which paths it can reach."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tallystick.runtime import exec_child
from tallystick.runtime.errors import AccountMissing, DataDirectoryForeign, PathNotReachable

# `nobody` is the last resort: other services may share it. It has an entry in every passwd file, and initdb
# refuses to run under a number without one.
ACCOUNTS_FOR_ROOT = ("postgres", "nobody")
REACH_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def choose_account(cluster_dir: Path, run_as: str | None) -> Account | None:
    """The account to switch to, or None to stay who we are.

    An existing cluster decides: PostgreSQL only serves a directory that belongs to its own account.
    """
    owner_uid = cluster_dir.stat().st_uid if cluster_dir.exists() else None
    if os.geteuid() != 0:
        if owner_uid not in (None, os.geteuid()):
            raise DataDirectoryForeign(cluster_dir, name_of(owner_uid), name_of(os.geteuid()))
        return None
    if owner_uid is not None and owner_uid != 0 and run_as is None:
        return Account(name_of(owner_uid), owner_uid, cluster_dir.stat().st_gid)
    account = find_account((run_as,) if run_as is not None else ACCOUNTS_FOR_ROOT)
    if owner_uid not in (None, account.uid):
        raise DataDirectoryForeign(cluster_dir, name_of(owner_uid), account.name)
    return account


def find_account(names: tuple[str, ...]) -> Account:
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise AccountMissing(names)


def name_of(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid).pw_name if uid is not None else "nobody"
    except KeyError:
        return f"user {uid}"


def list_obstacles(account: Account, paths: Sequence[Path]) -> list[Path | None]:
    """For each path, where the account is stopped on its way, or None.

    Tried as that account instead of computed from mode bits, which know nothing of access lists or mounts.
    """
    spec = {"uid": account.uid, "gid": account.gid, "reach": [str(path) for path in paths]}
    command = [sys.executable, "-I", "-S", exec_child.__file__, json.dumps(spec)]
    done = subprocess.run(  # noqa: S603  # Our own script, run by the interpreter that runs us.
        command, check=True, capture_output=True, timeout=REACH_TIMEOUT_S, cwd="/"
    )
    return [Path(found) if found is not None else None for found in json.loads(done.stdout)]


def require_reachable(account: Account, path: Path) -> None:
    [obstacle] = list_obstacles(account, [path])
    if obstacle is not None:
        raise PathNotReachable(path, obstacle, account.name)
