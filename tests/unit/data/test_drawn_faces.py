"""Drawn faces: every slider moves its part of the face, statistics hold, splits share nobody."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from fer_utils.data import drawn_faces
from fer_utils.data.dataset import CLASSES, THREE_CLASSES
from fer_utils.data.drawn_faces import ACTION_UNITS, FREQUENCIES, Identity, Pose, draw

UPPER_FACE = (1, 2, 4, 5, 6, 7)
LOWER_FACE = (10, 12, 14, 15, 17, 20, 23, 24, 25, 26, 27)


@pytest.fixture(scope="module")
def faces():
    return drawn_faces.dataset(n=420, seed=5)


def digest(images: np.ndarray) -> str:
    return hashlib.sha256(images.tobytes()).hexdigest()


def change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.abs(after.astype(float) - before.astype(float))


# --- one face ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [48, 64, 128])
def test_a_face_fills_a_grey_picture_of_any_size(size):
    face = draw({12: 1.0}, size=size)
    assert face.shape == (size, size)
    assert face.dtype == np.uint8
    assert face.min() < 60
    assert face.max() > 180


def test_larger_pictures_show_the_same_face():
    small, large = draw({27: 1.0}, size=48), draw({27: 1.0}, size=192)
    averaged = large.reshape(48, 4, 48, 4).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), averaged.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("number", ACTION_UNITS)
def test_every_action_unit_is_visible_and_grows_with_its_slider(number):
    rest = draw({})
    half, full = (change(rest, draw({number: value})).sum() for value in (0.5, 1.0))
    assert full > 150
    assert 0 < half < full


@pytest.mark.parametrize("number", UPPER_FACE)
def test_upper_face_units_change_the_upper_half_more(number):
    moved = change(draw({}), draw({number: 1.0}))
    assert moved[:24].sum() > 2 * moved[30:].sum()


@pytest.mark.parametrize("number", LOWER_FACE)
def test_lower_face_units_leave_eyes_and_brows_alone(number):
    moved = change(draw({}), draw({number: 1.0}))
    assert moved[26:].sum() > 5 * moved[:22].sum()


def test_nose_wrinkling_is_strongest_about_the_nose():
    moved = change(draw({}), draw({9: 1.0}))
    assert moved[14:36, 12:36].sum() > 0.7 * moved.sum()


def test_brows_rise_with_units_1_and_2_and_fall_with_4():
    def brow_row(units):
        picture = draw(units, Identity(hair_style="bald", age=0.0), size=96).astype(float)
        strip = picture[14:36, 24:36]  # forehead to lid, over the picture's left eye
        return (np.arange(22)[:, None] * (strip < 80)).sum() / (strip < 80).sum()

    assert brow_row({1: 1, 2: 1}) < brow_row({}) - 1
    assert brow_row({4: 1}) > brow_row({}) + 1


def test_open_mouths_are_dark_inside_and_smiles_show_teeth():
    inside = (slice(36, 42), slice(22, 26))
    assert draw({25: 1, 27: 1})[inside].mean() < draw({})[inside].mean() - 40
    smile, closed = (draw({**units, 12: 1.0})[35:41, 20:28].max() for units in ({25: 1.0}, {}))
    assert int(smile) > int(closed) + 30


@pytest.mark.parametrize("pose", [Pose(yaw=20), Pose(roll=10), Pose(shift_x=0.05), Pose(scale=1.2)])
def test_pose_moves_the_face(pose):
    assert change(draw({}), draw({}, pose=pose)).mean() > 3


def test_yaw_to_either_side_gives_mirror_images():
    person = Identity(asymmetry=0.0, hair_style="bald")
    light = Pose(light_strength=0.0)
    left, right = (draw({12: 0.7}, person, replace(light, yaw=yaw), 96) for yaw in (-15, 15))
    assert change(left, right[:, ::-1])[:, 4:-4].mean() < 3 < change(left, right).mean()


def test_light_brightens_its_side():
    face = draw({}, pose=Pose(light_direction=0.0, light_strength=0.4)).astype(float)
    assert face[:, 24:].mean() > face[:, :24].mean() + 15


@pytest.mark.parametrize(
    "different",
    [{"glasses": 1.0}, {"beard": 1.0}, {"moustache": 1.0}, {"age": 1.0}, {"brow_thickness": 1.5}]
    + [{"skin_shade": 0.1}, {"face_width": 0.9}, {"mouth_width": 1.2}, {"eye_size": 1.2}]
    + [{"hair_style": style} for style in drawn_faces.HAIR_STYLES if style != "short"],
)
def test_identity_changes_the_face(different):
    assert change(draw({}), draw({}, Identity(**different))).max() > 15


def test_noise_depends_on_its_seed_only():
    pose = Pose(noise=5.0)
    first, same, other = (draw({}, pose=pose, noise_seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert 4 < change(first, other).std() + change(first, draw({}, pose=pose)).std() < 12
    np.testing.assert_array_equal(draw({}, pose=pose), draw({}, pose=replace(pose, noise=0.0)))


@pytest.mark.parametrize(
    ("units", "message"),
    [({3: 0.5}, "action unit 3 "), ({12: 1.2}, "AU 12 is 1.2"), ({1: -0.1}, "AU 1 is -0.1")]
    + [({1: float("nan")}, "AU 1 is nan")],
)
def test_wrong_sliders_are_named(units, message):
    with pytest.raises(ValueError, match=message):
        draw(units)


def test_wrong_size_style_and_lengths_are_named():
    with pytest.raises(ValueError, match="size is 8"):
        draw({}, size=8)
    with pytest.raises(ValueError, match="mohawk"):
        Identity(hair_style="mohawk")
    with pytest.raises(ValueError, match="2 sets of action units, 1 identities"):
        drawn_faces.draw_many([{}, {}], [Identity()], [Pose()])


def test_many_faces_are_those_drawn_one_by_one():
    rng = np.random.default_rng(0)
    people = [drawn_faces.sample_identity(rng) for _ in range(5)]
    poses = [drawn_faces.sample_pose(rng) for _ in range(5)]
    units = [drawn_faces.sample_action_units(name, rng) for name in CLASSES[:5]]
    together = drawn_faces.draw_many(units, people, poses)
    for k in range(5):
        assert change(together[k], draw(units[k], people[k], poses[k])).max() <= 1


# --- action units of emotions --------------------------------------------------------------------


@pytest.mark.parametrize("emotion", CLASSES)
def test_action_units_have_the_stated_frequencies(emotion):
    rng, n = np.random.default_rng(11), 2000
    labels = [drawn_faces.present(drawn_faces.sample_action_units(emotion, rng)) for _ in range(n)]
    share = dict(zip(ACTION_UNITS, np.mean(labels, axis=0), strict=True))
    for number, expected in FREQUENCIES[emotion].items():
        bound = 4 * np.sqrt(expected * (1 - expected) / n)
        assert abs(share[number] - expected) <= bound + 1e-12, f"AU {number}: {share[number]}"
    possible = {**FREQUENCIES[emotion], **drawn_faces.OCCASIONAL[emotion]}
    assert all(share[number] == 0 for number in ACTION_UNITS if number not in possible)


def test_no_intensity_lies_near_the_border_of_presence():
    rng = np.random.default_rng(3)
    values = np.array(
        [list(drawn_faces.sample_action_units(CLASSES[k % 7], rng).values()) for k in range(700)]
    )
    is_present = values >= drawn_faces.PRESENT_FROM
    assert values[is_present].min() >= 0.5
    assert values[~is_present].max() <= drawn_faces.ABSENT_UP_TO
    assert 0.9 < values.max() <= 1
    assert values[is_present].std() > 0.05
    assert not is_present[6::7].any()  # neutral


def test_what_cannot_be_done_at_once_never_is():
    rng = np.random.default_rng(4)
    for k in range(3000):
        units = drawn_faces.sample_action_units(CLASSES[k % 7], rng)
        shown = {number for number, value in units.items() if value >= drawn_faces.PRESENT_FROM}
        assert 27 not in shown or (25 in shown and 26 not in shown)
        assert not {12, 15} <= shown
        assert not {24, 25} <= shown


def test_unknown_emotion_is_named():
    with pytest.raises(ValueError, match="'bored'.*angry"):
        drawn_faces.sample_action_units("bored", np.random.default_rng(0))


# --- data sets -----------------------------------------------------------------------------------


def test_dataset_has_the_promised_fields(faces):
    assert faces.images.shape == (420, 48, 48)
    assert faces.images.dtype == np.uint8
    assert faces.labels.dtype == np.int64
    assert faces.classes == CLASSES
    assert faces.name == "drawn_faces"
    assert faces.action_units.shape == (420, 18)
    assert faces.action_units.dtype == np.uint8
    assert faces.action_unit_names[:3] == ("AU1", "AU2", "AU4")
    assert faces.subject.dtype == np.int64


def test_same_seed_same_bytes_other_seed_other_faces(faces):
    again, other = drawn_faces.dataset(n=420, seed=5), drawn_faces.dataset(n=420, seed=6)
    assert digest(again.images) == digest(faces.images)
    assert again.fingerprint == faces.fingerprint
    np.testing.assert_array_equal(again.action_units, faces.action_units)
    assert digest(other.images) != digest(faces.images)
    assert change(faces.images, other.images).mean() > 10


def test_splits_are_80_10_10_of_each_class_and_share_no_subject(faces):
    assert faces.counts() == {
        "train": dict.fromkeys(CLASSES, 48),
        "public_test": dict.fromkeys(CLASSES, 6),
        "private_test": dict.fromkeys(CLASSES, 6),
    }
    people = [set(faces.part(name).subject) for name in faces.counts()]
    assert sum(len(p) for p in people) == len(set.union(*people)) == 105
    assert all(people)


def test_labels_and_action_units_agree(faces):
    column = {name: k for k, name in enumerate(faces.action_unit_names)}
    of = {
        name: faces.action_units[faces.labels == k].mean(axis=0) for k, name in enumerate(CLASSES)
    }
    assert of["neutral"].sum() == 0
    assert of["fear"][column["AU20"]] == 1
    assert of["happy"][column["AU12"]] > 0.85 > 0 == of["sad"][column["AU12"]]
    assert of["disgust"][column["AU9"]] > 0.85 > 0 == of["angry"][column["AU9"]]


def test_a_subject_keeps_its_looks_and_its_faces_differ(faces):
    most = Counter(faces.subject.tolist()).most_common(1)[0][0]
    own = faces.images[faces.subject == most]
    assert len(own) >= 4
    assert len({face.tobytes() for face in own}) == len(own)


def test_classes_subjects_and_size_can_be_chosen():
    faces = drawn_faces.dataset(n=60, classes=THREE_CLASSES, subjects=6, size=64)
    assert faces.classes == THREE_CLASSES
    assert faces.images.shape == (60, 64, 64)
    assert np.bincount(faces.labels).tolist() == [20, 20, 20]
    assert len(np.unique(faces.subject)) == 6


def test_fer2013_frequencies_are_its_training_proportions():
    faces = drawn_faces.dataset(n=300, frequencies="fer2013", size=16)
    expected = 300 * np.array([3995, 436, 4097, 7215, 4830, 3171, 4965]) / 28709
    assert np.abs(np.bincount(faces.labels) - expected).max() < 1
    assert {split: all(n.values()) for split, n in faces.counts().items()} == {
        "train": True,
        "public_test": True,
        "private_test": True,
    }


@pytest.mark.parametrize("n", [21, 22, 50])
@pytest.mark.parametrize("subjects", [3, 5, 21])
def test_small_sets_keep_subjects_apart(n, subjects):
    faces = drawn_faces.dataset(n=n, subjects=subjects, size=16)
    people = [set(faces.part(name).subject) for name in faces.counts()]
    assert len(faces) == n
    assert sum(len(p) for p in people) == len(set.union(*people))
    assert len(set.union(*people)) == subjects or n < 50


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": ("happy", "bored")}, "unknown emotion 'bored'"),
        ({"classes": ("happy", "happy")}, "none twice"),
        ({"frequencies": "real"}, "frequencies is 'real'"),
        ({"n": 10}, "n is 10"),
        ({"n": 30, "subjects": 2}, "subjects is 2"),
        ({"n": 30, "subjects": 31}, "subjects is 31"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        drawn_faces.dataset(**arguments)


def test_emotions_can_be_learned_from_the_drawings_of_other_people():
    """Nearest class mean of standardised pictures: chance is 1 in 3."""
    faces = drawn_faces.dataset(n=600, classes=("happy", "surprise", "angry"), seed=1)
    pixels = faces.images.reshape(600, -1).astype(float)
    pixels = (pixels - pixels.mean(1, keepdims=True)) / pixels.std(1, keepdims=True)
    train, test = faces.split == "train", faces.split != "train"
    means = np.stack([pixels[train & (faces.labels == k)].mean(0) for k in range(3)])
    distance = ((pixels[test][:, None] - means) ** 2).sum(-1)
    assert (distance.argmin(1) == faces.labels[test]).mean() > 0.55
