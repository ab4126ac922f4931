"""Every error that a user of the suite can meet, by whose fault it is; the docstring is the sentence that is shown."""

import inspect
import sys

from conformance.nowhere import lead_nowhere


def tell(sentence: object) -> None:
    """Say something on standard error that is seen at once; where it can't be written, the status says it alone."""
    say(f"{sentence}\n")


def say(text: str) -> None:
    """Write to standard error as `tell` does, without an end of line."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        lead_nowhere(sys.stderr.fileno())


class ConformanceError(Exception):
    """The conformance suite cannot go on."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        sentence = " ".join(inspect.cleandoc(type(self).__doc__ or type(self).__name__).split())
        super().__init__(sentence.format(**facts))


class UserError(ConformanceError):
    """What the user asked for is not possible."""


class BadURL(UserError):
    """'{url}' is not a target: {why}; give host:port, http://host:port or http://host:port/jsonrpc."""


class BadCurl(UserError):
    """{source}, line {line}: this is not a curl command that can be replayed: {why}."""


class NothingSelected(UserError):
    """No case is chosen by {options}{hint}; --list --profile auto shows all cases."""


class MissingPackages(UserError):
    """The conformance suite needs {names}, missing here; install it with: pip install 'thunderoci[conformance]'."""


class BadProxy(UserError):
    """The proxy '{url}' of the environment (http_proxy) cannot be used: {why}."""


class BadOption(UserError):
    """{option}: {why}; give {expected}."""


class TargetError(ConformanceError):
    """The target did not answer a request as an HTTP server does."""


class Unreachable(TargetError):
    """Nothing can be reached at {url}: {why}."""


class NoAnswer(TargetError):
    """{url} gave no complete answer within {seconds:g} s."""


class BrokenAnswer(TargetError):
    """{url} gave no complete HTTP answer: {why}."""


class NoWebSocket(TargetError):
    """{url} did not open a WebSocket: {why}."""


class NotThunder(TargetError):
    """There is no Thunder JSON-RPC at {url}: it answered HTTP {status} {reason} to listContainers{more}."""


class TokenWanted(TargetError):
    """{url} wants a security token (HTTP {status} {reason}): give --token, or THUNDER_TOKEN in the environment."""


class PluginMissing(TargetError):
    """The plugin {callsign} is absent or deactivated at {url}: listContainers got error {code}."""


class LeftBehind(TargetError):
    """{url} may still have containers of this run, {ids}: {why}."""


class SuiteError(ConformanceError):
    """The conformance suite itself failed: {why}."""


class ChildDied(ConformanceError):
    """The process that ran the conformance suite was ended by {signal}."""


# what replaying a document can meet


class BadDocument(UserError):
    """{source} cannot be read: {why}."""


class NothingToReplay(UserError):
    """{source} has no curl command in a block of code; there is nothing to replay."""


class BadSetting(UserError):
    """'--set {pair}' is not possible: {why}."""


class BadRecording(UserError):
    """{file}, line {line}: this is no recording of 'thunderoci record' that could be compared: {why}."""


class BadHeader(UserError):
    """'{header}' is no header: give 'Name: value' in plain characters."""


# reports


class ReportUnreadable(UserError):
    """{file} can't be read: {why}."""


class ReportUnwritable(UserError):
    """{file} can't be written: {why}."""


class ReportNotJSON(UserError):
    """{file} is no report, since it is not JSON: {why}."""


class ReportOfAnotherFormat(UserError):
    """{file} is a report of the format '{format}', this version reads '{known}': make it anew with this version."""


class ReportBroken(UserError):
    """{file} is no report of the suite; at {place}: {why}."""


# What surrounds a run: its options, the files of the user's, the bundle that is brought.


class UnreadableFile(UserError):
    """{file} cannot be read: {why}."""


class NotTOML(UserError):
    """{file}, line {line}: this is not TOML: {why}."""


class LongKey(UserError):
    """{file}, line {line}: a key has more than {most} parts between dots; write a shorter one."""


class UnknownKey(UserError):
    """{file}, line {line}: there is no key '{key}'; {known}."""


class BadValue(UserError):
    """{file}, line {line}, key '{key}': {why}; give {expected}."""


class SameOption(UserError):
    """{file}, line {line}: '{key}' is the same option as '{other}'; give one of them."""


class BadVariable(UserError):
    """Environment variable {name}: {why}; give {expected}."""


class UnknownVariable(UserError):
    """Environment variable {name}: there is no option of that name; {known}."""


class Contradiction(UserError):
    """{one} and {other} contradict each other: {why}."""


class BadTargetLine(UserError):
    """{file}, line {line}: {why}; give one URL a line, or TOML with [[target]] tables."""


class NoTargets(UserError):
    """{file} names no target; give one URL a line, or TOML with [[target]] tables that have a url."""


class BadWaiver(UserError):
    """{file}, line {line}, waiver {number}: {why}; {mend}."""


class UnknownPattern(UserError):
    """{option} matches no case{hint}; --list --profile auto shows all cases."""


class UnknownTag(UserError):
    """No case has the tag of '--tag {tag}'; the tags are: {known}."""


class BadBundleDirectory(UserError):
    """The bundle cannot be written to {directory}: {why}."""
