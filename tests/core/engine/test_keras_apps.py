from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.engine import keras_apps
from core.backbones.registry import find_backbone
from core.backbones.keras_applications import KerasApplication
from tests.core.engine.keras_models import load_keras_backbone
from core.backbones.backbone import IMAGENET_DEVIATION, IMAGENET_MEAN, Preprocessing, preprocessing_for
from core.backbones.weights import classifier_weights, locate_weights
from core.errors import DownloadNotAllowed, WeightsDamaged
from tests.core.engine.reference.gratings import gratings


def applied(preprocessing: Preprocessing, pixels: np.ndarray) -> np.ndarray:
    x = pixels[..., ::-1] if preprocessing.is_bgr else pixels
    return x * np.array(preprocessing.scale) + np.array(preprocessing.offset)


@pytest.mark.parametrize("mode", ["tf", "caffe", "torch"])
def test_preprocessing_is_that_of_keras(mode: str) -> None:
    from keras.src.applications.imagenet_utils import preprocess_input

    pixels = gratings(8).astype(np.float32)
    np.testing.assert_allclose(
        applied(preprocessing_for(mode), pixels), preprocess_input(pixels.copy(), mode=mode), atol=1e-4
    )


def test_preprocessing_of_lite_is_its_own() -> None:
    assert list(applied(preprocessing_for("lite"), np.array([[127.0, 255.0, 0.0]]))[0]) == [0, 1, -127 / 128]


def test_efficientnet_is_given_what_keras_would_insert() -> None:
    """Keras: (x/255 − m)/s, then · 1/√deviation; ours: in front of the same (x/255 − m)/s, for any s."""
    pixels = gratings(8).astype(np.float64)
    mean, root, s = np.array(IMAGENET_MEAN), np.sqrt(IMAGENET_DEVIATION), 0.3
    wanted = (pixels / 255 - mean) / s / root
    np.testing.assert_allclose((applied(preprocessing_for("efficientnet"), pixels) / 255 - mean) / s, wanted)


def test_a_published_network_reads_as_keras_reads_it(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setenv("KERAS_HOME", str(shared_data / "keras_home"))
    backbone, images = find_backbone("mobilenet-0.25"), gratings(224)
    features = np.asarray(load_keras_backbone(backbone)(images))
    kernel, bias = classifier_weights(backbone)
    weights = str(locate_weights(backbone).path)
    expected = np.asarray(keras.applications.MobileNet(alpha=0.25, weights=weights)(images / 127.5 - 1.0))
    logits = features @ kernel + bias
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)


def test_the_file_without_classifier_gives_the_same_features(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    backbone = find_backbone("mobilenet-0.25")
    whole = shared_data / "keras_home" / "models" / backbone.weights.name
    assert isinstance(backbone, KerasApplication) and backbone.pooled_weights
    pooled = whole.with_name(backbone.pooled_weights.name)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / pooled.name).write_bytes(pooled.read_bytes())
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    images = gratings(224)
    small = load_keras_backbone(backbone)
    assert [layer for layer in small.layers if not layer.trainable] == [] and len(small.layers) > 50
    expected = np.asarray(load_keras_backbone(backbone, weights=whole)(images))
    np.testing.assert_allclose(np.asarray(small(images)), expected, atol=1e-5)
    with pytest.raises(DownloadNotAllowed):
        classifier_weights(backbone)


@pytest.mark.parametrize("name", ["mobilenet-v2-0.35", "mobilenet-v3-small-minimalistic", "densenet121"])
def test_features_are_what_the_classifier_sees(name: str) -> None:
    import keras

    backbone = find_backbone(name)
    assert isinstance(backbone, KerasApplication)
    image = keras.Input((backbone.side_px, backbone.side_px, 3))
    app = keras_apps.build_keras_app(backbone, image, keras.layers.Rescaling(1.0)(image), has_classifier=True)
    assert tuple(keras_apps.features_of(app).shape) == (None, backbone.n_features)


def test_weights_of_another_network_are_refused(keras_home: Path) -> None:
    with pytest.raises(WeightsDamaged) as caught:
        load_keras_backbone(
            find_backbone("mobilenet-0.5"), weights=keras_home / "models" / "mobilenet_2_5_224_tf.h5",
        )
    assert "mobilenet-0.5" in caught.value.sentence
