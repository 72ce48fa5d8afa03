"""Judge an answer in a fresh process with a time limit, whatever the answer does.

The process gets its job and leaves its verdict in files, so nothing that the answer prints gets in
between. When the time is up, faulthandler ends it from outside Python and names the line.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from fer_utils.exercises import exercise, reader
from fer_utils.exercises.checking import WRONG, Verdict, judge
from fer_utils.exercises.exercise import Exercise

START_UP = 120  # seconds that a slow machine may take to import what a test needs


def judge_notebook(notebook: Path, one: Exercise, seconds: float = 10.0) -> Verdict:
    """The verdict on a notebook's answer to an exercise, reached within `seconds` of running it."""
    cells = reader.code_cells(notebook)
    source = reader.answer(cells, one.name)
    if source is None:
        said = f"no cell of {notebook.name} defines {one.name}: write `def {one.name}(...)` in one"
        return Verdict(one.number, one.name, WRONG, said)
    return judge_source(one, source, reader.imports(cells, source), seconds, notebook.parent)


def judge_source(
    one: Exercise, source: str, imports: list[str], seconds: float, folder: Path
) -> Verdict:
    """The verdict on an answer given as text, run in `folder` after its import statements."""
    job = {"number": one.number, "source": source, "imports": imports, "seconds": seconds}
    with tempfile.TemporaryDirectory() as temporary:
        files = [Path(temporary) / name for name in ("job.json", "verdict.json", "late.txt")]
        files[0].write_text(json.dumps(job), encoding="utf-8")
        package = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        try:
            code = subprocess.run(
                [sys.executable, "-m", __spec__.name, *map(str, files)],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=seconds + START_UP,
            ).returncode
        except subprocess.TimeoutExpired:
            return Verdict(one.number, one.name, WRONG, _late("", seconds))
        if files[1].is_file():
            return Verdict(**json.loads(files[1].read_text(encoding="utf-8")))
        late = files[2].read_text(encoding="utf-8") if files[2].is_file() else ""
    if "Timeout" in late:
        return Verdict(one.number, one.name, WRONG, _late(late, seconds))
    said = f"its process ended with code {code} and no verdict; it took too much memory, perhaps"
    return Verdict(one.number, one.name, WRONG, said)


def _late(traceback: str, seconds: float) -> str:
    line = re.search(r'File "<exercise [^"]*", line (\d+)', traceback)
    at = f", at line {line[1]} of the cell" if line else ""
    return f"it did not end within {seconds:g} s{at}: is there an endless loop?"


def _judge_job(job: dict) -> Verdict:
    """Run the cell, then its test; what goes wrong in the cell is feedback, too."""
    one = exercise.get(job["number"])
    names: dict = {"__name__": "__main__"}
    try:
        for statement in job["imports"]:
            exec(statement, names)
        exec(compile(job["source"], f"<exercise {one.number}>", "exec"), names)
    except SyntaxError as error:
        said = f"line {error.lineno} of the cell is no Python: {error.msg}"
        if error.text and error.text.lstrip().startswith(("%", "!")):
            said += "; leave lines that begin with % or ! to other cells"
        return Verdict(one.number, one.name, WRONG, said)
    except (Exception, SystemExit) as error:
        said = f"the cell raised {type(error).__name__}: {error}"
        return Verdict(one.number, one.name, WRONG, said)
    return judge(one, names[one.name])


def _main(job_file: str, verdict_file: str, late_file: str) -> None:
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    exercise.get(job["number"])  # its imports take none of the time
    with open(late_file, "w", encoding="utf-8") as late:
        faulthandler.dump_traceback_later(job["seconds"], file=late, exit=True)
        verdict = _judge_job(job)
        faulthandler.cancel_dump_traceback_later()
    written = Path(verdict_file).with_suffix(".part")
    written.write_text(json.dumps(asdict(verdict)), encoding="utf-8")
    written.replace(verdict_file)


if __name__ == "__main__":
    _main(*sys.argv[1:])
