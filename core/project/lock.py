"""One writer a project: an operating-system lock, and a note beside it that says who has it.

The system drops the lock when its holder dies, so a crash leaves nothing behind that blocks;
the note may then be stale and is only read when the lock is really taken.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import socket
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ProjectLocked, StorageError
from core.files.writing import write_json
from core.project.catalog import read_only
from core.text import Message

LOCK_NAME = "catalog.lock"
OWNER_NAME = "catalog.owner.json"
_READ_ONLY_CODES = (errno.EACCES, errno.EPERM, errno.EROFS)
log = logging.getLogger(__name__)


class ProjectLock:
    """Holds a project for this process until released.

    Args:
        folder: The project's folder; must exist.
        program: Name of the program or the code of it, for whoever comes second.

    Raises:
        ProjectLocked: Somebody else has the project; the sentence says who.
        ProjectReadOnly: The lock cannot be written here.
    """

    def __init__(self, folder: Path, *, program: str) -> None:
        self._owner_path = folder / OWNER_NAME
        self._lock = FileLock(folder / LOCK_NAME)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise _locked(folder, self._owner_path) from error
        except PermissionError as error:
            raise read_only(folder) from error
        except (OSError, NotImplementedError) as error:
            if isinstance(error, OSError) and error.errno in _READ_ONLY_CODES:
                raise read_only(folder) from error
            # some network disks know no locks: better to work than to refuse
            log.warning("The project %s cannot be locked on this disk: %s", folder, error)
        since = datetime.now().isoformat(timespec="minutes")
        owner = {"program": program, "pid": os.getpid(), "host": socket.gethostname(), "since": since}
        with contextlib.suppress(StorageError):  # the note is a courtesy; the lock does the work
            write_json(self._owner_path, owner)

    def release(self) -> None:
        """Let others have the project; harmless when released already."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                self._owner_path.unlink(missing_ok=True)
            self._lock.release()


def is_taken(folder: Path) -> bool:
    """Whether somebody has a project open for writing at this moment."""
    lock = FileLock(folder / LOCK_NAME)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False  # a disk without locks, or one that cannot be written
    lock.release()
    return False


def _locked(folder: Path, owner_path: Path) -> ProjectLocked:
    try:
        owner = json.loads(owner_path.read_text(encoding="utf-8"))
        who = {name: str(owner[name]) for name in ("pid", "host", "since")}
        return ProjectLocked("project.open_elsewhere", folder=folder, program=Message(str(owner["program"])), **who)
    except (OSError, ValueError, KeyError, TypeError):
        return ProjectLocked("project.open_in_another_program", folder=folder)
