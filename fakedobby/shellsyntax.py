"""The part of the shell's grammar that test containers use, as a tree.

Lists with ; & && || and newlines, ! and pipes, quotes, redirections (which change nothing here), ( ) and { },
if, while, until, for. What the shell rejects is a SyntaxFault; what only we don't read is NotUnderstood.
"""

from dataclasses import dataclass

from fakedobby.shellwords import NotUnderstood, SyntaxFault, Word, tokens_of

_RESERVED = {
    "!",
    "{",
    "}",
    "if",
    "then",
    "elif",
    "else",
    "fi",
    "while",
    "until",
    "for",
    "do",
    "done",
    "case",
    "esac",
    "in",
}
_ENDS_OF_LIST = {"then", "elif", "else", "fi", "do", "done", "}", ")"}
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its words."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands that run at the same time; the last one's exit code counts."""

    commands: tuple["Command", ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """Pipelines joined by && and ||, each with the operator before it."""

    links: tuple[tuple[str, Pipeline], ...]
    background: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A list of chains; in a subshell when it stood in parentheses."""

    chains: tuple[Chain, ...]
    subshell: bool = False


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with their branches, and what runs when none holds."""

    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block


@dataclass(frozen=True, slots=True)
class Loop:
    """A while loop, or an until loop."""

    condition: Block
    body: Block
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """A loop over words."""

    name: str
    words: tuple[Word, ...]
    body: Block


Command = Simple | Block | If | Loop | For


def parse(text: str) -> Block:
    """Return the tree of a shell text; raise SyntaxFault or NotUnderstood."""
    return _Parser(tokens_of(text)).program()


class _Parser:
    def __init__(self, tokens: list[Word | str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def program(self) -> Block:
        block = self._block()
        if self._at < len(self._tokens):
            raise SyntaxFault(f"{self._peek()!r} is unexpected")
        return block

    def _peek(self) -> str:
        """Return the operator or reserved word that comes next; "" when it is a plain word, or the end."""
        if self._at >= len(self._tokens):
            return ""
        token = self._tokens[self._at]
        if isinstance(token, str):
            return token
        return token.keyword if token.keyword in _RESERVED else ""

    def _take(self, *expected: str) -> bool:
        if self._peek() in expected and self._at < len(self._tokens):
            self._at += 1
            return True
        return False

    def _need(self, expected: str) -> None:
        if not self._take(expected):
            raise SyntaxFault(f"{expected!r} is missing")

    def _block(self, *, subshell: bool = False) -> Block:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstood("a nesting this deep")
        chains = []
        while self._take("\n"):
            pass
        while self._at < len(self._tokens) and self._peek() not in _ENDS_OF_LIST:
            chains.append(self._chain())
            while self._take("\n"):
                pass
        self._depth -= 1
        return Block(tuple(chains), subshell)

    def _needed_block(self) -> Block:
        block = self._block()
        if not block.chains:
            raise SyntaxFault("a command is missing")
        return block

    def _chain(self) -> Chain:
        links = [("", self._pipeline())]
        while (operator := self._peek()) in {"&&", "||"}:
            self._at += 1
            while self._take("\n"):
                pass
            links.append((operator, self._pipeline()))
        background = self._peek() == "&"
        if self._at < len(self._tokens) and not self._take(";", "&", "\n") and self._peek() not in _ENDS_OF_LIST:
            raise SyntaxFault(f"{self._peek()!r} is unexpected")
        return Chain(tuple(links), background)

    def _pipeline(self) -> Pipeline:
        negated = self._take("!")
        commands = [self._command()]
        while self._take("|"):
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        match self._peek():
            case "(":
                self._at += 1
                block = self._block(subshell=True)
                self._need(")")
                return block
            case "{":
                self._at += 1
                block = self._needed_block()
                self._need("}")
                return block
            case "if":
                return self._if()
            case "while" | "until" as kind:
                self._at += 1
                condition = self._needed_block()
                return Loop(condition, self._body(), kind == "until")
            case "for":
                return self._for()
            case "case":
                raise NotUnderstood("case")
        return self._simple()

    def _if(self) -> If:
        branches = []
        while self._take("if", "elif"):
            condition = self._needed_block()
            self._need("then")
            branches.append((condition, self._needed_block()))
        otherwise = self._needed_block() if self._take("else") else Block(())
        self._need("fi")
        return If(tuple(branches), otherwise)

    def _body(self) -> Block:
        self._need("do")
        body = self._needed_block()
        self._need("done")
        return body

    def _for(self) -> For:
        self._at += 1
        name = self._words(1)
        if not name or not self._take("in"):
            raise NotUnderstood("for without in")
        words = self._words()
        self._take(";", "\n")
        while self._take("\n"):
            pass
        return For(name[0].keyword, words, self._body())

    def _simple(self) -> Simple:
        if self._peek() in _RESERVED | {"(", ")"}:
            raise SyntaxFault(f"{self._peek()!r} is unexpected")
        words = self._words()
        if not words:
            raise SyntaxFault("a command is missing")
        if self._peek() == "(":
            raise NotUnderstood("a function")
        return Simple(words)

    def _words(self, limit: int | None = None) -> tuple[Word, ...]:
        words: list[Word] = []
        while self._at < len(self._tokens) and len(words) != limit:
            token = self._tokens[self._at]
            if isinstance(token, str):
                break
            words.append(token)
            self._at += 1
        return tuple(words)
