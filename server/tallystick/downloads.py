"""How is whoever saves a file told what it is called? Twice: as it is, and in ASCII for programs that know nothing else (RFC 6266)."""

import re
from urllib.parse import quote

_PLAIN = re.compile(r"[^A-Za-z0-9 ._-]")


def compose_disposition(name: str) -> str:
    """It is to be kept, and not to be shown. Pure."""
    return f"attachment; filename=\"{_PLAIN.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
