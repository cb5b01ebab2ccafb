"""Requirements as tests of pytest: one run when the first of them is due, shared by all.

Under pytest-xdist the run is made by the worker that comes first, the others wait for it.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from .cli.prepare import check_files, prepared
from .configuration import targets
from .contract import SpecError, load_contract
from .known import compare
from .meeting import CannotRun
from .options import BadOption
from .pytest_plugin import FLAGS
from .reports.words import told
from .runner import NotWritten, left_out, run
from .settings import SETTINGS
from .untrusted import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cli.prepare import Prepared
    from .contract import Contract, Requirement
    from .report import Report
    from .verdicts import Judgement

FOLDER = "chatproof_folder"
"""What workers are told of the folder that they share."""

FINDINGS = 3
"""How many findings of a requirement are told; the reports have more."""


class NotConforming(Exception):
    """A requirement does not hold; the message has every finding."""


class NotTested(Exception):
    """The run could not be made; the message says why."""


class ShouldWarning(UserWarning):
    """A SHOULD does not hold."""


class Told(NamedTuple):
    """What is said of one requirement: pass, fail, warn, xfail or skip, and the words for it."""

    outcome: str
    words: str


class TargetRun:
    """The run against one server, of the requirements that pytest was asked for.

    `folder` is where workers share what comes out, if there are any.
    """

    def __init__(self, prepared: Prepared, folder: Path | None) -> None:
        self.prepared = prepared
        self.contract: Contract = load_contract(prepared.options.dialect)
        self.wanted: list[str] = []
        self._left_out = left_out(self.contract, prepared.options)
        self._path = folder / f"{prepared.name}.json" if folder else None
        self._told: dict[str, Told] | None = None

    def told(self, name: str) -> Told:
        """What is said of a requirement.

        Raises:
            NotTested: the server cannot be tested.
        """
        if name in self._left_out:
            return Told("skip", self._left_out[name])
        if self._told is None:
            said = self._asked() if self._path is None else self._shared(self._path)
            if "" in said:
                raise NotTested(said[""].words)
            self._told = said
        return self._told[name]

    def _shared(self, path: Path) -> dict[str, Told]:
        try:
            from filelock import FileLock
        except ImportError:
            return {"": Told("fail", "pytest-xdist needs filelock; install chatproof[pytest]")}
        with FileLock(path.with_suffix(".lock")):
            if not path.is_file():
                path.write_text(json.dumps(self._asked()), encoding="utf-8")
            said = json.loads(path.read_text(encoding="utf-8"))
        return {name: Told(*told) for name, told in said.items()}

    def _asked(self) -> dict[str, Told]:
        """What is said of each requirement asked for; under no name, why nothing is."""
        known = self.contract.requirements
        classes = {known[name].cls for name in self.wanted if name not in self._left_out}
        options = replace(self.prepared.options, classes=tuple(sorted(classes)))
        outcome = self.prepared.outcome
        problems = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of libraries are not the user's to mend
            try:
                report = run(options, record=self.prepared.record)
            except CannotRun as error:
                return {"": Told("fail", printable(str(error)))}
            except NotWritten as error:
                report = error.report
                problems.append(str(error))
            try:
                outcome.write(report)
            except BadOption as error:
                problems.append(str(error))
        if problems:
            return {"": Told("fail", "; ".join(problems))}
        return dict(self._judged(report))

    def _judged(self, report: Report) -> Iterator[tuple[str, Told]]:
        outcome = self.prepared.outcome
        known = {entry.id: entry.reason for entry in outcome.known}
        news = compare(report, outcome.known, strict=outcome.strict, today=date.today())
        expired = {entry.id for entry in news.expired}
        curls = {exchange.id: exchange.curl for exchange in report.exchanges}
        for judgement in report.judgements:
            name = judgement.requirement.id
            if name in news.stale:
                words = f"{name} is listed as known and passes now; take it off the list"
                yield name, Told("fail", words)
            elif judgement.verdict == "fail" and name in known and name not in expired:
                yield name, Told("xfail", known[name])
            else:
                yield name, _of(judgement, curls, strict=outcome.strict)


def _of(judgement: Judgement, curls: dict[str, str], *, strict: bool) -> Told:
    if judgement.verdict == "pass":
        return Told("pass", "")
    if judgement.verdict == "fail":
        fails = judgement.requirement.level == "MUST" or strict
        return Told("fail" if fails else "warn", told(judgement, curls, FINDINGS))
    return Told("skip", f"{judgement.verdict}: {printable(judgement.reason)}")


class RequirementTests:
    """The hooks that bring the tests.

    Raises:
        pytest.UsageError: an option makes no sense.
    """

    def __init__(self, config: pytest.Config) -> None:
        given = {s.dest: config.getoption(f"chatproof_{s.dest}") for s in SETTINGS}
        for setting in SETTINGS:
            if setting.type is Path and given[setting.dest] is not None:
                given[setting.dest] = Path(given[setting.dest])
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        folder = Path(worker[FOLDER]) if worker else None
        try:
            chosen = targets(given, os.environ, config.invocation_params.dir, dashes=FLAGS)
            runs = [prepared(target) for target in chosen]
            check_files(runs)
        except (BadOption, SpecError) as error:
            raise pytest.UsageError(f"chatproof: {printable(str(error))}") from None
        self._runs = [TargetRun(each, folder) for each in runs]
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist of the folder that all of them share."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="chatproof-")
        node.workerinput[FOLDER] = self._folder.name

    def pytest_unconfigure(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def pytest_report_header(self) -> list[str]:
        return [
            f"chatproof: {printable(each.prepared.options.url)}, dialect {each.contract.dialect}"
            for each in self._runs
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Before others select and sort what is collected."""
        for each in self._runs:
            name = f"chatproof-{each.prepared.name}".removesuffix("-")
            of_target = TargetTests.from_parent(session, name=name, nodeid=name, run=each)
            report = session.ihook.pytest_make_collect_report(collector=of_target)
            for item in report.result:
                session.ihook.pytest_itemcollected(item=item)
            items += report.result
            session.ihook.pytest_collectreport(report=report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The run asks for the classes of what is selected.

        It asks for no less: rules see what is asked for other requirements of their class.
        """
        for item in session.items:
            if isinstance(item, RequirementTest):
                item.run.wanted.append(item.name)


class TargetTests(pytest.Collector):
    """The tests of one server."""

    def __init__(self, *, run: TargetRun, **given: Any) -> None:
        super().__init__(**given)
        self.run = run

    def collect(self) -> list[RequirementTest]:
        return [
            RequirementTest.from_parent(self, name=name, run=self.run, requirement=requirement)
            for name, requirement in self.run.contract.requirements.items()
        ]


class RequirementTest(pytest.Item):
    """One requirement as a test."""

    def __init__(self, *, run: TargetRun, requirement: Requirement, **given: Any) -> None:
        super().__init__(**given)
        self.run = run
        self.add_marker(pytest.mark.chatproof(cls=requirement.cls, level=requirement.level))
        # A SHOULD stays a warning where the project turns its own into errors.
        name = f"{ShouldWarning.__module__}.{ShouldWarning.__qualname__}"
        self.add_marker(pytest.mark.filterwarnings(f"always::{name}"))

    def runtest(self) -> None:
        try:
            outcome, words = self.run.told(self.name)
        except NotTested as problem:
            self.session.shouldfail = f"chatproof: {problem}"  # the others would say the same
            raise
        if outcome == "skip":
            pytest.skip(words)
        elif outcome == "xfail":
            pytest.xfail(words)
        elif outcome == "warn":
            self.warn(ShouldWarning(f"{self.name}: {words}"))
        elif outcome == "fail":
            raise NotConforming(words)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Where the suite is in its own code is of no interest."""
        if isinstance(excinfo.value, NotConforming | NotTested):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"requirement {self.name}"
