"""The command line: it ties the parts together and says clearly what is wrong with a call.

Exit codes: 0 every MUST holds (with ``--strict`` every SHOULD too); 1 a requirement fails that is
not known to, or one that is known to now passes; 2 wrong usage or an unreadable file; 3 nothing
could be tested. An interrupted run reports what it knows, and exits as that report says.

Everything heavy is imported where it is needed, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__
from .options import DEPTH, QUICK, BadOption, Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .report import Report

FORMATS = ("html", "json", "junit")
DEFAULT_DIALECT = "cerebras"

WHAT_TO_LIST = ("requirements", "faults", "variations", "dialects", "classes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = _parser().parse_args(arguments)
    from .contract import SpecError
    from .meeting import CannotRun

    try:
        return int(given.command(given))
    except (BadOption, SpecError) as error:
        return _complain(str(error), 2)
    except CannotRun as error:
        return _complain(str(error), 3)
    except KeyboardInterrupt:
        return _complain("interrupted before anything was known", 3)
    except BrokenPipeError:
        # The reader of our output has gone; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2


def _complain(message: str, code: int) -> int:
    from .untrusted import printable

    print(f"chatproof: {printable(message)}", file=sys.stderr)
    return code


# The parser --------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chatproof",
        description="Prove, or disprove, that a server speaks the Chat Completions API.",
    )
    parser.add_argument("--version", action="version", version=f"chatproof {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="test a server"))
    _add_serve(commands.add_parser("serve", help="serve the reference server"))
    _add_list(commands.add_parser("list", help=f"list {', '.join(WHAT_TO_LIST)}"))
    _add_explain(commands.add_parser("explain", help="explain one requirement"))
    return parser


def _add_dialect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dialect",
        default=DEFAULT_DIALECT,
        metavar="NAME",
        help="a dialect, or the path of an overlay of your own (default: %(default)s)",
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_run)
    parser.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help="the base URL, as http://127.0.0.1:8080/v1; without it, the embedded reference server",
    )
    _add_dialect(parser)
    add = parser.add_argument
    add("--model", metavar="NAME", help="the model to ask (default: the first one listed)")
    add("--api-key-env", metavar="VAR", help="the environment variable that holds the API key")
    add("--only", action="append", default=[], metavar="GLOB", help="only these requirements")
    add("--skip", action="append", default=[], metavar="GLOB", help="all but these requirements")
    add(
        "--class",
        action="append",
        default=[],
        dest="classes",
        metavar="NAME",
        help="only this class",
    )
    add("--concurrency", type=int, default=8, metavar="N", help="requests at a time (%(default)s)")
    add(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds for a reply (%(default)s)"
    )
    add(
        "--budget-tokens", type=int, metavar="N", help="stop before more tokens than these are used"
    )
    add("--quick", action="store_true", help=f"the most valuable requests: {_quick_words()}")
    add("--dry-run", action="store_true", help="ask nothing; say what a run would ask and cost")
    add(
        "--examples",
        type=int,
        default=DEPTH,
        metavar="N",
        help="depth of the random search (%(default)s)",
    )
    add("--seed", type=int, default=1, metavar="N", help="seed of the random search (%(default)s)")
    add(
        "--database",
        metavar="FOLDER",
        help="where the search keeps what failed, to try it first; none keeps nothing "
        "(default: a folder in your cache)",
    )
    add("--known", type=Path, metavar="FILE", help="known failures, which do not fail the run")
    add(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help=f"write a report as well; formats: {', '.join(FORMATS)}",
    )
    add("--strict", action="store_true", help="a SHOULD that fails counts like a MUST")


def _quick_words() -> str:
    return f"at most {QUICK.requests}, and {QUICK.completion_tokens} completion tokens"


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_serve)
    _add_dialect(parser)
    add = parser.add_argument
    add(
        "--fault",
        action="append",
        default=[],
        metavar="ID",
        help="be wrong in this way (repeatable)",
    )
    add(
        "--vary",
        action="append",
        default=[],
        metavar="ID",
        help="be different in this way, which is allowed (repeatable)",
    )
    add("--api-key", metavar="KEY", help="ask for this key")
    add("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    add("--port", type=int, default=0, help="the port (default: one that is free)")


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_list)
    parser.add_argument("what", choices=WHAT_TO_LIST)
    _add_dialect(parser)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_explain)
    parser.add_argument("id", metavar="ID", help="a requirement, as request.temperature.maximum")
    _add_dialect(parser)


# Running -----------------------------------------------------------------------------------------


def _run(given: argparse.Namespace) -> int:
    from .contract import load_contract
    from .known import compare, read_known

    contract = load_contract(given.dialect)
    key = _key(given.api_key_env)
    _check_numbers(given)
    known = read_known(given.known, contract.requirements) if given.known else ()
    if given.dry_run:
        return _plan(given, key)
    files = [_report_file(text) for text in given.report]
    report = _tested(given, key)
    _write(report, files, strict=given.strict)
    news, stale = compare(report, known, strict=given.strict)
    for name in stale:
        print(f"chatproof: {name} is listed as known and passes now; take it off the list")
    if news or stale:
        return 1
    return 0 if report.tested else 3


def _plan(given: argparse.Namespace, key: str | None) -> int:
    from .rehearsal import KEY, rehearse
    from .reports.terminal import print_plan

    url = given.url or "http://127.0.0.1/v1"
    options = _options(given, url, key or (None if given.url else KEY))
    print_plan(rehearse(options), options)
    return 0


def _tested(given: argparse.Namespace, key: str | None) -> Report:
    import contextlib

    from .reports.terminal import ProgressLine, print_report
    from .runner import run

    with contextlib.ExitStack() as stack:
        url = given.url
        if url is None:
            from .reference import serving
            from .rehearsal import KEY

            key = key or KEY
            url = stack.enter_context(serving(given.dialect, key=key))
        line = stack.enter_context(ProgressLine())
        report = run(_options(given, url, key), line.update)
    print_report(report, strict=given.strict)
    return report


def _options(given: argparse.Namespace, url: str, key: str | None) -> Options:
    from .transport import parse_base_url

    url = url.strip()
    try:
        parse_base_url(url)
    except ValueError as error:
        raise BadOption(str(error)) from None
    return Options(
        url=url,
        dialect=given.dialect,
        model=given.model,
        key=key,
        only=tuple(given.only),
        skip=tuple(given.skip),
        classes=tuple(given.classes),
        concurrency=given.concurrency,
        timeout=given.timeout,
        budget_tokens=given.budget_tokens,
        quick=given.quick,
        examples=given.examples,
        seed=given.seed,
        database=_database(given, url),
    )


def _database(given: argparse.Namespace, url: str) -> Path | None:
    """The folder that the search may write to: each server and dialect has its own in it."""
    if given.database == "none" or not given.examples or given.quick:
        return None
    import hashlib

    from platformdirs import user_cache_path

    folder = Path(given.database) if given.database else user_cache_path("chatproof")
    server = hashlib.blake2s(f"{given.url and url} {given.dialect}".encode(), digest_size=8)
    path = folder / server.hexdigest()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if given.database is None:
            return None  # a machine without a home
        raise BadOption(
            f"the database {folder} cannot be written ({error.strerror}); choose another folder, "
            "or --database none"
        ) from None
    return path


def _check_numbers(given: argparse.Namespace) -> None:
    least = {"concurrency": 1, "examples": 0, "budget_tokens": 1}
    for name, bound in least.items():
        value = getattr(given, name)
        if value is not None and value < bound:
            raise BadOption(f"--{name.replace('_', '-')} is {value}; give at least {bound}")
    if not given.timeout > 0:
        raise BadOption(f"--timeout is {given.timeout}; give a number of seconds above 0")
    from .contract import CLASSES

    for name in given.classes:
        if name not in CLASSES:
            raise BadOption(f"unknown class {name!r}; choose of {', '.join(CLASSES)}")


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    value = os.environ.get(variable, "").strip()
    if not value:
        raise BadOption(f"the environment variable {variable} is not set; put the API key into it")
    from .transport import check_key

    try:
        check_key(value)
    except ValueError as error:
        raise BadOption(str(error)) from None
    return value


def _report_file(text: str) -> tuple[str, Path]:
    """The format and path of a --report, seen to be writable before anything is asked."""
    format_, equals, path = text.partition("=")
    if not equals or not path or format_ not in FORMATS:
        raise BadOption(
            f"--report {text!r} is not FORMAT=PATH; formats are {', '.join(FORMATS)}, "
            "as in json=report.json"
        )
    try:
        with Path(path).open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise _unwritable(Path(path), error) from None
    return format_, Path(path)


def _unwritable(path: Path, error: OSError) -> BadOption:
    return BadOption(f"the report {path} cannot be written ({error.strerror}); choose another path")


def _write(report: Report, files: list[tuple[str, Path]], *, strict: bool) -> None:
    from .reports import WRITERS

    for format_, path in files:
        try:
            path.write_text(WRITERS[format_](report, strict), encoding="utf-8")
        except OSError as error:
            raise _unwritable(path, error) from None
        print(f"wrote {path}")


# Serving, listing, explaining --------------------------------------------------------------------


def _serve(given: argparse.Namespace) -> int:
    from .reference import serve

    if not 0 <= given.port < 1 << 16:
        raise BadOption(f"--port is {given.port}; give a number from 0 to 65535")
    try:
        serve(given.dialect, given.fault, given.vary, given.api_key, given.host, given.port)
    except KeyError as error:
        raise BadOption(error.args[0]) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadOption(
            f"cannot listen at {given.host}:{given.port} ({error.strerror}); choose another port"
        ) from None
    return 0


def _list(given: argparse.Namespace) -> int:
    from .contract import CLASSES, dialect_names, load_contract

    rows: list[tuple[str, ...]]
    if given.what == "dialects":
        rows = [(name, load_contract(name).document["info"]["summary"]) for name in dialect_names()]
    elif given.what == "classes":
        contract = load_contract(given.dialect)
        kinds = [r.cls for r in contract.requirements.values()]
        rows = [(name, f"{kinds.count(name)} requirements") for name in CLASSES]
    elif given.what == "faults":
        from .reference.faults import faults_of

        faults = faults_of(load_contract(given.dialect))
        rows = [(f.id, f.title, " ".join(f.breaks)) for f in faults.values()]
    elif given.what == "variations":
        from .reference.variations import VARIATIONS

        rows = [(v.id, v.title, " ".join(v.warns)) for v in VARIATIONS.values()]
    else:
        contract = load_contract(given.dialect)
        rows = [(r.id, r.level, r.cls, r.statement) for r in contract.requirements.values()]
    _print_columns(rows)
    return 0


def _print_columns(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    for row in rows:
        *first, last = row
        cells = [cell.ljust(width) for cell, width in zip(first, widths, strict=True)]
        print("  ".join([*cells, last]))


def _explain(given: argparse.Namespace) -> int:
    from .contract import load_contract
    from .explain import explanation

    print(explanation(given.id, load_contract(given.dialect)))
    return 0
