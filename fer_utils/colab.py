"""What a hosted notebook needs: Google Colab brings its own PyTorch, TensorFlow and OpenCV.

There the package is installed without its dependencies, and beside it only what is missing, so
that nothing of the image is replaced. This module imports only the standard library: it runs
before anything is installed. Other hosts with images of their own (Kaggle, a GPU node) can use it.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

# Module to look for -> what to install when it is not there. Needed to run the notebooks and
# `python -m fer_utils run`; building the book is not for Colab.
NEEDED = {
    "cv2": "opencv-python-headless>=4.10,<5",
    "sklearn": "scikit-learn>=1.4",
    "platformdirs": "platformdirs>=4",
    "safetensors": "safetensors>=0.4.3",
    "optuna": "optuna>=4",
    "kagglehub": "kagglehub>=0.3",
    "mtcnn": "mtcnn>=1.0",
    "av": "av>=18,<19",
    "captum": "captum>=0.9",
    "ipywidgets": "ipywidgets>=8.1",
    "papermill": "papermill>=2.6",
}

# The first code cell of every notebook, word for word; a test compares them.
FIRST_CELL = """\
# In Colab: fetch the course and install what is missing. Elsewhere: does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess

    course = "/content/reading-faces"
    if not os.path.isdir(course):
        address = "https://github.com/reading-faces/reading-faces"
        subprocess.run(["git", "clone", "--depth", "1", address, course], check=True)
    os.chdir(f"{course}/notebooks")
    sys.path.insert(0, course)
    from fer_utils.colab import install

    install()
"""


def missing_packages() -> list[str]:
    """Requirements, such as `papermill>=2.6`, of the needed modules that cannot be found here."""
    return [need for module, need in NEEDED.items() if importlib.util.find_spec(module) is None]


def install() -> None:
    """Install this clone without its dependencies, and what is missing of them, quietly.

    Raises RuntimeError with pip's own words when pip fails.
    """
    root = Path(__file__).resolve().parent.parent
    _pip("--no-deps", "--editable", str(root))
    if missing := missing_packages():
        _pip(*missing)


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"pip install {' '.join(arguments)} failed:\n{done.stderr.strip()}")
