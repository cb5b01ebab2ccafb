"""The tables of a chat completion stream: which chunk may follow which.

Three machines run side by side, one for the whole stream, one for each of its choices, one for
each tool call in a choice. A table says for each state which steps are allowed and where they
lead::

    OPEN       --usage-->  USAGE_SEEN
    OPEN       --error-->  FAILED
    ...        --[DONE]--> TERMINATED

and a second one says which :class:`Kind` of violation every other step is, and in which state the
machine goes on, so that one cause is reported once and what comes after it is still judged. Each
step of each state stands in exactly one of the two. They are plain dicts, for code and for people
to read; the tables in the protocol document are made from them.

No dialect is known here. Whether a stream ends with ``[DONE]`` and where its usage is differs
between vendors; the machine reports both as facts.

Two states exist only to say things once. A choice whose first delta had no role is ROLELESS:
that is reported, and a role which comes late after it is not a repetition. A tool call that began
without its id or name is PARTIAL for the same reason.

Sources: OpenAI's API description and accumulators for what clients rely on, recordings of both
vendors for the order of chunks.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

State = TypeVar("State")
Step = TypeVar("Step")


class Kind(Enum):
    """What can be wrong with a stream. The names are stable; the values are what a report says."""

    NOT_JSON = "the data of an event is no JSON object"
    NO_CHUNKS = "the stream ends without a chunk that has a choice"
    AFTER_TERMINATOR = "something follows the terminator"
    AFTER_ERROR = "a chunk follows an error event"
    USAGE_REPEATED = "more than one chunk has usage"
    ID_VARIES = "the chunks differ in id"
    CREATED_VARIES = "the chunks differ in created"
    MODEL_VARIES = "the chunks differ in model"
    OBJECT_VARIES = "the chunks differ in object"
    FINGERPRINT_VARIES = "the chunks differ in system_fingerprint"
    CHOICE_INDEX = "the index of a choice is out of range, or none"
    ROLE_MISSING = "the first delta of a choice has no role"
    ROLE_REPEATED = "a delta that is not the first has a role"
    CONTENT_AFTER_FINISH = "content follows the finish reason"
    FINISH_REPEATED = "a choice has a second finish reason"
    NO_FINISH = "the stream ends before a choice has its finish reason"
    TOOL_INDEX = "tool calls are not numbered 0, 1, 2 in the order in which they begin"
    TOOL_BEGIN = "the first fragment of a tool call has no id or no function name"
    TOOL_REPEATED = "a later fragment of a tool call has an id or a function name"
    TOOL_ARGUMENTS = "the arguments in a fragment of a tool call are no text"


Table = dict[State, dict[Step, State]]
Breaches = dict[State, dict[Step, tuple[Kind, State]]]


class StreamState(Enum):
    """How far the whole stream is."""

    OPEN = "open"
    USAGE_SEEN = "usage seen"
    FAILED = "failed"
    TERMINATED = "terminated"
    CLOSED = "closed"


class StreamStep(Enum):
    """What one event is, or the end of the stream."""

    CHUNK = "chunk without usage"
    USAGE = "chunk with usage"
    ERROR = "error event"
    TERMINATOR = "[DONE]"
    OTHER = "anything else"
    END = "end of the stream"


STREAM: Table[StreamState, StreamStep] = {
    StreamState.OPEN: {
        StreamStep.CHUNK: StreamState.OPEN,
        StreamStep.USAGE: StreamState.USAGE_SEEN,
        StreamStep.ERROR: StreamState.FAILED,
        StreamStep.TERMINATOR: StreamState.TERMINATED,
        StreamStep.END: StreamState.CLOSED,
    },
    StreamState.USAGE_SEEN: {
        StreamStep.CHUNK: StreamState.USAGE_SEEN,
        StreamStep.ERROR: StreamState.FAILED,
        StreamStep.TERMINATOR: StreamState.TERMINATED,
        StreamStep.END: StreamState.CLOSED,
    },
    StreamState.FAILED: {
        StreamStep.TERMINATOR: StreamState.TERMINATED,
        StreamStep.END: StreamState.CLOSED,
    },
    StreamState.TERMINATED: {
        StreamStep.END: StreamState.CLOSED,
    },
    StreamState.CLOSED: {},
}
STREAM_BREACHES: Breaches[StreamState, StreamStep] = {
    StreamState.OPEN: {
        StreamStep.OTHER: (Kind.NOT_JSON, StreamState.OPEN),
    },
    StreamState.USAGE_SEEN: {
        StreamStep.USAGE: (Kind.USAGE_REPEATED, StreamState.USAGE_SEEN),
        StreamStep.OTHER: (Kind.NOT_JSON, StreamState.USAGE_SEEN),
    },
    StreamState.FAILED: {
        StreamStep.CHUNK: (Kind.AFTER_ERROR, StreamState.FAILED),
        StreamStep.USAGE: (Kind.AFTER_ERROR, StreamState.FAILED),
        StreamStep.ERROR: (Kind.AFTER_ERROR, StreamState.FAILED),
        StreamStep.OTHER: (Kind.AFTER_ERROR, StreamState.FAILED),
    },
    StreamState.TERMINATED: {
        StreamStep.CHUNK: (Kind.AFTER_TERMINATOR, StreamState.TERMINATED),
        StreamStep.USAGE: (Kind.AFTER_TERMINATOR, StreamState.TERMINATED),
        StreamStep.ERROR: (Kind.AFTER_TERMINATOR, StreamState.TERMINATED),
        StreamStep.TERMINATOR: (Kind.AFTER_TERMINATOR, StreamState.TERMINATED),
        StreamStep.OTHER: (Kind.AFTER_TERMINATOR, StreamState.TERMINATED),
    },
    StreamState.CLOSED: {},
}


class ChoiceState(Enum):
    """How far one choice is."""

    NEW = "new"
    ROLELESS = "roleless"
    OPEN = "open"
    FINISHED = "finished"


class ChoiceStep(Enum):
    """What one chunk does to a choice, in this order where it does several things."""

    ROLE = "role"
    CONTENT = "content"
    REASONING = "reasoning"
    REFUSAL = "refusal"
    TOOL_CALLS = "tool calls"
    EMPTY = "empty delta"
    FINISH = "finish reason"
    END = "end of the stream"


CHOICE: Table[ChoiceState, ChoiceStep] = {
    ChoiceState.NEW: {
        ChoiceStep.ROLE: ChoiceState.OPEN,
    },
    ChoiceState.ROLELESS: {
        ChoiceStep.ROLE: ChoiceState.OPEN,
        ChoiceStep.CONTENT: ChoiceState.ROLELESS,
        ChoiceStep.REASONING: ChoiceState.ROLELESS,
        ChoiceStep.REFUSAL: ChoiceState.ROLELESS,
        ChoiceStep.TOOL_CALLS: ChoiceState.ROLELESS,
        ChoiceStep.EMPTY: ChoiceState.ROLELESS,
        ChoiceStep.FINISH: ChoiceState.FINISHED,
    },
    ChoiceState.OPEN: {
        ChoiceStep.CONTENT: ChoiceState.OPEN,
        ChoiceStep.REASONING: ChoiceState.OPEN,
        ChoiceStep.REFUSAL: ChoiceState.OPEN,
        ChoiceStep.TOOL_CALLS: ChoiceState.OPEN,
        ChoiceStep.EMPTY: ChoiceState.OPEN,
        ChoiceStep.FINISH: ChoiceState.FINISHED,
    },
    ChoiceState.FINISHED: {
        ChoiceStep.EMPTY: ChoiceState.FINISHED,
        ChoiceStep.END: ChoiceState.FINISHED,
    },
}
CHOICE_BREACHES: Breaches[ChoiceState, ChoiceStep] = {
    ChoiceState.NEW: {
        ChoiceStep.CONTENT: (Kind.ROLE_MISSING, ChoiceState.ROLELESS),
        ChoiceStep.REASONING: (Kind.ROLE_MISSING, ChoiceState.ROLELESS),
        ChoiceStep.REFUSAL: (Kind.ROLE_MISSING, ChoiceState.ROLELESS),
        ChoiceStep.TOOL_CALLS: (Kind.ROLE_MISSING, ChoiceState.ROLELESS),
        ChoiceStep.EMPTY: (Kind.ROLE_MISSING, ChoiceState.ROLELESS),
        ChoiceStep.FINISH: (Kind.ROLE_MISSING, ChoiceState.FINISHED),
        ChoiceStep.END: (Kind.NO_FINISH, ChoiceState.NEW),
    },
    ChoiceState.ROLELESS: {
        ChoiceStep.END: (Kind.NO_FINISH, ChoiceState.ROLELESS),
    },
    ChoiceState.OPEN: {
        ChoiceStep.ROLE: (Kind.ROLE_REPEATED, ChoiceState.OPEN),
        ChoiceStep.END: (Kind.NO_FINISH, ChoiceState.OPEN),
    },
    ChoiceState.FINISHED: {
        ChoiceStep.ROLE: (Kind.ROLE_REPEATED, ChoiceState.FINISHED),
        ChoiceStep.CONTENT: (Kind.CONTENT_AFTER_FINISH, ChoiceState.FINISHED),
        ChoiceStep.REASONING: (Kind.CONTENT_AFTER_FINISH, ChoiceState.FINISHED),
        ChoiceStep.REFUSAL: (Kind.CONTENT_AFTER_FINISH, ChoiceState.FINISHED),
        ChoiceStep.TOOL_CALLS: (Kind.CONTENT_AFTER_FINISH, ChoiceState.FINISHED),
        ChoiceStep.FINISH: (Kind.FINISH_REPEATED, ChoiceState.FINISHED),
    },
}


class CallState(Enum):
    """How far one tool call is."""

    NEW = "new"
    PARTIAL = "partial"
    OPEN = "open"


class CallStep(Enum):
    """What one fragment gives of a call: an id and a name, one of them, or neither."""

    START = "id and name"
    HALF = "id or name"
    FRAGMENT = "arguments"


CALL: Table[CallState, CallStep] = {
    CallState.NEW: {
        CallStep.START: CallState.OPEN,
    },
    CallState.PARTIAL: {
        CallStep.START: CallState.PARTIAL,
        CallStep.HALF: CallState.PARTIAL,
        CallStep.FRAGMENT: CallState.PARTIAL,
    },
    CallState.OPEN: {
        CallStep.FRAGMENT: CallState.OPEN,
    },
}
CALL_BREACHES: Breaches[CallState, CallStep] = {
    CallState.NEW: {
        CallStep.HALF: (Kind.TOOL_BEGIN, CallState.PARTIAL),
        CallStep.FRAGMENT: (Kind.TOOL_BEGIN, CallState.PARTIAL),
    },
    CallState.PARTIAL: {},
    CallState.OPEN: {
        CallStep.START: (Kind.TOOL_REPEATED, CallState.OPEN),
        CallStep.HALF: (Kind.TOOL_REPEATED, CallState.OPEN),
    },
}


def follow(
    table: Table[State, Step], breaches: Breaches[State, Step], state: State, step: Step
) -> tuple[State, Kind | None]:
    """The state after `step`, and the violation that the step is, if it is one."""
    if step in table[state]:
        return table[state][step], None
    kind, following = breaches[state][step]
    return following, kind
