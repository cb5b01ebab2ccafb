"""A recording of ours: what a run asked and got, and the file that holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping  # noqa: TC003  (pydantic reads the annotations)
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError, with_config

from ..options import Options
from ..report import Facts  # noqa: TC001
from ..search.hunter import Hunt  # noqa: TC001
from ..transport.base_url import parse_base_url
from ..transport.secret import Secret
from .entry import MEMBER, STRICT, Sent, entry_of, sent_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..contract.document import Json

FORMAT: Final = 1
"""Changes when what stands in ``_chatproof`` changes its meaning."""
NO_KEY: Final = "in-no-recording"
"""Stands for the key, which no recording has."""
ASKED_BY: Final = frozenset(
    "dialect model only skip classes concurrency timeout budget_tokens quick examples seed"
    " shard".split()
)
"""The options that decide what is asked, and no secret."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class About:
    """What is to be known of a run besides its exchanges.

    `options` are those in ASKED_BY, `has_key` says whether there was a key. `declined` maps the
    names of exchanges that did not come about to the reason, `refused` is the reason if it was the
    budget. `hunts` and `cases` are what the search made up.
    """

    format: int
    url: str
    options: dict[str, Any]
    has_key: bool
    facts: Facts
    refused: str
    declined: Mapping[str, str]
    hunts: tuple[Hunt, ...]
    cases: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """A run of ours: its exchanges in the order in which they ended, and what else is known."""

    about: About
    sent: tuple[Sent, ...]

    @property
    def url(self) -> str:
        return self.about.url

    def options(self, **others: Any) -> Options:
        """The options of the run, but for `others`; a placeholder for the key, if it had one.

        Raises:
            ValueError: the recording is damaged.
        """
        known = {name: self.about.options[name] for name in ASKED_BY & set(self.about.options)}
        options = _OPTIONS.validate_python({"url": self.about.url, **known})
        given = {name: getattr(options, name) for name in ("url", *ASKED_BY)}
        return Options(**{**given, "key": NO_KEY if self.about.has_key else None, **others})


_ABOUT: Final = TypeAdapter(About)
_OPTIONS: Final = TypeAdapter(Options)


def options_of(options: Options) -> dict[str, Json]:
    """The options that a recording keeps."""
    kept: dict[str, Json] = _OPTIONS.dump_python(options, mode="json", include=set(ASKED_BY))
    return kept


def write(path: Path, recording: Recording, *, version: str, key: str | None) -> None:
    """Write a recording, in one piece or not at all, and without the key.

    Raises:
        OSError: the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="ascii") as file:
            for line in _lines(recording, version, Secret(key)):
                file.write(line)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _lines(recording: Recording, version: str, secret: Secret) -> Iterator[str]:
    """The file, an entry on each line."""
    about = secret.hide_in(_ABOUT.dump_python(recording.about, mode="json"))
    creator = {"name": "chatproof", "version": version}
    base = parse_base_url(recording.url)
    yield f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},\n'
    yield f'"{MEMBER}":{json.dumps(about)},\n"pages":[],\n"entries":['
    for number, sent in enumerate(recording.sent):
        entry = entry_of(sent, base, secret, f"chatproof/{version}")
        yield (",\n" if number else "\n") + json.dumps(entry, separators=(",", ":"))
    yield "\n]}}\n"


def recording_of(log: Json) -> Recording:
    """The recording in a HAR ``log`` that :func:`write` wrote.

    Raises:
        ValueError: it is damaged, or of a later version; the message says where.
    """
    about, sent = log[MEMBER], []
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError("it was written by another version of chatproof")
    try:
        recording = Recording(_ABOUT.validate_python(about), ())
        recording.options()
    except ValueError as error:
        raise ValueError(_short(error)) from None
    for number, entry in enumerate(log["entries"], 1):
        try:
            sent.append(sent_of(entry))
        except ValueError as error:
            raise ValueError(f"entry {number}: {_short(error)}") from None
    return replace(recording, sent=tuple(sent))


def _short(error: ValueError) -> str:
    """One line that says where it is wrong."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
