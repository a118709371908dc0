"""Settings come back from what a run remembers."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from core.errors import InputError
from core.training.strategies.transfer import TransferSettings
from core.training.settings import AugmentSettings
from core.training.strategies.scratch import ScratchSettings
from core.training.strategies.zero_shot import ZeroShotSettings
from core.settings import nested_settings, parse_settings, restore_settings


@pytest.mark.parametrize("settings", [
    TransferSettings("mobilenetv2", seed=7, n_folds=3),
    ScratchSettings(n_epochs=3, own_augment=AugmentSettings(zoom=0.5, vertical_flip=True)),
    ScratchSettings(),
    ZeroShotSettings(own_map={"red": (1, 2)}),
])
def test_settings_survive_json(settings: object) -> None:
    values = json.loads(json.dumps(asdict(settings)))  # type: ignore[call-overload]
    assert restore_settings(type(settings), values) == settings


def test_what_is_unknown_by_now_is_left_out() -> None:
    assert restore_settings(TransferSettings, {"seed": 5, "gone": True}) == TransferSettings(seed=5)


def test_values_out_of_range_by_now_are_refused() -> None:
    with pytest.raises(InputError, match="n_folds"):
        restore_settings(TransferSettings, {"n_folds": 1})


def test_nested_settings_are_found() -> None:
    assert nested_settings(ScratchSettings) == {"own_augment": AugmentSettings}
    assert nested_settings(TransferSettings) == {}


def test_a_setting_by_its_earlier_name_is_read() -> None:
    from core.training.strategies.transfer import TransferSettings
    from core.training.unfinished import describe_changed_settings

    values = {"same picture": "duplicates", "near twin": "near duplicates", "same file": "same file"}
    for before, now in values.items():
        assert restore_settings(TransferSettings, {"twins": before}).groups == now
        assert parse_settings(TransferSettings, [f"twins={before}"]) == {"groups": now}
        assert describe_changed_settings({"twins": before}, {"groups": now}) == ()
