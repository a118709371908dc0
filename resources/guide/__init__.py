"""The guide: its pages lie in `docs/guide` and are installed here; `gui.help` shows them."""
