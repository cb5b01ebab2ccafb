# Generated from spec/openapi.yaml by tools/generate.py; do not edit.

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class ToolCallInputFunction(TypedDict):
    name: str
    """
    Its name.
    """
    arguments: str
    """
    JSON as text.
    """


class ToolCallInput(TypedDict):
    id: str
    """
    The call's id.
    """
    type: Literal['function']
    """
    The kind of tool.
    """
    function: ToolCallInputFunction
    """
    Which function was called, and how.
    """


class TextPart(TypedDict):
    type: Literal['text']
    """
    The kind of part.
    """
    text: str
    """
    The text.
    """


class ResponseFormatText(TypedDict):
    type: Literal['text']
    """
    The kind of format.
    """


class ResponseFormatJsonObject(TypedDict):
    type: Literal['json_object']
    """
    The kind of format.
    """


class ResponseFormatJsonSchemaJsonSchema(TypedDict):
    name: str
    """
    What the schema is called.
    """
    description: NotRequired[str | None]
    """
    What the schema is for.
    """
    schema: NotRequired[dict[str, Any] | None]
    """
    The JSON Schema; which keywords are supported is told in protocol.md.
    """
    strict: NotRequired[bool | None]
    """
    Whether the schema is enforced, or a guide.
    """


class ResponseFormatJsonSchema(TypedDict):
    type: Literal['json_schema']
    """
    The kind of format.
    """
    json_schema: ResponseFormatJsonSchemaJsonSchema
    """
    The schema and its name.
    """


class StreamOptions(TypedDict):
    include_usage: NotRequired[bool | None]
    """
    Whether a last chunk with usage is wanted.
    """
    include_obfuscation: NotRequired[bool]
    """
    Whether chunks are padded.
    """


class NamedToolChoiceFunction(TypedDict):
    name: str
    """
    Its name.
    """


class NamedToolChoice(TypedDict):
    type: Literal['function']
    """
    The kind of tool.
    """
    function: NamedToolChoiceFunction
    """
    The function.
    """


class FunctionToolFunction(TypedDict):
    name: str
    """
    Its name; letters, digits, _ and -. The server's own models have no rule.
    """
    description: NotRequired[str | None]
    """
    What it does.
    """
    parameters: NotRequired[dict[str, Any] | None]
    """
    The JSON Schema of its arguments; none when it has none.
    """
    strict: NotRequired[bool | None]
    """
    Whether arguments are held to the schema. All tools must agree on it.
    """


class FunctionTool(TypedDict):
    type: Literal['function']
    """
    The kind of tool.
    """
    function: FunctionToolFunction
    """
    The function.
    """


class ToolCallFunction(TypedDict):
    name: str
    """
    Its name.
    """
    arguments: str
    """
    JSON as text; a model may get it wrong.
    """


class ToolCall(TypedDict):
    id: str
    """
    The call's id.
    """
    type: Literal['function']
    """
    The kind of tool.
    """
    function: ToolCallFunction
    """
    Which function to call, and how.
    """


class TopLogprob(TypedDict):
    token: str
    """
    The token as text.
    """
    logprob: float
    """
    Natural logarithm.
    """
    bytes: NotRequired[list[int] | None]
    """
    The token's bytes in UTF-8; null when it has none.
    """


class UsagePromptTokensDetails(TypedDict):
    cached_tokens: NotRequired[int | None]
    """
    Those that were known from an earlier request.
    """


class UsageCompletionTokensDetails(TypedDict):
    reasoning_tokens: NotRequired[int | None]
    """
    Those that were thought.
    """
    accepted_prediction_tokens: NotRequired[int | None]
    """
    Those of a prediction that came true.
    """
    rejected_prediction_tokens: NotRequired[int | None]
    """
    Those of a prediction that did not.
    """


class Usage(TypedDict):
    prompt_tokens: int
    """
    Of the request.
    """
    completion_tokens: int
    """
    Of the answer.
    """
    total_tokens: int
    """
    Of both.
    """
    prompt_tokens_details: NotRequired[UsagePromptTokensDetails | None]
    """
    The prompt's tokens in detail.
    """
    completion_tokens_details: NotRequired[UsageCompletionTokensDetails | None]
    """
    The completion's tokens in detail.
    """


class TimeInfo(TypedDict):
    queue_time: NotRequired[float | None]
    """
    A duration in seconds.
    """
    prompt_time: NotRequired[float | None]
    """
    A duration in seconds.
    """
    completion_time: NotRequired[float | None]
    """
    A duration in seconds.
    """
    total_time: NotRequired[float | None]
    """
    A duration in seconds.
    """
    created: NotRequired[float | None]
    """
    When it was made; whole seconds until 2025-09, with a fraction since.
    """


class ChatCompletionEvent(TypedDict):
    data: Literal['[DONE]'] | str
    """
    The event's data.
    """


class ToolCallDeltaFunction(TypedDict):
    name: NotRequired[str | None]
    """
    Its name.
    """
    arguments: NotRequired[str | None]
    """
    A piece of JSON as text.
    """


class ToolCallDelta(TypedDict):
    index: int
    """
    Of which call; the server's own models allow absence.
    """
    id: NotRequired[str | None]
    """
    The call's id.
    """
    type: NotRequired[Literal['function'] | None]
    """
    The kind of tool.
    """
    function: NotRequired[ToolCallDeltaFunction | None]
    """
    Which function to call, and how.
    """


class Model(TypedDict):
    id: str
    """
    Its name.
    """
    object: NotRequired[Literal['model']]
    """
    What it is.
    """
    created: NotRequired[int]
    """
    Since when.
    """
    owned_by: NotRequired[str]
    """
    Who made it.
    """


TextPartsTextParts: TypeAlias = TextPart
"""
One part.
"""


class ImageUrlPartImageUrl(TypedDict):
    url: str
    """
    An address, or the image itself as a data URL.
    """
    detail: NotRequired[Literal['auto', 'low', 'high']]
    """
    How closely to look.
    """


class ImageUrlPart(TypedDict):
    type: Literal['image_url']
    """
    The kind of part.
    """
    image_url: ImageUrlPartImageUrl
    """
    Where the image is.
    """


class InputAudioPartInputAudio(TypedDict):
    data: str
    """
    In base64.
    """
    format: Literal['wav', 'mp3']
    """
    Of the sound.
    """


class InputAudioPart(TypedDict):
    type: Literal['input_audio']
    """
    The kind of part.
    """
    input_audio: InputAudioPartInputAudio
    """
    The sound.
    """


class FilePart(TypedDict):
    type: Literal['file']
    """
    The kind of part.
    """
    file: dict[str, Any]
    """
    The file, or its id.
    """


class FunctionMessage(TypedDict):
    role: Literal['function']
    """
    Whose message it is.
    """
    content: str | None
    """
    The answer.
    """
    name: str
    """
    The function.
    """


class RefusalPart(TypedDict):
    type: Literal['refusal']
    """
    The kind of part.
    """
    refusal: str
    """
    The words.
    """


class ErrorDetail(TypedDict):
    message: str
    """
    In words.
    """
    type: NotRequired[str]
    """
    The kind.
    """
    param: NotRequired[str | None]
    """
    What it is about.
    """
    code: NotRequired[str | int | None]
    """
    For programs.
    """


class StreamErrorError(TypedDict):
    message: str
    """
    In words.
    """


class StreamError(TypedDict):
    error: StreamErrorError
    """
    What went wrong.
    """


class Error(TypedDict):
    error: NotRequired[ErrorDetail]
    message: NotRequired[str]
    """
    In words.
    """
    type: NotRequired[str]
    """
    The kind.
    """
    param: NotRequired[str | None]
    """
    What it is about.
    """
    code: NotRequired[str | int | None]
    """
    For programs.
    """


Tools: TypeAlias = FunctionTool
"""
One tool; only functions are supported.
"""


class SystemMessage(TypedDict):
    role: Literal['system']
    """
    Whose message it is.
    """
    content: str | list[TextPartsTextParts]
    """
    The text, whole or in parts.
    """
    name: NotRequired[str | None]
    """
    A name that tells authors of the same role apart.
    """


class UserMessage(TypedDict):
    role: Literal['user']
    """
    Whose message it is.
    """
    content: str | list[TextPart | ImageUrlPart | InputAudioPart | FilePart]
    """
    The text, whole or in parts.
    """
    name: NotRequired[str | None]
    """
    A name that tells authors of the same role apart.
    """


class AssistantMessage(TypedDict):
    role: Literal['assistant']
    """
    Whose message it is.
    """
    content: NotRequired[str | list[TextPart | RefusalPart] | None]
    """
    The text; it may be null or missing beside tool calls.
    """
    name: NotRequired[str | None]
    """
    A name that tells authors of the same role apart.
    """
    tool_calls: NotRequired[list[ToolCallInput] | None]
    """
    The calls that the model made.
    """
    refusal: NotRequired[str | None]
    """
    What the model said when it refused.
    """


class ToolMessage(TypedDict):
    role: Literal['tool']
    """
    Whose message it is.
    """
    content: str | list[TextPartsTextParts]
    """
    The text, whole or in parts.
    """
    tool_call_id: str
    """
    Which call it answers.
    """


class Message(TypedDict):
    role: Literal['assistant']
    """
    Whose message it is.
    """
    content: NotRequired[str | None]
    """
    The text; null or missing beside tool calls.
    """
    reasoning: NotRequired[str | None]
    """
    What the model thought before.
    """
    tool_calls: NotRequired[list[ToolCall] | None]
    """
    The calls that the model makes.
    """
    refusal: NotRequired[str | None]
    """
    What the model says when it refuses.
    """


class TokenLogprob(TypedDict):
    token: str
    """
    The token as text.
    """
    logprob: float
    """
    Natural logarithm.
    """
    bytes: NotRequired[list[int] | None]
    """
    The token's bytes in UTF-8; null when it has none.
    """
    top_logprobs: list[TopLogprob]
    """
    The likeliest tokens, as many as asked for.
    """


class Delta(TypedDict):
    role: NotRequired[Literal['assistant'] | None]
    """
    Whose message it is; in the first delta.
    """
    content: NotRequired[str | None]
    """
    A piece of the text.
    """
    reasoning: NotRequired[str | None]
    """
    A piece of what the model thinks.
    """
    tool_calls: NotRequired[list[ToolCallDelta] | None]
    """
    Calls, whole or in fragments.
    """
    refusal: NotRequired[str | None]
    """
    A piece of what the model says when it refuses.
    """


class ModelList(TypedDict):
    object: NotRequired[Literal['list']]
    """
    What it is.
    """
    data: list[Model]
    """
    The models.
    """


class DeveloperMessage(TypedDict):
    role: Literal['developer']
    """
    Whose message it is.
    """
    content: str | list[TextPartsTextParts]
    """
    The instructions.
    """
    name: NotRequired[str]
    """
    A name that tells authors of the same role apart.
    """


class ChatCompletionRequest(TypedDict):
    model: str
    """
    Which model answers.
    """
    messages: list[SystemMessage | UserMessage | AssistantMessage | ToolMessage | DeveloperMessage | FunctionMessage]
    """
    The conversation so far, oldest message first.
    """
    max_completion_tokens: NotRequired[int | None]
    """
    The greatest number of tokens that may be generated, reasoning included; prompt and completion together are bounded by the model's context. What -1 and 0 mean is not documented; the server's own models accept -1.
    """
    max_tokens: NotRequired[int | None]
    """
    An older name of `max_completion_tokens`. What both together mean is open.
    """
    response_format: NotRequired[ResponseFormatText | ResponseFormatJsonObject | ResponseFormatJsonSchema | None]
    """
    The format of the answer; a strict JSON schema is enforced.
    """
    seed: NotRequired[int | None]
    """
    Equal requests with the same seed should give the same answer; this is a best effort.
    """
    stop: NotRequired[str | list[str] | None]
    """
    Up to 4 sequences at which the answer ends; the answer does not contain them. The seed's type is a string, its prose and the SDKs say a list too.
    """
    stream: NotRequired[bool | None]
    """
    Whether the answer is sent in pieces, as server-sent events.
    """
    stream_options: NotRequired[StreamOptions | None]
    """
    Options of a stream.
    """
    temperature: NotRequired[float | None]
    """
    How freely tokens are chosen, from 0 (always the likeliest) upwards.
    """
    top_p: NotRequired[float | None]
    """
    Only the likeliest tokens, which together have this probability, are considered. The seed names no range; that of a probability is in every later source.
    """
    tool_choice: NotRequired[Literal['none', 'auto', 'required'] | NamedToolChoice | None]
    """
    Whether the model may (`auto`), must (`required`) or must not (`none`) call a tool, or which function it must call. The default is `none` without tools, `auto` with them.
    """
    tools: NotRequired[list[Tools] | None]
    """
    The tools that the model may call; they count as part of the prompt.
    """
    parallel_tool_calls: NotRequired[bool | None]
    """
    Whether several tools may be called at once. Not in the seed; the SDK has it, a page of the documentation says that it is refused.
    """
    user: NotRequired[str | None]
    """
    Who asks, for the detection of abuse.
    """
    logprobs: NotRequired[bool | None]
    """
    Whether the log probability of each token is wanted; false by default.
    """
    top_logprobs: NotRequired[int | None]
    """
    How many of the likeliest tokens are wanted at each place. Needs `logprobs`.
    """
    n: NotRequired[int | None]
    """
    How many answers are wanted. Undocumented, but in the vendor's SDK, without a maximum; that of OpenAI's API stands here, and nothing is demanded beyond it.
    """
    frequency_penalty: NotRequired[float | None]
    """
    Makes tokens less likely the more often they occurred. Not in the seed; the SDK has it, a page of the documentation says that it is refused.
    """
    presence_penalty: NotRequired[float | None]
    """
    Makes tokens that occurred less likely; the sources disagree as above.
    """
    logit_bias: NotRequired[dict[str, int] | None]
    """
    Makes single tokens, named by number, more or less likely; as above.
    """
    service_tier: NotRequired[Literal['auto', 'default', 'flex', 'scale', 'priority', 'fast'] | None]
    """
    How urgent the request is. The SDK has it, a page says that it is refused.
    """
    metadata: NotRequired[dict[str, Any] | None]
    """
    Up to 16 texts to keep beside the answer.
    """
    store: NotRequired[bool | None]
    """
    Whether the answer is kept.
    """
    reasoning_effort: NotRequired[Literal['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] | None]
    """
    How long the model may think.
    """
    verbosity: NotRequired[Literal['low', 'medium', 'high'] | None]
    """
    How long the answer may be.
    """
    safety_identifier: NotRequired[str | None]
    """
    Who asks; takes the place of `user`.
    """
    prompt_cache_key: NotRequired[str | None]
    """
    Which requests share a cache.
    """


class Logprobs(TypedDict):
    content: NotRequired[list[TokenLogprob] | None]
    """
    Those of the text.
    """
    refusal: NotRequired[list[dict[str, Any]] | None]
    """
    Those of a refusal.
    """


class ChunkChoice(TypedDict):
    index: int
    """
    Of which choice.
    """
    delta: Delta
    """
    What is new.
    """
    finish_reason: NotRequired[Literal['stop', 'length', 'content_filter', 'tool_calls', 'function_call'] | None]
    """
    Why the choice ends; in its last chunk.
    """
    logprobs: NotRequired[Logprobs | None]
    """
    Log probabilities, where asked for.
    """


class Choice(TypedDict):
    index: int
    """
    Its place.
    """
    message: Message
    finish_reason: Literal['stop', 'length', 'content_filter', 'tool_calls', 'function_call']
    """
    Why it ends. The server's own models allow null and absence, the SDK and all recordings of plain answers have it.
    """
    logprobs: NotRequired[Logprobs | None]
    """
    Log probabilities, where asked for.
    """


class ChatCompletionChunk(TypedDict):
    id: str
    """
    The answer's id.
    """
    object: Literal['chat.completion.chunk']
    """
    What it is.
    """
    created: int
    """
    When the answer was begun, in seconds since the Unix epoch.
    """
    model: str
    """
    Who answers.
    """
    system_fingerprint: str
    """
    The configuration of the server.
    """
    choices: list[ChunkChoice]
    """
    Pieces of the choices; none in the chunk with usage.
    """
    usage: NotRequired[Usage | None]
    """
    What the whole answer cost; here in the chunk with the finish reason.
    """
    service_tier: NotRequired[str | None]
    """
    Which tier answers.
    """
    obfuscation: NotRequired[str]
    """
    Padding.
    """


class ChatCompletion(TypedDict):
    id: str
    """
    The answer's id.
    """
    object: Literal['chat.completion']
    """
    What it is.
    """
    created: int
    """
    When it was made, in seconds since the Unix epoch.
    """
    model: str
    """
    Which model answered; it may be another name of the model that was asked.
    """
    system_fingerprint: NotRequired[str | None]
    """
    The configuration of the server.
    """
    choices: list[Choice]
    """
    The answers, one unless more were asked for.
    """
    usage: NotRequired[Usage | None]
    """
    What it cost.
    """
    service_tier: NotRequired[str | None]
    """
    Which tier answered.
    """
