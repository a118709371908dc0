"""Networks from nothing: any size, any number of classes, the same weights for the same seed."""

import numpy as np
import pytest

from core.engine.scratch_nets import build_scratch_net
from core.errors import InputError
from core.training.strategies.scratch import NETWORKS


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 40, 1), (2, 3, 3), (54, 54, 3), (64, 64, 1), (97, 130, 3)])
def test_any_size(network: str, shape: tuple[int, int, int]) -> None:
    net = build_scratch_net(network, shape, 3, seed=0)
    logits = np.asarray(net(np.zeros((2, *shape), np.float32)))
    assert logits.shape == (2, 3) and np.isfinite(logits).all()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_thousand_classes_and_weights_that_fit_into_memory(network: str) -> None:
    net = build_scratch_net(network, (224, 224, 3), 1000, seed=0)
    assert net.output_shape == (None, 1000)
    assert net.count_params() < 12_000_000


@pytest.mark.parametrize("network", NETWORKS)
def test_same_seed_same_weights(network: str) -> None:
    first, again, other = (build_scratch_net(network, (9, 9, 3), 2, seed=s).get_weights() for s in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_lenet_is_what_it_says() -> None:
    net = build_scratch_net("lenet", (64, 64, 3), 2, seed=0)
    kernels = [w.shape for w in net.get_weights() if w.ndim > 1]
    assert kernels == [(5, 5, 3, 20), (5, 5, 20, 50), (16 * 16 * 50, 500), (500, 2)]


@pytest.mark.parametrize("network", NETWORKS)
def test_the_last_layer_is_dense_on_the_features(network: str) -> None:
    net = build_scratch_net(network, (16, 16, 3), 4, seed=0)
    assert net.layers[-1].name == "logits"
    assert net.get_layer("logits").kernel.shape[1] == 4


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(InputError, match="no network “resnet”"):
        build_scratch_net("resnet", (8, 8, 3), 2, seed=0)
