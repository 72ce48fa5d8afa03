"""How long does each chapter take to run, by profile?

Executes every notebook headless in the profiles "recorded" and "smoke", one after the other, and
writes the seconds to results/benchmarks/chapters.json; `python -m fer_utils results page` makes
the table of book/results.md from them. Asserts nothing; a notebook that fails ends it.

    python benchmarks/chapters.py [--only NN ...]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from tqdm.auto import tqdm

from fer_utils import notebooks
from fer_utils.experiments.environment import hardware
from fer_utils.paths import atomic_write
from fer_utils.records.chapter_times import PROFILES, times_file


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--only", action="append", default=[], metavar="NN", help="e.g. 03")
    chosen = notebooks.find(options.parse_args().only)
    path = times_file()
    before = json.loads(path.read_text()) if path.is_file() else {"seconds": {}}
    kept = before["seconds"] and len(chosen) < len(notebooks.find([]))
    if kept and before["hardware"] != hardware():
        raise SystemExit("the others were measured on another machine: measure all of them anew")
    seconds = before["seconds"]
    runs = [(notebook, profile) for notebook in chosen for profile in PROFILES]
    with tempfile.TemporaryDirectory() as folder:
        for notebook, profile in tqdm(runs, desc="chapters"):
            outcome = notebooks.run(notebook, {"profile": profile}, Path(folder))
            if outcome.error:
                raise SystemExit(f"{notebook.stem}, {profile}: {outcome.error}")
            seconds.setdefault(notebook.stem[:2], {})[profile] = round(outcome.seconds, 1)
    content = {"hardware": hardware(), "seconds": dict(sorted(seconds.items()))}
    atomic_write(path, (json.dumps(content, indent=1) + "\n").encode())
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
