"""How do data and a template become a PDF? typst does it, in a thread, and sees nothing but them.

What people typed travels as JSON and is text to the template, never code. There is no folder to read from, no package to fetch, and no
font of the machine: the same data makes the same bytes everywhere.
"""

import asyncio
import json
import tempfile
from functools import cache
from importlib.resources import files
from typing import Any

import typst

# Each takes a processor and some memory.
AT_ONCE = 2


class Pages:
    """Makes PDFs."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)

    async def make(self, template: str, data: dict[str, Any]) -> bytes:
        async with self._free:
            return await asyncio.to_thread(compile_pages, template, data)


def compile_pages(template: str, data: dict[str, Any]) -> bytes:
    with tempfile.TemporaryDirectory() as nothing:
        compiler = typst.Compiler(root=nothing, font_paths=_fonts(), ignore_system_fonts=True)
        given = {"data": json.dumps(data, ensure_ascii=False)}
        made = compiler.compile(_source(template), format="pdf", sys_inputs=given)
    assert isinstance(made, bytes), "a PDF is one file"
    return made


@cache
def _source(template: str) -> bytes:
    """One text: a template cannot import what it cannot read."""
    folder = files(__package__)
    return b"\n".join(folder.joinpath(f"{name}.typ").read_bytes() for name in ("parts", template))


@cache
def _fonts() -> typst.Fonts:
    """Those that typst brings."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
