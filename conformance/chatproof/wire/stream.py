"""The state machine of a chat completion stream, driven by the tables in :mod:`.states`.

It takes the events of a stream one by one, puts the choices together, and notes what the tables
do not allow. It goes on after every violation: one cause is reported once, with a count, and the
next cause is found as well. It reads any JSON; a field of the wrong type is skipped, because the
schema already speaks of it.

What follows an error event or the terminator is not read, as no client reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .answer import integer, items, mapping, reasoning, text
from .assembly import GrowingCall, GrowingChoice
from .states import (
    CALL,
    CALL_BREACHES,
    CHOICE,
    CHOICE_BREACHES,
    STREAM,
    STREAM_BREACHES,
    CallState,
    CallStep,
    ChoiceState,
    ChoiceStep,
    Kind,
    StreamState,
    StreamStep,
    follow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import Enum

    from .answer import Answer
    from .jsontext import Json, Parsed
    from .sse import Event

TERMINATOR: Final = b"[DONE]"
CONSTANT: Final = {
    "id": Kind.ID_VARIES,
    "created": Kind.CREATED_VARIES,
    "model": Kind.MODEL_VARIES,
    "object": Kind.OBJECT_VARIES,
    "system_fingerprint": Kind.FINGERPRINT_VARIES,
}
"""Fields that have one value in all chunks which have them, and what it is when they differ."""

_OPEN: Final = (StreamState.OPEN, StreamState.USAGE_SEEN)
_SHOWN: Final = 200


def is_terminator(event: Event) -> bool:
    """Whether clients stop reading here; the official SDKs look at the first characters only."""
    return event.data.startswith(TERMINATOR)


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of the protocol: the first of its kind in its choice, and how many there were.

    `event` counts from 0; `offset` is the byte in the stream at which that event begins; `path`
    is a JSON pointer into its chunk. At the end of the stream, `event` is the number of events.
    """

    kind: Kind
    event: int
    path: str
    expected: Json
    actual: Json
    offset: int
    choice: int | None
    count: int = 1

    @property
    def message(self) -> str:
        where = "" if self.choice is None else f" (choice {self.choice})"
        often = "" if self.count == 1 else f", {self.count} times"
        return f"{self.kind.value}{where}{often}"


class StreamMachine:
    """Takes a stream by :meth:`event`, then :meth:`end`; then tells what it was.

    `choices` is how many were asked for (`n`). Facts, which some dialects demand and others
    forbid, are attributes: `terminated`, `terminators`, `usage` (the last), `usage_events`,
    `usage_beside_choices` (whether the last usage has choices beside it), `empty_choices` (the
    events without a choice), `chunks` (how many), `error` (the first error event's value).
    Breaches that are breaches everywhere are `violations`.
    """

    def __init__(self, *, choices: int) -> None:
        self.state = StreamState.OPEN
        self.events = 0
        self.chunks = 0
        self.terminators = 0
        self.error: dict[str, Json] | None = None
        self.usage: dict[str, Json] | None = None
        self.usage_events: list[int] = []
        self.usage_beside_choices = False
        self.empty_choices: list[int] = []
        self._asked = max(1, choices)
        self._choices: dict[int, GrowingChoice] = {}
        self._last = 0
        self._constants: dict[str, Json] = {}
        self._violations: dict[tuple[Kind, int | None], Violation] = {}
        self._offset = 0

    # What it was --------------------------------------------------------------------------------

    @property
    def violations(self) -> list[Violation]:
        """What the tables do not allow, in the order in which it was met.

        Where choices cannot be told apart, that is said, and nothing of the order in each.
        """
        return [
            violation
            for violation in self._violations.values()
            if violation.choice is None or self._indexes_hold
        ]

    @property
    def answers(self) -> dict[int, Answer]:
        """The choices, put together, by their index."""
        return {index: choice.made() for index, choice in self._choices.items()}

    @property
    def terminated(self) -> bool:
        """Whether the event [DONE] came."""
        return self.terminators > 0

    @property
    def ended_well(self) -> bool:
        """Whether every choice that began has its finish reason, and no error came."""
        finished = all(c.state is ChoiceState.FINISHED for c in self._choices.values())
        return bool(self._choices) and finished and self.error is None and self._indexes_hold

    # The stream ---------------------------------------------------------------------------------

    def event(self, event: Event, parsed: Parsed) -> None:
        """Take one event and its data, read as JSON.

        Raises:
            RuntimeError: the stream has ended already.
        """
        self._offset = event.offset
        value = parsed.value
        if is_terminator(event):
            if event.data != TERMINATOR and self.state in _OPEN:
                self._follow_stream(StreamStep.OTHER, event.data)
            self._follow_stream(StreamStep.TERMINATOR, event.data)
            self.terminators += 1
        elif not isinstance(value, dict):
            self._follow_stream(StreamStep.OTHER, event.data)
        else:
            if not parsed.is_json and self.state in _OPEN:
                self._follow_stream(StreamStep.OTHER, event.data)
            self._object(value, event.data)
        self.events += 1

    def end(self) -> None:
        """The stream has ended: every choice should have its finish reason by now.

        Not to be called for a stream that broke off. After an error event nothing is missed.

        Raises:
            RuntimeError: the stream has ended already.
        """
        self._follow_stream(StreamStep.END, b"")
        if self.error is not None:
            return
        if not self._choices:
            self._violate(Kind.NO_CHUNKS, "", "a chunk with a choice", None)
        for choice in self._choices.values():
            self._follow_choice(choice, ChoiceStep.END, "", None)

    def _object(self, value: dict[str, Json], data: bytes) -> None:
        was_open = self.state in _OPEN
        if value.get("error"):
            self._follow_stream(StreamStep.ERROR, data)
            self.error = self.error or value
            return
        usage = value.get("usage")
        step = StreamStep.USAGE if isinstance(usage, dict) else StreamStep.CHUNK
        self._follow_stream(step, data)
        if was_open:
            self._chunk(value)

    def _chunk(self, chunk: dict[str, Json]) -> None:
        self.chunks += 1
        for name, kind in CONSTANT.items():
            value = chunk.get(name)
            if isinstance(value, (str, int, float)):
                first = self._constants.setdefault(name, value)
                if value != first:
                    self._violate(kind, f"/{name}", first, value)
        choices = items(chunk.get("choices"))
        if not choices:
            self.empty_choices.append(self.events)
        for number, choice in enumerate(choices):
            if isinstance(choice, dict):
                self._choice(choice, f"/choices/{number}")
        if isinstance(chunk.get("usage"), dict):
            self.usage = chunk["usage"]
            self.usage_events.append(self.events)
            self.usage_beside_choices = bool(choices)

    # One choice ---------------------------------------------------------------------------------

    @property
    def _indexes_hold(self) -> bool:
        """Whether choices can be told apart by their index; with one choice that hardly matters."""
        return self._asked == 1 or (Kind.CHOICE_INDEX, None) not in self._violations

    def _which(self, choice: dict[str, Json], path: str) -> GrowingChoice:
        """The choice that a part of a chunk belongs to.

        An index that is none goes on with the choice of the chunk before, and so does one out of
        range which begins without a role: that is a number which counts chunks.
        """
        index = integer(choice.get("index"))
        if index is None or not 0 <= index < self._asked:
            expected = f"an integer from 0 to {self._asked - 1}"
            self._violate(Kind.CHOICE_INDEX, f"{path}/index", expected, choice.get("index"))
        begins = bool(text(mapping(choice.get("delta")).get("role")))
        known = index in self._choices
        if index is None or index < 0 or (index >= self._asked and not known and not begins):
            index = self._last
        self._last = index
        return self._choices.setdefault(index, GrowingChoice(index))

    def _choice(self, part: dict[str, Json], path: str) -> None:
        choice = self._which(part, path)
        delta = part.get("delta")
        if isinstance(delta, dict):
            self._delta(choice, delta, bool(part.get("finish_reason")), f"{path}/delta")
        choice.logprobs += items(mapping(part.get("logprobs")).get("content"))
        finish = part.get("finish_reason")
        if finish:
            self._follow_choice(choice, ChoiceStep.FINISH, f"{path}/finish_reason", finish)
            choice.finish_reason = text(finish) or choice.finish_reason

    def _delta(
        self, choice: GrowingChoice, delta: dict[str, Json], finish: bool, path: str
    ) -> None:
        role = text(delta.get("role"))
        if role:
            self._follow_choice(choice, ChoiceStep.ROLE, f"{path}/role", role)
            choice.role = choice.role or role
        texts = {
            ChoiceStep.CONTENT: text(delta.get("content")),
            ChoiceStep.REASONING: reasoning(delta),
            ChoiceStep.REFUSAL: text(delta.get("refusal")),
        }
        for step, piece in texts.items():
            if piece:
                self._follow_choice(choice, step, f"{path}/{step.value}", piece)
            if piece is not None:
                choice.texts.setdefault(step.value, []).append(piece)
        calls = items(delta.get("tool_calls"))
        if calls:
            self._follow_choice(choice, ChoiceStep.TOOL_CALLS, f"{path}/tool_calls", calls)
        elif not finish and not role and not any(texts.values()):
            self._follow_choice(choice, ChoiceStep.EMPTY, path, delta)
        for number, call in enumerate(calls):
            if isinstance(call, dict):
                self._fragment(choice, call, f"{path}/tool_calls/{number}")

    # One tool call ------------------------------------------------------------------------------

    def _fragment(self, choice: GrowingChoice, fragment: dict[str, Json], path: str) -> None:
        function = mapping(fragment.get("function"))
        call = self._which_call(choice, fragment, function, path)
        given = [text(fragment.get("id")), text(function.get("name"))]
        # An empty id begins a call (that it is empty is a matter of its own), but repeats nothing.
        new = call.state is CallState.NEW
        count = sum(value is not None if new else bool(value) for value in given)
        step = (CallStep.FRAGMENT, CallStep.HALF, CallStep.START)[count]
        call.state, kind = follow(CALL, CALL_BREACHES, call.state, step)
        if kind is not None:
            expected = "an id and a function name" if new else "neither id nor function name"
            self._violate(kind, path, expected, fragment, choice)
        arguments = function.get("arguments")
        if arguments is not None and not isinstance(arguments, str):
            where = f"{path}/function/arguments"
            self._violate(Kind.TOOL_ARGUMENTS, where, "a text", arguments, choice)
        call.add(fragment, function)

    def _which_call(
        self, choice: GrowingChoice, fragment: dict[str, Json], function: dict[str, Json], path: str
    ) -> GrowingCall:
        """The call that a fragment belongs to.

        Without an index, an id or a name that is not the last call's begins another one.
        """
        calls = choice.calls
        index = integer(fragment.get("index"))
        if index is None or (index not in calls and index != len(calls)):
            self._violate(
                Kind.TOOL_INDEX, f"{path}/index", len(calls), fragment.get("index"), choice
            )
        if index is None:
            last = max(calls, default=-1)
            id, name = text(fragment.get("id")), text(function.get("name"))
            same = last in calls and (calls[last].id == id if id else not name)
            index = last if same else last + 1
        return calls.setdefault(index, GrowingCall())

    # Steps and violations -----------------------------------------------------------------------

    def _follow_stream(self, step: StreamStep, data: bytes) -> None:
        if self.state is StreamState.CLOSED:
            raise RuntimeError("the stream has ended already")
        allowed = STREAM[self.state]
        self.state, kind = follow(STREAM, STREAM_BREACHES, self.state, step)
        if kind is not None:
            self._violate(kind, "", _names(allowed), data[:_SHOWN].decode("utf-8", "replace"))

    def _follow_choice(
        self, choice: GrowingChoice, step: ChoiceStep, path: str, actual: Json
    ) -> None:
        allowed = CHOICE[choice.state]
        choice.state, kind = follow(CHOICE, CHOICE_BREACHES, choice.state, step)
        if kind is not None:
            expected = "finish reason" if kind is Kind.NO_FINISH else _names(allowed)
            self._violate(kind, path, expected, actual, choice)

    def _violate(
        self,
        kind: Kind,
        path: str,
        expected: Json,
        actual: Json,
        choice: GrowingChoice | None = None,
    ) -> None:
        key = (kind, choice.index if choice else None)
        known = self._violations.get(key)
        self._violations[key] = (
            replace(known, count=known.count + 1)
            if known is not None
            else Violation(kind, self.events, path, expected, actual, self._offset, key[1])
        )


def _names(steps: Iterable[Enum]) -> str:
    """The steps that a table allows, as a report says them."""
    return ", ".join(str(step.value) for step in steps)
