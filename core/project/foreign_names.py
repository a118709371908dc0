"""Names of the folders and files that NAS systems, file managers and photo programs leave among images.

They hold thumbnails, previews and what was thrown away: copies that nobody took and nobody labelled.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

_FOLDERS = frozenset((
    # Synology, QNAP, other NAS systems and their snapshots
    "@eadir", "@tmp", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", ".@__thumb", "@__thumb", ".@__qini",
    ".@upload_cache", ".snapshot", ".snapshots", ".zfs", ".stversions", ".stfolder", ".dropbox.cache",
    # Windows
    "$recycle.bin", "recycler", "system volume information",
    # macOS, also on disks that others read
    "__macosx", ".trashes", ".trash", ".appledouble", ".appledb", ".spotlight-v100", ".fseventsd", ".temporaryitems",
    "temporary items", "network trash folder", ".documentrevisions-v100",
    # Linux and file managers
    "lost+found", ".thumbnails", ".thumbs", ".xvpics", ".dtrash", ".trash",
    # photo programs and notebooks
    ".picasaoriginals", "captureone", ".ipynb_checkpoints", "__pycache__", ".git",
))
_FOLDER_PATTERNS = (
    ".trash-*", "*.lrdata", "*.lrcat-data", "*.photoslibrary", "*.photolibrary", "*.aplibrary",
    "*.migratedphotolibrary",
)
_FILES = frozenset((
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".ds_store", ".picasa.ini", "picasa.ini",
    "zbthumbnail.info",
))
_FILE_PATTERNS = ("._*", "synophoto_thumb_*", "synofile_thumb_*", "*@synoeastream", "*@synoresource")


def is_foreign_folder(name: str) -> bool:
    """Whether a folder of this name, at any depth, holds thumbnails, previews or trash; capitals do not matter."""
    return _matches(name, _FOLDERS, _FOLDER_PATTERNS)


def is_foreign_file(name: str) -> bool:
    """Whether a file of this name was left by a system or program; capitals do not matter."""
    return _matches(name, _FILES, _FILE_PATTERNS)


def _matches(name: str, names: frozenset[str], patterns: tuple[str, ...]) -> bool:
    folded = name.casefold().strip()
    return folded in names or any(fnmatchcase(folded, pattern) for pattern in patterns)
