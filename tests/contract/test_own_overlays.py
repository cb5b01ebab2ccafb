"""Overlays that somebody else wrote: what cannot be used is refused in one line with the file."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from chatproof.contract import SpecError, load_contract

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "overlay: 1.1.0\ninfo: {title: Mine, version: 1.0.0}\n"
TEMPERATURE = "$.components.schemas.ChatCompletionRequest.properties.temperature"
ALIASES = "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in itertools.pairwise("abcdefg")
)


def action(target: str, rest: str) -> str:
    return f"{HEAD}actions:\n- target: {target}\n  {rest}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (action(TEMPERATURE, "update: {maximum: -1}"), "minimum 0 is above maximum -1"),
        (
            action(TEMPERATURE, "update: {$ref: '#/components/schemas/Nope'}"),
            "nothing at #/components/schemas/Nope; correct the reference",
        ),
        (action("$.paths", "remove: true"), "the document has nothing at /paths"),
        (action("$.info.version", "remove: true"), "the document has nothing at /info/version"),
        (
            action("$.components.schemas.ChatCompletionRequest", "remove: true"),
            "nothing at /components/schemas/ChatCompletionRequest",
        ),
        (
            f"{HEAD}actions: " + "[" * 100_000,
            "mine.yaml:3: is not YAML (more than 100 levels deep)",
        ),
        (
            f"{HEAD}a: &a [{', '.join('x' * 10)}]\n{ALIASES}actions: [*g]\n",
            "is not YAML (more than 1000000 values, aliases counted)",
        ),
        (
            f"{HEAD}actions:\n- target: $.info\n  update: &a {{x-a: *a}}\n",
            "mine.yaml:5: is not YAML (the alias 'a' stands for what it is within)",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SpecError) as raised:
        load_contract(str(path))
    message = str(raised.value)
    assert message.startswith(f"{path}:")
    assert said in message
    assert "\n" not in message


def test_aliases_may_be_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"{HEAD}x: &x {{maximum: 1}}\nactions:\n- {{target: {TEMPERATURE}, update: *x}}\n"
    )
    contract = load_contract(str(path))
    assert contract.judge("request").root.properties["temperature"].schema["maximum"] == 1
