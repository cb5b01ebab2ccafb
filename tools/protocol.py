"""The tables of spec/protocol.md that repeat what stands elsewhere as data.

Each stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``; what is between is replaced,
all else is written by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chatproof.contract import dialect_names, load_contract
from chatproof.contract.document import read_yaml, spec_folder
from chatproof.rules.stream import CALLS, ORDER
from chatproof.wire import states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chatproof.contract import Contract, Requirement
    from chatproof.contract.document import Json
    from chatproof.contract.shape import Field

PLACE = re.compile(r"(<!-- generated: (?P<name>[\w. -]+) -->\n).*?(<!-- end -->)", re.DOTALL)
BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches `{}`",
}


def protocol(text: str) -> str:
    """`text` with its generated tables anew.

    Raises:
        SystemExit: a place asks for a table that there is not.
    """

    def filled(place: re.Match[str]) -> str:
        name, _, argument = place["name"].partition(" ")
        if name not in TABLES:
            raise SystemExit(
                f"spec/protocol.md: no table {name!r}; choose of {', '.join(sorted(TABLES))}"
            )
        return place[1] + "\n" + TABLES[name](argument) + "\n" + place[3]

    return PLACE.sub(filled, text)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in r)} |\n" for r in lines)


def _contracts() -> list[Contract]:
    return [load_contract(name) for name in dialect_names()]


def dialects(_: str) -> str:
    """Every dialect, what it builds on, and how much it demands."""
    rows = []
    for contract in _contracts():
        levels = [r.level for r in contract.requirements.values()]
        counts = [str(levels.count(level)) for level in ("MUST", "SHOULD", "MAY")]
        below = contract.chain[1] if len(contract.chain) > 1 else "–"
        rows.append((f"`{contract.dialect}`", below, contract.document["info"]["summary"], *counts))
    return _table(("dialect", "builds on", "what", "MUST", "SHOULD", "MAY"), rows)


def parameters(_: str) -> str:
    """What each parameter may be in each dialect; `same` as in the one that it builds on."""
    contracts = _contracts()
    fields = {c.dialect: c.judge("request").root.properties for c in contracts}
    names = list(dict.fromkeys(name for properties in fields.values() for name in properties))
    rows = []
    for name in names:
        said = {d: _allowed(p[name]) if name in p else "–" for d, p in fields.items()}
        cells = [f"`{name}`"]
        for contract in contracts:
            own, below = said[contract.dialect], contract.chain[1:2]
            same = own != "–" and [own] == [said[dialect] for dialect in below]
            cells.append("same" if same else own)
        rows.append(cells)
    return _table(("parameter", *(f"`{c.dialect}`" for c in contracts)), rows)


def _allowed(field: Field) -> str:
    members = field.branches or (field,)
    words = []
    for member in members:
        schema = member.schema
        types = " or ".join(t for t in member.types if t != "null")
        if not types:
            continue
        listed = [v for v in schema.get("enum", ()) if v is not None]
        bounds = [text.format(schema[key]) for key, text in BOUNDS.items() if key in schema]
        if listed:
            bounds = [", ".join(f"`{value}`" for value in listed)]
        words.append(types + (f": {', '.join(bounds)}" if bounds else ""))
    nullable = " or null" if "null" in field.types else ""
    return "; ".join(words) + nullable


def requirements(prefixes: str) -> str:
    """The catalogue's requirements whose ids begin so, with their anchors."""
    wanted = tuple(prefixes.split())
    return _requirements(lambda r: not r.keyword and r.id.startswith(wanted))


def derived(_: str) -> str:
    """The requirements that keywords make."""
    return _requirements(lambda r: bool(r.keyword))


def _requirements(wanted: Callable[[Requirement], bool]) -> str:
    contracts = _contracts()
    found: dict[str, Requirement] = {}
    for contract in contracts:
        for requirement in contract.requirements.values():
            if wanted(requirement):
                found.setdefault(requirement.id, requirement)
    rows = (
        (f'<a id="{name}"></a>`{name}`', _levels(name, contracts), r.statement, " ".join(r.source))
        for name, r in found.items()
    )
    return _table(("requirement", "level", "statement", "source"), rows)


def _levels(name: str, contracts: Sequence[Contract]) -> str:
    """The level of most dialects, and which have another one."""
    levels = {
        c.dialect: str(c.requirements[name].level) if name in c.requirements else "–"
        for c in contracts
    }
    common = max(dict.fromkeys(levels.values()), key=list(levels.values()).count)
    others = [f"{dialect}: {level}" for dialect, level in levels.items() if level != common]
    return common + (f" ({', '.join(others)})" if others else "")


def machine(name: str) -> str:
    """A state machine of the stream: where each step leads, or which violation it is."""
    table, breaches = MACHINES[name]
    steps = list(dict.fromkeys(s for row in (*table.values(), *breaches.values()) for s in row))
    rows = []
    for state in table:
        cells = [f"**{state.value}**"]
        for step in steps:
            if step in table[state]:
                cells.append(table[state][step].value)
            elif step in breaches[state]:
                kind, following = breaches[state][step]
                cells.append(f"✗ {_link(BROKEN[kind])}; {following.value}")
            else:
                cells.append("")
        rows.append(cells)
    return _table(("state", *(step.value for step in steps)), rows)


def _link(name: str) -> str:
    return f"[`{name}`](#{name})"


def statuses(_: str) -> str:
    """Which statuses may say what, in each dialect."""
    contracts = _contracts()
    events = ("validation", "authentication", "unknown-model", "rate-limit", "server-failure")
    rows = []
    for event in events:
        cells = [event]
        for contract in contracts:
            found = sorted(contract.statuses(event))
            cells.append(", ".join(map(str, found)) or "–")
        rows.append(cells)
    return _table(("what happened", *(f"`{c.dialect}`" for c in contracts)), rows)


def told(_: str) -> str:
    """What the fields of an error say, in each dialect that fixes them."""
    contracts = [c for c in _contracts() if "error.told.validation" in c.requirements]
    rows = []
    for event in ("validation", "authentication", "unknown-model", "rate-limit"):
        said = (c.told(event) for c in contracts)
        cells = ("; ".join(f"`{k}`: `{v}`" for k, v in each.items()) or "–" for each in said)
        rows.append((event, *cells))
    return _table(("what happened", *(f"`{c.dialect}`" for c in contracts)), rows)


def sources(_: str) -> str:
    """The keys of the sources."""
    listed: Json = read_yaml(spec_folder() / "sources.yaml")["sources"]
    return _table(
        ("key", "source", "date"), ((s["key"], s["title"], str(s["date"])) for s in listed)
    )


def seed(_: str) -> str:
    """Which requirements each statement of the seed has."""
    statements: Json = read_yaml(spec_folder() / "sources.yaml")["statements"]
    cited: dict[str, list[str]] = {key: [] for key in statements}
    for requirement in load_contract().requirements.values():
        for source in requirement.source:
            key = source.removeprefix("SEED:")
            if source.startswith("SEED:") and key in cited:
                cited[key].append(requirement.id)
    rows = []
    for key, ids in cited.items():
        first = ", ".join(map(_link, ids[:4]))
        more = f" and {len(ids) - 4} more" if len(ids) > 4 else ""
        rows.append((key, statements[key], first + more))
    return _table(("", "statement", "requirements"), rows)


MACHINES: dict[str, tuple[Any, Any]] = {
    "stream": (states.STREAM, states.STREAM_BREACHES),
    "choice": (states.CHOICE, states.CHOICE_BREACHES),
    "call": (states.CALL, states.CALL_BREACHES),
}
BROKEN = {kind: name for name, kinds in {**ORDER, **CALLS}.items() for kind in kinds}
TABLES: dict[str, Callable[[str], str]] = {
    "dialects": dialects,
    "parameters": parameters,
    "requirements": requirements,
    "derived": derived,
    "machine": machine,
    "statuses": statuses,
    "told": told,
    "sources": sources,
    "seed": seed,
}
