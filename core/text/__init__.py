"""The text layer: sentences as codes and parameters, and the words for them in each language.

Core makes a `Message`; window, command line and report put it into words (`text`, `render`). The words are in the
gettext catalogues under `resources/locale`, one file a language and domain; the domain is what stands before the
first dot of a code.
"""

from core.text.message import Message
from core.text.render import render, text

__all__ = ["Message", "render", "text"]
