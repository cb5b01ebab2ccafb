"""YAML from other people, looked through before it is read.

A parser written in C goes as deep as the text does, and ends the process where the stack ends; a
few aliases of aliases are more values than there is memory for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 100
"""Levels of lists and mappings within each other."""
LARGEST = 1_000_000
"""Values, those that aliases stand for counted each time."""


def see_that_it_is_bounded(text: str, loader: Any) -> None:
    """Read the events of a YAML text, without making values of them.

    Raises:
        yaml.YAMLError: it is no YAML, or deeper or larger than a file of a person is.
    """
    sizes: dict[str, int] = {}
    open_parts: list[tuple[str | None, int]] = []
    total = 0
    for event, size in _sized(text, loader, sizes):
        if isinstance(event, yaml.CollectionStartEvent):
            if len(open_parts) == DEEPEST:
                raise _refused(event, f"more than {DEEPEST} levels deep")
            open_parts.append((event.anchor, total))
        total += size
        if total > LARGEST:
            raise _refused(event, f"more than {LARGEST} values, aliases counted")
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_parts.pop()
            if anchor is not None:
                sizes[anchor] = total - before


def _sized(text: str, loader: Any, sizes: dict[str, int]) -> Iterator[tuple[yaml.Event, int]]:
    """Each event with how many values it stands for."""
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise _refused(event, f"the alias {event.anchor!r} stands for what it is within")
            yield event, sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            if event.anchor is not None:
                sizes[event.anchor] = 1
            yield event, 1
        else:
            yield event, int(isinstance(event, yaml.CollectionStartEvent))


def _refused(event: Any, problem: str) -> yaml.YAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
