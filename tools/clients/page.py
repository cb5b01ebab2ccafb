"""The page to read, from what came of it and from what explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.clients.explanations import Explained
    from tools.clients.results import Cell, Results, Tried

SCENARIOS: Final = {
    "plain": "a plain answer",
    "stream": "a stream, put together as the guide shows it",
    "stream_helper": "a stream, put together by the client's own helper",
    "tools": "a forced call of a function",
    "tools_stream": "the same, streamed",
    "tools_helper": "the same, put together by the client's own helper",
    "structured": "a strict JSON schema, and the value by the client's own helper where it has one",
    "structured_stream": "the same, streamed",
    "error": "a request is refused: an exception with the status and with what the server said",
    "error_in_stream": "an error in the middle of a stream: an exception with what the server said",
    "retries": "429 with Retry-After: the answer comes at the second try",
    "timeout": "a reply that comes too late: the client's exception for that",
}
KINDS: Final = {"wrong": "wrong", "exception": "raises"}
INTRO: Final = """\
# Clients

What the clients that people use make of a server that is right. Each is run as its own guide shows
it, against the reference server in every dialect, and in the dialects of the vendors under every
legal variation. What its user gets is held against the bytes that were sent. What the variations
are is told by

    chatproof list variations

and any client can be tried with one of them:

    chatproof serve --dialect openai --vary events.bom

- **wrong**: another content, call, finish reason or usage than was sent, and no exception; or an
  error without what the server said of it.
- **raises**: an exception, though the server has done nothing wrong.

What a dialect shows without any variation counts once. The numbers lead to what happens, and why.
Where a requirement is named, it is a SHOULD that warns of it: the report of a server that does so
says so.
"""
AGAIN: Final = """\
The page is made anew by

    make clients

which needs npm of Node 20 or newer. `tools/clients/` has a script for each client, and the
versions that are installed."""


def page(results: Results, explained: Explained) -> str:
    """The whole page in Markdown."""
    names = [one.client for one in results.clients]
    numbers = {
        cell: number for number, cells in enumerate(explained.cells.values(), 1) for cell in cells
    }
    return "\n".join(
        [
            INTRO,
            *_table(["client", "made of", "asked", "wrong", "raises"], _clients(results)),
            "",
            f"Run on {results.date}. {AGAIN}",
            "",
            "## Where not all is fine",
            "",
            *_table(["variation", *names], _rows(results, numbers)),
            "",
            f"All clients are fine under all others: {_fine(results)}.",
            "",
            "## What happens, and why",
            "",
            *_notes(explained),
            "",
            "## What is asked",
            "",
            *_table(["scenario", "what"], ([f"`{n}`", w] for n, w in SCENARIOS.items())),
            "",
        ]
    )


def _clients(results: Results) -> Iterator[list[str]]:
    for one in results.clients:
        kinds = [cell.kind for cell in _news(results) if cell.client == one.client]
        servers = [dialect for dialect, _ in results.servers if dialect in one.dialects]
        asked = len(servers) * len(one.scenarios)
        counts = [str(asked), str(kinds.count("wrong")), str(kinds.count("exception"))]
        yield [one.client, _versions(one), *counts]


def _versions(one: Tried) -> str:
    return ", ".join(f"{name} {version}" for name, version in one.versions.items())


def _rows(results: Results, numbers: dict[Cell, int]) -> Iterator[list[str]]:
    """A row for each dialect that is not fine as it is, and each variation that adds to that."""
    news = _news(results)
    for dialect in dict.fromkeys(dialect for dialect, _ in results.servers):
        cells = [cell for cell in news if not cell.variation and cell.dialect == dialect]
        if cells:
            yield [f"none, in `{dialect}`", *_row(results, cells, numbers)]
    for variation in _variations(results):
        cells = [cell for cell in news if cell.variation == variation]
        seen = {cell.dialect for cell in cells}
        allowed = {dialect for dialect, name in results.servers if name == variation}
        where = "" if seen == allowed else f", in {_quoted(sorted(seen))}"
        if cells:
            yield [f"`{variation}`{where}", *_row(results, cells, numbers)]


def _news(results: Results) -> list[Cell]:
    """What is not seen without a variation already."""
    plain = {_key(cell) for cell in results.cells if not cell.variation}
    return [cell for cell in results.cells if not cell.variation or _key(cell) not in plain]


def _key(cell: Cell) -> tuple[str, ...]:
    return cell.client, cell.dialect, cell.scenario, cell.kind


def _variations(results: Results) -> list[str]:
    return list(dict.fromkeys(variation for _, variation in results.servers if variation))


def _row(results: Results, cells: list[Cell], numbers: dict[Cell, int]) -> Iterator[str]:
    for one in results.clients:
        mine = [cell for cell in cells if cell.client == one.client]
        found = {f"**{KINDS[cell.kind]}** [{numbers.get(cell, '?')}]": None for cell in mine}
        asked = {cell.dialect for cell in cells} & set(one.dialects)
        yield ", ".join(sorted(found)) or ("fine" if asked else "not asked")


def _fine(results: Results) -> str:
    other = {cell.variation for cell in _news(results)}
    return _quoted(name for name in _variations(results) if name not in other)


def _notes(explained: Explained) -> Iterator[str]:
    for number, (each, cells) in enumerate(explained.cells.items(), 1):
        clients = ", ".join(dict.fromkeys(cell.client for cell in cells))
        scenarios = _quoted(name for name in SCENARIOS if name in {c.scenario for c in cells})
        what = _quoted(dict.fromkeys(cell.what.partition(" For further")[0] for cell in cells))
        warned = f" Requirement: `{each.requirement}`." if each.requirement else ""
        yield f"{number}. {clients}: {scenarios}. {each.why}{warned}  \n   {what}"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name.replace('`', chr(39))}`" for name in names)


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines]
