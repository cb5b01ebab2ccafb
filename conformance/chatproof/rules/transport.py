"""Whether there is a reply that can be read at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule
from ..wire.jsontext import parse_text

if TYPE_CHECKING:
    from ..contract import Contract
    from ..wire import View

FAILURES = {
    "transport.reply": ("timeout",),
    "transport.connection": ("reset", "truncated", "unreachable"),
    "transport.http": ("not-http", "encoding"),
    "transport.size": ("too-large",),
}
"""Which failures break which requirement. Each exchange puts all four to the test."""


@rule("transport.rate_limit", on="any")
def rate_limits_are_numbers(view: View, contract: Contract) -> Checks:
    sent = {name: view.header(name) for name in contract.headers}
    said = {name: value for name, value in sent.items() if value is not None}
    for name, value in said.items():
        parsed = parse_text(value)
        if not (parsed.is_json and contract.header_fits(name, parsed.value)):
            yield check(
                False,
                f"the header {name} is {value!r}",
                expected=contract.headers[name]["type"],
                actual=value,
                at=f"header {name}",
            )
    if said:
        yield check(True)


@rule(*FAILURES, on="any")
def replies_can_be_read(view: View, contract: Contract) -> Checks:
    failure = view.failure
    for requirement, kinds in FAILURES.items():
        if failure is None or failure.kind not in kinds:
            yield check(True, requirement=requirement)
            continue
        yield check(
            False,
            failure.message,
            expected="a whole reply",
            actual=failure.evidence.decode("utf-8", "replace"),
            requirement=requirement,
        )
