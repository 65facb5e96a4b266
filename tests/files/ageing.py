"""How do contents grow old in a test? Their files say so."""

import os
from datetime import timedelta
from pathlib import Path

AGES = timedelta(days=3).total_seconds()


def age(folder: Path) -> None:
    """As if everything in it had lain there for days."""
    for path in (*folder.rglob("*"), folder):
        known = path.stat()
        os.utime(path, (known.st_atime - AGES, known.st_mtime - AGES))
