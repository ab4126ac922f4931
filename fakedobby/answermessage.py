"""The D-Bus message that answers a call."""

import logging
from typing import Any

from txdbus.error import MarshallingError
from txdbus.message import ErrorMessage, MethodCallMessage

from fakedobby.messages import Return
from fakedobby.protocol import ERROR_FAILED, LARGEST_MESSAGE, METHODS, OBJECT_PATH, Reply
from fakedobby.surroundings import Failure

log = logging.getLogger(__name__)


def sendable(call: MethodCallMessage, answer: Reply | Failure) -> tuple[Reply | Failure, Any]:
    """Return an answer and its message; an answer that no message bus takes becomes a failure."""
    message = _message(call, answer)
    if message is None:
        log.warning("the answer to %s is larger than a message bus takes: it fails", call.member)
        answer = _too_large(call)
        message = _message(call, answer)
    return answer, message


def _too_large(call: MethodCallMessage) -> Reply | Failure:
    if call.path == OBJECT_PATH:
        method = METHODS[call.member]
        return Reply(method.returns, (method.failure,))
    return Failure(ERROR_FAILED, f"The answer to {call.member} is larger than a message bus takes.")


def _message(call: MethodCallMessage, answer: Reply | Failure) -> Any:
    """Return the message that answers a call; None when it would be too large for a message bus."""
    try:
        if isinstance(answer, Failure):
            message: Any = ErrorMessage(
                answer.name, call.serial, destination=call.sender, signature="s", body=[answer.text]
            )
        else:
            message = Return(call.serial, call.sender, answer.signature, answer.values)
    except MarshallingError:  # it is larger than D-Bus itself allows
        return None
    return message if len(message.rawMessage) < LARGEST_MESSAGE else None
