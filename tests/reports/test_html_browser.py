"""The HTML report in a browser: what a reader does with it, and what a server cannot do in it."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.comparison import Comparison
from chatproof.reports import WRITERS
from chatproof.reports.comparison import WRITERS as COMPARISONS
from chatproof.untrusted import runs
from tests.reports.samples import HOSTILE, JUDGEMENTS, REPORT, SAYABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = Path(__file__).parents[2] / "tools" / "node_modules" / "axe-core" / "axe.min.js"
UNFOLD = "for (const each of document.querySelectorAll('details')) each.open = true;"
SHOW = "for (const each of document.querySelectorAll('[data-exchange]')) each.click();"
TURNED = {"fail": "pass", "pass": "fail"}
LATER = tuple(
    dataclasses.replace(j, verdict=TURNED[j.verdict])
    if j.requirement.id in ("stream.role", "a.pass")
    else j
    for j in JUDGEMENTS
)
BOTH = Comparison(
    (HOSTILE, "second"),
    (REPORT, dataclasses.replace(REPORT, url=HOSTILE, judgements=LATER)),
)
"""A comparison in which one requirement got better and one worse."""
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


class Page:
    """The report in a browser. The browser asks nobody for anything, and starts anew each time."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver = driver
        self.url = path.as_uri()

    def open(
        self, fragment: str = "", *, width: int = 1280, theme: str = "light", stored: str = "{}"
    ) -> Page:
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.media(theme)
        self.driver.get("about:blank")
        with self.storage(stored):
            self.driver.get(self.url + fragment)
        return self

    @contextlib.contextmanager
    def storage(self, stored: str) -> Iterator[None]:
        """What a visit before has stored. A starved chromium may lose what a page stored."""
        begin = f"localStorage.clear(); Object.assign(localStorage, {stored});"
        script = self.devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            source=f"if (location.protocol === 'file:') {{ {begin} }}",
        )
        yield
        self.devtools("Page.removeScriptToEvaluateOnNewDocument", **script)

    def stored(self) -> str:
        return str(self.js("return JSON.stringify(localStorage)"))

    def media(self, theme: str, medium: str = "") -> None:
        wanted = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.devtools("Emulation.setEmulatedMedia", media=medium, features=wanted)

    def devtools(self, command: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(code, *arguments)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def shown(self) -> list[str]:
        """The ids of the requirements that can be seen."""
        return [
            each.get_attribute("id") for each in self.all(".requirement") if each.is_displayed()
        ]

    def press(self, *keys: str) -> None:
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> str:
        return str(self.js("return document.activeElement.outerHTML.slice(0, 200)"))

    def fragment(self) -> str:
        return str(self.js("return location.hash"))

    def overflow(self) -> int:
        return int(
            self.js("const e = document.documentElement; return e.scrollWidth - e.clientWidth")
        )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(WRITERS["html"](REPORT, False), encoding="utf-8")
    return path


@pytest.fixture
def page(driver: Any, file: Path) -> Page:
    return Page(driver, file).open()


# What a server said stays text ------------------------------------------------------------------


def test_nothing_that_a_server_said_has_run(page: Page) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    with pytest.raises(NoAlertPresentException):
        _ = page.driver.switch_to.alert
    assert page.driver.title.startswith("3 MUST requirements do not hold.")
    assert page.js("return document.querySelectorAll('script, img, style, b').length") == 2
    assert page.js("return performance.getEntriesByType('resource').length") == 0
    assert page.driver.get_log("browser") == []


def test_what_a_server_said_is_read_as_it_was_said(page: Page) -> None:
    shown = "".join(piece for _, piece in runs(HOSTILE))
    found = page.js("return document.querySelector('.finding h5 bdi').textContent")
    assert found == shown
    body = page.js("return document.querySelector('#x-e1 section:nth-of-type(2)').textContent")
    quoted = SAYABLE.replace('"', '\\"').replace("\x1b", "\\u001b").replace("\x00", "\\u0000")
    assert "".join(piece for _, piece in runs(quoted)) in body


EVIL = """
<script>document.title = 'ran'</script>
<img src="x" onerror="document.title = 'ran'">
<a id="evil" href="javascript:document.title='ran'" onclick="document.title = 'ran'">x</a>
<style>body { display: none }</style>
"""


def test_were_there_a_script_in_it_the_policy_would_stop_it(page: Page, tmp_path: Path) -> None:
    document = WRITERS["html"](REPORT, False)
    path = tmp_path / "evil.html"
    path.write_text(document.replace("<main>", EVIL + "<main>"), encoding="utf-8")
    evil = Page(page.driver, path).open()
    evil.one("#evil").click()
    assert evil.driver.title.startswith("3 MUST")
    assert evil.one("h1").is_displayed()
    stopped = evil.driver.get_log("browser")
    assert len([entry for entry in stopped if "Content Security Policy" in entry["message"]]) >= 4


def test_no_script_could_write_html(page: Page) -> None:
    with pytest.raises(Exception, match="TrustedHTML"):
        page.js("document.body.innerHTML = '<b>x</b>'")
    page.driver.get_log("browser")  # the browser has noted what it stopped


# Themes -----------------------------------------------------------------------------------------


def lightness(page: Page) -> int:
    return int(
        page.js(
            "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]"
        )
    )


@pytest.mark.parametrize(("theme", "other"), [("light", "dark"), ("dark", "light")])
def test_the_theme_is_that_of_the_system_until_one_is_chosen(
    page: Page, theme: str, other: str
) -> None:
    page.open(theme=theme)
    assert (lightness(page) > 128) == (theme == "light")
    page.one(f"#theme option[value={other}]").click()
    assert (lightness(page) > 128) == (other == "light")
    page.open(theme=theme, stored=page.stored())
    assert (lightness(page) > 128) == (other == "light")
    page.one("#theme option[value='']").click()
    assert (lightness(page) > 128) == (theme == "light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_can_be_read(page: Page, theme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1, of large text 3 to 1."""
    page.open(theme=theme)
    page.js(UNFOLD + SHOW)
    found = page.js(CONTRAST)
    assert found["looked"] > 300
    assert found["low"] == []


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is missing; `make check` brings it")
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(page: Page, theme: str, width: int) -> None:
    page.open(theme=theme, width=width)
    page.js(UNFOLD + SHOW)
    page.js(AXE.read_text(encoding="utf-8"))
    found = page.driver.execute_async_script("axe.run().then(arguments[0])")
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 25


# Filters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fragment", "ids"),
    [
        ("#verdict=fail", ["usage.total", "stream.role", "transport.http", "tools.shape"]),
        ("#verdict=inconclusive,skip", ["a.open", "a.skip"]),
        ("#level=SHOULD", ["tools.shape"]),
        ("#level=SHOULD,MAY", ["tools.shape", "a.may"]),
        ("#class=streaming", ["stream.role", "a.pass"]),
        ("#class=streaming&verdict=fail", ["stream.role"]),
        ("#q=no+role", ["stream.role"]),
        ("#q=ROLE%20no%20event", ["stream.role"]),
        ("#q=%3Cscript%3E&class=transport", ["transport.http"]),
        ("#q=nothing-like-it", []),
        ("#class=no-such-class", [j.requirement.id for j in REPORT.judgements]),
    ],
)
def test_filters_are_read_from_the_fragment(page: Page, fragment: str, ids: list[str]) -> None:
    page.open(fragment)
    assert sorted(page.shown()) == sorted(ids)
    total = len(REPORT.judgements)
    words = f"{total} requirements" if len(ids) == total else f"{len(ids)} of {total} requirements"
    assert page.one("#count").text == words


def test_filters_are_written_to_the_fragment_and_come_off_at_once(page: Page) -> None:
    page.one("#q").send_keys("role event")
    page.one("input[value=MUST]").click()
    page.one("input[value=fail]").click()
    page.one("#class option:nth-child(3)").click()
    assert page.fragment() == "#q=role+event&class=streaming&level=MUST&verdict=fail"
    assert page.shown() == ["stream.role"]
    assert [g.get_attribute("aria-labelledby") for g in page.all(".group") if g.is_displayed()] == [
        "group-fail"
    ]
    page.one("#reset").click()
    assert page.js("return location.hash") == ""
    assert len(page.shown()) == len(REPORT.judgements)
    assert not page.one("#reset").is_displayed()


def test_a_class_leads_to_its_requirements(page: Page) -> None:
    page.one(".classes a[data-class=tools]").click()
    assert page.shown() == ["tools.shape"]
    assert page.fragment() == "#class=tools"


def test_a_link_to_a_requirement_unfolds_it_also_if_it_was_filtered_away(page: Page) -> None:
    page.open("#verdict=skip")
    assert page.shown() == ["a.skip"]
    page.one(".worst a").click()
    assert len(page.shown()) == len(REPORT.judgements)
    assert page.js("return document.getElementById('usage.total').firstElementChild.open")
    assert page.js("return document.activeElement.closest('article').id") == "usage.total"
    page.open("#stream.role")
    assert page.js("return document.getElementById('stream.role').firstElementChild.open")


# Hands on the keyboard --------------------------------------------------------------------------


def test_the_keyboard_is_enough(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.press(Keys.TAB)
    assert "Skip to the requirements" in page.focused()
    page.press(Keys.ENTER)
    assert page.js("return document.activeElement.id") == "requirements"
    page.press("/")
    assert page.js("return document.activeElement.id") == "q"
    page.press("role")
    assert page.shown() == ["stream.role"]
    page.press("/")
    assert page.one("#q").get_property("value") == "role/"
    page.press(Keys.BACKSPACE, *([Keys.TAB] * 2), Keys.SPACE)
    assert "MUST" in page.fragment()
    page.js("document.querySelector('#unfold').focus()")
    page.press(Keys.TAB, Keys.ENTER)
    assert page.js("return document.getElementById('stream.role').firstElementChild.open")


def test_what_has_the_focus_shows_it(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    seen = set()
    for _ in range(30):
        page.press(Keys.TAB)
        style = page.js(
            "const s = getComputedStyle(document.activeElement);"
            "return [document.activeElement.tagName, s.outlineStyle, parseFloat(s.outlineWidth)]"
        )
        seen.add(style[0])
        assert style[1:] == ["solid", 3], page.focused()
    assert {"A", "BUTTON", "SELECT", "INPUT"} <= seen


# Copying, and the whole exchange ----------------------------------------------------------------


def unfolded(page: Page, id: str) -> Any:
    page.js("document.getElementById(arguments[0]).firstElementChild.open = true", id)
    return page.js("return document.getElementById(arguments[0])", id)


@pytest.mark.parametrize("kind", ["curl", "python"])
def test_what_asks_again_is_copied(page: Page, kind: str) -> None:
    page.devtools(
        "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
    )
    button = unfolded(page, "stream.role").find_element("css selector", f"[data-copy={kind}-e2]")
    label = button.text
    button.click()
    copied = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    exchange = REPORT.exchanges[1]
    assert copied == (exchange.curl if kind == "curl" else exchange.python)
    assert label == {"curl": "Copy curl", "python": "Copy Python"}[kind]
    assert page.one("#announced").get_property("textContent") == "Copied"


def test_where_the_clipboard_is_closed_it_is_copied_by_selection(page: Page) -> None:
    page.js(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
        "document.addEventListener('copy', () => { window.copied = String(getSelection()); });"
    )
    unfolded(page, "stream.role").find_element("css selector", "[data-copy=curl-e2]").click()
    assert page.js("return window.copied") == REPORT.exchanges[1].curl


def test_an_exchange_opens_where_a_finding_speaks_of_it(page: Page) -> None:
    article = unfolded(page, "usage.total")
    findings = article.find_elements("css selector", ".finding")
    button = findings[1].find_element("css selector", "[data-exchange]")
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    shown = findings[1].find_element("css selector", ".exchange")
    assert shown.is_displayed()
    marks = shown.find_elements("css selector", "mark")
    assert len(marks) == 1
    assert "</script>" in marks[0].text
    assert (
        page.js(
            "const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
            "return ids.length - new Set(ids).size"
        )
        == 0
    )
    button.click()
    assert findings[1].find_elements("css selector", ".exchange") == []


# Other ways to read it --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_nothing_has_to_be_moved_sideways(page: Page, width: int) -> None:
    page.open(width=width)
    assert page.overflow() == 0
    page.js(UNFOLD + SHOW)
    assert page.overflow() == 0


def test_paper_is_light_and_has_what_fails_and_no_controls(page: Page) -> None:
    page.open(theme="dark")
    page.media("dark", "print")
    assert lightness(page) > 250
    assert [e for e in page.all("form, button, #theme, .jump") if e.is_displayed()] == []
    assert page.js("""
        const finding = document.querySelector('.finding');
        return finding.checkVisibility({contentVisibilityAuto: true}) && finding.offsetHeight > 50
    """)
    made = base64.b64decode(page.devtools("Page.printToPDF")["data"])
    assert made.startswith(b"%PDF-")


@contextlib.contextmanager
def without_script(page: Page) -> Iterator[None]:
    page.devtools("Emulation.setScriptExecutionDisabled", value=True)
    yield
    page.devtools("Emulation.setScriptExecutionDisabled", value=False)


def test_without_javascript_everything_is_there(page: Page) -> None:
    with without_script(page):
        page.open()
        assert page.js("return document.documentElement.classList.contains('js')") is False
        assert [e for e in page.all("form, button, #theme") if e.is_displayed()] == []
        everything = page.all(".requirement, .finding, .statement, .exchange, .events, .sides")
        assert len(everything) > 30
        assert all(each.is_displayed() for each in everything)
        assert page.overflow() == 0


# Servers side by side ---------------------------------------------------------------------------


@pytest.fixture
def matrix(driver: Any, tmp_path: Path) -> Page:
    path = tmp_path / "matrix.html"
    path.write_text(COMPARISONS["html"](BOTH), encoding="utf-8")
    return Page(driver, path).open()


def test_a_comparison_is_filtered(matrix: Page) -> None:
    def shown() -> list[str]:
        rows = matrix.all("#matrix .row")
        return [each.get_attribute("id") for each in rows if each.is_displayed()]

    everything = shown()
    assert everything == [row.requirement.id for row in BOTH.rows]
    assert matrix.one("#count").text == f"{len(everything)} requirements"
    matrix.one("input[value=worse]").click()
    assert shown() == ["a.pass"]
    matrix.one("input[value=better]").click()
    assert sorted(shown()) == ["a.pass", "stream.role"]
    matrix.one("#q").send_keys("ROLE")
    assert shown() == ["stream.role"]
    assert matrix.one("#count").text == f"1 of {len(everything)} requirements"
    matrix.one("button[type=reset]").click()
    assert shown() == everything


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_of_a_comparison_nothing_acts_and_all_can_be_read(matrix: Page, theme: str) -> None:
    matrix.open(theme=theme, width=320)
    assert matrix.overflow() == 0
    assert matrix.js("return document.querySelectorAll('script, img, style, b').length") == 2
    assert matrix.driver.get_log("browser") == []
    found = matrix.js(CONTRAST)
    assert found["looked"] > 50
    assert found["low"] == []


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is missing; `make check` brings it")
def test_axe_finds_nothing_in_a_comparison(matrix: Page) -> None:
    matrix.js(AXE.read_text(encoding="utf-8"))
    found = matrix.driver.execute_async_script("axe.run().then(arguments[0])")
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
