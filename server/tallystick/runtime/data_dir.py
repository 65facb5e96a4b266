"""Where the data directory is when nobody says, and how it is made."""

import os
from pathlib import Path

from tallystick.runtime.account import Account, require_reachable

DATA_DIR_FOR_ROOT = Path("/var/lib/tallystick")
DATA_DIR_MODE = 0o700
# Run by root, the other account must pass through; it still cannot list the directory.
DATA_DIR_MODE_FOR_ROOT = 0o711


def default_data_dir() -> Path:
    """For root a place outside of its home, which is closed to the account that runs PostgreSQL."""
    if os.geteuid() == 0:
        return DATA_DIR_FOR_ROOT
    shared = os.environ.get("XDG_DATA_HOME")
    return (Path(shared) if shared else Path.home() / ".local" / "share") / "tallystick"


def make_data_dir(data_dir: Path, account: Account | None) -> None:
    """Make what is missing. Directories that exist keep their permissions, whoever made them."""
    missing = [path for path in (*reversed(data_dir.parents), data_dir) if not path.exists()]
    for path in missing:
        path.mkdir()
        if path != data_dir:
            path.chmod(0o755)
        else:
            path.chmod(DATA_DIR_MODE if account is None else DATA_DIR_MODE_FOR_ROOT)
    if account is not None:
        require_reachable(account, data_dir)
