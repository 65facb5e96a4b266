"""How does Markdown become a page? Comments of the contract and documents alike, with names as links, and code in colors."""

import posixpath
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from handbook.places import Document, Places

ALIASES = {"sh": "bash", "shell": "bash", "console": "bash", "ts": "typescript", "proto": "protobuf", "jsonc": "json"}
# Names with two humps, and shouted ones, are links wherever they stand; others (Pull, Book) only as code.
LINKED = re.compile(r"\b(?:[A-Z][a-z0-9]+[A-Z]\w*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|NOT_FOUND|INTERNAL)\b")
# What documents say to those who maintain them.
REMARK = re.compile(r"^<!--.*?-->\n", re.MULTILINE | re.DOTALL)
GONE_FROM_ANCHORS = re.compile(r"[^\w\- ]")


class Markdown:
    """Renders for pages at any depth: `root` leads from the page to the top of the site."""

    def __init__(self, places: Places, documents: Sequence[Document]) -> None:
        self._places = places
        self._pages = {document.source.as_posix(): document.page for document in documents}
        self._rendered: dict[tuple[str, str, str, str], str] = {}
        self._parser = MarkdownIt("commonmark", {"html": False, "highlight": _color}).enable("table")

    def comment(self, text: str, root: str, here: str = "") -> str:
        """A comment of the contract. What it says of itself (`here`) is no link."""
        return self._render(self._parser.parse, text, root, here)

    def line(self, text: str, root: str, here: str = "") -> str:
        """The same without a paragraph around it."""
        return self._render(self._parser.parseInline, text.replace("\n", " "), root, here)

    def _render(self, parse: Callable[[str], list[Token]], text: str, root: str, here: str) -> str:
        # The same few words stand at hundreds of fields.
        key = (parse.__name__, text, root, here if here in text else "")
        if key not in self._rendered:
            tokens = parse(text)
            self._link_names(tokens, root, here)
            self._rendered[key] = str(self._parser.renderer.render(tokens, self._parser.options, {}))
        return self._rendered[key]

    def document(self, text: str, document: Document, root: str) -> tuple[str, str, list[tuple[int, str, str]]]:
        """Title, HTML, and headings: level, anchor, text."""
        tokens = self._parser.parse(REMARK.sub("", text))
        headings = _anchor(tokens)
        for token in tokens:
            for child in token.children or ():
                self._resolve(child, document, root)
        self._link_names(tokens, root, "", only_code=True)
        _wrap_tables(tokens)
        title = headings[0][2] if headings else document.source.stem
        return title, str(self._parser.renderer.render(tokens, self._parser.options, {})), headings

    def _resolve(self, token: Token, document: Document, root: str) -> None:
        """Links between documents lead to their pages; what has no page is named, and leads nowhere."""
        if token.type != "link_open":
            return
        target = str(token.attrs["href"])
        if re.match(r"[a-z]+:|#", target):
            return
        path, _, fragment = target.partition("#")
        full = posixpath.normpath(posixpath.join(document.source.parent.as_posix(), path))
        page = self._pages.get(full) or self._pages.get(f"{full}/README.md")
        if page is None and full == "server/docs/decisions":
            page = "decisions/index.html"
        if page is None:
            token.attrs = {"title": full, "class": "elsewhere"}
        else:
            token.attrs["href"] = f"{root}{page}" + (f"#{fragment}" if fragment else "")

    def _link_names(self, tokens: list[Token], root: str, here: str, *, only_code: bool = False) -> None:
        for token in tokens:
            if token.type == "inline" and token.children:
                token.children = self._linked(token.children, root, here, only_code=only_code)

    def _linked(self, children: list[Token], root: str, here: str, *, only_code: bool) -> list[Token]:
        out: list[Token] = []
        depth = 0
        for child in children:
            depth += child.nesting if child.type.startswith("link_") else 0
            if depth or child.type not in ("text", "code_inline"):
                out.append(child)
            elif child.type == "code_inline":
                out += self._as_link(child, child.content, root, here)
            elif only_code:
                out.append(child)
            else:
                out += self._split(child, root, here)
        return out

    def _split(self, token: Token, root: str, here: str) -> list[Token]:
        out: list[Token] = []
        position = 0
        for match in LINKED.finditer(token.content):
            if match[0] in self._places.names and match[0] != here:
                out.append(_text(token.content[position : match.start()]))
                out += self._as_link(_text(match[0]), match[0], root, here)
                position = match.end()
        return [*out, _text(token.content[position:])]

    def _as_link(self, token: Token, name: str, root: str, here: str) -> list[Token]:
        place = self._places.names.get(name) or self._places.names.get(
            name.rpartition(".")[2] if name.endswith("Service") else ""
        )
        if not place or name == here:
            return [token]
        return [Token("link_open", "a", 1, attrs={"href": f"{root}{place}"}), token, Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _anchor(tokens: list[Token]) -> list[tuple[int, str, str]]:
    """Gives headings the anchors that links between the documents count on."""
    found: list[tuple[int, str, str]] = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(child.content for child in inline.children or ())
            anchor = base = GONE_FROM_ANCHORS.sub("", text.lower()).strip().replace(" ", "-")
            number = 0
            while any(anchor == taken for _, taken, _ in found):
                number += 1
                anchor = f"{base}-{number}"
            opening.attrSet("id", anchor)
            found.append((int(opening.tag[1]), anchor, text))
    return found


def _wrap_tables(tokens: list[Token]) -> None:
    """So that a wide table scrolls, and not the page."""
    for position in range(len(tokens) - 1, -1, -1):
        if tokens[position].type == "table_open":
            tokens.insert(position, Token("div_open", "div", 1, attrs={"class": "wide", "tabindex": "0"}, block=True))
        elif tokens[position].type == "table_close":
            tokens.insert(position + 1, Token("div_close", "div", -1, block=True))


@cache
def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(ALIASES.get(language, language) or "text")
    except ClassNotFound:
        return get_lexer_by_name("text")


_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def _color(code: str, language: str, _: str) -> str:
    return color(code, language)


def color(code: str, language: str) -> str:
    """Code as HTML. What a shell is given to do is not always one of its own languages, and stays plain."""
    return str(highlight(code, _lexer(language), _FORMATTER)).rstrip("\n")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
