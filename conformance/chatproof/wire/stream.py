"""The state machine of a chat completion stream: which chunk may follow which.

One machine runs for the whole stream, and one for each choice in it; both are tables, and what
a table does not allow is a violation. The machine knows no dialect: whether a stream ends with
the event [DONE], and where its usage is, are facts that it reports. After a violation it goes
on, so that the next one is found as well.

Sources: the order of chunks as recorded of both vendors, see spec/protocol.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class ChoiceState(Enum):
    """How far one choice of the stream is."""

    NEW = auto()
    OPEN = auto()
    FINISHED = auto()


class StreamState(Enum):
    """How far the whole stream is."""

    OPEN = auto()
    FAILED = auto()
    TERMINATED = auto()
    CLOSED = auto()


class Step(Enum):
    """What one chunk does to a choice, or one event to the stream."""

    ROLE = auto()
    CONTENT = auto()
    EMPTY = auto()
    FINISH = auto()
    CHUNK = auto()
    ERROR = auto()
    TERMINATOR = auto()
    END = auto()


class Kind(Enum):
    """What can be wrong with the order of a stream."""

    ROLE_MISSING = "the first delta of a choice has no role"
    ROLE_REPEATED = "a delta that is not the first has a role"
    CONTENT_AFTER_FINISH = "content follows the finish reason"
    FINISH_REPEATED = "a choice has a second finish reason"
    NO_FINISH = "the stream ends before a choice has its finish reason"
    NO_CHUNKS = "the stream ends without a chunk"
    AFTER_TERMINATOR = "something follows the terminator"
    AFTER_ERROR = "a chunk follows an error event"
    ID_VARIES = "the chunks differ in id"
    CREATED_VARIES = "the chunks differ in created"
    MODEL_VARIES = "the chunks differ in model"
    FINGERPRINT_VARIES = "the chunks differ in system_fingerprint"
    CHOICE_INDEX = "the index of a choice is out of range"
    TOOL_INDEX = "tool calls are not numbered 0, 1, 2 in the order in which they begin"
    TOOL_BEGIN = "the first fragment of a tool call has no id or no function name"
    TOOL_REPEATED = "a later fragment of a tool call has an id or a function name"
    USAGE_REPEATED = "more than one chunk has usage"
    NOT_JSON = "the data of an event is no JSON object"


CHOICE_STEPS: dict[ChoiceState, dict[Step, ChoiceState | Kind]] = {
    ChoiceState.NEW: {
        Step.ROLE: ChoiceState.OPEN,
        Step.CONTENT: Kind.ROLE_MISSING,
        Step.EMPTY: Kind.ROLE_MISSING,
        Step.FINISH: Kind.ROLE_MISSING,
    },
    ChoiceState.OPEN: {
        Step.ROLE: Kind.ROLE_REPEATED,
        Step.CONTENT: ChoiceState.OPEN,
        Step.EMPTY: ChoiceState.OPEN,
        Step.FINISH: ChoiceState.FINISHED,
    },
    ChoiceState.FINISHED: {
        Step.ROLE: Kind.ROLE_REPEATED,
        Step.CONTENT: Kind.CONTENT_AFTER_FINISH,
        Step.EMPTY: ChoiceState.FINISHED,
        Step.FINISH: Kind.FINISH_REPEATED,
    },
}
STREAM_STEPS: dict[StreamState, dict[Step, StreamState | Kind]] = {
    StreamState.OPEN: {
        Step.CHUNK: StreamState.OPEN,
        Step.ERROR: StreamState.FAILED,
        Step.TERMINATOR: StreamState.TERMINATED,
        Step.END: StreamState.CLOSED,
    },
    StreamState.FAILED: {
        Step.CHUNK: Kind.AFTER_ERROR,
        Step.ERROR: Kind.AFTER_ERROR,
        Step.TERMINATOR: StreamState.TERMINATED,
        Step.END: StreamState.CLOSED,
    },
    StreamState.TERMINATED: {
        Step.CHUNK: Kind.AFTER_TERMINATOR,
        Step.ERROR: Kind.AFTER_TERMINATOR,
        Step.TERMINATOR: Kind.AFTER_TERMINATOR,
        Step.END: StreamState.CLOSED,
    },
}
AFTERWARDS: dict[Kind, ChoiceState] = {Kind.ROLE_MISSING: ChoiceState.OPEN}
"""Where a choice goes on after a violation; where it is, unless named here."""

CONSTANT = {
    "id": Kind.ID_VARIES,
    "created": Kind.CREATED_VARIES,
    "model": Kind.MODEL_VARIES,
    "system_fingerprint": Kind.FINGERPRINT_VARIES,
}
SPOKEN = ("content", "reasoning", "reasoning_content", "refusal")


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach of the order: in which event (from 0), at which place of its chunk."""

    kind: Kind
    event: int
    path: str = ""
    expected: Any = None
    actual: Any = None


@dataclass(slots=True)
class ToolCall:
    """A tool call put together from its fragments, or taken from a plain message."""

    id: Any = None
    type: Any = None
    name: Any = None
    arguments: Any = None


@dataclass(slots=True)
class Answer:
    """One choice put together: the same for a stream and for a plain answer."""

    index: Any
    role: Any = None
    content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish_reason: Any = None
    logprobs: list[Any] = field(default_factory=list)


class StreamMachine:
    """Takes the events of a stream one by one, puts the choices together, notes violations."""

    def __init__(self, *, choices: int = 1) -> None:
        self.violations: list[Violation] = []
        self.answers: dict[Any, Answer] = {}
        self.usage: dict[str, Any] | None = None
        self.usage_events: list[int] = []
        self.usage_beside_choices = False
        self.error: dict[str, Any] | None = None
        self.terminators = 0
        self.chunks = 0
        self.empty_choices: list[int] = []
        self._choices = choices
        self._state = StreamState.OPEN
        self._states: dict[Any, ChoiceState] = {}
        self._constants: dict[str, Any] = {}
        self._calls: dict[Any, dict[Any, ToolCall]] = {}
        self._event = -1

    @property
    def terminated(self) -> bool:
        """Whether the event [DONE] came."""
        return self.terminators > 0

    @property
    def ended_well(self) -> bool:
        """Whether every choice that began has its finish reason, and no error came."""
        finished = all(state is ChoiceState.FINISHED for state in self._states.values())
        return bool(self._states) and finished and self.error is None

    def event(self, data: bytes, value: Any) -> None:
        """One event: its data, and the JSON value of it (None if it is none)."""
        self._event += 1
        if data.startswith(b"[DONE]"):
            self.terminators += 1
            self._stream(Step.TERMINATOR)
        elif not isinstance(value, dict):
            self._violate(Kind.NOT_JSON, actual=data[:200].decode("utf-8", "replace"))
        elif value.get("error"):
            self._stream(Step.ERROR)
            self.error = value
        else:
            self._stream(Step.CHUNK)
            self._chunk(value)

    def end(self) -> None:
        """The stream ended: every choice should have its finish reason by now."""
        self._stream(Step.END)
        if self.error is not None:
            return
        if not self._states:
            self._violate(Kind.NO_CHUNKS)
        for index, state in self._states.items():
            if state is not ChoiceState.FINISHED:
                self._violate(Kind.NO_FINISH, actual=f"choice {index}")

    def _chunk(self, chunk: dict[str, Any]) -> None:
        self.chunks += 1
        for name, kind in CONSTANT.items():
            if name in chunk:
                first = self._constants.setdefault(name, chunk[name])
                if chunk[name] != first:
                    self._violate(kind, f"/{name}", first, chunk[name])
        choices = chunk.get("choices")
        if not choices:
            self.empty_choices.append(self._event)
        for number, choice in enumerate(choices if isinstance(choices, list) else ()):
            if isinstance(choice, dict):
                self._choice(choice, f"/choices/{number}")
        if isinstance(chunk.get("usage"), dict):
            self._usage(chunk["usage"], choices)

    def _usage(self, usage: dict[str, Any], choices: Any) -> None:
        if self.usage_events:
            self._violate(Kind.USAGE_REPEATED, "/usage", "usage in one chunk", usage)
        self.usage = usage
        self.usage_events.append(self._event)
        self.usage_beside_choices = bool(choices)

    def _choice(self, choice: dict[str, Any], path: str) -> None:
        index = choice.get("index")
        if not isinstance(index, int) or isinstance(index, bool):
            return  # the schema speaks of that
        if not 0 <= index < self._choices:
            self._violate(Kind.CHOICE_INDEX, f"{path}/index", f"below {self._choices}", index)
        answer = self.answers.setdefault(index, Answer(index))
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        self._step(index, delta, choice.get("finish_reason"), path)
        self._collect(answer, delta, f"{path}/delta")
        logprobs = choice.get("logprobs")
        entries = logprobs.get("content") if isinstance(logprobs, dict) else None
        answer.logprobs.extend(entries if isinstance(entries, list) else ())
        if choice.get("finish_reason"):
            answer.finish_reason = choice["finish_reason"]

    def _step(self, index: Any, delta: dict[str, Any], finish: Any, path: str) -> None:
        """The steps that one chunk takes with a choice, each through the table."""
        spoken = any(delta.get(name) for name in SPOKEN) or bool(delta.get("tool_calls"))
        if delta.get("role"):
            self._advance(index, Step.ROLE, f"{path}/delta/role", delta["role"])
        if spoken:
            self._advance(index, Step.CONTENT, f"{path}/delta", delta)
        elif not delta.get("role") and not finish:
            self._advance(index, Step.EMPTY, f"{path}/delta", delta)
        if finish:
            self._advance(index, Step.FINISH, f"{path}/finish_reason", finish)

    def _advance(self, index: Any, step: Step, path: str, actual: Any) -> None:
        state = self._states.setdefault(index, ChoiceState.NEW)
        following = CHOICE_STEPS[state][step]
        if isinstance(following, Kind):
            self._violate(following, path, actual=actual)
            after = AFTERWARDS.get(following, state)
            if after is ChoiceState.OPEN and step is Step.FINISH:
                after = ChoiceState.FINISHED
            self._states[index] = after
        else:
            self._states[index] = following

    def _collect(self, answer: Answer, delta: dict[str, Any], path: str) -> None:
        answer.role = delta.get("role") or answer.role
        for name, attribute in (
            ("content", "content"),
            ("reasoning", "reasoning"),
            ("reasoning_content", "reasoning"),
            ("refusal", "refusal"),
        ):
            text = delta.get(name)
            if isinstance(text, str):
                setattr(answer, attribute, (getattr(answer, attribute) or "") + text)
        calls = delta.get("tool_calls")
        for number, call in enumerate(calls if isinstance(calls, list) else ()):
            if isinstance(call, dict):
                self._fragment(answer, call, f"{path}/tool_calls/{number}")

    def _fragment(self, answer: Answer, call: dict[str, Any], path: str) -> None:
        known = self._calls.setdefault(answer.index, {})
        number = call.get("index")
        if not isinstance(number, int) or isinstance(number, bool):
            number = len(known) if call.get("id") or not known else max(known)
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        if number not in known:
            self._begin(answer, known, number, call, function, path)
            return
        made = known[number]
        if call.get("id") or function.get("name"):
            self._violate(Kind.TOOL_REPEATED, path, actual=call)
        made.id = made.id or call.get("id")
        made.name = made.name or function.get("name")
        arguments = function.get("arguments")
        if isinstance(arguments, str):
            made.arguments = (made.arguments or "") + arguments

    def _begin(
        self,
        answer: Answer,
        known: dict[Any, ToolCall],
        number: int,
        call: dict[str, Any],
        function: dict[str, Any],
        path: str,
    ) -> None:
        if number != len(known):
            self._violate(Kind.TOOL_INDEX, f"{path}/index", len(known), number)
        if not call.get("id") or not function.get("name"):
            self._violate(Kind.TOOL_BEGIN, path, "an id and a function name", call)
        made = ToolCall(
            call.get("id"), call.get("type"), function.get("name"), function.get("arguments")
        )
        known[number] = made
        answer.tool_calls.append(made)

    def _stream(self, step: Step) -> None:
        following = STREAM_STEPS[self._state][step]
        if isinstance(following, Kind):
            self._violate(following)
        else:
            self._state = following

    def _violate(
        self, kind: Kind, path: str = "", expected: Any = None, actual: Any = None
    ) -> None:
        self.violations.append(Violation(kind, self._event, path, expected, actual))
