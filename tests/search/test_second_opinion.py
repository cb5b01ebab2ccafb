"""schemathesis as a second judge: it reads the same document and shares no code with ours."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from chatproof.contract import load_contract
from chatproof.reference import serving
from chatproof.search.second_opinion import SecondOpinion
from chatproof.transport import Live
from chatproof.wire import view
from chatproof.wire.exchange import Request
from tests.conftest import DIALECTS, base

if TYPE_CHECKING:
    from chatproof.wire import View


def exchange(dialect: str, fault: str | None, **properties: object) -> View:
    """One exchange with a reference server."""
    body = json.dumps({**base(dialect), **properties}).encode()

    async def ask() -> View:
        async with Live(url) as transport:
            return view(
                await transport.send(Request("POST", "/chat/completions", (), body), id="x")
            )

    with serving(dialect, faults=[fault] if fault else []) as url:
        return asyncio.run(ask())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("properties", [{}, {"temperature": 9}, {"logprobs": True}])
def test_it_has_no_objection_to_a_conforming_reply(
    dialect: str, stream: bool, properties: dict[str, object]
) -> None:
    seen = exchange(dialect, None, stream=stream, **properties)
    assert SecondOpinion(load_contract(dialect)).objection(seen) == ""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("fault", "properties"),
    [
        ("answer.no_id", {}),
        ("answer.created_as_text", {}),
        ("answer.wrong_object", {}),
        ("answer.declared_as_text", {}),
        ("usage.no_total", {}),
        ("stream.no_object", {"stream": True}),
        ("stream.empty_finish", {"stream": True}),
        ("error.no_type", {"temperature": 9}),
    ],
)
def test_it_objects_where_our_judge_does(
    dialect: str, fault: str, properties: dict[str, object]
) -> None:
    seen = exchange(dialect, fault, **properties)
    assert SecondOpinion(load_contract(dialect)).objection(seen) != ""
