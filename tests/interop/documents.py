"""The examples of a document: code, the files that it is, and our programs by the names that they have there."""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"(?:#|//) (\S+\.\w+)\n")


class Document:
    """One of docs/*.md."""

    def __init__(self, name):
        text = (ROOT / "docs" / name).read_text(encoding="utf-8")
        self.blocks = [(language, _outdented(content, indent)) for indent, language, content in _BLOCK.findall(text)]

    def files(self):
        """Return the text of each block that begins with a file's name, by that name."""
        named = [(_NAME.match(content), content) for _, content in self.blocks]
        return {found[1]: content for found, content in named if found}

    def write(self, folder):
        """Write all files of the document into a folder."""
        for name, content in self.files().items():
            (folder / name).write_text(content, encoding="utf-8")

    def console(self):
        """Return the command lines of the sessions, each with what it is said to print."""
        for language, content in self.blocks:
            if language == "console":
                for entry in content.split("$ ")[1:]:
                    command, _, output = entry.partition("\n")
                    yield command, output

    def printed(self):
        """Return what the blocks of plain text say that the programs before them print."""
        return [content for language, content in self.blocks if language == "text"]


def _outdented(text, indent):
    return re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def environment(folder):
    """Return the environment of a shell that has our commands on its PATH, also where they are not installed."""
    commands = folder / "commands"
    commands.mkdir()
    for name in ("thunderoci", "fakedobby"):
        command = commands / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m {name} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
    return {"PATH": f"{commands}:{os.environ['PATH']}"}
