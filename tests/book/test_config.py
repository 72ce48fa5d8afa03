"""The files around the package agree with each other: address, versions, paths."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
import zipfile

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from fer_utils import colab
from tests.book.conftest import ROOT
from tests.book.test_build import toc_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
ADDRESS = PROJECT["urls"]["Repository"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins() -> dict[str, Version]:
    """Package -> version of constraints.txt."""
    lines = [line for line in read("constraints.txt").splitlines() if line and line[0] != "#"]
    found = {}
    for line in lines:
        name, separator, version = line.partition("==")
        assert separator, f"constraints.txt: {line!r} is no exact version"
        found[canonicalize_name(name)] = Version(version)
    return found


def test_every_place_names_the_same_address():
    assert CONFIG["repository"]["url"] == ADDRESS
    assert f'address = "{ADDRESS}"' in colab.FIRST_CELL
    assert f'address = "{ADDRESS}"' in read("CONTRIBUTING.md")
    assert yaml.safe_load(read("CITATION.cff"))["repository-code"] == ADDRESS
    for name in ("README.md", "book/how_to_run.md"):
        assert ADDRESS in read(name)


def test_no_file_names_another_repository_of_this_name():
    ours = ADDRESS.removeprefix("https://github.com/")
    files = ["README.md", "CONTRIBUTING.md", "CITATION.cff", "_config.yml", "fer_utils/colab.py"]
    files += [str(p.relative_to(ROOT)) for p in (ROOT / "book").glob("*.md")]
    for name in files:
        for found in re.findall(r"github\.com/([\w-]+/[\w.-]*reading-faces[\w-]*)", read(name)):
            assert found.removesuffix(".git") == ours, f"{name} names {found}"


def test_a_block_of_code_fits_the_page_of_a_laptop():
    """A line that is cut off hides what it says; 80 characters fit a window of 1,200 pixels."""
    texts = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "book").glob("*.md")}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        words = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        texts[path.name] = "\n".join(words)
    blocks = {
        name: re.findall(r"^```\w+\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        for name, text in texts.items()
    }
    lines = [
        (name, line) for name, found in blocks.items() for one in found for line in one.splitlines()
    ]
    assert len(lines) > 50
    assert [(name, line) for name, line in lines if len(line) > 80] == []


def test_the_badge_shows_a_workflow_that_exists():
    (workflow,) = set(re.findall(rf"{ADDRESS}/actions/workflows/([\w.]+)", read("README.md")))
    assert (ROOT / ".github/workflows" / workflow).is_file()


def test_contributing_shows_the_first_cell_word_for_word():
    text = re.sub(r"^ {3}", "", read("CONTRIBUTING.md"), flags=re.MULTILINE)
    assert colab.FIRST_CELL in text


def test_every_file_of_the_table_of_contents_exists():
    for name in toc_files():
        assert any((ROOT / "book" / f"{name}{end}").is_file() for end in (".md", ".ipynb")), name


def test_every_page_and_notebook_is_in_the_table_of_contents():
    listed = set(toc_files())
    pages = {p.stem for p in (ROOT / "book").glob("*.md")}
    notebooks = {f"notebooks/{p.stem}" for p in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    assert pages | notebooks <= listed


def test_paths_of_the_configuration_exist():
    for name, folder in CONFIG["sphinx"]["local_extensions"].items():
        assert (ROOT / folder / f"{name}.py").is_file()
    for name in CONFIG["bibtex_bibfiles"]:
        assert (ROOT / "book" / name).is_file()
    assert CONFIG["repository"]["path_to_book"] == ""
    assert (ROOT / "book/notebooks").resolve() == ROOT / "notebooks"


def test_a_failing_notebook_fails_the_build():
    assert CONFIG["execute"]["raise_on_error"] is True
    assert "allow_errors" not in CONFIG["execute"]


def test_constraints_are_plain_exact_versions():
    for name, version in pins().items():
        assert version.local is None, f"{name}=={version} exists on one index only"
    assert pins()["torch"] == Version("2.13.0")


def test_constraints_fit_the_bounds_of_the_package():
    lines = [*PROJECT["dependencies"], *sum(PROJECT["optional-dependencies"].values(), [])]
    for requirement in map(Requirement, lines):
        if requirement.name != PROJECT["name"]:
            assert pins()[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_every_dependency_says_what_needs_it():
    lines = read("pyproject.toml").partition("[project.urls]")[0].splitlines()
    named = [line for line in lines if re.match(r'\s+"[a-z][\w.\[\]-]*[<>=]', line)]
    assert len(named) > 15
    for line in named:
        assert re.search(r"#\s*\S+", line), line


def test_the_two_tensorflows_exclude_each_other():
    everything = PROJECT["optional-dependencies"]["all"][0]
    assert Requirement(everything).extras == {
        "tf",
        "torch",
        "search",
        "ray",
        "faces",
        "interpret",
        "onnx",
        "book",
        "dev",
    }


def test_conda_environment_agrees_with_constraints_and_extras():
    environment = yaml.safe_load(read("environment.yml"))
    *conda, last = environment["dependencies"]
    (python,) = [Requirement(line.replace("=", "==", 1)) for line in conda if "python" in line]
    (specifier,) = python.specifier
    assert Version(specifier.version) in Requirement(f"x{PROJECT['requires-python']}").specifier
    constraint, package = last["pip"]
    assert constraint == "--constraint constraints.txt" and (ROOT / "constraints.txt").is_file()
    match = re.fullmatch(r"--editable \.\[([\w,-]+)\]", package)
    extras = set(match[1].split(","))
    assert extras <= set(PROJECT["optional-dependencies"])
    assert not {"tf", "tf-gpu"} <= extras
    for line in conda:  # what conda brings must not fight with what pip pins
        name = canonicalize_name(re.match(r"[\w.-]+", line)[0])
        assert name not in pins(), f"environment.yml and constraints.txt both give {name}"


def test_make_and_conda_install_the_same_extras():
    (extras,) = re.findall(r"^ALL_EXTRAS := (.*)$", read("Makefile"), flags=re.MULTILINE)
    assert f"--editable .[{extras}]" in read("environment.yml")


def test_workflows_are_yaml_with_jobs():
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["jobs"], path.name
        for job in workflow["jobs"].values():
            assert "timeout-minutes" in job or job["runs-on"] == "ubuntu-latest"


def test_a_gpu_runs_the_seeds_that_make_full_runs():
    (seeds,) = re.findall(r"^SEEDS \?= (.*)$", read("Makefile"), flags=re.MULTILINE)
    assert f'default: "{seeds}"' in read(".github/workflows/gpu.yml")


def test_every_folder_that_the_code_asks_the_environment_for_is_explained():
    explained = set(re.findall(r"^\| `(\w+)` \|", read("book/how_to_run.md"), flags=re.MULTILINE))
    asked = set()
    for folder in ("fer_utils", "tests/unit"):
        for path in (ROOT / folder).rglob("*.py"):
            asked |= set(re.findall(r'"((?:FER|CK)\w*_DIR|FER_UTILS_\w+)"', read(str(path))))
    assert "FER_UTILS_WEIGHTS" in asked and asked <= explained


def test_ci_script_is_executable_and_calls_make_test():
    listed = subprocess.run(
        ["git", "ls-files", "--stage", ".ci/run"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    assert not listed or listed.startswith("100755")
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert re.search(r"^exec make test", read(".ci/run"), flags=re.MULTILINE)


def test_the_vendored_mathjax_is_whole_and_has_its_licence():
    (archive,) = (ROOT / "book/_vendor").glob("mathjax-*.zip")
    with zipfile.ZipFile(archive) as files:
        assert files.testzip() is None
        names = set(files.namelist())
        assert "Apache License" in files.read("LICENSE").decode()
    assert {"startup.js", "core.js", "input/tex.js", "output/chtml.js"} <= names
    assert archive.stat().st_size < 350_000


@pytest.mark.parametrize("licence", ["LICENSE", "LICENSE-text"])
def test_licences_name_the_authors_and_year_of_the_book(licence):
    assert f"{CONFIG['copyright']} {CONFIG['author']}" in read(licence)
