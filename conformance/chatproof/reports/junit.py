"""JUnit XML: a test suite for each conformance class, a test case for each requirement.

A failed MUST is a failure. A failed SHOULD is one only in a strict run, else the case is skipped
with the finding as its message, since CI systems know no third colour. So is what could not be
decided.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from .words import told

if TYPE_CHECKING:
    from ..report import Report
    from ..verdicts import Judgement

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, strict: bool) -> str:
    """The report as JUnit XML."""
    root = ElementTree.Element("testsuites", name="chatproof", time=str(report.seconds))
    curls = {exchange.id: exchange.curl for exchange in report.exchanges}
    for cls in report.classes:
        suite = ElementTree.SubElement(root, "testsuite", name=cls)
        cases = [j for j in report.judgements if j.requirement.cls == cls]
        for judgement in cases:
            _case(suite, judgement, strict, curls)
        for kind, tag in (("failures", "failure"), ("skipped", "skipped")):
            suite.set(kind, str(len(suite.findall(f"testcase/{tag}"))))
        suite.set("tests", str(len(cases)))
        suite.set("errors", "0")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(
    suite: ElementTree.Element, judgement: Judgement, strict: bool, curls: dict[str, str]
) -> None:
    requirement = judgement.requirement
    case = ElementTree.SubElement(
        suite, "testcase", classname=requirement.cls, name=requirement.id, time="0"
    )
    if judgement.verdict == "pass":
        return
    fails = requirement.level == "MUST" or (strict and requirement.level == "SHOULD")
    if judgement.verdict == "fail" and fails:
        made = ElementTree.SubElement(
            case, "failure", type=requirement.level, message=_xml(judgement.reason)
        )
        made.text = _xml(told(judgement, curls))
        return
    prefix = f"{requirement.level}: " if judgement.verdict == "fail" else ""
    ElementTree.SubElement(case, "skipped", message=_xml(prefix + judgement.reason))


def _xml(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot hold, even escaped."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
