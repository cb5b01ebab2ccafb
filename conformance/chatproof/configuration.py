"""Where the options of a run come from: command line, environment, configuration file, default.

Each goes before the next. The file is ``chatproof.toml``, or ``[tool.chatproof]`` in
``pyproject.toml``; what stands at its top holds for all ``[targets.NAME]``.
"""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .options import BadOption
from .settings import BY_NAME, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FILE = "chatproof.toml"
PYPROJECT = "pyproject.toml"
IN_PYPROJECT = ("tool", "chatproof")
NONE = "none"
"""Given as ``--config``, no file is read."""

_TRUTH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class Stated(NamedTuple):
    """A value, and what an error about it begins with: where it stands."""

    value: Any
    where: str


Statements = dict[str, Stated]
"""What one source says, by the names of settings."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says: of all targets, and of each."""

    path: Path | None = None
    common: Mapping[str, Stated] = field(default_factory=dict)
    targets: Mapping[str, Mapping[str, Stated]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """One server to test. `name` is empty where it is none of a file.

    `values` holds every setting by its `dest`, `wheres` what an error about one begins with:
    nothing for what the command line says.
    """

    name: str
    values: Mapping[str, Any]
    wheres: Mapping[str, str]


def targets(
    given: Mapping[str, Any], environ: Mapping[str, str], folder: Path, *, dashes: str = "--"
) -> tuple[Target, ...]:
    """The servers to test, each with every option settled.

    `given` is what the command line says, by `dest`: None, or not there, is not given. Its options
    begin with `dashes`. The file is looked for from `folder` upwards.

    Raises:
        BadOption: a value, a key or a file cannot be used; with file and line, or the variable.
    """
    said: Statements = {}
    for setting in SETTINGS:
        value = given.get(setting.dest)
        if value is not None:
            setting.check(value, f"{dashes}{setting.name}")
            said[setting.name] = Stated(value, "")
    above = _environment(environ) | said
    config = configuration(above["config"].value if "config" in above else None, folder)
    chosen = _chosen(above, config)
    return tuple(_settled(name, above, config) for name in chosen)


def configuration(named: str | None, folder: Path) -> Configuration:
    """The configuration in the file that is `named`, or else the nearest from `folder` upwards.

    Raises:
        BadOption: it cannot be used; with file and line.
    """
    if named == NONE:
        return Configuration()
    if named is not None:
        return _read(Path(named))
    for place in (folder, *folder.parents):
        if (place / FILE).is_file():
            return _read(place / FILE)
        if (place / PYPROJECT).is_file() and _is_meant(place / PYPROJECT):
            return _read(place / PYPROJECT)
    return Configuration()


def _chosen(above: Statements, config: Configuration) -> Sequence[str]:
    """The names of the targets to test; an empty one where none of the file is meant."""
    names = above["target"].value if "target" in above else []
    for name in names:
        if name not in config.targets:
            where = config.path or "the configuration (there is no file)"
            raise BadOption(f"{where} has no target {name!r}{_hint(name, config.targets)}")
    if "url" in above:
        if len(names) > 1:
            raise BadOption("one URL stands for one target; give --target once")
        return names or [""]
    return names or list(config.targets) or [""]


def _settled(name: str, above: Statements, config: Configuration) -> Target:
    stated = {**config.common, **config.targets.get(name, {}), **above}
    values = {s.dest: stated[s.name].value if s.name in stated else s.default for s in SETTINGS}
    for setting in SETTINGS:
        if setting.path and name:
            values[setting.dest] = _named(values[setting.dest], name)
    return Target(name, values, {key: where for key, (_, where) in stated.items()})


def _named(value: Any, name: str) -> Any:
    """A path, or several, in which ``{target}`` stands for the name of the target."""
    if isinstance(value, list):
        return [_named(each, name) for each in value]
    return type(value)(str(value).replace("{target}", name)) if value is not None else None


def _environment(environ: Mapping[str, str]) -> Statements:
    stated: Statements = {}
    for setting in SETTINGS:
        text = environ.get(setting.variable, "").strip()
        if text:
            value = _from_text(setting, text)
            setting.check(value, setting.variable)
            stated[setting.name] = Stated(value, f"{setting.variable}: ")
    return stated


def _from_text(setting: Setting, text: str) -> Any:
    try:
        if setting.many:
            return shlex.split(text)
        return _TRUTH[text.lower()] if setting.type is bool else setting.type(text)
    except (ValueError, KeyError):
        raise BadOption(f"{setting.variable} is {text!r}; give {setting.kind}") from None


def _is_meant(path: Path) -> bool:
    """Whether a pyproject.toml has anything for chatproof: others may be as broken as they like."""
    text = _text(path)
    return "chatproof" in text and bool(_within(_parsed(path, text), IN_PYPROJECT))


def _within(table: Any, keys: tuple[str, ...]) -> Any:
    """The table that `keys` lead to; an empty one where there is none."""
    for key in keys:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    return table


def _read(path: Path) -> Configuration:
    text = _text(path)
    reader = _Reader(path, text)
    place = IN_PYPROJECT if path.name == PYPROJECT else ()
    table = reader.table(_within(_parsed(path, text), place), place)
    servers = reader.table(table.pop("targets", {}), (*place, "targets"))
    found = {name: reader.target(each, (*place, "targets", name)) for name, each in servers.items()}
    common = reader.statements(table, place)
    if "url" in common:
        raise reader.refusal((*place, "url"), "a url belongs to a target, as in [targets.main]")
    return Configuration(path, common, found)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tables of one file, and knows on which line of its text a key stands."""

    path: Path
    text: str

    def refusal(self, keys: tuple[str, ...], words: str) -> BadOption:
        return BadOption(f"{self._at(keys)}: {words}")

    def table(self, value: Any, place: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.refusal(place, f"{place[-1]} is no table; write [targets.main]")
        return value

    def target(self, value: Any, place: tuple[str, ...]) -> Statements:
        name = place[-1]
        if not re.fullmatch(r"[\w.-]+", name):
            raise self.refusal(place, f"{name!r} is no name of a target; take letters and digits")
        stated = self.statements(self.table(value, place), place)
        if "url" not in stated:
            raise self.refusal(place, f"the target {name} has no url; add one")
        return stated

    def statements(self, table: Mapping[str, Any], place: tuple[str, ...]) -> Statements:
        return {key: self._statement(key, value, (*place, key)) for key, value in table.items()}

    def _statement(self, key: str, value: Any, place: tuple[str, ...]) -> Stated:
        setting = BY_NAME.get(key)
        if setting is None or not setting.in_file:
            names = (s.name for s in SETTINGS if s.in_file)
            raise self.refusal(place, f"unknown key {key!r}{_hint(key, names)}")
        at = self._at(place)
        if not _fits(setting, value):
            raise BadOption(f"{at}: {key} is {value!r}; give {setting.kind}")
        setting.check(value, f"{at}: {key}")
        return Stated(self._value(setting, value), f"{at}: ")

    def _value(self, setting: Setting, value: Any) -> Any:
        folder = self.path.absolute().parent
        if setting.many:
            texts = [value] if isinstance(value, str) else value
            return [setting.beside(text, folder) for text in texts]
        if isinstance(value, str):
            return setting.type(setting.beside(value, folder))
        return setting.type(value)

    def _at(self, keys: tuple[str, ...]) -> str:
        return f"{self.path}:{line_of(self.text, keys)}"


def _fits(setting: Setting, value: Any) -> bool:
    if setting.many:
        texts = value if isinstance(value, list) else [value]
        return all(isinstance(text, str) for text in texts)
    if isinstance(value, bool) or setting.type is bool:
        return isinstance(value, bool) and setting.type is bool
    if setting.type is float:
        return isinstance(value, int | float)
    return isinstance(value, int if setting.type is int else str)


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The 1-based line of TOML on which `keys` stand, or as many of the first as there are."""
    best, line = 0, 1
    for number, place in _places(text):
        common = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(place, keys, strict=False))
        )
        if common > best:
            best, line = common, number
    return line


_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]")
_KEY = re.compile(r"\s*([^\s#=\[][^#=]*?)\s*=")


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The lines of TOML that begin a table or a value, and the keys that lead there."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _keys(header[1])
            yield number, table
        elif key := _KEY.match(line):
            yield number, table + _keys(key[1])


def _keys(dotted: str) -> tuple[str, ...]:
    """The parts of a dotted key; none where it is none, but a line within a text."""
    try:
        value: Any = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts: list[str] = []
    while isinstance(value, dict):
        ((part, value),) = value.items()
        parts.append(part)
    return tuple(parts)


def _hint(name: str, names: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=3)
    if close:
        return f"; did you mean {', '.join(close)}?"
    return f"; choose of {', '.join(names)}" if names else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadOption(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise BadOption(f"{path}: is not UTF-8 text; save it as UTF-8") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        words, line = (found[1], found[2]) if found else (str(error), None)
        at = line or max(1, len(text.splitlines()))
        raise BadOption(f"{path}:{at}: is not TOML ({words}); correct that line") from None
