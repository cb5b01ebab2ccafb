"""Mutants: a source with one small mistake each.

The mistakes are mutmut's. Its own runner leaves out decorated functions, which all rules are, and
tables; here its operators see whole modules. What cannot be seen from outside is left out: types,
imports, what a dataclass generates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import libcst as cst
import libcst.matchers as m
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper
from mutmut.mutation.mutators import mutation_operators

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEVERAL_WORDS: Final = re.compile(r"""^f?["'].*[\w,:] \w""")
_SHOWN: Final = frozenset(
    "Kind Quirk StreamState StreamStep ChoiceState CallState CallStep".split()
)
"""Enumerations whose values are words of a report and nothing else."""
_NO_CODE: Final = (
    m.Annotation()
    | m.Import()
    | m.ImportFrom()
    | m.If(test=m.Name("TYPE_CHECKING"))
    | m.Decorator(decorator=~m.Call(func=m.Name("rule")))
    | m.Assign(value=m.Subscript(value=m.Name("Literal") | m.Name("dict") | m.Name("tuple")))
    | m.Assign(targets=[m.AssignTarget(m.Name("Json"))])
    | m.Assign(targets=[m.AssignTarget(m.Name("__all__"))])
    | m.Assign(value=m.Call(func=m.Name("TypeVar")))
    | m.SimpleStatementLine(body=[m.Expr(m.SimpleString())])
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake. `before` and `after` are the lines that it changes, without their margin.

    `words` says that nothing but the words of a message are changed.
    """

    path: str
    function: str
    before: str
    after: str
    source: str
    words: bool

    def __str__(self) -> str:
        lines = [f"- {line}" for line in self.before.splitlines()]
        lines += [f"+ {line}" for line in self.after.splitlines()]
        return "\n    ".join((f"{self.path} {self.function}", *lines))

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it, however the lines of the file move."""
        return self.path, self.function, self.before, self.after


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    spans = wrapper.resolve(ByteSpanPositionProvider)
    finder = _Finder()
    wrapper.module.visit(finder)
    seen = {source}
    for found in finder.found:
        made = _replaced(source.encode(), spans[found.node], found).decode()
        if made not in seen:
            seen.add(made)
            before, after = _difference(source, made)
            yield Mutant(path, found.function, before, after, made, found.words)


def _replaced(source: bytes, span: CodeSpan, found: _Found) -> bytes:
    """The source with the mistake. What a node owns around its own span stays as it is."""
    end = span.start + span.length
    head, _, tail = _code(found.node).partition(source[span.start : end])
    mistake = _code(found.mistake).removeprefix(head).removesuffix(tail)
    return source[: span.start] + mistake + source[end:]


def _code(node: cst.CSTNode) -> bytes:
    return cst.Module([]).code_for_node(node).encode()


def _left_out(table: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Leave out one entry of a table."""
    elements = table.elements if isinstance(table, cst.Dict) else ()
    for number in range(len(elements)):
        yield table.with_changes(elements=[*elements[:number], *elements[number + 1 :]])


_OPERATORS: Final = (*mutation_operators, (cst.Dict, _left_out))


@dataclass(frozen=True, slots=True)
class _Found:
    node: cst.CSTNode
    mistake: cst.CSTNode
    function: str
    words: bool


class _Finder(cst.CSTVisitor):
    """Finds the places for mistakes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._within: list[str] = []
        self._messages: set[cst.CSTNode] = set()  # parts of a call that only say something
        self._places: set[cst.CSTNode] = set()  # parts of a call that tell a place
        self._silent = 0
        self._placed = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if m.matches(node, _NO_CODE):
            return False
        if isinstance(node, (cst.ClassDef, cst.FunctionDef)):
            self._within.append(node.name.value)
        if isinstance(node, cst.Call):
            self._messages |= set(_messages(node))
            self._places |= {arg for arg in node.args if _named(arg, "at")}
        self._silent += self._says(node)
        self._placed += node in self._places
        self._collect(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if m.matches(original_node, _NO_CODE):
            return
        if isinstance(original_node, (cst.ClassDef, cst.FunctionDef)):
            self._within.pop()
        self._silent -= self._says(original_node)
        self._placed -= original_node in self._places

    def _says(self, node: cst.CSTNode) -> bool:
        return node in self._messages or (
            isinstance(node, cst.ClassDef) and node.name.value in _SHOWN
        )

    def _collect(self, node: cst.CSTNode) -> None:
        for kind, operator in _OPERATORS:
            if isinstance(node, kind):
                words = bool(self._silent) or (_is_phrase(node) and not self._placed)
                function = ".".join(self._within)
                made = [made for made in operator(node) if not _said_already(node, made)]
                self.found += [_Found(node, mistake, function, words) for mistake in made]


def _said_already(node: cst.CSTNode, mistake: cst.CSTNode) -> bool:
    """Whether another mistake says as much: a text in other letters, a default that is given."""
    if isinstance(node, cst.SimpleString) and isinstance(mistake, cst.SimpleString):
        return node.value.lower() == mistake.value.lower()
    if isinstance(node, cst.Call) and isinstance(mistake, cst.Call):
        changed = set(mistake.args) ^ set(node.args)
        return any(arg.keyword and m.matches(arg.value, m.Name("None")) for arg in changed)
    return False


def _messages(call: cst.Call) -> Iterator[cst.CSTNode]:
    """The arguments of a call that are the message of a check, or of a problem in a JSON text."""
    if m.matches(call.func, m.Name("check") | m.Name("Problem")):
        yield from (arg for arg in call.args[1:2] if arg.keyword is None and not arg.star)


def _named(arg: cst.Arg, name: str) -> bool:
    return arg.keyword is not None and arg.keyword.value == name


def _is_phrase(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleString) and bool(_SEVERAL_WORDS.match(node.value))


def _difference(one: str, other: str) -> tuple[str, str]:
    """The lines of each source that the other does not have."""
    left, right = ([line.strip() for line in text.splitlines()] for text in (one, other))
    most = min(len(left), len(right))
    head = next((n for n in range(most) if left[n] != right[n]), most)
    most -= head
    tail = next((n for n in range(most) if left[-1 - n] != right[-1 - n]), most)
    return "\n".join(left[head : len(left) - tail]), "\n".join(right[head : len(right) - tail])
