"""The bundle at work: a copy of the clone on a "node" with the network cut, on the CPU.

The node is a bare virtual environment whose path holds the test's own packages but those that the
bundle brings: `platformdirs`, `safetensors` and `tqdm` come from its wheels when pip reaches a
package index here, and count as the image's when it does not. Keras' wheels are left out: they
would take too long. The network is cut by a namespace of its own, or, where those are not allowed,
by proxies that lead nowhere.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from fer_utils.experiments import EXPERIMENTS
from fer_utils.training import recordings
from gpu_bundle import make_bundle

pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="GPU nodes run Linux")

ROOT = Path(__file__).resolve().parents[2]
BROUGHT = ("platformdirs", "safetensors", "tqdm")
NOWHERE = "http://127.0.0.1:9"
TWO_EXPERIMENTS = """
from fer_utils.experiments.config import TrainConfig

for recipe, epochs in (("quick", 3), ("endless", 1_000_000)):
    experiment = Experiment(
        network="fully_connected_1x512",
        recipe=recipe,
        chapter="02",
        config=TrainConfig(epochs=epochs),
        seeds=(0,),
    )
    EXPERIMENTS[experiment.name] = experiment
"""


@pytest.fixture
def node(tmp_path, tiny_folder):
    """A clone with its bundle, and the Python of a GPU image."""
    clone = tmp_path / "course"
    for name in ("fer_utils", "results/data", "notebooks"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", clone)
    experiments = clone / "fer_utils" / "experiments" / "__init__.py"
    experiments.write_text(experiments.read_text(encoding="utf-8") + TWO_EXPERIMENTS)
    with_wheels = make_small_bundle(clone / ".gpu", tiny_folder, tmp_path)
    image = make_image(tmp_path / "image", without=BROUGHT if with_wheels else ())
    return Node(clone, image, with_wheels)


class Node:
    """Runs the script as on a node."""

    def __init__(self, clone: Path, image: Path, with_wheels: bool):
        self.clone, self.image, self.with_wheels = clone, image, with_wheels
        self.tar = clone / "out" / "records.tar"
        self.tar.parent.mkdir()

    def run(self, *words: str, code: int) -> str:
        """What the script prints; it must end with `code`."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.clone.parent)}
        environment |= dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), NOWHERE)
        environment |= {
            "PYTHON": str(self.image),
            "OUT": str(self.tar.parent),
            "WEIGHTS": "*-quick",
        }
        command = [*_network_cut(), "bash", str(self.clone / ".gpu" / "run_offline.sh"), *words]
        done = subprocess.run(
            command, cwd=self.clone, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def packed(self) -> list[str]:
        """The JSON files in the tar, checked to be whole."""
        with tarfile.open(self.tar) as file:
            names = [name for name in file.getnames() if name.endswith(".json")]
            for name in names:
                assert json.load(file.extractfile(name))["checksum"]
                assert name.replace(".json", ".npz") in file.getnames()
        return names


def test_a_record_outlives_the_time_limit_and_is_not_made_again(node):
    both = "fully_connected_1x512-7-[qe]*[ks]"
    torch = ("--framework", "torch")  # so that no time goes into asking Keras
    said = node.run("--minutes", "0.6", both, *torch, "--workers", "2", code=3)
    assert "[1/2] fully_connected_1x512-7-quick, torch, seed 0: private_test" in said
    assert "the time is up: 1 of 2 records are there" in said
    assert node.packed() == ["fully_connected_1x512-7-quick/torch-seed0.json"]
    with tarfile.open(node.tar.with_name("weights.tar")) as file:
        assert "fully_connected_1x512-7-quick/torch-seed0.safetensors" in file.getnames()
    stopped = node.clone / ".cache/checkpoints/fully_connected_1x512-7-endless"
    assert (stopped / "torch-seed0.safetensors").is_file()  # where the next call goes on
    if node.with_wheels:
        assert {path.name for path in (node.clone / ".cache/gpu-site").iterdir()} >= set(BROUGHT)

    node.tar.unlink()
    said = node.run("fully_connected_1x512-7-quick", code=0)
    assert "already made" in said and "installed" not in said and "FER2013 is now" not in said
    assert node.packed() == ["fully_connected_1x512-7-quick/torch-seed0.json"]


def test_the_archive_holds_the_pictures_under_relative_names(tiny_folder, tmp_path):
    for name in ("one.tar.xz", "two.tar.xz"):
        make_bundle.write_archive(tiny_folder, tmp_path / name)
    assert (tmp_path / "one.tar.xz").read_bytes() == (tmp_path / "two.tar.xz").read_bytes()
    with tarfile.open(tmp_path / "one.tar.xz") as file:
        names = file.getnames()
    assert sorted(names) == sorted(
        str(path.relative_to(tiny_folder)) for path in tiny_folder.rglob("*.jpg")
    )


def test_an_archive_in_the_bundle_stays_and_is_alone(tiny_folder, tmp_path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    archive = bundle / "fer2013.zip"
    archive.write_bytes(b"zip")
    assert make_bundle.pack_data(bundle, archive, None) == archive
    assert archive.read_bytes() == b"zip"
    with pytest.raises(SystemExit, match="fer2013.zip: the node would not know"):
        make_bundle.pack_data(bundle, None, str(tiny_folder))
    assert archive.read_bytes() == b"zip"
    other = tmp_path / "other.tar.gz"
    other.write_bytes(b"tar")
    assert make_bundle.pack_data(bundle, other, None) == bundle / "fer2013.tar.gz"
    assert [path.read_bytes() for path in bundle.iterdir()] == [b"tar"]
    twice = bundle / "fer2013.data.zip"
    twice.write_bytes(b"twice")
    with pytest.raises(SystemExit, match="would travel twice"):
        make_bundle.pack_data(bundle, twice, None)
    assert twice.read_bytes() == b"twice"


def test_every_wheel_has_a_version_and_nothing_large_travels():
    lines = (ROOT / "gpu_bundle/wheels.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    pins = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().split("\n")}
    assert set(names) <= pins
    assert not {"torch", "numpy", "opencv-python-headless", "pandas", "scikit-learn"} & set(names)


def test_the_calls_for_chapter_13_name_every_experiment_of_it():
    readme = (ROOT / "gpu_bundle/README.md").read_text(encoding="utf-8")
    calls = readme.partition("## Chapter 13")[2].partition("```bash\n")[2].partition("```")[0]
    patterns = []
    for line in calls.replace("\\\n", "").splitlines():
        if line.startswith(".gpu/run_offline.sh"):
            patterns += [one for word in shlex.split(line)[3:-2] for one in braces_opened(word)]
    of_the_chapter = {name for name, one in EXPERIMENTS.items() if one.chapter == "13"}
    assert {one.name for one in recordings.chosen(patterns)} == of_the_chapter


def braces_opened(word: str) -> list[str]:
    """What bash makes of `a-{b,c}`: `a-b` and `a-c`."""
    before, inside, after = re.fullmatch(r"([^{]*)\{?([^}]*)\}?(.*)", word).groups()
    return [before + part + after for part in inside.split(",")]


def make_small_bundle(folder: Path, data: Path, scratch: Path) -> bool:
    """The bundle as `make gpu-bundle` makes it, of little data; whether it has wheels."""
    listing = scratch / "wheels.txt"
    listing.write_text("\n".join(BROUGHT))
    python = "{}.{}".format(*sys.version_info)
    command = [
        sys.executable,
        "-m",
        "gpu_bundle.make_bundle",
        f"--to={folder}",
        f"--python={python}",
    ]
    command += [f"--machine={os.uname().machine}", f"--data-dir={data}", f"--wheels={listing}"]
    environment = {**os.environ, "FER2013_ARCHIVE": "", "PIP_RETRIES": "0", "PIP_TIMEOUT": "5"}
    has_pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True)
    for more in ([], ["--no-wheels"]) if has_pip.returncode == 0 else (["--no-wheels"],):
        made = subprocess.run([*command, *more], cwd=ROOT, env=environment, capture_output=True)
        if made.returncode == 0:
            return not more
    raise AssertionError(made.stderr.decode())


def make_image(folder: Path, without: tuple[str, ...]) -> Path:
    """A bare virtual environment that sees this one's packages but some; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    hidden = {"fer_utils", "__pycache__", "__editable__"}
    for name in without:
        hidden |= {Path(file).parts[0] for file in distribution(name).files if "/" in str(file)}
    packages = folder / "packages"
    packages.mkdir()
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(place).iterdir():
            ours = entry.name.startswith(("fer_utils", "__editable__"))
            if entry.name not in hidden and not ours and entry.suffix != ".pth":
                (packages / entry.name).symlink_to(entry)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "image.pth").write_text(f"{packages}\n")
    return folder / "bin" / "python"


def _network_cut() -> list[str]:
    """The command before a command that takes the network away; none where it is not allowed."""
    cut = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare"):
        return []
    return cut if subprocess.run([*cut, "true"], capture_output=True).returncode == 0 else []


def test_what_git_tracks_leaves_room_for_the_data_on_the_way_to_a_gpu():
    if not (ROOT / ".git").exists():
        pytest.skip("no clone: Git does not say here what it tracks")
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in said.stdout.decode().split("\0") if name]
    sizes = {str(file): file.stat().st_size for file in files if file.is_file()}
    largest = sorted(sizes, key=sizes.get)[-5:]
    assert sum(sizes.values()) < 8 * 2**20, f"the largest: {largest}"
