"""Tests of a changed source, in a process of its own.

The tests are collected once; each mutant is a fork of that process. A mistake within a function
gets into it by the function's code, and only the tests run that call it. Any other gets in by new
values or new rules, or else the packages are loaded again with the changed source. No changed file
is ever written.
"""

from __future__ import annotations

import ast
import gc
import importlib
import os
import resource
import sys
import time
from contextlib import contextmanager
from functools import cached_property
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings

from chatproof.checks import RULES, rules_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType

    from tools.mutation import Mutant

SECONDS: Final = 60
"""Of processor time, in which the tests of one mutant end, or it is one that never does."""
MEMORY: Final = 4 * 2**30
PACKAGE: Final = Path("conformance/chatproof").resolve()
_WHERE: Final = tuple(str(PACKAGE / folder) for folder in ("wire", "rules"))
_VECTORS: Final = "tests/vectors/test_vectors.py::test_"
TESTS: Final = (
    "tests/wire",
    f"{_VECTORS}streams_decode_to_their_events",
    "tests/rules",
    f"{_VECTORS}exchanges_break_just_what_they_say",
)
"""What is meant to hold the two packages."""
_ANEW: Final = ("chatproof.wire", "chatproof.rules", "chatproof.checks", "tests.")
_LONG: Final = (
    "tests/wire/test_stream_machine.py::test_any_json_is_survived",
    "tests/wire/test_views.py::test_any_bytes_are_survived",
)
"""Random input, seconds of it, only to see that nothing is raised."""
_BROKEN: Final = 254
"""The exit code of a fork in which not a test failed, but what was to run it."""
_MOST: Final = 200
"""Up to here an exit code tells which test it was."""
_OPTIONS: Final = [
    *"-o addopts= -x -s --assert=plain -p no:cacheprovider -p no:terminal --timeout=0".split(),
    *(f"--deselect={test}" for test in _LONG),
]


class _Trials:
    """In place of the tests' one run: one with notes, then a run in a fork for each mutant."""

    def __init__(self, mutants: Sequence[Mutant], jobs: int) -> None:
        self._waiting = list(reversed(mutants))
        self._jobs = jobs
        self._touching: dict[tuple[str, str], list[pytest.Item]] = {}
        self._every: list[pytest.Item] = []
        self.found: dict[Mutant, bool] = {}
        self.failed = ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.failed = self._tried_whole(session)
        if self.failed:
            return True
        gc.freeze()
        running: dict[int, Mutant] = {}
        while self._waiting or running:
            while self._waiting and len(running) < self._jobs:
                mutant = self._waiting.pop()
                running[self._started(mutant)] = mutant
            process, status = os.wait()
            mutant = running.pop(process)
            code = os.waitstatus_to_exitcode(status)
            if code == _BROKEN:
                self.failed = f"not a test but this program failed at {mutant}"
                self._waiting.clear()
            self.found[mutant] = code != 0
            self._put_first(mutant, code - 1)
            if not status:
                print(f"{len(self.found)}: {mutant}", file=sys.stderr, flush=True)
        return True

    def _tried_whole(self, session: pytest.Session) -> str:
        """Note which tests run which functions, the quick ones first; a test that fails."""
        noted: list[tuple[float, pytest.Item, set[tuple[str, str]]]] = []
        for item in session.items:
            began, calls = time.process_time(), set[tuple[str, str]]()
            with _noting(calls):
                if not _passes(item):
                    return f"{item.nodeid} fails as it is"
            noted.append((time.process_time() - began, item, calls))
        noted.sort(key=lambda note: note[0])
        self._every = [item for _, item, _ in noted]
        for _, item, calls in noted:
            for call in calls:
                self._touching.setdefault(call, []).append(item)
        return ""

    def _started(self, mutant: Mutant) -> int:
        process = os.fork()
        if process:
            return process
        code = _BROKEN
        try:
            gc.disable()
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            _silence()
            code = self._tried(mutant)
        finally:
            os._exit(code)

    def _tried(self, mutant: Mutant) -> int:
        """0 when nothing notices, else one more than the number of the test that does."""
        if _put_in_place(mutant):
            return self._noticed(mutant)
        try:
            if mutant.path.startswith("rules/"):
                _register_anew(mutant)
                return self._noticed(mutant, every=True)
            if _bind_anew(mutant) and (number := self._noticed(mutant, every=True)):
                return number
            _load(mutant)
        except Exception:  # noqa: BLE001 - a source that cannot be loaded is noticed by everybody
            return 1
        code = pytest.main([*_OPTIONS, *TESTS])
        return (
            _BROKEN
            if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
            else int(code)
        )

    def _noticed(self, mutant: Mutant, *, every: bool = False) -> int:
        likely = self._touching.get(_place(mutant), [])
        for number, item in enumerate([*likely, *(self._every if every else ())]):
            if not _passes(item):
                return min(number + 1, _MOST)
        return 0

    def _put_first(self, mutant: Mutant, number: int) -> None:
        """What has noticed one mistake in a function will notice the next one too."""
        items = self._touching.get(_place(mutant), [])
        if 0 < number < min(len(items), _MOST - 1):
            items.insert(0, items.pop(number))


def outcomes(mutants: Sequence[Mutant], jobs: int) -> dict[Mutant, bool]:
    """Each mutant, and whether the tests noticed it.

    Raises:
        SystemExit: the tests fail without any mistake.
    """
    settings.register_profile(
        "mutants",
        max_examples=30,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")
    trials = _Trials(mutants, jobs)
    code = pytest.main([*_OPTIONS, *TESTS], plugins=[trials])
    if trials.failed or len(trials.found) < len(mutants):
        raise SystemExit(f"nothing can be said: {trials.failed or repr(code)}; mend that first")
    return trials.found


def _place(mutant: Mutant) -> tuple[str, str]:
    return str(PACKAGE / mutant.path), mutant.function


def _passes(item: pytest.Item) -> bool:
    """Whether a test passes. It is called as it is, unless it asks for more than its parameters."""
    assert isinstance(item, pytest.Function)
    given = item.callspec.params if hasattr(item, "callspec") else {}
    if set(item.fixturenames) <= {*given, "request"}:
        try:
            item.obj(**given)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever it is
            return False
        return True
    before = item.session.testsfailed
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return item.session.testsfailed == before


@contextmanager
def _noting(calls: set[tuple[str, str]]) -> Iterator[None]:
    """Note the functions that are called, by their file and name."""

    def note(frame: FrameType, *_: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(_WHERE):
            calls.add((code.co_filename, code.co_qualname))

    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(None)


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


# A mistake within one function ------------------------------------------------------------------


def _put_in_place(mutant: Mutant) -> bool:
    """Give the one function that differs its changed code; False if anything else differs."""
    module = importlib.import_module(_module(mutant))
    path = str(PACKAGE / mutant.path)
    before = dict(_codes(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)))
    after = dict(_codes(compile(mutant.source, path, "exec", dont_inherit=True)))
    if before.keys() != after.keys():
        return False
    differing = [name for name in before if _meaning(before[name]) != _meaning(after[name])]
    if len(differing) != 1:
        return False
    place: Any = module
    for name in differing[0].split("."):
        place = vars(place).get(name)
        if place is None:
            return False
    function = _function(place)
    if function is None:
        return False
    function.__code__ = after[differing[0]]
    return True


def _function(place: object) -> FunctionType | None:
    if isinstance(place, property):
        place = place.fget
    elif isinstance(place, cached_property):
        place = place.func
    return place if isinstance(place, FunctionType) else None


def _codes(code: CodeType, within: str = "") -> Iterator[tuple[str, CodeType]]:
    """The code of a module, of its classes, and of its functions and methods, by their names."""
    yield within or "<module>", code
    if within and code.co_flags & _OF_A_FUNCTION:
        return
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner, inner.co_qualname)


_OF_A_FUNCTION: Final = 0x1  # CO_OPTIMIZED


def _meaning(code: CodeType) -> tuple[object, ...]:
    """What a code does. The code of functions is told from that of what they stand in."""
    inside = code.co_flags & _OF_A_FUNCTION
    consts = [
        (_meaning(const) if inside else None) if isinstance(const, CodeType) else repr(const)
        for const in code.co_consts
    ]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, code.co_exceptiontable, names, *consts)


# A mistake in what a rule is registered with ----------------------------------------------------


def _register_anew(mutant: Mutant) -> None:
    """Put the rules of the changed source in the place of those of its module."""
    name = _module(mutant)
    RULES[:] = [rule for rule in RULES if rule.function.__module__ != name]
    module = ModuleType(name)
    module.__package__ = name.rpartition(".")[0]
    exec(compile(mutant.source, mutant.path, "exec", dont_inherit=True), vars(module))  # noqa: S102
    rules_on.cache_clear()


# A mistake in a constant or a table -------------------------------------------------------------


def _bind_anew(mutant: Mutant) -> bool:
    """Give the constants of a module their changed values, wherever they were imported."""
    module = importlib.import_module(_module(mutant))
    before = {ast.dump(node) for node in ast.parse((PACKAGE / mutant.path).read_text("utf-8")).body}
    changed = [node for node in ast.parse(mutant.source).body if ast.dump(node) not in before]
    if not changed or not all(isinstance(node, (ast.Assign, ast.AnnAssign)) for node in changed):
        return False
    old = dict(vars(module))
    code = compile(ast.Module(changed, []), mutant.path, "exec", dont_inherit=True)
    exec(code, vars(module))  # noqa: S102
    for name, value in old.items():
        if vars(module)[name] is not value:
            for other in list(sys.modules.values()):
                if getattr(other, "__dict__", {}).get(name) is value:
                    setattr(other, name, vars(module)[name])
    return True


# Any other mistake ------------------------------------------------------------------------------


class _Changed(MetaPathFinder, InspectLoader):
    """Finds one module, with another source than its file has."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = _module(mutant)
        self._path = str(PACKAGE / mutant.path)
        self._source = mutant.source

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != self._name:
            return None
        return spec_from_file_location(name, self._path, loader=self)

    def get_source(self, _: str) -> str:
        return self._source

    def get_code(self, _: str) -> CodeType:
        return compile(self._source, self._path, "exec", dont_inherit=True)


def _load(mutant: Mutant) -> None:
    """Forget the packages that the module belongs to, and load them with its changed source."""
    for name in list(sys.modules):
        if name.startswith(_ANEW) and name != "tests.conftest":
            del sys.modules[name]
    sys.meta_path.insert(0, _Changed(mutant))
    importlib.import_module("chatproof.rules")


def _module(mutant: Mutant) -> str:
    return ".".join(("chatproof", *Path(mutant.path).with_suffix("").parts))
