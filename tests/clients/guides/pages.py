"""What does a page tell its reader to type? Its blocks of code, each with what the page says that it prints, or how else it is proven.

- ```sh runs. A ```text block right after it is what it prints; `…` in it stands for anything.
- ```python and ```ts are one program a page each. What they print stands behind `#` and `//`, as in the READMEs of the SDKs.
- <!-- not run: REASON --> before a block: it cannot run here. It is only checked as far as can be.
- <!-- run by FILE::TEST --> before a block: that test does what the block says.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from clients.tools import TOP

GUIDES = TOP / "server" / "docs" / "guides"
PAGES = [TOP / "README.md", *sorted(GUIDES.glob("*.md"))]
# A title, what it says in a sentence, and then the rest.
MARKED = r"(?:^<!-- (?P<mark>not run: |run by )(?P<why>[^\n]+) -->\n)?"
BLOCK = re.compile(MARKED + r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = re.compile(r"\s*^```text\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Something to type, and what the page says of it."""

    line: int
    language: str
    code: str
    # What it prints, if the page says so.
    printed: str | None
    not_run: str
    run_by: str

    @property
    def runs(self) -> bool:
        return not self.not_run and not self.run_by


def read_blocks(page: Path) -> list[Block]:
    text = page.read_text()
    blocks = []
    for found in BLOCK.finditer(text):
        if found["language"] == "text":
            continue
        printed = PRINTED.match(text, found.end())
        blocks.append(
            Block(
                line=text.count("\n", 0, found.start()) + 1,
                language=found["language"],
                code=found["code"],
                printed=printed["text"] if printed else None,
                not_run=found["why"] if found["mark"] == "not run: " else "",
                run_by=found["why"] if found["mark"] == "run by " else "",
            )
        )
    return blocks
