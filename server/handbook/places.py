"""Where is each thing shown? The page of every call, message, enum and reason, and of every document, from the top of the site."""

from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor

from handbook.comments import TOP
from handbook.model import OWN_PACKAGE, Call, Contract, Service
from handbook.snippets.words import stem_of

# In this order; what else lies beside them follows.
GUIDES = (
    "quickstart",
    "authentication",
    "money",
    "idempotency-and-retries",
    "offline-sync",
    "groups",
    "imports",
    "backups",
    "self-hosting",
    "scaling-out",
    "security",
)
SDKS = ("python", "typescript", "kotlin", "go", "swift", "dart")
DOCS = Path("server/docs")


@dataclass(frozen=True)
class Document:
    """A file of Markdown, by its path in the repository, and the page that it becomes."""

    source: Path
    page: str
    section: str


def list_documents() -> list[Document]:
    found = {name: Document(DOCS / "guides" / f"{name}.md", f"guides/{name}.html", "Guides") for name in _guides()}
    documents = [
        *found.values(),
        Document(Path("README.md"), "readme.html", "More"),
        Document(Path("CHANGELOG.md"), "changelog.html", "More"),
    ]
    documents.append(Document(Path("sdk/README.md"), "sdk/index.html", "SDKs"))
    documents += [Document(Path(f"sdk/{name}/README.md"), f"sdk/{name}.html", "SDKs") for name in SDKS]
    documents += [Document(DOCS / name, f"inside/{Path(name).stem}.html", "Inside") for name in _names(DOCS)]
    documents += [
        Document(DOCS / "decisions" / name, f"decisions/{Path(name).stem}.html", "Decisions")
        for name in _names(DOCS / "decisions")
    ]
    return documents


def _guides() -> list[str]:
    there = [Path(name).stem for name in _names(DOCS / "guides")]
    return [name for name in GUIDES if name in there] + [name for name in there if name not in GUIDES]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in (TOP / folder).glob("*.md"))


class Places:
    """Names and where they lead."""

    def __init__(self, contract: Contract) -> None:
        self._own = contract.own_of_calls
        self.names = {service.name: page_of_service(service) for service in contract.services}
        self.names |= {each: f"reasons.html#{each}" for each in contract.reasons}
        self.names |= {f"ERROR_REASON_{each}": f"reasons.html#{each}" for each in contract.reasons}
        for file in contract.files:
            kinds: list[Descriptor | EnumDescriptor] = [*contract.messages_of(file), *contract.enums_of(file)]
            self.names |= {short_name(kind): self.of(kind) for kind in kinds}
        for call in contract.calls:
            self.names[call.name] = page_of_call(call)
            for kind in (call.method.input_type, call.method.output_type):
                if kind.file.package == OWN_PACKAGE:
                    self.names[kind.name] = self.of(kind)

    def of(self, kind: Descriptor | EnumDescriptor) -> str:
        """Empty: not shown, as what Google defines."""
        if kind.full_name in self._own:
            call, part = self._own[kind.full_name]
            return f"{page_of_call(call)}#{part}"
        return f"types/{stem_of(kind.file.name)}.html#{short_name(kind)}" if kind.file.package == OWN_PACKAGE else ""


def page_of_service(service: Service) -> str:
    return f"api/{service.stub}/index.html"


def page_of_call(call: Call) -> str:
    return f"api/{call.stub}/{call.name}.html"


def short_name(kind: Descriptor | EnumDescriptor) -> str:
    return str(kind.full_name.removeprefix(f"{kind.file.package}."))
