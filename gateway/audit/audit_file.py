"""The file of the audit trail: the lines of one chain, in parts, each after the other."""

import json
import logging
import os
import re
import time
from io import FileIO
from pathlib import Path
from typing import IO, Any

from contract.audit_chain import Head
from contract.errors import ConfigurationError
from service.files.file_lock import lock_file
from service.files.private_files import append_private

log = logging.getLogger(__name__)

PART_BYTES = 64 << 20
"""How large the file grows before it is set aside and another one begun."""
_END_BYTES = 1 << 20
"""How much of the end is looked through for a whole line."""
_MOST_WRITERS = 100
_SECONDS_A_DAY = 86_400


class AuditFile:
    """A file that lines are appended to. `path` is what the first gateway of a folder writes.

    Another one beside it writes `audit-2.jsonl`, and so on: each has a chain of its own. What is
    set aside is called `<file>.<writer>-<number of its last line>`.
    """

    def __init__(self, path: Path, part_bytes: int = PART_BYTES) -> None:
        self._wanted = path
        self._part_bytes = part_bytes
        self._lock: IO[bytes] | None = None
        self._file: FileIO | None = None
        self.path = path

    def open(self) -> Head | None:
        """Claim the file, mend its end, and return its last line; None where there is none.

        Raises OSError, and ConfigurationError where the file is something else.
        """
        self._claim()
        if self._file is not None:
            self._file.close()
        self._file = append_private(self.path)
        last = self._mended_end()
        if last is None:
            last = self._end_of_last_part()
        return last

    def append(self, lines: list[str], last: Head) -> None:
        """Append lines, of which `last` is the last one.

        Raises OSError; then it has to be opened anew.
        """
        assert self._file is not None
        data = memoryview("".join(f"{line}\n" for line in lines).encode())
        while data:
            data = data[self._file.write(data) :]
        if os.fstat(self._file.fileno()).st_size >= self._part_bytes:
            self.set_aside(last)

    def set_aside(self, last: Head) -> None:
        """Begin another part. `last` is the last line of this one. Raises OSError."""
        assert self._file is not None
        if os.fstat(self._file.fileno()).st_size == 0:
            return
        os.fsync(self._file.fileno())
        self._file.close()
        self.path.rename(self.path.with_name(f"{self.path.name}.{last.writer}-{last.number:012d}"))
        self._file = append_private(self.path)

    def drop_parts(self, days: float) -> None:
        """Delete the parts that were written before so many days. Raises OSError."""
        for part in self._parts():
            if part.stat().st_mtime < time.time() - days * _SECONDS_A_DAY:
                part.unlink()

    def close(self) -> None:
        """Close the file, and let another process write it."""
        for file in (self._file, self._lock):
            if file is not None:
                file.close()
        self._file = self._lock = None

    def _claim(self) -> None:
        if self._lock is not None:
            return
        for number in range(1, _MOST_WRITERS):
            path = self._wanted
            if number > 1:
                path = path.with_name(f"{path.stem}-{number}{path.suffix}")
            self._lock = lock_file(path.with_name(f"{path.name}.lock"))
            if self._lock is not None:
                self.path = path
                return
        raise ConfigurationError(f"{self._wanted}: {_MOST_WRITERS} gateways write beside it")

    def _mended_end(self) -> Head | None:
        """Cut off what a kill or a full disk has left of a line; return the last whole one."""
        assert self._file is not None
        size = self._file.seek(0, os.SEEK_END)
        if size == 0:
            return None
        self._file.seek(max(0, size - _END_BYTES))
        content = self._file.read()
        whole = content[: content.rfind(b"\n") + 1]
        while whole:
            start = whole.rfind(b"\n", 0, -1) + 1
            if (last := _head(whole[start:])) is not None:
                break
            whole = whole[:start]
        else:
            raise ConfigurationError(f"{self.path} is no file of an audit trail: move it away")
        if len(whole) < len(content):
            log.warning("%s: %d bytes of a line are cut off", self.path, len(content) - len(whole))
            self._file.truncate(size - len(content) + len(whole))
        return last

    def _end_of_last_part(self) -> Head | None:
        parts = sorted(self._parts(), key=lambda part: part.stat().st_mtime)
        return _head(parts[-1].read_bytes().splitlines()[-1]) if parts else None

    def _parts(self) -> list[Path]:
        name = re.compile(rf"{re.escape(self.path.name)}\.[0-9a-f]+-[0-9]+")
        return [file for file in self.path.parent.iterdir() if name.fullmatch(file.name)]


def _head(line: bytes) -> Head | None:
    """Return which entry a line is; None where it is none."""
    try:
        entry: Any = json.loads(line)
        return Head(str(entry["writer"]), int(entry["number"]), str(entry["digest"]))
    except (ValueError, KeyError, TypeError):
        return None
