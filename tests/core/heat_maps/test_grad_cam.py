"""Grad-CAM: a class activation map where a mean and a dense layer follow; nested and branched networks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from core.engine.grad_cam import GradCam, find_last_maps
from core.engine.scratch_nets import build_scratch_net
from core.heat_maps.grid import GRID, Box
from core.heat_maps.networks import NetworkSight, box_of_fit
from core.heat_maps.sight import GRAD_CAM
from core.images.recipe import Recipe


def trunk(name: str = "trunk") -> keras.Model:
    inputs = keras.Input((16, 16, 3))
    return keras.Model(inputs, layers.Conv2D(6, 3, strides=2, activation="relu", name="last")(inputs), name=name)


def flat() -> keras.Model:
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(6, 3, strides=2, activation="relu", name="last")(inputs)
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


def nested() -> keras.Model:
    """The usual way of `keras.applications`: a network without its top is a layer of another."""
    inputs = keras.Input((16, 16, 3))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(trunk()(inputs))))


def nested_with_its_mean() -> keras.Model:
    """The inner network pools by itself, so its last map lies inside it."""
    inner = trunk("body")
    pooled = keras.Model(inner.input, layers.GlobalAveragePooling2D()(inner.output), name="pooled")
    inputs = keras.Input((16, 16, 3))
    return keras.Model(inputs, layers.Dense(3)(layers.Dropout(0.5)(pooled(inputs))))


def sequential() -> keras.Model:
    return keras.Sequential([
        keras.Input((16, 16, 3)), layers.Conv2D(6, 3, strides=2, activation="relu"), layers.GlobalAveragePooling2D(),
        layers.Dense(3)])


def pixels(seed: int = 0, side: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).random((1, side, side, 3), np.float32)


def class_activation(model: keras.Model, last: Any, inputs: np.ndarray) -> np.ndarray:
    """By the formula of Zhou et al. 2016, (n_classes, height, width), with centred classes."""
    maps = np.asarray(keras.Model(model.input, last)(inputs))[0]
    kernel = np.asarray(model.layers[-1].kernel)
    centred = kernel - kernel.mean(axis=1, keepdims=True)
    return np.moveaxis(maps @ centred, 2, 0) / maps[..., 0].size


def test_it_is_the_class_activation_map_where_a_mean_follows() -> None:
    model, inputs = flat(), pixels()
    logits, [found], rest = GradCam(model).look(inputs, [0, 2])
    assert logits == pytest.approx(np.asarray(model(inputs))[0], abs=1e-5)
    assert found == pytest.approx(class_activation(model, model.get_layer("last").output, inputs)[[0, 2]], abs=1e-5)
    bias = np.asarray(model.layers[-1].bias)
    assert rest == pytest.approx((bias - bias.mean())[[0, 2]], abs=1e-5)


@pytest.mark.parametrize("build", [nested, nested_with_its_mean, sequential])
def test_networks_inside_networks_are_looked_into(build: Any) -> None:
    model, inputs = build(), pixels(1)
    cam = GradCam(model)
    logits, maps, rest = cam.look(inputs, [1])
    assert [one.shape for one in maps] == [(1, 7, 7)]
    assert maps[0].sum() + rest[0] == pytest.approx(logits[1] - logits.mean(), abs=1e-4)
    assert logits == pytest.approx(np.asarray(model(inputs))[0], abs=1e-5), "the network is left as it was"
    again = cam.look(pixels(2), [1])[1]
    assert not np.allclose(again[0], maps[0]), "the second image is looked at, not the first again"


def test_every_branch_has_a_map_and_none_is_lost() -> None:
    model = build_scratch_net("branches", (32, 32, 3), 2, seed=0)
    logits, maps, rest = GradCam(model).look(pixels(3, 32) * 255, [0])
    assert len(maps) == 3
    assert sum(one.sum() for one in maps) + rest[0] == pytest.approx(logits[0] - logits.mean(), abs=1e-3)


def test_where_dense_layers_follow_nothing_is_spread_that_is_no_bias() -> None:
    model = build_scratch_net("lenet", (32, 32, 3), 2, seed=0)
    _, maps, rest = GradCam(model).look(pixels(3, 32) * 255, [0, 1])
    assert len(maps) == 1 and not rest.any()
    assert len(find_last_maps(model)) == 1


def test_a_network_without_maps_says_so() -> None:
    inputs = keras.Input((16,))
    assert not GradCam(keras.Model(inputs, layers.Dense(2)(inputs))).has_maps


def test_padding_and_cropping_are_taken_back() -> None:
    image = Image.new("RGB", (200, 100))
    assert box_of_fit(image, Recipe(fit="stretch")) == Box()
    assert box_of_fit(image, Recipe(fit="pad")) == Box(0, -0.5, 1, 1.5)
    assert box_of_fit(image, Recipe(fit="crop")) == Box(0.25, 0, 0.75, 1)


def test_a_network_sees_an_image_where_it_lies() -> None:
    model = flat()
    recipe = Recipe(width_px=16, height_px=16, fit="crop")
    sight = NetworkSight(
        GradCam(model), recipe, activate=lambda x: x, say=lambda x: keras.ops.softmax(model(x)).numpy())
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 40, 3), np.uint8))
    seen = sight.see(image, [0])
    assert seen is not None and seen.method == GRAD_CAM
    assert seen.probabilities == pytest.approx(sight.judge([image])[0], abs=1e-4)
    assert not seen.heat[0][:, :GRID // 4].any() and seen.heat[0][:, GRID // 4:-GRID // 4].any()
