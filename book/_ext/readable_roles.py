"""Citations and terms that read well in JupyterLab and Colab, and are roles of Sphinx in the book.

A notebook holds them as Markdown links whose title says what they are:

    ([Ioffe & Szegedy, 2015](https://arxiv.org/abs/1502.03167 "cite:ioffe2015"))
    [recall](../book/glossary.md "term:recall")

The build reads these as {cite}`ioffe2015` and {term}`recall`, and a link to ../book/page.md as one
to ../page.md, where that page lies for it. Whoever writes a chapter may write the roles:
`python book/_ext/readable_roles.py` makes links of them, with the names, years and addresses of
`book/references.bib`, and so brings older links up to date too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BOOK = Path(__file__).parent.parent
# Of the notebook's file, which is JSON: the quotes around a title are escaped there.
ROLE = re.compile(r"\{(cite:t|cite|term)\}`([^`\n]+)`")
_ADDRESS = r"(?:<[^<>\n]*>|[^\s()<>]+)"
_LINK = rf'\[[^\]\[\n]*\]\({_ADDRESS} \\"%s:[^"\n]+\\"\)'
_CITED = re.compile(r"\((%s(?:; %s)*)\)" % ((_LINK % "cite",) * 2))
_NAMED = re.compile(rf'\[([^\]\[\n]*)\]\({_ADDRESS} \\"(cite:t|term):([^"\n]+)\\"\)')
_KEY = re.compile(r'\\"cite:([^"]+)\\"')


def as_roles(text: str) -> str:
    """The text with every such link as a role."""
    text = _CITED.sub(lambda found: f"{{cite}}`{','.join(_KEY.findall(found[1]))}`", text)
    return _NAMED.sub(_named_role, text)


def as_links(text: str, works: dict[str, tuple[str, str, str]]) -> str:
    """The text with every role as a link; `works`: key -> names, year, address. KeyError names a
    key that the bibliography has not."""

    def link(found: re.Match) -> str:
        role, inner = found[1], found[2]
        if role == "term":
            said, _, term = inner.partition(" <")
            return _link(said, "../book/glossary.md", f"term:{term.rstrip('>') or said}")
        keys = [key.strip() for key in inner.split(",")]
        links = [_cited(role, key, *works[key]) for key in keys]
        return links[0] if role == "cite:t" else f"({'; '.join(links)})"

    return ROLE.sub(link, text)


def read_works(bibliography: Path = BOOK / "references.bib") -> dict[str, tuple[str, str, str]]:
    """Key -> names, year ("" where unknown) and address of every work."""
    from pybtex.database import parse_file

    entries = parse_file(str(bibliography)).entries
    return {key: (_names(one), _year(one), _address(one)) for key, one in entries.items()}


def _named_role(found: re.Match) -> str:
    said, role, key = found.groups()
    if role == "cite:t":
        return f"{{cite:t}}`{key}`"
    return f"{{term}}`{said}`" if said == key else f"{{term}}`{said} <{key}>`"


def _cited(role: str, key: str, names: str, year: str, address: str) -> str:
    if role == "cite:t":
        said = f"{names} ({year})" if year else names
    else:
        said = f"{names}, {year}" if year else names
    return _link(said, address, f"{role}:{key}")


def _link(said: str, address: str, title: str) -> str:
    return f'[{said}]({address} \\"{title}\\")'


def _names(entry) -> str:
    last = [
        " ".join(part.render_as("text") for part in one.rich_prelast_names + one.rich_last_names)
        for one in entry.persons["author"]
        if one.last_names != ["others"]
    ]
    several = len(last) > 2 or len(last) < len(entry.persons["author"])
    return f"{last[0]} et al." if several else " & ".join(last)


def _year(entry) -> str:
    year = entry.fields.get("year", "")
    return year if year.isdigit() else ""


def _address(entry) -> str:
    fields = entry.fields
    if "doi" in fields:
        found = f"https://doi.org/{fields['doi']}"
    elif "eprint" in fields:
        found = f"https://arxiv.org/abs/{fields['eprint']}"
    else:
        noted = re.search(r"\\url\{([^}]+)\}", fields.get("note", ""))
        found = noted[1] if noted else "../book/references.md"
    return f"<{found}>" if "(" in found else found


def put_roles_in(app, docname: str, source: list[str]) -> None:
    """Read a notebook's links as the roles they stand for, and as links to pages of the book."""
    if docname.startswith("notebooks/"):
        source[0] = as_roles(source[0]).replace("](../book/", "](../")


def setup(app) -> dict:
    app.connect("source-read", put_roles_in)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def main(paths: list[str]) -> None:
    """Bring the notebooks at `paths`, or all, up to date."""
    works = read_works()
    for path in map(Path, paths or sorted((BOOK.parent / "notebooks").glob("*.ipynb"))):
        text = path.read_text(encoding="utf-8")
        if (made := as_links(as_roles(text), works)) != text:
            path.write_text(made, encoding="utf-8", newline="\n")
            print(f"{path.name}: citations and terms as links")


if __name__ == "__main__":
    main(sys.argv[1:])
