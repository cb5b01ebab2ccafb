"""A recording is read by the importer of Chrome's developer tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import run_reference

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = "devtools://devtools/bundled/devtools_app.html"
IMPORT = """
const [text, done] = arguments;
import("devtools://devtools/bundled/models/har/har.js")
  .then(
    ({ HARFormat, Importer }) => {
      const log = new HARFormat.HARRoot(JSON.parse(text)).log;
      const requests = Importer.Importer.requestsFromHARLog(log);
      done(requests.map((r) => [r.requestMethod, r.url(), r.statusCode, r.duration > 0]));
    },
    () => done(null),
  )
  .catch((error) => done(String(error)));
"""


def test_the_developer_tools_read_a_recording(tmp_path: Path, driver: Any) -> None:
    path = tmp_path / "run.har"
    run_reference("openai", record=path, quick=True)
    text = path.read_text(encoding="utf-8")
    driver.get(TOOLS)
    read = driver.execute_async_script(IMPORT, text)
    if read is None:
        pytest.skip("this browser has its importer elsewhere")
    entries = json.loads(text)["log"]["entries"]
    assert entries
    assert sorted(read) == sorted(
        [e["request"]["method"], e["request"]["url"], e["response"]["status"], e["time"] > 0]
        for e in entries
    )
