"""The table of backbones against Keras' own models, and the values each expects."""

import numpy as np
import pytest

from fer_utils.models import backbones
from fer_utils.models.backbones import BACKBONES, VALUE_RANGES

keras = pytest.importorskip("keras")


@pytest.fixture(scope="module")
def built():
    def build(name, size):
        images = keras.Input((size, size, 3))
        if name == "squeezenet":
            from fer_utils.models.squeezenet import squeezenet

            return squeezenet(images)
        maker = getattr(keras.applications, BACKBONES[name].maker)
        return maker(include_top=False, weights=None, input_tensor=images)

    return build


@pytest.mark.parametrize("name", BACKBONES)
def test_counts_and_shapes_are_those_of_the_model(name, built):
    body, model = BACKBONES[name], built(name, 128)
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert (trainable, model.count_params()) == (body.trainable, body.total)
    assert len(model.layers) == body.layers
    assert model.output_shape[1:] == (body.side(128), body.side(128), body.channels)


@pytest.mark.parametrize("name", ["vgg16", "squeezenet"])
@pytest.mark.parametrize("size", [48, 95, 96])
def test_the_side_of_the_feature_maps_at_other_sizes(name, size, built):
    side = BACKBONES[name].side(size)
    assert built(name, size).output_shape[1:3] == (side, side)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("resnet50v2", "resnet_v2"),
        ("resnet50", "resnet50"),
        ("vgg16", "vgg16"),
        ("efficientnetv2b3", "efficientnet_v2"),
        ("squeezenet", "vgg16"),  # trained in Caffe, as VGG16
    ],
)
def test_the_value_range_is_that_of_keras_on_grey_pictures(name, module):
    grey = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 1)).astype(np.float32)
    images = np.repeat(grey, 3, axis=-1)
    wanted = getattr(keras.applications, module).preprocess_input(images.copy())
    values = backbones.value_range(name)
    found = values.scale * images + np.array(values.offset, np.float32)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_the_ranges_differ_by_far_from_each_other():
    ends = [(v.offset[0], 255 * v.scale + v.offset[0]) for v in VALUE_RANGES.values()]
    assert len(set(ends)) == len(ends)


def test_an_unknown_backbone_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="'resnet18'; expected one of resnet50v2"):
        backbones.get("resnet18")
