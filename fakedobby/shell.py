"""A shell that runs on a clock: `sh -c` as far as test containers use it.

DobbyInit passes a SIGTERM on to every process of the container at once, so a trap runs as soon as the signal comes: the
command that the shell was waiting for is dead by then (facts/dobby.md 2, and DobbyInit's own signal handler).
"""

import re
from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass, field
from signal import SIGTERM, Signals

from fakedobby import shellbuiltins
from fakedobby.process import (
    PATIENCE,
    Behaviour,
    OnTerm,
    Run,
    Wait,
    code_of,
    duration,
    finite,
    status_of_exit,
    status_of_signal,
)
from fakedobby.shellspecials import NOT_FOUND, SPECIALS, SYNTAX, Exit, Step
from fakedobby.shellsyntax import Block, Chain, Command, For, If, Loop, Pipeline, Simple, parse
from fakedobby.shellvariables import Variables, expanded
from fakedobby.shellwords import NotUnderstood, SyntaxFault, Word

Find = Callable[[tuple[str, ...]], Behaviour | None]
"""Returns what a command line runs; None when there is no such program."""

_TERMINATED = 128 + SIGTERM.value
_FIRST_JOB = 100


@dataclass(frozen=True, slots=True)
class Shell:
    """The behaviour of a shell that runs `text`; `pid` is what it takes for its own process id."""

    text: str
    find: Find
    pid: str = "2"
    positional: tuple[str, ...] = ()

    def run(self) -> Run:
        """Begin a run; a text that we can't read runs until it is stopped."""
        try:
            block = parse(self.text)
        except SyntaxFault:
            return (yield from _ended(SYNTAX))
        except NotUnderstood:
            return (yield from _stuck())
        return (yield from Execution(self).run(block))


def _ended(code: int) -> Run:
    yield Wait(0)
    return status_of_exit(code)


def _stuck() -> Run:
    yield Wait(None)
    return 0


@dataclass(slots=True)
class Execution:
    """One run of a shell: its variables, its trap, its jobs, and the time that it has used."""

    shell: Shell
    variables: Variables = field(default_factory=Variables)
    trap: str | None = None
    """What a SIGTERM runs: None has the default disposition, "" ignores it."""
    code: int = 0
    now: float = 0.0
    jobs: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Background commands: process id to the time when they end, and their exit code."""
    started: int = 0
    idle: int = 0
    in_trap: bool = False

    def run(self, block: Block) -> Run:
        """Run a block to its end, and wait for the jobs it leaves; return the raw wait status."""
        try:
            yield from self._block(block)
            status = status_of_exit(self.code)
        except Exit as end:
            status = end.status
        except NotUnderstood:
            return (yield from _stuck())
        # DobbyInit goes on until the last of its children has ended; the status stays the first one's
        left = max((end for end, _ in self.jobs.values()), default=self.now) - self.now
        if left > 0:
            yield Wait(finite(left), OnTerm.IGNORES if self.trap == "" else OnTerm.TRAPS)
        return status

    def _block(self, block: Block) -> Step:
        for chain in block.chains:
            if chain.background:
                self._start_job(chain)
            else:
                yield from self._chain(chain)

    def _start_job(self, chain: Chain) -> None:
        self.started += 1
        pid = str(_FIRST_JOB + self.started)
        seconds, self.code = duration(_Subshell(self, Block((Chain(chain.links, background=False),))))
        self.jobs[pid] = (self.now + seconds, self.code)
        self.variables["!"] = pid
        self.code = 0

    def _chain(self, chain: Chain) -> Step:
        for operator, pipeline in chain.links:
            if (operator == "&&" and self.code) or (operator == "||" and not self.code):
                continue
            yield from self._pipeline(pipeline)

    def _pipeline(self, pipeline: Pipeline) -> Step:
        if len(pipeline.commands) == 1:
            yield from self._command(pipeline.commands[0])
        else:
            parts = [
                duration(
                    _Subshell(self, Block((Chain((("", Pipeline((command,), negated=False)),), background=False),)))
                )
                for command in pipeline.commands
            ]
            if not (yield from self.pause(max(seconds for seconds, _ in parts))):
                self.code = parts[-1][1]
        if pipeline.negated:
            self.code = int(not self.code)

    def _command(self, command: Command) -> Step:
        match command:
            case Simple(words):
                yield from self._simple(words)
            case Block(subshell=True):
                yield from self._child(_Subshell(self, Block(command.chains)))
            case Block():
                yield from self._block(command)
            case If():
                yield from self._if(command)
            case Loop():
                yield from self._loop(command)
            case For():
                yield from self._for(command)

    def _if(self, command: If) -> Step:
        for condition, branch in command.branches:
            yield from self._block(condition)
            if not self.code:
                yield from self._block(branch)
                return
        self.code = 0
        yield from self._block(command.otherwise)

    def _loop(self, loop: Loop) -> Step:
        last = 0
        while True:
            yield from self._block(loop.condition)
            if bool(self.code) is not loop.until:
                self.code = last
                return
            try:
                yield from self._block(loop.body)
            except shellbuiltins.Break:
                self.code = 0
                return
            except shellbuiltins.Continue:
                self.code = 0
            last = self.code

    def _for(self, loop: For) -> Step:
        for value in self._expand(loop.words):
            self.variables[loop.name] = value
            try:
                yield from self._block(loop.body)
            except shellbuiltins.Break:
                return
            except shellbuiltins.Continue:
                continue

    def _simple(self, words: tuple[Word, ...]) -> Step:
        self.idle += 1
        if self.idle > PATIENCE:
            yield from self.pause(float("inf"))
        args = self._expand(words)
        while args and (assignment := re.fullmatch(r"([A-Za-z_]\w*)=(.*)", args[0], re.DOTALL)):
            self.variables[assignment[1]] = assignment[2]
            args = args[1:]
        if not args:
            self.code = 0
        elif builtin := shellbuiltins.BUILTINS.get(args[0]):
            self.code = builtin(self.variables, args[1:])
        elif special := SPECIALS.get(args[0]):
            yield from special(self, args[1:])
        else:
            yield from self._external(args)

    def _external(self, args: tuple[str, ...]) -> Step:
        program = self.shell.find(args)
        if program is None:
            self.code = NOT_FOUND
        else:
            yield from self._child(program)

    def _child(self, program: Behaviour) -> Step:
        """Run a program to its end and take its exit code; a SIGTERM meets both the program and this shell."""
        self.code = code_of((yield from self.drive(program)))

    def drive(self, program: Behaviour) -> Run:
        """Run a program to its end and return its wait status; a SIGTERM meets the program and this shell."""
        run = program.run()
        signal: Signals | None = None
        caught = False
        while True:
            try:
                wait = run.send(signal)
            except StopIteration as end:
                if caught:
                    yield from self.terminated()
                return int(end.value)
            signal = yield Wait(wait.seconds, self._disposition(wait.on_term))
            self._pass(wait.seconds, signal)
            if signal is not None:
                caught = True
                if wait.on_term is OnTerm.DIES:
                    run.close()
                    yield from self.terminated()
                    return SIGTERM.value

    def _disposition(self, of_child: OnTerm) -> OnTerm:
        if self.trap == "":
            return OnTerm.IGNORES
        return OnTerm.TRAPS if self.trap and of_child is OnTerm.DIES else of_child

    def pause(self, seconds: float) -> Step:
        """Do nothing for some seconds; tell whether a SIGTERM ended that."""
        signal = yield Wait(finite(seconds), self._disposition(OnTerm.DIES))
        self._pass(seconds, signal)
        if signal is None:
            return False
        self.code = _TERMINATED
        yield from self.terminated()
        return True

    def _pass(self, seconds: float | None, signal: Signals | None) -> None:
        if signal is not None:
            # the jobs have had the signal too; how long we waited is not known, and no longer matters
            self.jobs.clear()
        if signal is not None or seconds:
            self.idle = 0
        self.now += 0 if signal is not None else seconds or 0

    def terminated(self) -> Step:
        """Take a SIGTERM: run the trap, or die without one."""
        if self.trap is None:
            raise Exit(status_of_signal(SIGTERM))
        if not self.in_trap:
            self.in_trap = True
            code = self.code
            yield from self.evaluate(self.trap)
            self.code = code
            self.in_trap = False

    def evaluate(self, text: str) -> Step:
        """Read a text as the shell does, and run it."""
        try:
            block = parse(text)
        except SyntaxFault:
            raise Exit(status_of_exit(SYNTAX)) from None
        yield from self._block(block)

    def _expand(self, words: tuple[Word, ...]) -> tuple[str, ...]:
        special = {"$": self.shell.pid, "?": str(self.code), "#": str(max(0, len(self.shell.positional) - 1))}
        special.update({str(index): value for index, value in enumerate(self.shell.positional)})
        return expanded(words, ChainMap(self.variables, special))


@dataclass(frozen=True, slots=True)
class _Subshell:
    """A copy of a shell that runs a block; traps are not inherited, ignored signals are."""

    parent: Execution
    block: Block

    def run(self) -> Run:
        parent = self.parent
        copy = Execution(parent.shell, Variables(parent.variables), "" if parent.trap == "" else None, parent.code)
        return (yield from copy.run(self.block))
