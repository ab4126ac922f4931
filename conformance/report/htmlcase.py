"""One case in the HTML report: its line, and behind it what was found, how to see it again, and what was said."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from conformance.report import tally
from conformance.report.printable import printable


def text(content: str) -> str:
    """Return ``content`` as HTML in which it is text, also within an attribute's double quotes."""
    return escape(printable(content, keep="\n\t"))


def slug(verdict: str) -> str:
    """Return the name that a verdict has in the style sheet."""
    return verdict.replace(" ", "-")


def anchor(target: int, case_id: str) -> str:
    """Return the id of the element of a case, which links lead to."""
    return f"case={target}:{printable(case_id)}"


def case(target: int, result: dict[str, Any]) -> Iterator[str]:
    """Yield a case on the target of this number."""
    verdict = result["verdict"]
    yield (
        f'<details class="case" id="{text(anchor(target, result["id"]))}" data-verdict="{verdict}" '
        f'data-level="{result["level"]}" data-tags="{text(json.dumps(result["tags"]))}" '
        f'data-group="{text(tally.group(result))}" data-target="{target}">'
        f'<summary><span><span class="pill v-{slug(verdict)}">{verdict}</span></span>'
        f'<span class="level">{result["level"]}</span><code class="id">{text(result["id"])}</code>'
        f'<span class="title">{text(result["title"])}</span>'
        f'<span class="time">{tally.milliseconds(result["seconds"])} ms</span></summary><div class="body">'
    )
    tags = "".join(f'<span class="tag">{text(tag)}</span>' for tag in result["tags"])
    yield f'<p class="tags">clause <code>{text(result["clause"])}</code> {tags}</p>'
    if result["reason"]:
        yield f'<p class="note">{text(result["reason"])}</p>'
    if result["waiver"]:
        yield f'<p class="note">{text(tally.waiver(result))}</p>'
    if result["quirks"]:
        names = ", ".join(f"<code>{text(quirk)}</code>" for quirk in result["quirks"])
        yield f'<p class="note quirk">Known quirk: {names}</p>'
    for finding in result["findings"]:
        yield from _finding(finding)
    for line in tally.reproduction(result):
        yield (
            f'<div class="copy"><pre><code>{text(line)}</code></pre>'
            '<button type="button" class="do-copy" aria-label="Copy the curl command">Copy</button></div>'
        )
    if result.get("script"):
        yield '<h4>A script that shows it again</h4><div class="copy">'
        yield f"<pre><code>{text(result['script'])}</code></pre>"
        yield '<button type="button" class="do-copy" aria-label="Copy the script">Copy</button></div>'
    if result["steps"]:
        blamed = {finding["step"] for finding in result["findings"] if not finding["quirk"]}
        yield '<h4>The whole exchange</h4><ol class="steps">'
        for index, step in enumerate(result["steps"]):
            yield from _step(step, blamed=index in blamed)
        yield "</ol>"
    yield "</div></details>"


def _finding(finding: dict[str, Any]) -> Iterator[str]:
    """Yield what is broken, by which clause, and both sides."""
    kind = "quirk" if finding["quirk"] else "" if finding["level"] == "MUST" else "should"
    yield (
        f'<div class="finding {kind}"><p><b>{finding["level"]}</b> <code>{text(finding["clause"])}</code>: '
        f'{text(finding["requirement"])} <span class="source">[{text(finding["source"])}]</span></p><dl>'
    )
    for term, member in (("at", "path"), ("expected", "expected"), ("got", "got")):
        yield f"<dt>{term}</dt><dd><code>{text(finding[member])}</code></dd>"
    if finding["quirk"]:
        yield f"<dt>quirk</dt><dd><code>{text(finding['quirk'])}</code></dd>"
    yield "</dl></div>"


def _step(step: dict[str, Any], *, blamed: bool) -> Iterator[str]:
    """Yield one step with its time; ``blamed`` is one that shows a finding."""
    marks = ' class="blamed"' if blamed else ""
    yield f'<li{marks}><span class="at">{tally.milliseconds(step["at"])} ms</span><div class="what">'
    if step["kind"] == "http":
        yield from _http(step)
    else:
        arrows = {"open": "opened", "sent": "→ sent", "received": "← received", "closed": "closed"}
        yield f"{arrows[step['kind']]} <small>WebSocket {step['connection']}</small>"
        if step["text"]:
            yield f"<pre>{text(step['text'])}</pre>"
    yield "</div></li>"


def _http(step: dict[str, Any]) -> Iterator[str]:
    """Yield a request and its answer."""
    call = f" <small>{text(step['call'])}</small>" if step.get("call") else ""
    yield f"→ <b>{text(step['method'])}</b> {text(step['url'])}{call}"
    yield from _headers(step["headers"])
    if step["body"]:
        yield f"<pre>{text(step['body'])}</pre>"
    took = f"<small>after {tally.milliseconds(step['seconds'])} ms</small>"
    if step["status"] is None:
        yield f"← no answer {took}"
    else:
        yield f"← <b>HTTP {step['status']}</b> {text(step['reason'])} {took}"
        yield from _headers(step["answer_headers"])
        if step["answer"]:
            yield f"<pre>{text(step['answer'])}</pre>"
    if step["error"]:
        yield f'<p class="problem">{text(step["error"])}</p>'


def _headers(headers: list[list[str]]) -> Iterator[str]:
    """Yield headers, folded away."""
    if headers:
        number = f"{len(headers)} header{'s' if len(headers) > 1 else ''}"
        lines = "\n".join(f"{text(name)}: {text(value)}" for name, value in headers)
        yield f'<details class="headers"><summary>{number}</summary><pre>{lines}</pre></details>'
