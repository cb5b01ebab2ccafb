"""A peer as data: what it is, how it is had, and what is known of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from chatproof.contract import dialect_names, load_contract
from chatproof.contract.document import SpecError, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "conformance" / "peers"
HOMES = ROOT / "build" / "peers"
"""Where each peer is installed, in a folder of its own name."""


@dataclass(frozen=True, slots=True)
class Install:
    """What a peer is installed from: pinned packages, and commands that make it ready to start."""

    pip: tuple[str, ...] = ()
    pip_alone: tuple[str, ...] = ()
    pip_remove: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    then: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that a peer does, the requirements that fail by it, and whether rightly so.

    `bytes` says what the exchange shows. What fails `by_chance` does not fail in each run.
    """

    cause: str
    judgement: str
    bytes: str
    failing: tuple[str, ...]
    dialects: tuple[str, ...]
    link: str = ""
    by_chance: bool = False

    @property
    def right(self) -> bool:
        return self.judgement == "right"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that nobody here wrote. `behind` names the peer that it passes requests on to.

    `ready` answers as soon as it is up, within so many `seconds`; `options` are those of a run.
    """

    name: str
    title: str
    about: str
    home: str
    version: str
    install: Install
    start: tuple[str, ...]
    ready: str
    seconds: int
    model: str
    dialects: tuple[str, ...]
    known: tuple[Cause, ...]
    base: str = ""
    key: str = ""
    behind: str = ""
    heavy: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    unseen: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return HOMES / self.name

    def causes(self, dialect: str) -> dict[str, Cause]:
        """What is known to fail in a dialect, by the requirement."""
        return {id: c for c in self.known if dialect in c.dialects for id in c.failing}


def peer_names() -> list[str]:
    """The names of all peers, those that are quick to run first."""
    names = sorted(path.stem for path in PEERS.glob("*.yaml"))
    return sorted(names, key=lambda name: load_peer(name).heavy)


def load_peer(name: str) -> Peer:
    """The peer of a name.

    Raises:
        SpecError: there is none, or its file is wrong; with file and line.
    """
    path = PEERS / f"{name}.yaml"
    if not path.is_file():
        have = ", ".join(sorted(each.stem for each in PEERS.glob("*.yaml")))
        raise SpecError(f"{name!r} is no peer; there are {have}")
    return read_peer(path)


def read_peer(path: Path) -> Peer:
    """The peer that a file describes.

    Raises:
        SpecError: the file is wrong; with file and line.
    """
    data = read_yaml(path)
    for error in _schema().iter_errors(data):
        where = line_of(path, list(error.instance_path))
        raise SpecError(f"{path}:{where}: {error.message}; see {PEERS / 'peer.schema.json'}")
    for number, name in enumerate(data["dialects"]):
        if name not in dialect_names():
            where = line_of(path, ["dialects", number])
            raise SpecError(
                f"{path}:{where}: {name!r} is no dialect; see `chatproof list dialects`"
            )
    dialects = tuple(data["dialects"])
    known = [_cause(path, n, entry, dialects) for n, entry in enumerate(data["known"])]
    _each_once(path, known)
    install = {key: _tuples(value) for key, value in data["install"].items()}
    given = {key: _tuples(value) for key, value in data.items()}
    ready = data["ready"]
    given |= {"install": Install(**install), "known": tuple(known)}
    given |= {"ready": ready["path"], "seconds": ready["seconds"]}
    return Peer(name=path.stem, **given)


def _cause(path: Path, number: int, entry: dict[str, Any], dialects: tuple[str, ...]) -> Cause:
    """An entry under `known`, of requirements that its dialects have."""
    among = tuple(entry.get("dialects", dialects))
    for name in among:
        if name not in dialects:
            where = line_of(path, ["known", number, "dialects"])
            raise SpecError(f"{path}:{where}: it is not held to {name!r}; name it under dialects")
        for position, id in enumerate(entry["failing"]):
            if id not in load_contract(name).requirements:
                where = line_of(path, ["known", number, "failing", position])
                raise SpecError(
                    f"{path}:{where}: {id!r} is no requirement of {name}; "
                    "see `chatproof list requirements`"
                )
    return Cause(**{**{k: _tuples(v) for k, v in entry.items()}, "dialects": among})


def _each_once(path: Path, known: list[Cause]) -> None:
    """A failure has one cause in each dialect."""
    seen: set[tuple[str, str]] = set()
    for number, cause in enumerate(known):
        mine = {(dialect, id) for dialect in cause.dialects for id in cause.failing}
        if twice := sorted(mine & seen):
            where = line_of(path, ["known", number])
            raise SpecError(f"{path}:{where}: {twice[0][1]!r} has a cause already; name it once")
        seen |= mine


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


@cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    text = (PEERS / "peer.schema.json").read_text(encoding="utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))
