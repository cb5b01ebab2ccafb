"""Tokens: a fixed vocabulary, text to tokens and back, and what a prompt costs.

The vocabulary has one token for each byte, one that ends a text, and some hundred words and
parts of words. Text is cut greedily, always the longest token that fits; what has no token of its
own falls back to bytes, so that é, 漢 and 🙂 become several tokens of which none is valid UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterable, Iterator, Mapping

    from ..contract.document import Json

_WORDS = """
a above across after again air all almost along already although always among an and animal answer
any are around as at autumn away back bay be beach because been before behind below between big
bird bloom blue boat both bread bridge bright bring build but by calm came can carry child city
clear cliff cloud coast cold colour come could count current dark day deep did distant do door
down drift each early earth east even evening every far father few field find fire first fish five
flat flow flower fog foot for forest found four free from full garden gave give glass go gold good
grain grass great green grey ground had half hand harbour has have he heart her here high hill him
his home hour house how hundred in into is island it its keep kind know lake lamp land large last
late leaf learn leave left less life light like line listen little long look low made make man
many map may meet merry mild mist moon more morning most mother mountain move much must name
narrow near never new next night no north not nothing now number ocean of off often old on once
one only open or other our out over own part path people place plain quiet rain reach red rest
river road rock roof room round run said sail salt same sand say sea second see shadow shall she
shell ship shore short silver sing sky slow small snow so soft some song south spring stand star
stay stone storm story street such summer sun table take tale talk tell ten than that the their
them then there these they thin thing think this those though thousand three through tide time to
together told too tower town tree true turn two under until up upon us use valley very village
voice walk wall warm was watch water wave way we weather well went were west what when where which
while white who why wide will wind window winter with without wood word work world would write
year yellow yes yet you young
"""
_OPENERS = """
A After All Along And Around As At Before Behind Beyond But By Each Even Every Far For From Here
How If In It Like Many Most Near Never No Now Of Often On Once One Or Our Out Over People Perhaps
Please Set She So Some Tell That The Then There They This Though Through To Today Under Until We
What When Where Which While Who Why With Write Yes You
"""
_PARTS = """
able al an ar at ation ed en ent er es est ful he ha ic ie ing ion is ish ist it ity ive ize less ll
ly ment nd ness ng on or ou ous re ri s st te th tion un ure 10 100 20 2024 25 50 function name
object parameters properties required string type description
"""
_GLUE = (
    '{"',
    '"}',
    '":',
    '":"',
    '","',
    '":{"',
    '"},{"',
    '"]',
    '["',
    "},{",
    "}}",
    ', "',
    "\n\n",
    "...",
)

END = 256
"""The token that ends a text. It has a name, but it stands for no text."""
VOCABULARY: tuple[bytes, ...] = tuple(
    dict.fromkeys(
        [
            *(bytes([value]) for value in range(END)),
            b"<|end|>",
            *(word.encode() for word in _WORDS.split()),
            *(b" " + word.encode() for word in _WORDS.split()),
            *(word.encode() for word in _OPENERS.split()),
            *(b" " + word.encode() for word in _OPENERS.split()),
            *(part.encode() for part in _PARTS.split()),
            *(glue.encode() for glue in _GLUE),
        ]
    )
)
"""The bytes of each token, by its id; the first 256 are the single bytes."""
_IDS = {data: number for number, data in enumerate(VOCABULARY) if number != END}
_SIZES: dict[int, tuple[int, ...]] = {
    first: tuple(sorted({len(data) for data in _IDS if data[0] == first}, reverse=True))
    for first in range(256)
}

PER_MESSAGE = 4
"""Tokens that each message costs beside its texts."""
PER_PROMPT = 3
"""Tokens that open the answer."""
PER_ATTACHMENT = 64
"""Tokens of an image, a file, or whatever else is no text."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was generated.

    `logprob` is its natural-log probability under the model, `top` the likeliest tokens in its
    place with theirs, best first, as many as were asked for. Where a stop sequence begins inside
    a token, `bytes` are what is left of it.
    """

    id: int
    bytes: builtins.bytes
    logprob: float
    top: tuple[tuple[builtins.bytes, float], ...] = ()

    @property
    def text(self) -> str:
        """The token to read; bytes that are no character become replacement characters."""
        return self.bytes.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model sees of a request: the length in tokens, and a digest of all of it."""

    tokens: int
    digest: bytes


def encode(text: str) -> list[int]:
    """The tokens of a text."""
    data = text.encode("utf-8", "surrogatepass")
    ids: list[int] = []
    at = 0
    while at < len(data):
        for size in _SIZES[data[at]]:
            number = _IDS.get(data[at : at + size])
            if number is not None:
                ids.append(number)
                at += len(VOCABULARY[number])
                break
    return ids


def decode(ids: Iterable[int]) -> str:
    """The text of tokens, without the bytes of a character that is not complete."""
    return b"".join(VOCABULARY[number] for number in ids if number != END).decode("utf-8", "ignore")


def ids_of(texts: str, *, space: bool = False) -> tuple[int, ...]:
    """The ids of tokens written between blanks; with `space`, of those that begin with one."""
    return tuple(_IDS[(b" " if space else b"") + text.encode()] for text in texts.split())


def words() -> tuple[int, ...]:
    """Tokens that go on a sentence: a blank and a word in lower case."""
    return ids_of(_WORDS, space=True)


def openers(*, space: bool) -> tuple[int, ...]:
    """Tokens that begin a sentence, after a blank or not."""
    return ids_of(_OPENERS, space=space)


def prompt_of(body: Mapping[str, Json]) -> Prompt:
    """The prompt that a request makes of its messages and its tools.

    A text costs the same whether it comes as a string or as a part, and null costs the same as
    nothing. Tools are part of the prompt.
    """
    messages = [(message.get("role"), list(_texts(message))) for message in body["messages"]]
    tools = _tools(body)
    count = PER_PROMPT + (len(encode(tools)) if tools else 0)
    for _, texts in messages:
        count += PER_MESSAGE + sum(cost for _, cost in texts)
    seen = json.dumps([body.get("model"), messages, tools]).encode()
    return Prompt(count, hashlib.blake2b(seen, digest_size=16).digest())


def _texts(message: Mapping[str, Json]) -> Iterator[tuple[str, int]]:
    """The texts of a message, each with its tokens."""
    for field in ("name", "reasoning", "content", "refusal"):
        value = message.get(field)
        for part in [value] if isinstance(value, str) else value or ():
            text = part if isinstance(part, str) else part.get("text", part.get("refusal"))
            if isinstance(text, str):
                yield text, len(encode(text))
            else:
                yield json.dumps(part), PER_ATTACHMENT
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        for text in (function.get("name"), function.get("arguments")):
            if isinstance(text, str):
                yield text, len(encode(text))


def _tools(body: Mapping[str, Json]) -> str:
    tools = [
        {key: _given(value) for key, value in _given(tool).items()}
        for tool in body.get("tools") or ()
    ]
    return json.dumps(tools, ensure_ascii=False, separators=(",", ":")) if tools else ""


def _given(value: Json) -> Json:
    """An object without its nulls; other values as they are."""
    if not isinstance(value, dict):
        return value
    return {key: member for key, member in value.items() if member is not None}
