"""SqueezeNet 1.1 and its old file of weights, imitated and, where it is here, the real one."""

import h5py
import numpy as np
import pytest

from fer_utils.models import imagenet_weights
from fer_utils.models.backbones import BACKBONES

keras = pytest.importorskip("keras")

from fer_utils.models.squeezenet import load_old_weights, squeezenet  # noqa: E402


def network(size=48):
    return squeezenet(keras.Input((size, size, 3)))


def write_old(path, model, seed=0, skip="", wrong=""):
    """A file in the layout of the published one: nested groups, arrays of any name."""
    rng, written = np.random.default_rng(seed), {}
    with h5py.File(path, "w") as file:
        for layer in model.layers:
            if not layer.weights or layer.name == skip:
                continue
            group = file.create_group(layer.name.replace("_", "/", 1))
            for index, variable in enumerate(layer.weights):
                shape = tuple(variable.shape)[:: -1 if layer.name == wrong else 1]
                values = rng.normal(size=shape).astype(np.float32)
                name = f"uniform{index}" if len(shape) > 1 else f"{layer.name}/of_the_bias"
                group.create_dataset(name, data=values)
                written[variable.path] = values
    return written


def test_every_array_of_the_old_file_arrives_where_it_belongs(tmp_path):
    model = network()
    written = write_old(tmp_path / "old.h5", model)
    load_old_weights(model, tmp_path / "old.h5")
    for variable in model.weights:
        found = keras.ops.convert_to_numpy(variable)
        assert np.array_equal(found, written[variable.path]), variable.path
    assert len(written) == len(model.weights) == 50


@pytest.mark.parametrize(
    ("damage", "message"),
    [({"skip": "fire7_expand3x3"}, "has nothing"), ({"wrong": "fire7_expand3x3"}, "has shape")],
)
def test_another_file_is_refused_and_the_model_stays(damage, message, tmp_path):
    model = network()
    before = model.get_weights()
    write_old(tmp_path / "old.h5", model, **damage)
    with pytest.raises(ValueError, match=f"fire7_expand3x3 needs kernel.*{message}"):
        load_old_weights(model, tmp_path / "old.h5")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_the_published_weights_know_pictures():
    """Learned filters are smooth; random ones are not: neighbours in a kernel agree."""
    path = imagenet_weights.find(BACKBONES["squeezenet"].weights)
    if path is None:
        pytest.skip("SqueezeNet's weights are not here (FER_UTILS_WEIGHTS or Keras' cache)")
    model = network()

    def roughness():
        kernel = model.get_layer("conv1").get_weights()[0]
        return np.abs(np.diff(kernel, axis=0)).mean() / np.abs(kernel).mean()

    random = roughness()
    load_old_weights(model, path)
    assert roughness() < 0.9 * random
