"""How is a browser told to keep an answer as a file, and under which name? In the words of RFC 6266; programs that know no accents have a
name, too."""

import re
from urllib.parse import quote

_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]")


def compose_disposition(name: str) -> str:
    """The header `content-disposition`. Nothing of the name can end it, or begin another one."""
    return f"attachment; filename=\"{_UNSAFE.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
