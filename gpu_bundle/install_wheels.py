"""On the node: install the bundled wheels of packages that the image lacks into a folder.

    python install_wheels.py WHEELS FOLDER

A package that Python finds already, in FOLDER too when it is on PYTHONPATH, is left alone: the
image's versions fit its frameworks. Needs nothing but pip.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

# Module -> package: what no bundle carries, because it is large and GPU images have it.
OF_THE_IMAGE = {
    "numpy": "numpy",
    "cv2": "opencv-python-headless",
    "sklearn": "scikit-learn",
    "pandas": "pandas",
    "torch": "torch",
}


def main(wheels: Path, folder: Path) -> int:
    """Install what is missing; complain of what the image should have had."""
    missing = [wheel for wheel in sorted(wheels.glob("*.whl")) if not _installed(wheel)]
    if missing:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
        command += ["--no-compile", "--disable-pip-version-check", f"--target={folder}"]
        if subprocess.run([*command, *map(str, missing)]).returncode:
            ours = ".".join(map(str, sys.version_info[:2]))
            print(
                f"error: the wheels do not install here; this is Python {ours}: were they made "
                f"with `make gpu-bundle GPU_PYTHON={ours}`?",
                file=sys.stderr,
            )
            return 1
        print(f"installed {len(missing)} packages into {folder}")
    if absent := [package for module, package in OF_THE_IMAGE.items() if not find_spec(module)]:
        names = ", ".join(absent)
        print(
            f"error: {sys.executable} lacks {names}; name a Python that has them in PYTHON, or add "
            "them to gpu_bundle/wheels.txt",
            file=sys.stderr,
        )
        return 1
    return 0


def _installed(wheel: Path) -> bool:
    """Whether the wheel's package, in any version, is there."""
    try:
        return bool(version(wheel.name.split("-")[0]))
    except PackageNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
