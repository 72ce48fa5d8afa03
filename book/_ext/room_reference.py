"""Sphinx extension: the reference of one room of `fer_utils`, module by module, from docstrings.

    .. room-reference:: data

lists every public module of `fer_utils/data/` that is there when the book is built, so a new
module needs no entry anywhere. `.. room-reference:: .` lists the modules at the top of the package.

Docstrings here are plain text, read as they stand in an editor. They are passed on so that plain
text always is valid reStructuredText: `names` become literals, *words* emphasis, other markup
characters are escaped, and a paragraph with indented lines (a table, an example) is shown as typed.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.ext.autodoc.mock import _MockObject
from sphinx.util.docutils import SphinxDirective

PACKAGE = Path(__file__).parent.parent.parent / "fer_utils"
LITERAL = re.compile(r"(?P<tick>``?)(?P<code>[^`\s][^`\n]*?)(?<! )(?P=tick)")
EMPHASIS = re.compile(r"(?<![\w*])\*(?P<words>\w[^*`\n]*)(?<! )\*(?![\w*])")
MARKUP = re.compile(r"([\\*|_`])")


def modules(room: str) -> list[str]:
    """Dotted names of the public modules of a room, in alphabetical order."""
    folder = PACKAGE if room == "." else PACKAGE / room
    if not folder.is_dir():
        raise FileNotFoundError(f"room-reference: there is no folder fer_utils/{room}")
    prefix = "fer_utils" if room == "." else f"fer_utils.{room}"
    return [f"{prefix}.{p.stem}" for p in sorted(folder.glob("*.py")) if not p.stem.startswith("_")]


def plain_to_rst(lines: list[str]) -> list[str]:
    """A plain-text docstring as reStructuredText that says the same and never warns."""
    out: list[str] = []
    for paragraph in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        rows = paragraph.split("\n")
        if any(row.startswith((" ", "\t")) for row in rows):
            out += ["::", "", *(f"    {row}" for row in rows), ""]
        elif all(re.match(r"[-*] ", row) for row in rows):
            out += [*(f"- {inline(row[2:])}" for row in rows), ""]
        else:
            out += [*(inline(row) for row in rows), ""]
    return out


def inline(row: str) -> str:
    """One line with `names` as literals, *words* as emphasis, and all other markup escaped."""
    out, end = [], 0
    for match in re.finditer(f"{LITERAL.pattern}|{EMPHASIS.pattern}", row):
        code, words = match["code"], match["words"]
        out += [escape(row[end : match.start()])]
        out += [f"``{code}``\\ " if code else f"*{escape(words)}*\\ "]
        end = match.end()
    whole = "".join(out) + escape(row[end:])
    return re.sub(r"^([-+=~^#.:>]|\d+[.)])", r"\\\1", whole)


def escape(text: str) -> str:
    return MARKUP.sub(r"\\\1", text)


def let_mocks_stand_in_unions() -> None:
    """`nn.Module | keras.Model` is evaluated when its module is imported, here with mocks."""
    _MockObject.__or__ = _MockObject.__ror__ = lambda self, other: self


class RoomReference(SphinxDirective):
    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        out: list[nodes.Node] = []
        for module in modules(self.arguments[0]):
            self.env.note_dependency(str(PACKAGE.parent / (module.replace(".", "/") + ".py")))
            title = module.rpartition(".")[2]
            section = nodes.section(ids=[nodes.make_id(module)], names=[module.lower()])
            section += nodes.title("", title)
            text = [f".. automodule:: {module}", "   :members:"]
            self.state.nested_parse(StringList(text, source=module), 0, section)
            out.append(section)
        return out


def on_docstring(app, what, name, obj, options, lines) -> None:
    lines[:] = plain_to_rst(lines)


def on_signature(app, what, name, obj, options, signature, returns):
    """Shorten dotted types where a default value keeps Sphinx from doing so itself."""
    try:
        ast.parse(f"def f{signature or '()'}: ...".replace("~", ""))
    except SyntaxError:
        signature = re.sub(r"~[\w.]+\.(\w+)", r"\1", signature)
    return signature, returns


def setup(app) -> dict:
    sys.path.insert(0, str(PACKAGE.parent))  # this tree, whatever is installed
    let_mocks_stand_in_unions()
    app.setup_extension("sphinx.ext.autodoc")
    app.add_directive("room-reference", RoomReference)
    app.connect("autodoc-process-docstring", on_docstring)
    app.connect("autodoc-process-signature", on_signature)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
