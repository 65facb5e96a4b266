"""Where the Unix socket lives: a private directory with a path short enough for the kernel."""

import os
import stat
import sys
import tempfile
from pathlib import Path

from tallystick.runtime.account import Account, list_obstacles

PORT = 5432
SOCKET_FILE = f".s.PGSQL.{PORT}"
SOCKET_FILES = (SOCKET_FILE, f"{SOCKET_FILE}.lock")
# sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the closing zero.
SOCKET_PATH_MAX_BYTES = 107 if sys.platform == "linux" else 103
PRIVATE_MODE = 0o700
PREFERRED_NAME = "run"
ELSEWHERE_FILE = "socket_dir"
ELSEWHERE_PREFIX = "tallystick-"


def make_socket_dir(data_dir: Path, account: Account | None) -> Path:
    """`run` in the data directory; a directory among the temporary ones when that path is too long.

    The same one again after a death: running servers have been told where it is. Not XDG_RUNTIME_DIR: it is
    emptied when its user logs out, also under a server that goes on.
    """
    owner_uid = account.uid if account is not None else os.geteuid()
    preferred = data_dir / PREFERRED_NAME
    if fits(preferred):
        preferred.mkdir(mode=PRIVATE_MODE, exist_ok=True)
        directory = preferred
    else:
        directory = _find_elsewhere(data_dir, owner_uid) or _make_elsewhere(data_dir, account)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory


def remove_sockets(data_dir: Path) -> None:
    """Remove the socket and its lock file, also those of a run that was killed."""
    for directory in _list_socket_dirs(data_dir):
        for name in SOCKET_FILES:
            (directory / name).unlink(missing_ok=True)


def remove_socket_dirs(data_dir: Path) -> None:
    remove_sockets(data_dir)
    for directory in _list_socket_dirs(data_dir):
        if not any(directory.iterdir()):
            directory.rmdir()
    (data_dir / ELSEWHERE_FILE).unlink(missing_ok=True)


def _list_socket_dirs(data_dir: Path) -> list[Path]:
    candidates = [data_dir / PREFERRED_NAME]
    note = data_dir / ELSEWHERE_FILE
    if note.exists():
        candidates.append(Path(note.read_text()))
    return [path for path in candidates if path.is_dir() and not path.is_symlink()]


def _make_elsewhere(data_dir: Path, account: Account | None) -> Path:
    made = Path(tempfile.mkdtemp(prefix=ELSEWHERE_PREFIX, dir=_short_temporary_dir(account)))
    (data_dir / ELSEWHERE_FILE).write_text(str(made))
    return made


def _find_elsewhere(data_dir: Path, owner_uid: int) -> Path | None:
    """The noted directory, if nobody else has put something in its place: /tmp belongs to everyone."""
    note = data_dir / ELSEWHERE_FILE
    if not note.exists():
        return None
    noted = Path(note.read_text())
    try:
        found = noted.lstat()
    except FileNotFoundError:
        return None
    is_ours = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == PRIVATE_MODE
    return noted if is_ours and found.st_uid in (owner_uid, os.geteuid()) else None


def fits(directory: Path) -> bool:
    return len(os.fsencode(directory / SOCKET_FILE)) <= SOCKET_PATH_MAX_BYTES


def _short_temporary_dir(account: Account | None) -> Path:
    """TMPDIR, unless it is itself too long or closed to the account."""
    wanted = Path(tempfile.gettempdir())
    # mkdtemp adds eight random characters to the prefix.
    long_enough = wanted / f"{ELSEWHERE_PREFIX}12345678"
    if fits(long_enough) and (account is None or list_obstacles(account, [wanted]) == [None]):
        return wanted
    return Path("/tmp")  # noqa: S108  # mkdtemp makes a private directory with a name nobody can guess.
