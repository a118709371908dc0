"""The pretrained networks that can be chosen, and whether choosing one means a download."""

from __future__ import annotations

from dataclasses import dataclass

from core.tasks import run_here
from core.text import text


@dataclass(frozen=True, slots=True)
class Network:
    """One pretrained network as the job `list-backbones` tells it.

    Attributes:
        name: As settings name it.
        side_px: Side of the pictures that it sees.
        top1: Published accuracy on ImageNet in percent, or None.
        licence: Of its weights.
        download_mb: To fetch before first use, in megabytes.
        is_here: Whether its weights lie on this computer.
    """

    name: str
    side_px: int
    top1: float | None
    licence: str
    download_mb: float
    is_here: bool

    @property
    def place(self) -> str:
        """ "on this computer", "download of 103 MB"."""
        if self.is_here:
            return text("window_train.on_this_computer")
        return text("window_train.download_of", mb=self.download_mb)


def list_networks() -> tuple[Network, ...]:
    """All of them, those on this computer first.

    Runs here and not in the engine process, which may be busy for minutes; it imports no
    library of networks and takes a tenth of a second once, then a few milliseconds.
    """
    rows = run_here("list-backbones", None)
    names = Network.__dataclass_fields__
    found = [Network(**{name: row[name] for name in names}) for row in rows]
    return tuple(sorted(found, key=lambda network: not network.is_here))


def find_network(name: str) -> Network | None:
    """The network of that name, as it stands right now; written as freely as on the command line."""
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    return next((network for network in list_networks() if network.name == wanted), None)
