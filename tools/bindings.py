"""The bindings: what of the document a client needs, and the templates that write it.

Templates know no endpoint and no field; all of that is an :class:`Operation` here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from chatproof.contract import load_document
from chatproof.contract.document import resolve

TEMPLATES = Path(__file__).parent / "templates"
CLIENT_DIALECT = "compatible"
"""Clients are made from what the official SDKs accept, so that they fit most servers."""
JSON, EVENTS = "application/json", "text/event-stream"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a client. `request`, `response` and `chunk` are names of schemas.

    `streamed_by` is the property of the request that asks for a stream.
    """

    id: str
    method: str
    path: str
    path_parameters: tuple[str, ...]
    summary: str
    description: str
    request: str | None
    response: str
    chunk: str | None
    streamed_by: str | None

    @property
    def name(self) -> str:
        """The method's name in Python: createChatCompletion is create_chat_completion."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.id).lower()

    @property
    def stream_name(self) -> str:
        """The same with the verb stream."""
        return f"stream_{self.name.partition('_')[2]}"

    @property
    def stream_id(self) -> str:
        return re.sub(r"^[a-z]+", "stream", self.id)

    @property
    def path_expression(self) -> str:
        """The path as a Python expression, with parameters escaped."""
        if not self.path_parameters:
            return f'"{self.path}"'
        escaped = re.sub(r"\{(\w+)\}", r"{quote(\1, safe='')}", self.path)
        return f'f"{escaped}"'

    @property
    def path_literal(self) -> str:
        """The path for a template literal of TypeScript."""
        return re.sub(r"\{(\w+)\}", r"${encodeURIComponent(\1)}", self.path)


@dataclass(frozen=True, slots=True)
class StatusError:
    """One error status, and the name of the error that stands for it."""

    status: int
    name: str
    description: str


def context() -> dict[str, Any]:
    """What the templates are filled with."""
    document, _ = load_document(CLIENT_DIALECT)
    prefix = _common_prefix(list(document["paths"]))
    return {
        "title": document["info"]["title"],
        "version": document["info"]["version"],
        "base_url": document["servers"][0]["url"].rstrip("/") + prefix,
        "key_variable": "CHATPROOF_API_KEY",
        "terminators": _terminators(document),
        "operations": list(_operations(document, prefix)),
        "errors": _errors(document),
        "flavours": FLAVOURS,
    }


def _common_prefix(paths: list[str]) -> str:
    """What all paths begin with: the part of the base URL that users write."""
    first = paths[0].split("/")[1]
    return f"/{first}" if all(path.startswith(f"/{first}/") for path in paths) else ""


def _operations(document: Any, prefix: str) -> Any:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation["responses"]["200"]["content"]
            body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
            events = content.get(EVENTS)
            yield Operation(
                id=operation["operationId"],
                method=method.upper(),
                path=path.removeprefix(prefix),
                path_parameters=tuple(p["name"] for p in operation.get("parameters", ())),
                summary=operation["summary"],
                description=operation["description"],
                request=_schema_name(body) if body else None,
                response=_schema_name(content[JSON]["schema"]),
                chunk=_schema_name(_payloads(document, events)[0]) if events else None,
                streamed_by=operation.get("x-streamed-by"),
            )


def _schema_name(schema: Any) -> str:
    return str(schema["$ref"].rpartition("/")[2])


def _payloads(document: Any, events: Any) -> list[Any]:
    """What the data of an event may be, as JSON: a chunk first, then an error."""
    event = resolve(document, events["itemSchema"]["$ref"])
    return [
        m["contentSchema"] for m in event["properties"]["data"]["anyOf"] if "contentSchema" in m
    ]


def _terminators(document: Any) -> list[str]:
    found = []
    for item in document["paths"].values():
        for operation in item.values():
            events = operation["responses"]["200"]["content"].get(EVENTS)
            if events:
                event = resolve(document, events["itemSchema"]["$ref"])
                members = event["properties"]["data"]["anyOf"]
                found += [member["const"] for member in members if "const" in member]
    return sorted(set(found))


def _errors(document: Any) -> list[StatusError]:
    found: dict[int, StatusError] = {}
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if "$ref" in response and status.isdigit():
                    name = _schema_name(response)
                    text = resolve(document, response["$ref"])["description"]
                    found[int(status)] = StatusError(int(status), f"{name}Error", text)
    return [found[status] for status in sorted(found)]


FLAVOURS = [
    {
        "client": "Client",
        "stream": "Stream",
        "doc": "A client that waits for each answer.",
        "def_": "def",
        "for_": "for",
        "with_": "with",
        "await_": "",
        "iter": "__iter__",
        "Iterator": "Iterator",
        "bytes": "iter_bytes",
        "read": "read",
        "close": "close",
        "enter": "__enter__",
        "exit": "__exit__",
        "sleep": "time.sleep",
    },
    {
        "client": "AsyncClient",
        "stream": "AsyncStream",
        "doc": "A client for asyncio.",
        "def_": "async def",
        "for_": "async for",
        "with_": "async with",
        "await_": "await ",
        "iter": "__aiter__",
        "Iterator": "AsyncIterator",
        "bytes": "aiter_bytes",
        "read": "aread",
        "close": "aclose",
        "enter": "__aenter__",
        "exit": "__aexit__",
        "sleep": "asyncio.sleep",
    },
]
"""What differs between a client that waits and one that does not."""


def render(language: str) -> dict[str, str]:
    """The files of one language's package that come from templates, by their path in it."""
    folder = TEMPLATES / language
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (source code, not HTML)
    )
    values = context()
    values["exported"] = _exported(values["errors"])
    made = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            if name.endswith(".jinja"):
                made[name.removesuffix(".jinja")] = environment.get_template(name).render(values)
            else:
                made[name] = path.read_text(encoding="utf-8")
    return made


def _exported(errors: list[StatusError]) -> list[str]:
    fixed = """APIConnectionError APIStatusError APITimeoutError AsyncClient AsyncStream Client
    ClientError EventDecoder InvalidRequestError MidStreamError ServerSentEvent Stream
    UnexpectedReplyError""".split()
    return sorted([*fixed, *(error.name for error in errors)])
