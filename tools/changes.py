"""Change control: what has changed since the last release, and whom it breaks.

python -m tools.changes             say what has changed; exit 1 where the version does not fit
python -m tools.changes --release   keep what is demanded now as the release of this version

What is compared is what is demanded: every requirement of every dialect. A client may rely on
being understood as before, and on what replies promised; a server on being allowed to answer as
before, and on being asked for no more. What takes something from either of them is breaking, and
needs a new major version; before 1.0 a new minor one.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from chatproof.contract import SpecError, dialect_names, load_contract
from chatproof.contract.document import resolve, spec_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Json = Any
Breaks = Literal["clients", "servers", "nobody"]
RANK = {"MAY": 0, "SHOULD": 1, "MUST": 2}
LOWER, UPPER = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in one dialect."""

    dialect: str
    requirement: str
    breaks: Breaks
    words: str


def demanded() -> dict[str, dict[str, Json]]:
    """What every dialect demands now: by requirement its level, its keyword and its value."""
    return {name: _demanded(name) for name in dialect_names()}


def _demanded(dialect: str) -> dict[str, Json]:
    contract = load_contract(dialect)
    made = {}
    for name, requirement in contract.requirements.items():
        entry: dict[str, Json] = {"level": requirement.level}
        if requirement.keyword:
            entry["keyword"] = requirement.keyword
            try:
                entry["value"] = resolve(contract.document, requirement.pointer)
            except SpecError:
                entry["value"] = None  # nullability, or a keyword that a union spreads
            if requirement.keyword == "required":
                entry["value"] = None  # the id names the property
        made[name] = entry
    return made


def compare(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[Change]:
    """All differences between what was demanded and what is demanded now."""
    for dialect in old.keys() - new.keys():
        yield Change(dialect, "", "clients", "the dialect is gone")
    for dialect in new.keys() - old.keys():
        yield Change(dialect, "", "nobody", "a new dialect")
    for dialect in sorted(old.keys() & new.keys()):
        before, after = old[dialect], new[dialect]
        for name in sorted(before.keys() | after.keys()):
            yield from _differences(dialect, name, before, after)


def _differences(
    dialect: str, name: str, before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[Change]:
    one, other = before.get(name), after.get(name)
    if one == other:
        return
    if one is None or other is None:
        present = one or other or {}
        added = one is None
        if _is_new_place(name, before if added else after, present):
            yield Change(dialect, name, "nobody", "a new place" if added else "a place is gone")
            return
        breaks = _side(name, present, narrower=added != (present.get("keyword") == "null"))
        level = present["level"]
        breaks = breaks if level == "MUST" else "nobody"
        yield Change(dialect, name, breaks, "is demanded now" if added else "is demanded no more")
        return
    if one["level"] != other["level"]:
        raised = RANK[other["level"]] > RANK[one["level"]]
        important = "MUST" in (one["level"], other["level"])
        breaks = ("servers" if raised else "clients") if important else "nobody"
        yield Change(dialect, name, breaks, f"was {one['level']}, is {other['level']}")
    if one.get("value") != other.get("value"):
        words = f"was {json.dumps(one.get('value'))}, is {json.dumps(other.get('value'))}"
        for narrower in _directions(other["keyword"], one.get("value"), other.get("value")):
            yield Change(dialect, name, _side(name, other, narrower=narrower), words)


def _side(name: str, entry: Mapping[str, Json], *, narrower: bool) -> Breaks:
    """Who loses by it: a request that may say less takes from clients, a reply from servers."""
    if "keyword" not in entry:  # of the catalogue: something that a server has to do
        return "servers" if narrower else "clients"
    return "clients" if name.startswith("request.") == narrower else "servers"


def _is_new_place(name: str, others: Mapping[str, Json], entry: Mapping[str, Json]) -> bool:
    """Whether the keyword stands at a place that the other side does not know at all.

    A property that was not there before takes nothing from anybody, unless it is required.
    """
    if "keyword" not in entry or entry["keyword"] == "required":
        return False
    place = name.rpartition(".")[0]
    return not any(other.startswith(f"{place}.") for other in others)


def _directions(keyword: str, old: Json, new: Json) -> list[bool]:
    """Whether a change of a value allows less (True), more (False), or both."""
    if keyword in LOWER:
        return [new > old]
    if keyword in UPPER:
        return [new < old]
    if keyword in ("enum", "type"):
        before, after = (_values(value) for value in (old, new))
        return [
            narrower for narrower, lost in ((True, before - after), (False, after - before)) if lost
        ]
    return [True, False]


def _values(value: Json) -> set[str]:
    return {json.dumps(item) for item in (value if isinstance(value, list) else [value])}


def released() -> tuple[str, Json] | None:
    """The version of the last release, and what it demanded."""
    folder = spec_folder() / "released"
    versions = sorted((path.stem for path in folder.glob("*.json")), key=_parts)
    if not versions:
        return None
    text = (folder / f"{versions[-1]}.json").read_text(encoding="utf-8")
    return versions[-1], json.loads(text)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def least_version(last: str, changes: list[Change]) -> str:
    """The smallest version that may follow `last` with these changes."""
    major, minor, patch = _parts(last)
    if not changes:
        return last
    if all(change.breaks == "nobody" for change in changes):
        return f"{major}.{minor}.{patch + 1}"
    return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"


def change_problems() -> Iterator[str]:
    """What is wrong with the version, if anything."""
    last = released()
    version = load_contract().version
    if last is None:
        return
    changes = list(compare(last[1], demanded()))
    least = least_version(last[0], changes)
    if _parts(version) < _parts(least):
        breaking = [c for c in changes if c.breaks != "nobody"]
        shown = (breaking or changes)[:3]
        told = "; ".join(f"{c.dialect} {c.requirement} {c.words}" for c in shown)
        yield (
            f"spec/openapi.yaml: info.version is {version}, but of {len(changes)} changes since "
            f"{last[0]} {len(breaking)} break clients or servers ({told}); raise it to {least} or "
            "more, and see `python -m tools.changes`"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.changes", description="Change control.")
    parser.add_argument("--release", action="store_true", help="keep this version as released")
    if parser.parse_args().release:
        return _release()
    last = released()
    if last is None:
        print("nothing has been released")
        return 0
    for change in compare(last[1], demanded()):
        print(f"breaks {change.breaks:<8} {change.dialect}: {change.requirement} {change.words}")
    problems = list(change_problems())
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _release() -> int:
    path: Path = spec_folder() / "released" / f"{load_contract().version}.json"
    if path.exists():
        print(f"{path.name} is released already; raise info.version first", file=sys.stderr)
        return 1
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(demanded(), indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
