"""The bus's side of the conversation before the first message (D-Bus specification, "Authentication Protocol")."""

from collections.abc import Callable

from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits

_REJECTED = b"REJECTED EXTERNAL"


class Authentication:
    """One client's authentication: EXTERNAL only, against the user id that the kernel vouches for.

    `uid` is that id, `welcome` says whether it may use the bus. Texts of errors are those of dbus-daemon 1.14.
    """

    def __init__(self, guid: str, uid: int, *, welcome: bool, limits: Limits) -> None:
        self._guid = guid
        self._uid = uid
        self._welcome = welcome
        self._limits = limits
        self._buffer = bytearray()
        self._null_seen = False
        self._failures = 0
        self._answer_line: Callable[[bytes, bytes], bytes] = self._before_authentication
        self.begun = False
        self.passes_fds = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the client, return the answer; once `begun`, take_rest() has what came behind BEGIN.

        Raises Malformed when the client is to be disconnected.
        """
        self._buffer += data
        if self._buffer and not self._null_seen:
            if self._buffer[0]:
                raise Malformed("the client did not start with a NUL byte")
            del self._buffer[0]
            self._null_seen = True
        answers = []
        while not self.begun:
            end = self._buffer.find(b"\r\n", 0, self._limits.authentication_line)
            if end < 0:
                if len(self._buffer) >= self._limits.authentication_line:
                    raise Malformed("a line of the authentication is too long")
                break
            command, _, argument = bytes(self._buffer[:end]).partition(b" ")
            del self._buffer[: end + 2]
            answer = self._answer_line(command, argument.strip())
            if answer:
                answers.append(answer + b"\r\n")
        return b"".join(answers)

    def take_rest(self) -> bytes:
        """Return the bytes behind BEGIN, which are messages."""
        rest, self._buffer = bytes(self._buffer), bytearray()
        return rest

    def _before_authentication(self, command: bytes, argument: bytes) -> bytes:
        if command == b"AUTH":
            mechanism, _, initial = argument.partition(b" ")
            if mechanism != b"EXTERNAL":
                return self._reject()
            if initial:
                return self._judge(initial)
            self._answer_line = self._expecting_data
            return b"DATA"
        if command in {b"DATA", b"CANCEL"}:
            return b'ERROR "Not currently in an auth conversation"'
        return self._anything_else(command)

    def _expecting_data(self, command: bytes, argument: bytes) -> bytes:
        if command == b"DATA":
            return self._judge(argument)
        if command == b"AUTH":
            return b'ERROR "Sent AUTH while another AUTH in progress"'
        return self._reject() if command == b"CANCEL" else self._anything_else(command)

    def _expecting_begin(self, command: bytes, _argument: bytes) -> bytes:
        if command == b"BEGIN":
            self.begun = True
            return b""
        if command == b"NEGOTIATE_UNIX_FD":
            self.passes_fds = True
            return b"AGREE_UNIX_FD"
        if command in {b"AUTH", b"DATA"}:
            return b'ERROR "Sent %s while expecting BEGIN"' % command
        return self._reject() if command == b"CANCEL" else self._anything_else(command)

    def _anything_else(self, command: bytes) -> bytes:
        if command == b"BEGIN":
            raise Malformed("the client began without authentication")
        if command == b"ERROR":
            return self._reject()
        if command == b"NEGOTIATE_UNIX_FD":
            return b'ERROR "Need to authenticate first"'
        return b'ERROR "Unknown command"'

    def _judge(self, response: bytes) -> bytes:
        """Accept or reject the identity in hexadecimal digits; none means the one that the kernel knows."""
        try:
            identity = bytes.fromhex(response.decode("ascii"))
        except ValueError:
            return b'ERROR "Invalid hex encoding"'
        if not self._welcome or identity not in {b"", str(self._uid).encode()}:
            return self._reject()
        self._answer_line = self._expecting_begin
        return b"OK " + self._guid.encode()

    def _reject(self) -> bytes:
        self._failures += 1
        if self._failures > self._limits.authentication_failures:
            raise Malformed("the client failed to authenticate too often")
        self._answer_line = self._before_authentication
        return _REJECTED
