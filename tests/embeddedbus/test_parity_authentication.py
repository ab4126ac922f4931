"""The same lines to a real dbus-daemon and to the embedded bus, and the same answers."""

import os
import re

import pytest


@pytest.mark.parametrize(
    "lines",
    [
        "AUTH",
        "AUTH ANONYMOUS",
        "AUTH ANONYMOUS 30",
        "AUTH DBUS_COOKIE_SHA1 30",
        "AUTH EXTERNAL zz",
        "AUTH EXTERNAL 39393939",
        "AUTH EXTERNAL\nDATA",
        "AUTH EXTERNAL\nDATA\nNEGOTIATE_UNIX_FD",
        "AUTH EXTERNAL\nDATA 39393939",
        "AUTH EXTERNAL\nDATA UID",
        "AUTH EXTERNAL UID",
        "AUTH EXTERNAL\nAUTH EXTERNAL",
        "AUTH EXTERNAL\nCANCEL",
        "AUTH EXTERNAL\nERROR no",
        "AUTH EXTERNAL\nFOO\nCANCEL",
        "AUTH EXTERNAL\nNEGOTIATE_UNIX_FD",
        "AUTH EXTERNAL UID\nAUTH EXTERNAL UID",
        "AUTH EXTERNAL UID\nCANCEL",
        "AUTH EXTERNAL UID\nERROR",
        "AUTH EXTERNAL UID\nNEGOTIATE_UNIX_FD\nNEGOTIATE_UNIX_FD",
        "AUTH EXTERNAL UID\nFOO\nDATA\nCANCEL\nAUTH EXTERNAL UID",
        "auth EXTERNAL UID",
        "FOO",
        "",
        "NEGOTIATE_UNIX_FD",
        "DATA",
        "CANCEL",
        "ERROR",
        "AUTH\nAUTH\nAUTH",
    ],
)
def test_both_buses_authenticate_alike(bus, real_bus, lines):
    uid = str(os.getuid()).encode().hex()
    sent = b"".join(line.replace("UID", uid).encode() + b"\r\n" for line in lines.split("\n"))
    fence = b"CANCEL\r\nFENCE\r\n"
    answers = []
    for one in [bus, real_bus]:
        client = one.client(authenticate=False)
        client.socket.sendall(b"\0" + sent + fence)
        count = len(lines.split("\n")) + fence.count(b"\n")
        answers.append([re.sub(b"[0-9a-f]{32}", b"GUID", client.line()) for _ in range(count)])
    assert answers[0] == answers[1]
