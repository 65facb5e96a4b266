"""How is a call made, in each language? The same request, written as each SDK writes it."""

from dataclasses import dataclass

from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets import dart, go, kotlin, python, shells, swift, typescript

# Answers over REST with a file as it is; the SDKs have Export instead.
REST_ONLY = ("DownloadExport",)
# Requests come as a stream: browsers have none, and every SDK has a function for the only such call.
GATHERING = ("python",)


@dataclass(frozen=True)
class Snippet:
    """`lexer` is how Pygments calls the language."""

    key: str
    title: str
    lexer: str
    code: str


def snippets_of(call: Call, request: Message) -> list[Snippet]:
    shown = [Snippet("curl", "curl", "bash", shells.write_curl(call, request))] if call.bindings else []
    shown.append(Snippet("grpcurl", "grpcurl", "bash", shells.write_grpcurl(call, request)))
    if call.name in REST_ONLY:
        return shown
    writers = (
        ("python", "Python", "python", python.write),
        ("typescript", "TypeScript", "typescript", typescript.write),
        ("kotlin", "Kotlin", "kotlin", kotlin.write),
        ("go", "Go", "go", go.write),
        ("swift", "Swift", "swift", swift.write),
        ("dart", "Dart", "dart", dart.write),
    )
    for key, title, lexer, write in writers:
        if not call.method.client_streaming or key in GATHERING:
            shown.append(Snippet(key, title, lexer, write(call, request)))
    return shown
