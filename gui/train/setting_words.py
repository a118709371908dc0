"""What settings are called in the form; one that is not in the table is called by its own name."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

_TITLES = {
    "backbone": "Network", "seed": "Random start", "n_folds": "Parts to judge by", "network": "Network",
    "width_px": "Width in pixels", "height_px": "Height in pixels", "n_epochs": "Epochs at most",
    "batch_size": "Pictures at once", "learning_rate": "Size of the steps", "schedule": "Steps get smaller",
    "patience": "Patience in epochs", "label_smoothing": "Doubt of the labels",
    "class_weights": "Class weights",
    "has_class_weights": "Small classes count as much as large ones", "augmentation": "Random changes",
    "own_augment": "Random changes of my own", "augment": "Random changes", "recipe": "How pictures are prepared",
    "validation_share": "Share that decides when to stop", "held_back_share": "Share held back to judge",
    "least_nearness": "How near a thing must be", "rotation_degrees": "Turned, in degrees",
    "width_shift": "Moved sideways", "height_shift": "Moved up or down", "horizontal_flip": "Mirrored left to right",
    "vertical_flip": "Mirrored top to bottom",
    "fill_mode": "Corners that come free",
    "colour": "Colours", "fit": "Made to fit by", "noise_filter": "Noise filter",
    "filter_strength": "Filter strength",
    "effort": "How much effort", "n_blocks": "Blocks that are adapted", "n_variants": "Views of each picture",
    "rate_decay": "Smaller steps further from the head", "mixup": "Mixing of pictures",
    "learns_from_all": "Learns from all in the end", "cache_gb": "Gigabytes for views",
    "keeps_cache": "Keep the views", "start_from": "Start from", "twins": "Kept together",
}

_PLAIN_CHOICES: dict[object, str] = {True: "yes", False: "no", None: "none", "": "none"}


def setting_title(name: str) -> str:
    """ "Pictures at once" for "batch_size"; "Some thing" for "n_some_thing" that has no words yet."""
    known = _TITLES.get(name)
    if known is not None:
        return QCoreApplication.translate("Settings", known)
    plain = name.removeprefix("n_").removeprefix("has_").removeprefix("is_").replace("_", " ").strip()
    return plain[:1].upper() + plain[1:]


def choice_title(value: object) -> str:
    """A choice as it stands in the list."""
    return _PLAIN_CHOICES[value] if isinstance(value, bool) or value in ("", None) else str(value)
