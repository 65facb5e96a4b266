"""How do pages become a site? Templates, one page for each call and each file of types, documents, a search index, and OpenAPI.

Every link is relative, so that the folder also works from a disk. Nothing asks for anything outside of it.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from handbook.comments import TOP
from handbook.markdown import Markdown, read
from handbook.model import Contract, Service
from handbook.openapi import compose_openapi
from handbook.pages import Pages
from handbook.places import Document, Places, list_documents, page_of_call, page_of_service
from handbook.search import Entry, compose_index
from handbook.snippets.words import stem_of
from tallystick import __version__

HERE = Path(__file__).parent
# What an SDK is called in the menu: titles of their pages are names of packages.
LANGUAGES = {"index": "All SDKs", "typescript": "TypeScript"}
# The level of headings that stand in lists of contents.
PART = 2
SECTIONS = {"inside": "Inside", "decisions": "Decisions"}


INDEX = "search-index.js"


class NotOurFolder(Exception):
    """What is in the folder was not written by us, so it is not replaced."""


@dataclass(frozen=True)
class Page:
    path: str
    template: str
    title: str
    values: dict[str, Any]


class Site:
    """All pages, in the order in which they are written."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._documents = list_documents()
        places = Places(contract)
        self._pages = Pages(contract, places, Markdown(places, self._documents))
        self._markdown = self._pages.markdown
        self._entries: list[Entry] = []
        self._titles = {document.source: _title_of(document) for document in self._documents}
        loader = FileSystemLoader(HERE / "templates")
        self._templates = Environment(
            loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
        )
        self._templates.filters["safe_html"] = Markup
        self._templates.globals |= {"menu": self._menu(), "version": __version__}

    def write(self, folder: Path) -> None:
        if folder.exists() and any(folder.iterdir()) and not (folder / INDEX).exists():
            raise NotOurFolder(f"{folder} holds something else. To fix: name another folder, or empty it.")
        shutil.rmtree(folder, ignore_errors=True)
        for page in self._iter_pages():
            target = folder / page.path
            target.parent.mkdir(parents=True, exist_ok=True)
            root = "../" * page.path.count("/")
            html = self._templates.get_template(page.template).render(
                page.values, title=page.title, root=root, here=page.path
            )
            target.write_text(html, encoding="utf-8")
        shutil.copytree(HERE / "static", folder, dirs_exist_ok=True)
        (folder / INDEX).write_text(compose_index(self._entries), encoding="utf-8")
        (folder / "openapi.json").write_text(_as_json(compose_openapi(self._contract)), encoding="utf-8")

    def _menu(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Title and links of each part."""
        guides = [(self._titles[each.source], each.page) for each in self._documents if each.section == "Guides"]
        sdks = [(_language(each), each.page) for each in self._documents if each.section == "SDKs"]
        services = [(service.name, page_of_service(service)) for service in self._contract.services]
        reference = [*services, ("Types", "types/index.html"), ("Reasons", "reasons.html"), ("OpenAPI", "openapi.html")]
        more = [
            ("Inside", "inside/index.html"),
            ("Decisions", "decisions/index.html"),
            ("README", "readme.html"),
            ("Changes", "changelog.html"),
        ]
        menu = [("Guides", guides), ("Reference", reference), ("SDKs", sdks), ("More", more)]
        return [(name, links) for name, links in menu if links]

    def _iter_pages(self) -> Iterator[Page]:
        yield self._home()
        for document in self._documents:
            yield self._document(document)
        for section, title in SECTIONS.items():
            links = [(self._titles[each.source], each.page) for each in self._documents if each.section == title]
            yield Page(f"{section}/index.html", "list.html", title, {"links": links})
        for service in self._contract.services:
            yield from self._service(service)
        yield from self._types()
        yield self._reasons()
        yield Page("openapi.html", "openapi.html", "OpenAPI", {})

    def _home(self) -> Page:
        services = [self._about(service, "") for service in self._contract.services]
        guides = [(self._titles[each.source], each.page) for each in self._documents if each.section == "Guides"]
        sdks = [(_language(each), each.page) for each in self._documents if each.section == "SDKs"]
        calls = len(self._contract.calls)
        return Page(
            "index.html",
            "home.html",
            "Tallystick",
            {"services": services, "guides": guides, "sdks": sdks, "calls": calls},
        )

    def _about(self, service: Service, root: str) -> dict[str, Any]:
        comment = service.comment.partition("\n\n")[0]
        return {
            "name": service.name,
            "page": page_of_service(service),
            "comment": self._markdown.line(comment, root),
            "count": len(service.calls),
        }

    def _document(self, document: Document) -> Page:
        root = "../" * document.page.count("/")
        title, html, headings = self._markdown.document(read(TOP / document.source), document, root)
        self._entries.append(Entry(title, document.section, document.page))
        self._entries += [
            Entry(text, title, f"{document.page}#{anchor}") for level, anchor, text in headings if level == PART
        ]
        return Page(
            document.page,
            "document.html",
            title,
            {"html": html, "headings": [each for each in headings if each[0] == PART]},
        )

    def _service(self, service: Service) -> Iterator[Page]:
        page = page_of_service(service)
        self._entries.append(Entry(service.name, "Service", page))
        calls = [
            {
                "name": call.name,
                "page": page_of_call(call),
                "summary": self._markdown.line(call.summary, "../../", call.name),
                "bindings": call.bindings,
            }
            for call in service.calls
        ]
        comment = self._markdown.comment(service.comment, "../../", service.name)
        siblings = [(call.name, page_of_call(call)) for call in service.calls]
        yield Page(
            page,
            "service.html",
            service.name,
            {"comment": comment, "calls": calls, "siblings": siblings, "service": (service.name, page)},
        )
        for call in service.calls:
            self._entries.append(Entry(call.name, service.name, page_of_call(call), call.summary))
            values = {"call": self._pages.call(call, "../../"), "siblings": siblings, "service": (service.name, page)}
            yield Page(page_of_call(call), "call.html", call.name, values)

    def _types(self) -> Iterator[Page]:
        links = []
        for file in self._contract.files:
            messages = [self._pages.message(message, "../") for message in self._contract.messages_of(file)]
            enums = [self._pages.enum(enum, "../") for enum in self._contract.enums_of(file)]
            if not messages and not enums:
                continue
            title = stem_of(file.name).replace("_", " ").capitalize()
            page = f"types/{stem_of(file.name)}.html"
            links.append((title, page, [(each["name"], f"{page}#{each['anchor']}") for each in (*messages, *enums)]))
            self._entries += [Entry(each["name"], "Message", f"{page}#{each['anchor']}") for each in messages]
            self._entries += [Entry(each["name"], "Enum", f"{page}#{each['anchor']}") for each in enums]
            about = self._markdown.comment(self._contract.comment_of(file.name), "../")
            yield Page(page, "types.html", title, {"about": about, "messages": messages, "enums": enums})
        yield Page("types/index.html", "types_list.html", "Types", {"files": links})

    def _reasons(self) -> Page:
        reasons = [self._pages.reason(name, "") for name in self._contract.reasons]
        self._entries += [Entry(each["name"], "Reason", f"reasons.html#{each['name']}") for each in reasons]
        return Page("reasons.html", "reasons.html", "Reasons", {"reasons": reasons})


def _title_of(document: Document) -> str:
    first = read(TOP / document.source).partition("\n")[0]
    return first.lstrip("# ").strip() or document.source.stem


def _language(document: Document) -> str:
    stem = Path(document.page).stem
    return LANGUAGES.get(stem, stem.capitalize())


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
