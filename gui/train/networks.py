"""The pretrained networks that can be chosen, and the list that offers them with what each costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from core.settings import SettingInfo
from core.tasks import run_here
from core.text import text
from gui import theme
from gui.train.settings_form import BOX_PX, Editor, shrink
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import column_of


@dataclass(frozen=True, slots=True)
class Network:
    """One pretrained network as the job `list-backbones` tells it.

    Attributes:
        name: As settings name it.
        side_px: Side of the images that it sees.
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


def what_to_fetch(names: Sequence[str], networks: Sequence[Network]) -> Network | None:
    """Those of some networks that are not on this computer as one, with all their names and megabytes; or None."""
    wanted = {plain_name(name) for name in names}
    missing = [network for network in networks if network.name in wanted and not network.is_here]
    if not missing:
        return None
    return replace(
        missing[0], name=", ".join(network.name for network in missing),
        download_mb=sum(network.download_mb for network in missing),
        licence=", ".join(dict.fromkeys(network.licence for network in missing)),
    )


def plain_name(name: str) -> str:
    """A network's name as the registry spells it, however freely it was written."""
    return name.strip().lower().replace("_", "-").replace(" ", "-")


class NetworkChooser(QWidget):
    """A list, and below it what is known of the chosen network.

    Signals:
        changed: Another network was chosen by the user.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._networks: dict[str, Network] = {}
        self.list = QComboBox()
        shrink(self.list)
        self.list.setMinimumHeight(BOX_PX)
        self.facts = wrapped_caption(keeps_height=True)
        column_of(self.list, self.facts, spacing=theme.INSIDE, parent=self)
        self.setFocusProxy(self.list)
        self.list.currentIndexChanged.connect(self._on_list_changed)

    @property
    def name(self) -> str:
        return str(self.list.currentData() or "")

    def choose(self, name: str) -> None:
        """Choose by name; one that is not in the list is added to it."""
        was_blocked = self.blockSignals(True)
        if self.list.findData(name) < 0:
            self.list.addItem(name, name)
        self.list.setCurrentIndex(self.list.findData(name))
        self.blockSignals(was_blocked)

    def set_networks(self, networks: Sequence[Network]) -> None:
        """Fill the list; the chosen one stays chosen."""
        chosen = self.name
        self._networks = {network.name: network for network in networks}
        was_blocked = self.blockSignals(True)
        self.list.clear()
        for network in networks:
            self.list.addItem(f"{network.name} · {network.place}", network.name)
        self.choose(chosen)
        self.blockSignals(was_blocked)

    def _on_list_changed(self) -> None:
        network = self._networks.get(self.name)
        self.facts.setText(_describe(network) if network is not None else "")
        self.facts.setVisible(network is not None)
        self.changed.emit()


def network_editor(info: SettingInfo, networks: Sequence[Network]) -> Editor:
    """The editor of a setting that names a network."""
    chooser = NetworkChooser()
    chooser.set_networks(networks)
    chooser.choose(info.default)
    return Editor(chooser, lambda: chooser.name, chooser.choose, chooser.changed)


def _describe(network: Network) -> str:
    """ "On this computer · ImageNet top-1 accuracy 75.1 % · input 224 × 224 pixels"."""
    place = network.place[:1].upper() + network.place[1:]
    code = "window_train.network_facts" if network.top1 is None else "window_train.network_facts_top1"
    return text(code, place=place, top1=network.top1, side_px=network.side_px)
