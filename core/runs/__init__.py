"""The files of a run: its record, head, snapshot and predictions, and what is written from them."""
