import os

import pytest

from fer_utils.experiments import environment
from fer_utils.experiments.environment import hardware, multiplies_in_bf16, versions


def test_hardware_is_one_line_that_says_cpu_or_names_the_gpu():
    line = hardware()
    assert line and "\n" not in line
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        assert line.startswith("CPU, ") and " core" in line


def test_one_core_is_no_plural(monkeypatch):
    monkeypatch.setattr(environment, "computes_on_gpu", lambda framework: False)
    for cores, said in [({0}, "CPU, 1 core, "), ({0, 3}, "CPU, 2 cores, ")]:
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: cores, raising=False)  # noqa: B023
        assert hardware().startswith(said)


def test_hardware_of_keras_is_that_of_its_backend_not_of_pytorch(monkeypatch):
    keras, torch = pytest.importorskip("keras"), pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "a GPU of PyTorch")
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["cpu:0"])
    assert hardware("torch") == "a GPU of PyTorch"
    assert hardware("keras").startswith("CPU, ")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: ["gpu:0"])
    assert hardware("keras") == "a GPU of PyTorch"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert hardware("keras") == "GPU"


def test_only_pytorch_on_a_processor_with_units_for_it_multiplies_in_bf16(monkeypatch):
    torch = pytest.importorskip("torch")
    for found, expected in (
        ({"amx_bf16": True, "avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_bf16": False, "avx512_f": True}, False),
        ({}, False),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda found=found: found, raising=False)
        assert multiplies_in_bf16() is expected
        assert not multiplies_in_bf16("keras")
    monkeypatch.delattr(torch.cpu, "get_capabilities")  # as in PyTorch 2.4
    assert not multiplies_in_bf16()


def test_versions_name_what_trained():
    keras = pytest.importorskip("keras")
    assert {"python", "fer_utils", "numpy", "torch"} <= versions("torch").keys()
    found = versions("keras")
    assert found["keras"] == keras.__version__
    assert found["keras_backend"] == keras.backend.backend()
    assert any(name.startswith(found["keras_backend"]) for name in found)
