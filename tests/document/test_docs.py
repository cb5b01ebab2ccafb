"""The reference page: one file, which asks nothing of the network."""

from __future__ import annotations

import re

import pytest
from tools.docs import BUNDLE, page

from chatproof.contract import dialect_names, load_document

pytestmark = pytest.mark.skipif(
    not BUNDLE.is_file(), reason="the renderer is missing; `make check` brings it"
)


@pytest.mark.parametrize("dialect", dialect_names())
def test_a_page_stands_alone(dialect: str) -> None:
    text = page(dialect)
    head, _, rest = text.partition("<script>")
    assert "<link" not in head
    assert not re.search(r"<script[^>]+src=|@import|<iframe|<img", head)
    assert text.count("</script>") == 2
    title = load_document(dialect)[0]["info"]["title"]
    assert f"<title>{title} ({dialect})</title>" in head
    assert "createChatCompletion" in rest
