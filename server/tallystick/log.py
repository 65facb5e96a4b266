"""How does the server say what it did? One line of JSON on standard output for each event."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any


def log(event: str, *, level: str = "info", error: BaseException | None = None, **fields: Any) -> None:
    """Writes one line. The caller passes no sensitive value; gate/observation.py strips messages before it passes them."""
    line: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": event,
        **fields,
    }
    if error is not None:
        line["error"] = "".join(traceback.format_exception(error))
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()


class LogHandler(logging.Handler):
    """Brings what libraries and the supervisor log into the same lines."""

    _STANDARD = frozenset(logging.makeLogRecord({}).__dict__)

    def emit(self, record: logging.LogRecord) -> None:
        extra = {key: value for key, value in record.__dict__.items() if key not in self._STANDARD}
        error = record.exc_info[1] if record.exc_info else None
        log(record.getMessage(), level=record.levelname.lower(), error=error, **extra)
