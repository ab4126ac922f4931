"""The HTML report in a browser: nothing on the console, the filters, the links, the copy button, hostile answers."""

import sys
from pathlib import Path

import pytest

from conformance.report import html
from webdriver import ENTER, Browser

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

from made_reports import HOSTILE, finding, frame, one_of_each, report, request, result, target

SHOWN = "return [...document.querySelectorAll('details.case:not([hidden]) .id')].map((e) => e.textContent)"
VISIBLE = (
    "return [...document.querySelectorAll('.group:not([hidden]) h3')]"
    ".map((e) => e.textContent.replace(/\\s+/g, ' ').trim())"
)


TOLD = """
return new Promise((done) => {
  const look = () => {
    const told = document.querySelector("#said").textContent;
    told ? done(told) : requestAnimationFrame(look);
  };
  look();
});
"""
LOOKS = """
const rgb = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = rgb(getComputedStyle(e).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
};
const poor = new Set();
for (const e of document.querySelectorAll("body *")) {
  const text = [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!text || !e.checkVisibility() || e.matches("script, option, .sr, .sr *, .skip")) continue;
  const [front, back] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
  const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
  if (contrast < 4.5) poor.add(`${e.tagName}.${e.className} ${contrast.toFixed(2)}`);
}
const named = (e) => e.labels?.length || e.textContent.trim() || e.ariaLabel;
const unnamed = [...document.querySelectorAll("input, select, button, a, summary")].filter((e) => !named(e));
return [document.documentElement.scrollWidth - innerWidth, [...poor], unnamed.map((e) => e.outerHTML)];
"""


def hostile():
    """Return a case in which everything that a target can say is hostile."""
    headers = [[HOSTILE, HOSTILE]]
    steps = [
        request("stopContainer", answer=HOSTILE, reason=HOSTILE, answer_headers=headers, error=HOSTILE),
        frame("received", HOSTILE),
    ]
    return result(
        "stopContainer/66",
        "fail",
        title=HOSTILE,
        reason=HOSTILE,
        findings=[
            finding("stopContainer.success", path=HOSTILE, expected=HOSTILE, got=HOSTILE, curl=f"curl '{HOSTILE}'")
        ],
        steps=steps,
        tags=["lifecycle", '"><script>document.title="broken in"</script>'],
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the addresses of a page about one target and of one about two."""
    folder = tmp_path_factory.mktemp("pages")
    here = target(*one_of_each(), hostile())
    there = target(*one_of_each(), profile="entservices", url="http://box:9998/jsonrpc", problem=HOSTILE)
    html.write(report(here), folder / "one.html")
    html.write(report(here, there), folder / "two.html")
    return (folder / "one.html").as_uri(), (folder / "two.html").as_uri()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def page(chromium, pages):
    """A browser in which the report about one target was just opened."""
    chromium.open("about:blank")
    chromium.open(pages[0])
    yield chromium
    assert chromium.log() == []
    assert chromium.run("return document.title") == "NOT conformant: conformance report"


def choose(page, name, value):
    """Choose an option of a drop-down list."""
    page.click(f"#{name} option[value='{value}']")


def counts(page):
    """Return the numbers beside the verdicts."""
    return page.run(
        "return Object.fromEntries([...document.querySelectorAll('.chip')].map("
        "(e) => [e.querySelector('span').textContent, Number(e.querySelector('output').textContent)]))"
    )


def test_everything_is_shown_at_first(page):
    assert len(page.run(SHOWN)) == 9
    assert page.run("return document.querySelector('#shown').textContent") == "9 of 9 cases shown"
    assert counts(page) == {
        "pass": 2,
        "fail": 2,
        **dict.fromkeys(("non-strict", "known quirk", "waived", "skipped", "error"), 1),
    }


def test_by_verdict(page):
    page.click(".chip.v-fail")
    assert page.run(SHOWN) == ["ocicontainer/pauseContainer/3", "ocicontainer/stopContainer/66"]
    page.click(".chip.v-waived")
    assert len(page.run(SHOWN)) == 3
    assert page.run(VISIBLE) == ["pauseContainer 1", "stopContainer 2"]
    assert page.run("return location.hash") == "#verdict=fail&verdict=waived"
    assert counts(page)["pass"] == 2  # what choosing it as well would add
    page.click(".chip.v-fail")
    assert page.run(VISIBLE) == ["stopContainer 1 of 2"]


def test_by_level_tag_and_clause_group(page):
    choose(page, "level", "SHOULD")
    assert page.run(SHOWN) == ["ocicontainer/envelope/4"]
    choose(page, "level", "")
    choose(page, "tag", "negative")
    assert page.run(SHOWN) == ["ocicontainer/pauseContainer/3", "ocicontainer/envelope/4"]
    assert counts(page) == {**dict.fromkeys(counts(page), 0), "fail": 1, "non-strict": 1}
    choose(page, "group", "envelope")
    assert page.run(SHOWN) == ["ocicontainer/envelope/4"]
    assert page.run("return location.hash") == "#tag=negative&group=envelope"
    options = (
        "return [...document.querySelectorAll('#group option')].map((e) => e.textContent.replace(/\\s+/g, ' ').trim())"
    )
    assert {"pauseContainer (1)", "envelope (1)", "listContainers (0)"} <= set(page.run(options))


def test_by_text_also_in_the_traffic(page):
    page.type("#search", "ONCONTAINERSTOPPED descriptor")
    assert page.run(SHOWN) == ["ocicontainer/onContainerStopped/2"]
    page.type("#search", " nothing-like-this")
    assert page.run(SHOWN) == []
    assert page.run("return document.querySelector('#none').hidden") is False
    page.click("#reset")
    assert len(page.run(SHOWN)) == 9
    assert page.run("return [document.querySelector('#search').value, location.hash]") == ["", ""]


def test_only_what_is_not_a_pass(page):
    assert page.run("return document.querySelector('#broken-count').textContent") == "7"
    page.click("#broken")
    assert len(page.run(SHOWN)) == 7
    assert counts(page)["pass"] == 0
    assert page.run("return location.hash") == "#broken=1"


def test_the_fragment_brings_the_filters_back(page, pages):
    page.open(f"{pages[0]}#verdict=fail&tag=negative&q=paused&level=MUST&group=pauseContainer")
    assert page.run(SHOWN) == ["ocicontainer/pauseContainer/3"]
    assert page.run("return document.querySelector('#tag').value") == "negative"
    page.open(f"{pages[0]}#tag=no-such-tag&verdict=no-such-verdict")
    assert len(page.run(SHOWN)) == 9
    assert page.run("return document.querySelector('#tag').selectedOptions[0]?.value") == ""


def test_opening_a_case_with_the_keyboard(page):
    selector = "[id='case=0:ocicontainer/onContainerStopped/2']"
    page.run("document.querySelector(arguments[0]).querySelector('summary').focus()", selector)
    page.press(ENTER)
    assert page.run("return document.querySelector(arguments[0]).open", selector) is True
    text = page.run("return document.querySelector(arguments[0]).innerText", selector)
    assert "T-silence" in text
    assert "opened" in text
    assert '→ sent WebSocket 1\n{"jsonrpc":"2.0","id":4' in text
    assert "8.10 ms" in text
    assert "after 1.10 ms" in text


def test_opening_what_is_shown_and_closing_all(page):
    opened = "return document.querySelectorAll('details.case[open]').length"
    page.click(".chip.v-fail")
    page.click("#expand")
    assert page.run(opened) == 2
    page.click("#collapse")
    assert page.run(opened) == 0


@pytest.mark.parametrize("setting", ["granted", "denied"])
def test_the_copy_button(page, setting):
    page.command("Browser.setPermission", permission={"name": "clipboard-write"}, setting=setting)
    page.click("[id='case=0:ocicontainer/pauseContainer/3'] > summary")
    page.run("addEventListener('copy', () => { document.body.dataset.copied = String(getSelection()) })")
    page.click("[id='case=0:ocicontainer/pauseContainer/3'] .do-copy")
    assert page.run(TOLD) == "The command was copied."
    expected = one_of_each()[1]["findings"][0]["curl"]
    page.command("Browser.setPermission", permission={"name": "clipboard-read"}, setting="granted")
    assert page.run("return navigator.clipboard.readText()") == expected


def test_what_a_target_says_does_nothing(page):
    page.click("#expand")
    selector = "[id='case=0:ocicontainer/stopContainer/66']"
    assert page.run("return document.querySelectorAll('img, script:not(:last-of-type), iframe').length") == 0
    text = page.run("return document.querySelector(arguments[0]).textContent", selector)
    # title, reason, path, expected, got, curl, phrase, answer, error, a frame, both halves of a header
    assert text.count(HOSTILE) == 12
    choose(page, "tag", '\\"><script>document.title=\\"broken in\\"</script>')
    assert page.run(SHOWN) == ["ocicontainer/stopContainer/66"]


def test_the_policy_would_stop_what_got_through(chromium, pages):
    chromium.open("about:blank")
    chromium.open(pages[0])
    chromium.run(
        "document.body.insertAdjacentHTML('beforeend', arguments[0])", "<img src=x onerror='document.title=1'>"
    )
    chromium.run("const s = document.createElement('script'); s.text = 'document.title = 1'; document.body.append(s)")
    assert chromium.run("return fetch('http://127.0.0.1:9/').then(() => 'went out', () => 'stopped')") == "stopped"
    assert chromium.run("return document.title") == "NOT conformant: conformance report"
    told = chromium.log()
    assert len(told) >= 3
    assert all("Content Security Policy" in line for line in told)


def test_the_matrix_leads_to_cases_also_hidden_ones(chromium, pages):
    chromium.open("about:blank")
    chromium.open(f"{pages[1]}#target=0")
    assert len(chromium.run(SHOWN)) == 9
    chromium.click(".matrix a[href='#case=1:ocicontainer/pauseContainer/3']")
    state = chromium.run(
        "const e = document.getElementById('case=1:ocicontainer/pauseContainer/3');"
        "const top = e.getBoundingClientRect().top;"
        "return [e.open, e.hidden, document.activeElement === e.querySelector('summary'), top >= 0 && top < 900]"
    )
    assert state == [True, False, True, True]
    assert chromium.run("return document.querySelectorAll('.matrix tbody tr').length") == 9
    choose(chromium, "target", "1")
    assert len(chromium.run(SHOWN)) == 8
    assert chromium.log() == []


def test_the_matrix_follows_the_filters(chromium, pages):
    rows = "return [...document.querySelectorAll('.matrix tbody tr:not([hidden]) th')].map((e) => e.textContent)"
    chromium.open("about:blank")
    chromium.open(f"{pages[1]}#verdict=fail")
    assert chromium.run(rows) == ["ocicontainer/pauseContainer/3", "ocicontainer/stopContainer/66"]
    chromium.click("#reset")
    assert len(chromium.run(rows)) == 9
    assert chromium.log() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_fits_its_window_and_is_readable(page, scheme, width):
    page.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.command("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
    page.click("#expand")
    overflow, poor, unnamed = page.run(LOOKS)
    page.command("Emulation.clearDeviceMetricsOverride")
    assert overflow <= 0
    assert poor == []
    assert unnamed == []
