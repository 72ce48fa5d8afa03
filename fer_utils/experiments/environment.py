"""What a run was made with: the hardware and the versions of what computed it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

import fer_utils


def hardware(framework: str = "torch") -> str:
    """One line: the GPU if one computes, else the number of usable CPU cores and their model.

    framework: "torch", or "keras", whose backend may see another device than PyTorch does.
    """
    if computes_on_gpu(framework):
        return _torch_gpu() or "GPU"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU, {cores} core{'s' if cores > 1 else ''}, {_cpu_model()}"


def computes_on_gpu(framework: str = "torch") -> bool:
    """Whether PyTorch, or Keras' backend, has a GPU (or, with JAX, a TPU)."""
    if framework == "keras":
        import keras

        if keras.backend.backend() != "torch":
            # Asked for GPUs alone, JAX raises where there are none; so ask for what it would use.
            found = keras.distribution.list_devices()
            return any(not name.lower().startswith("cpu") for name in found)
    return bool(_torch_gpu())


def multiplies_in_bf16(framework: str = "torch") -> bool:
    """Whether the processor multiplies in bf16 and the framework is PyTorch, where it was measured:
    of the time of float32, steps of four convolutional networks took 0.25 to 0.5 on a Xeon with
    AMX and 0.5 to 0.6 on an EPYC with AVX-512's bf16."""
    if framework != "torch":
        return False
    import torch

    found = getattr(torch.cpu, "get_capabilities", dict)()  # older releases have none
    return any(found.get(name, False) for name in ("amx_bf16", "avx512_bf16"))


def _torch_gpu() -> str:
    """Name of PyTorch's GPU; "" without one, or without PyTorch."""
    try:
        import torch
    except ImportError:
        return ""
    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""


def _cpu_model() -> str:
    """The processor's name as the system gives it."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(framework: str) -> dict[str, str]:
    """Versions of Python, the package and what trained: PyTorch, or Keras and its backend."""
    found = {"python": platform.python_version(), "fer_utils": fer_utils.__version__}
    names = ["numpy", "torch"]
    if framework == "keras":
        import keras

        found["keras_backend"] = keras.backend.backend()
        names = ["numpy", "keras", *_distributions(found["keras_backend"])]
    for name in names:
        found[name] = importlib.metadata.version(name)
    return found


def _distributions(backend: str) -> list[str]:
    """The installed distributions that provide a Keras backend."""
    candidates = {
        "tensorflow": ["tensorflow", "tensorflow-cpu"],
        "jax": ["jax"],
        "torch": ["torch"],
    }
    installed = {
        entry.name.lower().replace("_", "-") for entry in importlib.metadata.distributions()
    }
    return [name for name in candidates.get(backend, []) if name in installed]
