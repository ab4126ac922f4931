"""curl command lines: their words read as curl reads them, and requests written so that a shell reads them back.

Source of the rules: curl's manual page, and curl 7.88 where that is silent.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from conformance import curloptions
from conformance.curloptions import Wrong
from conformance.errors import BadCurl
from conformance.exchange import Request

DEFAULT_HEADERS = (("Accept", "*/*"), ("Content-Type", "application/x-www-form-urlencoded"))
"""What curl sends beside its own name when it is given ``-d``."""
PLACE = r"\[-[^\]\n]*?-\]|\$\{[^{}\n]*\}|<[A-Za-z_](?:[^<>\n]*[^\s<>])?>"
"""What documents write where the reader puts a value in, as a regular expression."""

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SPLIT = re.compile(
    rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<host>(?:{PLACE}|\[[0-9A-Fa-f:.]+\]|[^/?#])*)(?P<rest>.*)",
    re.DOTALL,
)
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "host"})
"""What the connection says of itself; a target has a name and connections of its own."""
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~-._{}<>|\\^`\""


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """A documented request: ``title`` is the bold line or heading above it, ``line`` counts from 1.

    Its parts still have their placeholders. ``url`` has a scheme, and no fragment.
    """

    title: str
    line: int
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def request(self) -> Request:
        """The request that the command sends."""
        return Request(self.url, self.headers, self.body.encode("utf-8", "surrogateescape"), self.method)


def parse(words: Sequence[str], title: str, source: str, line: int) -> CurlCommand | None:
    """Return the command that ``words`` are, curl's own name first, or None when it only asks curl about itself.

    ``source`` names the document in errors. Raises BadCurl.
    """
    if set(words) & {"-V", "--version", "-h", "--help", "--manual"}:
        return None
    try:
        return _read(curloptions.meant(words[1:]), title, line)
    except Wrong as wrong:
        raise BadCurl(source=source, line=line, why=wrong) from None


def split_url(url: str) -> tuple[str, str, str]:
    """Return scheme ("" where there is none), host with port, and the rest of a URL that may have placeholders."""
    found = _SPLIT.fullmatch(url)
    return ("", "", url) if found is None else (found["scheme"] or "", found["host"], found["rest"])


def render(request: Request) -> str:
    """Return a shell command line that sends ``request`` again."""
    words = ["curl"]
    if re.search(r"[][{}]", split_url(request.url)[2]):
        words.append("-g")  # else curl takes brackets for a pattern of URLs
    words += ["-X", request.method, request.url]
    has_data = bool(request.body) or request.method == "POST"
    own = DEFAULT_HEADERS if has_data else DEFAULT_HEADERS[:1]
    for header in request.headers:
        if header not in own:
            words += ["-H", ": ".join(header) if header[1] else f"{header[0]};"]
    present = {name.lower() for name, _ in request.headers}
    for name, _ in own:
        if name.lower() not in present:
            words += ["-H", f"{name}:"]
    line = shlex.join(words)
    if not has_data:
        return line
    return f"{line} {'--data-raw' if request.body.startswith(b'@') else '-d'} {_quoted(request.body)}"


@dataclass(slots=True)
class _Parts:
    """What the options said so far."""

    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    data: str | None = None
    method: str = ""
    json: bool = False
    get: bool = False
    globoff: bool = False


def _read(options: Iterator[tuple[str, str, str]], title: str, line: int) -> CurlCommand:
    """Return the request that the options describe."""
    parts = _Parts()
    for kind, option, value in options:
        match kind:
            case "url":
                parts.urls.append(value)
            case "header":
                _add_header(parts, value)
            case "agent":
                _add_header(parts, f"User-Agent: {value}")
            case "data" | "raw" | "json":
                _add_data(parts, kind, option, value)
            case "method":
                if not _METHOD.fullmatch(value):
                    raise Wrong(f"{value!r} behind {option} is no HTTP method")
                parts.method = value
            case "get":
                parts.get = True
            case "globoff":
                parts.globoff = True
    url = _url(parts)
    body = "" if parts.get else parts.data or ""
    method = parts.method or ("GET" if parts.data is None or parts.get else "POST")
    return CurlCommand(title, line, method, url, tuple(_headers(parts)), body)


def _add_header(parts: _Parts, value: str) -> None:
    """Take a header; without a value it removes one of curl's own, with a semicolon it is sent empty."""
    if value.startswith("@"):
        raise Wrong(f"the headers in the file {value[1:]!r} are not read; write them out")
    name, colon, content = value.partition(":")
    name, content = name.strip(), content.strip()
    empty = not colon and name.endswith(";")
    if empty:
        name = name[:-1]
    elif not colon:
        return  # curl leaves out what is no header
    if not _METHOD.fullmatch(name) or not re.fullmatch(r"[\t\x20-\x7e]*", content):
        raise Wrong(f"{value!r} is no header")
    if content or empty:
        parts.headers.append((name, content))
    else:
        parts.removed.add(name.lower())


def _add_data(parts: _Parts, kind: str, option: str, value: str) -> None:
    if value.startswith("@") and kind != "raw":
        raise Wrong(f"the file {value[1:]!r} behind {option} is not read; write its text out in place of @file")
    parts.json = parts.json or kind == "json"
    joint = "" if kind == "json" else "&"
    parts.data = value if parts.data is None else f"{parts.data}{joint}{value}"


def _headers(parts: _Parts) -> Iterator[tuple[str, str]]:
    """Yield what is sent: curl's own headers, unless the command replaces or removes them, and the command's."""
    said = {name.lower() for name, _ in parts.headers} | parts.removed
    own = dict(DEFAULT_HEADERS)
    if parts.json:
        own = {"Accept": "application/json", "Content-Type": "application/json"}
    if parts.data is None or parts.get:
        del own["Content-Type"]
    yield from ((name, value) for name, value in own.items() if name.lower() not in said)
    yield from ((name, value) for name, value in parts.headers if name.lower() not in _FRAMING)


def _url(parts: _Parts) -> str:
    """Return the URL that the request goes to, as curl completes it."""
    if not parts.urls:
        raise Wrong("it has no URL; write one, http://127.0.0.1:9998/jsonrpc for example")
    if len(parts.urls) > 1:
        raise Wrong(
            f"it has several URLs, {' and '.join(parts.urls)}; quote what is no URL, and write a command for each"
        )
    scheme, host, rest = split_url(parts.urls[0].partition("#")[0])
    if not host or re.search(r"[\x00-\x20\x7f]", re.sub(PLACE, "", f"{host}{rest}")):
        raise Wrong(f"{parts.urls[0]!r} is no URL")
    if not parts.globoff and re.search(r"[][{}]", re.sub(PLACE, "", rest)):
        raise Wrong("brackets in a URL mean several requests to curl; write each of them out, or give -g")
    if parts.get and parts.data:
        rest += ("&" if "?" in rest else "?") + parts.data
    if not rest.startswith("/"):
        rest = f"/{rest}"
    safe = _URL_SAFE + ("" if not re.search(PLACE, rest) else " ")
    return f"{scheme or 'http'}://{host}{quote(rest, safe=safe, errors='surrogateescape')}"


def _quoted(body: bytes) -> str:
    """Return ``body`` as one word of a shell."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return shlex.quote(text)
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in "'\\" else f"\\{byte:03o}"  # noqa: PLR2004 - ASCII
        for byte in body
    )
    return f"$'{escaped}'"
