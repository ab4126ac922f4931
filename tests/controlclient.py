"""A client of the object beside Dobby's, by which an emulator is controlled."""

import json

from dobbyclient import NAME, Client
from rawclient import CALL, RETURN

WHERE = {"destination": NAME, "path": "/org/thunderoci/emulator", "interface": "org.thunderoci.Emulator1"}


class ControlClient(Client):
    """A client of the daemon that controls the emulator, too."""

    def begin(self, member, **arguments):
        """Begin an operation; return what end() takes."""
        return self.send(CALL, "s", [json.dumps(arguments)], member=member, **WHERE)

    def end(self, begun):
        """Return the result of an operation."""
        answer = self.answer(begun)
        assert answer.kind == RETURN, answer.body
        return json.loads(answer.body[0])

    def control(self, member, **arguments):
        """Carry out an operation; return its result."""
        return self.end(self.begin(member, **arguments))

    def refused(self, member, **arguments):
        """Try an operation; return the name and the text of the error."""
        answer = self.answer(self.begin(member, **arguments))
        return answer.error_name, answer.body[0]
