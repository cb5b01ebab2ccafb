"""schemathesis as generator of further requests, and as a second judge of the replies.

It reads the same document, but shares no code with the judge here. It gets a copy without the
conditionals (two of them make it drop valid requests), its requests are judged with the whole
document, and they travel on our own transport, which is bounded. Its stateful phase has nothing to
link here: a chat leaves nothing behind, and models are asked for by experiments.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ..contract import Contract
    from ..contract.document import Json
    from ..wire import View

PATH = "/v1/chat/completions"


class SecondOpinion:
    """schemathesis, reading one contract."""

    def __init__(self, contract: Contract) -> None:
        import schemathesis

        self._schema = schemathesis.openapi.from_dict(without_conditionals(contract.document))
        self._operation = self._schema[PATH]["POST"]

    def bodies(self, *, valid: bool) -> SearchStrategy[Json]:
        """Bodies that schemathesis holds for valid, or for invalid; JSON values only."""
        from schemathesis import GenerationMode

        mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
        strategy: SearchStrategy[Any] = self._operation.as_strategy(generation_mode=mode)
        return strategy.map(lambda case: case.body).filter(_is_json)

    def coverage(self) -> list[Json]:
        """The bodies of its coverage phase: each keyword of the document once, and broken."""
        from schemathesis import GenerationMode

        # No public name gives them without a server; a test holds the library to this one.
        from schemathesis.specs.openapi.coverage._operation import iter_coverage_cases

        generation = self._schema.config.generation_for(operation=self._operation, phase="coverage")
        cases = iter_coverage_cases(
            operation=self._operation,
            generation_modes=[GenerationMode.NEGATIVE],
            generate_duplicate_query_parameters=False,
            unexpected_methods=set(),
            generation_config=generation,
        )
        return [case.body for case in cases if _is_json(case.body)]

    def objection(self, view: View) -> str:
        """What schemathesis has against the reply of `view`; empty when nothing."""
        import requests
        import schemathesis

        if view.reply is None:
            return ""
        headers: dict[str, list[str]] = {}
        for name, value in view.reply.headers:
            headers.setdefault(name, []).append(value)
        response = schemathesis.Response(
            status_code=view.reply.status,
            headers=headers,
            content=view.reply.body,
            request=requests.Request("POST", "http://server" + PATH).prepare(),
            elapsed=view.exchange.seconds,
            verify=True,
        )
        case = self._operation.Case(body=view.request_json, media_type="application/json")
        checks = schemathesis.checks.CHECKS
        wanted: list[Any] = [
            checks.get_one(name)
            for name in ("response_schema_conformance", "content_type_conformance")
        ]
        try:
            case.validate_response(response, checks=wanted)
        except BaseExceptionGroup as group:
            return str(group.exceptions[0]).splitlines()[0]
        return ""


def without_conditionals(document: Json) -> Json:
    """A copy for schemathesis, which drops valid requests where there are two conditionals."""
    bare = copy.deepcopy(document)
    bare["components"]["schemas"]["ChatCompletionRequest"].pop("allOf", None)
    for item in bare["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation["security"] = []
    bare["security"] = []
    return bare


def _is_json(body: Any) -> bool:
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
