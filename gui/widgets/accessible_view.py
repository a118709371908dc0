"""An item view that screen readers can walk through.

Qt finds the accessible interface of a widget by the *name* of its class and those of its
parents, and knows "QTableView" but not "QAbstractItemView": a view of our own would be one
dumb area. `QAccessible.installFactory` could mend that, but an interface written in Python
is asked for, copied and deleted by C++ at moments that Python does not see. So a class
between the two bears the name that Qt looks for; Qt 6.8 … 6.11 then serves names, places and
selected states from the model, through `QAbstractItemView` alone. (The name "QListView" must
not be used: its interface casts to the real class.)
"""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView


class QTableView(QAbstractItemView):
    """Bears the name for which Qt has an accessible interface; not Qt's table."""


AccessibleItemView = QTableView
