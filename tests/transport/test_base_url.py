from __future__ import annotations

import pytest

from chatproof.transport import BaseUrl, parse_base_url


@pytest.mark.parametrize(
    ("text", "expected", "authority"),
    [
        (
            "http://127.0.0.1:8000/v1",
            BaseUrl("http", "127.0.0.1", 8000, "/v1"),
            "127.0.0.1:8000",
        ),
        (" https://api.example.com/v1/ ", BaseUrl("https", "api.example.com", 443, "/v1"), None),
        ("HTTP://Example.COM", BaseUrl("http", "example.com", 80, ""), None),
        ("http://example.com:80/a/b//", BaseUrl("http", "example.com", 80, "/a/b"), "example.com"),
        ("https://[::1]:8443/v1", BaseUrl("https", "::1", 8443, "/v1"), "[::1]:8443"),
        ("http://bücher.example/", BaseUrl("http", "xn--bcher-kva.example", 80, ""), None),
    ],
)
def test_taken_apart(text, expected, authority):
    assert parse_base_url(text) == expected
    assert parse_base_url(text).authority == (authority or expected.host)
    assert parse_base_url(str(expected)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("localhost:8000/v1", "write http://localhost:8000/v1"),
        ("//host/v1", "no scheme"),
        ("ftp://host/", "use http or https"),
        ("http:///v1", "no valid host"),
        ("http://", "no valid host"),
        ("http:/host/v1", "no '//'"),
        ("HTTPS:host", "no '//'"),
        ("http://host:99999/", "no valid host and port"),
        ("http://host:0/", "no valid host and port"),
        ("http://host:x/", "no valid host and port"),
        ("http://[::1/", "no valid host"),
        ("http://a..b/", "no valid host"),
        ("http://" + "a" * 70 + "/", "no valid host"),
        ("http://a$b/", "no valid host"),
        ("http://ho st/", "space"),
        ("http://host/v1\nX: y", "space or control"),
        ("http://host/ü", "percent-encode"),
        ("http://host/v1?", "query"),
        ("http://host/v1#top", "fragment"),
        ("http://user@host/v1", "user name"),
    ],
)
def test_refused_with_one_line_of_advice(text, says):
    with pytest.raises(ValueError, match=r"^the base URL") as caught:
        parse_base_url(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["http://me:hunter2@host/v1", "http://host/?key=hunter2", "me:hunter2@host", "h#hunter2"],
)
def test_no_secret_in_the_advice(text):
    with pytest.raises(ValueError, match="base URL") as caught:
        parse_base_url(text)
    assert "hunter2" not in str(caught.value)
