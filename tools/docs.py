"""The reference page of each dialect: one HTML file that needs no network.

python -m tools.docs        writes build/docs/
"""

from __future__ import annotations

import html
import json
from pathlib import Path

from chatproof.contract import dialect_names, load_document

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "tools" / "node_modules" / "redoc" / "bundles" / "redoc.standalone.js"
OUT = ROOT / "build" / "docs"
OPTIONS = {"disableTelemetry": True, "hideDownloadButtons": True}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 0; }}</style>
</head>
<body>
<div id="reference"></div>
<script>{bundle}</script>
<script>
Redoc.init({document}, {options}, document.getElementById("reference"));
</script>
</body>
</html>
"""


def page(dialect: str) -> str:
    """The reference page of a dialect.

    Raises:
        SystemExit: the renderer is not installed.
    """
    if not BUNDLE.is_file():
        raise SystemExit("redoc is not installed; run `make docs`, not this alone")
    document, _ = load_document(dialect)
    return PAGE.format(
        title=html.escape(f"{document['info']['title']} ({dialect})"),
        bundle=_within_script(BUNDLE.read_text(encoding="utf-8")),
        document=_within_script(json.dumps(document, ensure_ascii=False)),
        options=json.dumps(OPTIONS),
    )


def _within_script(text: str) -> str:
    """Text that does not end the script element that it stands in."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for dialect in dialect_names():
        path = OUT / f"{dialect}.html"
        path.write_text(page(dialect), encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
