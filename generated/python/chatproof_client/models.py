# Generated from spec/openapi.yaml by tools/generate.py; do not edit.

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class Stop(RootModel[list[str]]):
    root: Annotated[
        list[str], Field(examples=[['###', '@@@']], max_length=4, min_length=1)
    ]
    """
    Several sequences; the first that appears ends the answer.
    """


class ToolCallInputFunction(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    name: Annotated[str, Field(examples=['get_weather'])]
    """
    Its name.
    """
    arguments: Annotated[str, Field(examples=['{"city":"Paris"}'])]
    """
    JSON as text.
    """


class ToolCallInput(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    id: Annotated[str, Field(examples=['call00001'])]
    """
    The call's id.
    """
    type: Annotated[Literal['function'], Field(examples=['function'])]
    """
    The kind of tool.
    """
    function: Annotated[
        ToolCallInputFunction,
        Field(examples=[{'name': 'get_weather', 'arguments': '{"city":"Paris"}'}]),
    ]
    """
    Which function was called, and how.
    """


class TextPart(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['text'], Field(examples=['text'])]
    """
    The kind of part.
    """
    text: Annotated[str, Field(examples=['Say hello.'])]
    """
    The text.
    """


class ResponseFormatText(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['text'], Field(examples=['text'])]
    """
    The kind of format.
    """


class ResponseFormatJsonObject(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['json_object'], Field(examples=['json_object'])]
    """
    The kind of format.
    """


class ResponseFormatJsonSchemaJsonSchema(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    name: Annotated[
        str, Field(examples=['answer'], max_length=64, pattern='^[A-Za-z0-9_-]+$')
    ]
    """
    What the schema is called.
    """
    description: Annotated[str | None, Field(examples=['A colour.'])] = None
    """
    What the schema is for.
    """
    schema_: Annotated[
        dict[str, Any] | None,
        Field(
            alias='schema',
            examples=[{'type': 'object', 'properties': {'colour': {'type': 'string', 'enum': ['blue']}}, 'required': ['colour'], 'additionalProperties': False}],
        ),
    ] = None
    """
    The JSON Schema; which keywords are supported is told in protocol.md.
    """
    strict: Annotated[bool | None, Field(examples=[True])] = None
    """
    Whether the schema is enforced, or a guide.
    """


class ResponseFormatJsonSchema(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['json_schema'], Field(examples=['json_schema'])]
    """
    The kind of format.
    """
    json_schema: Annotated[
        ResponseFormatJsonSchemaJsonSchema,
        Field(
            examples=[{'name': 'answer', 'strict': True, 'schema': {'type': 'object', 'properties': {'colour': {'type': 'string', 'enum': ['blue']}}, 'required': ['colour'], 'additionalProperties': False}}]
        ),
    ]
    """
    The schema and its name.
    """


class StreamOptions(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    include_usage: Annotated[bool | None, Field(examples=[True])] = None
    """
    Whether a last chunk with usage is wanted.
    """
    include_obfuscation: Annotated[bool | None, Field(examples=[False])] = None
    """
    Whether chunks are padded.
    """


class NamedToolChoiceFunction(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    name: Annotated[str, Field(examples=['get_weather'])]
    """
    Its name.
    """


class NamedToolChoice(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['function'], Field(examples=['function'])]
    """
    The kind of tool.
    """
    function: Annotated[
        NamedToolChoiceFunction, Field(examples=[{'name': 'get_weather'}])
    ]
    """
    The function.
    """


class FunctionToolFunction(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    name: Annotated[
        str, Field(examples=['get_weather'], max_length=64, pattern='^[A-Za-z0-9_-]+$')
    ]
    """
    Its name; letters, digits, _ and -. The server's own models have no rule.
    """
    description: Annotated[str | None, Field(examples=['Tells the weather.'])] = None
    """
    What it does.
    """
    parameters: Annotated[
        dict[str, Any] | None,
        Field(
            examples=[{'type': 'object', 'properties': {'city': {'type': 'string'}}, 'required': ['city']}]
        ),
    ] = None
    """
    The JSON Schema of its arguments; none when it has none.
    """
    strict: Annotated[bool | None, Field(examples=[False])] = False
    """
    Whether arguments are held to the schema. All tools must agree on it.
    """


class FunctionTool(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['function'], Field(examples=['function'])]
    """
    The kind of tool.
    """
    function: Annotated[
        FunctionToolFunction,
        Field(
            examples=[{'name': 'get_weather', 'description': 'Tells the weather.', 'parameters': {'type': 'object', 'properties': {'city': {'type': 'string'}}, 'required': ['city']}}]
        ),
    ]
    """
    The function.
    """


class ToolCallFunction(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    name: Annotated[str, Field(examples=['add'])]
    """
    Its name.
    """
    arguments: Annotated[str, Field(examples=['{"a": 2, "b": 3}'])]
    """
    JSON as text; a model may get it wrong.
    """


class ToolCall(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    id: Annotated[str, Field(examples=['c35d15b73'])]
    """
    The call's id.
    """
    type: Annotated[Literal['function'], Field(examples=['function'])]
    """
    The kind of tool.
    """
    function: Annotated[
        ToolCallFunction,
        Field(examples=[{'name': 'add', 'arguments': '{"a": 2, "b": 3}'}]),
    ]
    """
    Which function to call, and how.
    """


class TokenLogprobByte(RootModel[int]):
    root: Annotated[int, Field(examples=[72], ge=0, le=255)]
    """
    A byte.
    """


class TopLogprobByte(RootModel[int]):
    root: Annotated[int, Field(examples=[72], ge=0, le=255)]
    """
    A byte.
    """


class TopLogprob(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    token: Annotated[str, Field(examples=['Hi'])]
    """
    The token as text.
    """
    logprob: Annotated[float, Field(examples=[-0.1])]
    """
    Natural logarithm.
    """
    bytes: list[TopLogprobByte] | None = None
    """
    The token's bytes in UTF-8; null when it has none.
    """


class UsagePromptTokensDetails(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    cached_tokens: Annotated[int | None, Field(examples=[0], ge=0)] = None
    """
    Those that were known from an earlier request.
    """


class UsageCompletionTokensDetails(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    reasoning_tokens: Annotated[int | None, Field(examples=[0], ge=0)] = None
    """
    Those that were thought.
    """
    accepted_prediction_tokens: Annotated[int | None, Field(examples=[0], ge=0)] = None
    """
    Those of a prediction that came true.
    """
    rejected_prediction_tokens: Annotated[int | None, Field(examples=[0], ge=0)] = None
    """
    Those of a prediction that did not.
    """


class Usage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    prompt_tokens: Annotated[int, Field(examples=[22], ge=0)]
    """
    Of the request.
    """
    completion_tokens: Annotated[int, Field(examples=[3], ge=0)]
    """
    Of the answer.
    """
    total_tokens: Annotated[int, Field(examples=[25], ge=0)]
    """
    Of both.
    """
    prompt_tokens_details: UsagePromptTokensDetails | None = None
    """
    The prompt's tokens in detail.
    """
    completion_tokens_details: UsageCompletionTokensDetails | None = None
    """
    The completion's tokens in detail.
    """


class TimeInfo(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    queue_time: Annotated[float | None, Field(examples=[0.0005], ge=0.0)] = None
    """
    A duration in seconds.
    """
    prompt_time: Annotated[float | None, Field(examples=[0.0005], ge=0.0)] = None
    """
    A duration in seconds.
    """
    completion_time: Annotated[float | None, Field(examples=[0.0005], ge=0.0)] = None
    """
    A duration in seconds.
    """
    total_time: Annotated[float | None, Field(examples=[0.0005], ge=0.0)] = None
    """
    A duration in seconds.
    """
    created: Annotated[float | None, Field(examples=[1761231233.44], ge=0.0)] = None
    """
    When it was made; whole seconds until 2025-09, with a fraction since.
    """


class ChatCompletionEvent(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    data: Literal['[DONE]'] | str
    """
    The event's data.
    """


class ToolCallDeltaFunction(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    name: Annotated[str | None, Field(examples=['add'])] = None
    """
    Its name.
    """
    arguments: Annotated[str | None, Field(examples=['{"a": 2}'])] = None
    """
    A piece of JSON as text.
    """


class ToolCallDelta(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    index: Annotated[int, Field(examples=[0], ge=0)]
    """
    Of which call; the server's own models allow absence.
    """
    id: Annotated[str | None, Field(examples=['ab8048658'])] = None
    """
    The call's id.
    """
    type: Annotated[Literal['function'] | None, Field(examples=['function'])] = None
    """
    The kind of tool.
    """
    function: Annotated[
        ToolCallDeltaFunction | None,
        Field(examples=[{'name': 'add', 'arguments': '{"a": 2}'}]),
    ] = None
    """
    Which function to call, and how.
    """


class Model(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    id: Annotated[str, Field(examples=['llama3.1-8b'], min_length=1)]
    """
    Its name.
    """
    object: Annotated[Literal['model'] | None, Field(examples=['model'])] = None
    """
    What it is.
    """
    created: Annotated[int | None, Field(examples=[0], ge=0)] = None
    """
    Since when.
    """
    owned_by: Annotated[str | None, Field(examples=['Meta'])] = None
    """
    Who made it.
    """


class TextPartsTextParts(RootModel[TextPart]):
    root: Annotated[TextPart, Field(discriminator='type')]
    """
    One part.
    """


class TextParts(RootModel[list[TextPartsTextParts]]):
    root: Annotated[
        list[TextPartsTextParts],
        Field(examples=[[{'type': 'text', 'text': 'Say hello.'}]], min_length=1),
    ]
    """
    A text in parts.
    """


class ImageUrlPartImageUrl(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    url: Annotated[str, Field(examples=['data:image/png;base64,iVBORw0KGgo='])]
    """
    An address, or the image itself as a data URL.
    """
    detail: Annotated[
        Literal['auto', 'low', 'high'] | None, Field(examples=['auto'])
    ] = None
    """
    How closely to look.
    """


class ImageUrlPart(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['image_url'], Field(examples=['image_url'])]
    """
    The kind of part.
    """
    image_url: Annotated[
        ImageUrlPartImageUrl,
        Field(examples=[{'url': 'data:image/png;base64,iVBORw0KGgo='}]),
    ]
    """
    Where the image is.
    """


class InputAudioPartInputAudio(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    data: Annotated[str, Field(examples=['UklGRg=='])]
    """
    In base64.
    """
    format: Annotated[Literal['wav', 'mp3'], Field(examples=['wav'])]
    """
    Of the sound.
    """


class InputAudioPart(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['input_audio'], Field(examples=['input_audio'])]
    """
    The kind of part.
    """
    input_audio: Annotated[
        InputAudioPartInputAudio,
        Field(examples=[{'data': 'UklGRg==', 'format': 'wav'}]),
    ]
    """
    The sound.
    """


class FilePart(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['file'], Field(examples=['file'])]
    """
    The kind of part.
    """
    file: Annotated[dict[str, Any], Field(examples=[{'file_id': 'file-1'}])]
    """
    The file, or its id.
    """


class FunctionMessage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['function'], Field(examples=['function'])]
    """
    Whose message it is.
    """
    content: Annotated[str | None, Field(examples=['sunny'])]
    """
    The answer.
    """
    name: Annotated[str, Field(examples=['get_weather'])]
    """
    The function.
    """


class RefusalPart(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    type: Annotated[Literal['refusal'], Field(examples=['refusal'])]
    """
    The kind of part.
    """
    refusal: Annotated[str, Field(examples=['I cannot do that.'])]
    """
    The words.
    """


class ErrorDetail(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    message: Annotated[str, Field(examples=['too high'])]
    """
    In words.
    """
    type: Annotated[str | None, Field(examples=['invalid_request_error'])] = None
    """
    The kind.
    """
    param: Annotated[str | None, Field(examples=['temperature'])] = None
    """
    What it is about.
    """
    code: Annotated[str | int | None, Field(examples=[None])] = None
    """
    For programs.
    """


class StreamErrorError(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    message: Annotated[str, Field(examples=['Try again.'])]
    """
    In words.
    """


class StreamError(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    error: Annotated[StreamErrorError, Field(examples=[{'message': 'Try again.'}])]
    """
    What went wrong.
    """


class Error(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    error: ErrorDetail | None = None
    message: Annotated[str | None, Field(examples=['too high'])] = None
    """
    In words.
    """
    type: Annotated[str | None, Field(examples=['invalid_request_error'])] = None
    """
    The kind.
    """
    param: Annotated[str | None, Field(examples=['temperature'])] = None
    """
    What it is about.
    """
    code: Annotated[str | int | None, Field(examples=[None])] = None
    """
    For programs.
    """


class Tools(RootModel[FunctionTool]):
    root: Annotated[FunctionTool, Field(discriminator='type')]
    """
    One tool; only functions are supported.
    """


class SystemMessage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['system'], Field(examples=['system'])]
    """
    Whose message it is.
    """
    content: str | TextParts
    """
    The text, whole or in parts.
    """
    name: Annotated[str | None, Field(examples=['anna'])] = None
    """
    A name that tells authors of the same role apart.
    """


class UserMessageContent(
    RootModel[list[Annotated[TextPart | ImageUrlPart | InputAudioPart | FilePart, Field(discriminator='type')]]]
):
    root: Annotated[
        list[Annotated[TextPart | ImageUrlPart | InputAudioPart | FilePart, Field(discriminator='type')]],
        Field(examples=[[{'type': 'text', 'text': 'Say hello.'}]], min_length=1),
    ]
    """
    Parts of the text, in order.
    """


class UserMessage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['user'], Field(examples=['user'])]
    """
    Whose message it is.
    """
    content: str | UserMessageContent
    """
    The text, whole or in parts.
    """
    name: Annotated[str | None, Field(examples=['anna'])] = None
    """
    A name that tells authors of the same role apart.
    """


class AssistantMessageContent(
    RootModel[list[Annotated[TextPart | RefusalPart, Field(discriminator='type')]]]
):
    root: Annotated[
        list[Annotated[TextPart | RefusalPart, Field(discriminator='type')]],
        Field(examples=[[{'type': 'text', 'text': 'Hello!'}]], min_length=1),
    ]
    """
    The text in parts, or one refusal.
    """


class AssistantMessage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['assistant'], Field(examples=['assistant'])]
    """
    Whose message it is.
    """
    content: str | AssistantMessageContent | None = None
    """
    The text; it may be null or missing beside tool calls.
    """
    name: Annotated[str | None, Field(examples=['anna'])] = None
    """
    A name that tells authors of the same role apart.
    """
    tool_calls: list[ToolCallInput] | None = None
    """
    The calls that the model made.
    """
    refusal: Annotated[str | None, Field(examples=['I cannot do that.'])] = None
    """
    What the model said when it refused.
    """


class ToolMessage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['tool'], Field(examples=['tool'])]
    """
    Whose message it is.
    """
    content: str | TextParts
    """
    The text, whole or in parts.
    """
    tool_call_id: Annotated[str, Field(examples=['call00001'])]
    """
    Which call it answers.
    """


class Message(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['assistant'], Field(examples=['assistant'])]
    """
    Whose message it is.
    """
    content: Annotated[str | None, Field(examples=['Hello!'])] = None
    """
    The text; null or missing beside tool calls.
    """
    reasoning: Annotated[str | None, Field(examples=['The user greets me.'])] = None
    """
    What the model thought before.
    """
    tool_calls: list[ToolCall] | None = None
    """
    The calls that the model makes.
    """
    refusal: Annotated[str | None, Field(examples=[None])] = None
    """
    What the model says when it refuses.
    """


class TokenLogprob(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    token: Annotated[str, Field(examples=['Hi'])]
    """
    The token as text.
    """
    logprob: Annotated[float, Field(examples=[-0.1])]
    """
    Natural logarithm.
    """
    bytes: list[TokenLogprobByte] | None = None
    """
    The token's bytes in UTF-8; null when it has none.
    """
    top_logprobs: Annotated[
        list[TopLogprob],
        Field(examples=[[{'token': 'Hi', 'logprob': -0.1, 'bytes': [72, 105]}]]),
    ]
    """
    The likeliest tokens, as many as asked for.
    """


class Delta(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['assistant'] | None, Field(examples=['assistant'])] = None
    """
    Whose message it is; in the first delta.
    """
    content: Annotated[str | None, Field(examples=['Hi'])] = None
    """
    A piece of the text.
    """
    reasoning: Annotated[str | None, Field(examples=['Hm.'])] = None
    """
    A piece of what the model thinks.
    """
    tool_calls: list[ToolCallDelta] | None = None
    """
    Calls, whole or in fragments.
    """
    refusal: Annotated[str | None, Field(examples=[None])] = None
    """
    A piece of what the model says when it refuses.
    """


class ModelList(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    object: Annotated[Literal['list'] | None, Field(examples=['list'])] = None
    """
    What it is.
    """
    data: Annotated[
        list[Model],
        Field(
            examples=[[{'id': 'llama3.1-8b', 'object': 'model', 'created': 0, 'owned_by': 'Meta'}]]
        ),
    ]
    """
    The models.
    """


class DeveloperMessage(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    role: Annotated[Literal['developer'], Field(examples=['developer'])]
    """
    Whose message it is.
    """
    content: str | TextParts
    """
    The instructions.
    """
    name: Annotated[str | None, Field(examples=['anna'])] = None
    """
    A name that tells authors of the same role apart.
    """


class ChatCompletionRequest(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    model: Annotated[str, Field(examples=['llama3.1-8b'])]
    """
    Which model answers.
    """
    messages: Annotated[
        list[Annotated[SystemMessage | UserMessage | AssistantMessage | ToolMessage | DeveloperMessage | FunctionMessage, Field(discriminator='role')]],
        Field(
            examples=[[{'role': 'user', 'content': 'Say hello.'}], [{'role': 'system', 'content': 'You are brief.'}, {'role': 'user', 'content': 'What is the weather in Paris?'}, {'role': 'assistant', 'content': None, 'tool_calls': [{'id': 'call00001', 'type': 'function', 'function': {'name': 'get_weather', 'arguments': '{"city":"Paris"}'}}]}, {'role': 'tool', 'tool_call_id': 'call00001', 'content': 'sunny'}]],
            min_length=1,
        ),
    ]
    """
    The conversation so far, oldest message first.
    """
    max_completion_tokens: Annotated[int | None, Field(examples=[16])] = None
    """
    The greatest number of tokens that may be generated, reasoning included; prompt and completion together are bounded by the model's context. What -1 and 0 mean is not documented; the server's own models accept -1.
    """
    max_tokens: Annotated[int | None, Field(deprecated=True, examples=[16])] = None
    """
    An older name of `max_completion_tokens`. What both together mean is open.
    """
    response_format: (
        ResponseFormatText | ResponseFormatJsonObject | ResponseFormatJsonSchema | None
    ) = None
    """
    The format of the answer; a strict JSON schema is enforced.
    """
    seed: Annotated[
        int | None,
        Field(
            deprecated=True,
            examples=[7],
            ge=-9223372036854775808,
            le=9223372036854775807,
        ),
    ] = None
    """
    Equal requests with the same seed should give the same answer; this is a best effort.
    """
    stop: str | Stop | None = None
    """
    Up to 4 sequences at which the answer ends; the answer does not contain them. The seed's type is a string, its prose and the SDKs say a list too.
    """
    stream: Annotated[bool | None, Field(examples=[False])] = None
    """
    Whether the answer is sent in pieces, as server-sent events.
    """
    stream_options: StreamOptions | None = None
    """
    Options of a stream.
    """
    temperature: Annotated[float | None, Field(examples=[0.7], ge=0.0, le=2.0)] = None
    """
    How freely tokens are chosen, from 0 (always the likeliest) upwards.
    """
    top_p: Annotated[float | None, Field(examples=[0.9], ge=0.0, le=1.0)] = None
    """
    Only the likeliest tokens, which together have this probability, are considered. The seed names no range; that of a probability is in every later source.
    """
    tool_choice: Literal['none', 'auto', 'required'] | NamedToolChoice | None = None
    """
    Whether the model may (`auto`), must (`required`) or must not (`none`) call a tool, or which function it must call. The default is `none` without tools, `auto` with them.
    """
    tools: list[Tools] | None = None
    """
    The tools that the model may call; they count as part of the prompt.
    """
    parallel_tool_calls: Annotated[bool | None, Field(examples=[True])] = None
    """
    Whether several tools may be called at once. Not in the seed; the SDK has it, a page of the documentation says that it is refused.
    """
    user: Annotated[str | None, Field(examples=['user-1234'])] = None
    """
    Who asks, for the detection of abuse.
    """
    logprobs: Annotated[bool | None, Field(examples=[True])] = False
    """
    Whether the log probability of each token is wanted; false by default.
    """
    top_logprobs: Annotated[int | None, Field(examples=[2], ge=0, le=20)] = None
    """
    How many of the likeliest tokens are wanted at each place. Needs `logprobs`.
    """
    n: Annotated[int | None, Field(examples=[1], ge=1, le=128)] = None
    """
    How many answers are wanted. Undocumented, but in the vendor's SDK, without a maximum; that of OpenAI's API stands here, and nothing is demanded beyond it.
    """
    frequency_penalty: Annotated[
        float | None, Field(examples=[0.5], ge=-2.0, le=2.0)
    ] = None
    """
    Makes tokens less likely the more often they occurred. Not in the seed; the SDK has it, a page of the documentation says that it is refused.
    """
    presence_penalty: Annotated[
        float | None, Field(examples=[0.5], ge=-2.0, le=2.0)
    ] = None
    """
    Makes tokens that occurred less likely; the sources disagree as above.
    """
    logit_bias: dict[str, int] | None = None
    """
    Makes single tokens, named by number, more or less likely; as above.
    """
    service_tier: Annotated[
        Literal['auto', 'default', 'flex', 'scale', 'priority', 'fast'] | None,
        Field(examples=['auto']),
    ] = None
    """
    How urgent the request is. The SDK has it, a page says that it is refused.
    """
    metadata: Annotated[dict[str, Any] | None, Field(examples=[{'team': 'green'}])] = (
        None
    )
    """
    Up to 16 texts to keep beside the answer.
    """
    store: Annotated[bool | None, Field(examples=[False])] = None
    """
    Whether the answer is kept.
    """
    reasoning_effort: Annotated[
        Literal['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] | None,
        Field(examples=['low']),
    ] = None
    """
    How long the model may think.
    """
    verbosity: Annotated[
        Literal['low', 'medium', 'high'] | None, Field(examples=['low'])
    ] = None
    """
    How long the answer may be.
    """
    safety_identifier: Annotated[str | None, Field(examples=['user-1234'])] = None
    """
    Who asks; takes the place of `user`.
    """
    prompt_cache_key: Annotated[str | None, Field(examples=['session-1'])] = None
    """
    Which requests share a cache.
    """


class Logprobs(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    content: list[TokenLogprob] | None = None
    """
    Those of the text.
    """
    refusal: list[dict[str, Any]] | None = None
    """
    Those of a refusal.
    """


class ChunkChoice(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    index: Annotated[int, Field(examples=[0], ge=0)]
    """
    Of which choice.
    """
    delta: Delta
    """
    What is new.
    """
    finish_reason: Annotated[
        Literal['stop', 'length', 'content_filter', 'tool_calls', 'function_call'] | None,
        Field(examples=['stop']),
    ] = None
    """
    Why the choice ends; in its last chunk.
    """
    logprobs: Logprobs | None = None
    """
    Log probabilities, where asked for.
    """


class Choice(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    index: Annotated[int, Field(examples=[0], ge=0)]
    """
    Its place.
    """
    message: Message
    finish_reason: Annotated[
        Literal['stop', 'length', 'content_filter', 'tool_calls', 'function_call'],
        Field(examples=['stop']),
    ]
    """
    Why it ends. The server's own models allow null and absence, the SDK and all recordings of plain answers have it.
    """
    logprobs: Logprobs | None = None
    """
    Log probabilities, where asked for.
    """


class ChatCompletionChunk(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    id: Annotated[str, Field(examples=['chatcmpl-07ac'], min_length=1)]
    """
    The answer's id.
    """
    object: Annotated[
        Literal['chat.completion.chunk'], Field(examples=['chat.completion.chunk'])
    ]
    """
    What it is.
    """
    created: Annotated[int, Field(examples=[1761231233], ge=0)]
    """
    When the answer was begun, in seconds since the Unix epoch.
    """
    model: Annotated[str, Field(examples=['llama3.1-8b'], min_length=1)]
    """
    Who answers.
    """
    system_fingerprint: Annotated[str, Field(examples=['fp_386b539e7b02ce3613b7'])]
    """
    The configuration of the server.
    """
    choices: list[ChunkChoice]
    """
    Pieces of the choices; none in the chunk with usage.
    """
    usage: Usage | None = None
    """
    What the whole answer cost; here in the chunk with the finish reason.
    """
    service_tier: Annotated[str | None, Field(examples=['default'])] = None
    """
    Which tier answers.
    """
    obfuscation: Annotated[str | None, Field(examples=['aX'])] = None
    """
    Padding.
    """


class ChatCompletion(BaseModel):
    model_config = ConfigDict(
        extra='allow',
    )
    id: Annotated[
        str,
        Field(examples=['chatcmpl-07ac2555-5f70-4250-bf47-c33cb5e4e22f'], min_length=1),
    ]
    """
    The answer's id.
    """
    object: Annotated[Literal['chat.completion'], Field(examples=['chat.completion'])]
    """
    What it is.
    """
    created: Annotated[int, Field(examples=[1761231233], ge=0)]
    """
    When it was made, in seconds since the Unix epoch.
    """
    model: Annotated[str, Field(examples=['llama3.1-8b'], min_length=1)]
    """
    Which model answered; it may be another name of the model that was asked.
    """
    system_fingerprint: Annotated[
        str | None, Field(examples=['fp_386b539e7b02ce3613b7'])
    ] = None
    """
    The configuration of the server.
    """
    choices: Annotated[list[Choice], Field(min_length=1)]
    """
    The answers, one unless more were asked for.
    """
    usage: Usage | None = None
    """
    What it cost.
    """
    service_tier: Annotated[str | None, Field(examples=['default'])] = None
    """
    Which tier answered.
    """
