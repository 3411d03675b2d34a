"""Whether an audit trail is whole: files that are read, and what a gateway's record has."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from contract.audit_chain import ChainCheck, Entry, Head
from contract.messages.audit.chain import ChainLine
from facegate.client.client import Client


class AuditVerification:
    """Checks chains, and compares files with the record.

    A file is one that a gateway writes, a part that it has set aside, or what `facegate audit
    export` has written; parts are given in their order.
    """

    def __init__(self, noted: Iterable[Head] = ()) -> None:
        self.check = ChainCheck(noted)
        self._digests: dict[tuple[str, int], str] = {}

    def take_files(self, files: Iterable[Path]) -> None:
        """Check the lines of files, and remember them to be compared. Raises OSError."""
        for file in files:
            for entry, subjects in _lines_of(file):
                self.check.take(entry)
                if subjects is not None:
                    self.check.take_subjects(entry, subjects)
                key = str(entry.get("writer")), int(entry.get("number") or 0)
                self._digests[key] = str(entry.get("digest"))

    def take_record(self, client: Client) -> None:
        """Check what the gateway's record has. Raises ApiError."""
        for head in client.audit_heads():
            for line in client.audit_lines(head.writer):
                _take_line(self.check, line)
        self.check.require_beginnings()

    def compare_with_record(self, client: Client) -> int:
        """Check the chains of the files in the record, too, and compare both.

        Return how many entries both have. What one of the two has alone at the beginning of a
        chain, or the record at its end, is no fault: the files may be older. Raises ApiError.
        """
        record, compared = ChainCheck(), 0
        for head in client.audit_heads():
            if head.writer not in self.check.heads:
                continue
            number = head.first - 1
            for line in client.audit_lines(head.writer):
                _take_line(record, line)
                number = int(line.entry["number"])
                digest = self._digests.get((head.writer, number))
                if digest is not None and digest != line.entry["digest"]:
                    record.fault(head.writer, number, "is another one")
                compared += digest is not None
            if self.check.heads[head.writer].number > number:
                record.fault(head.writer, number + 1, "is missing")
        for fault in record.faults.values():
            self.check.fault(fault.writer, fault.number, f"{fault.what}, in the record")
        return compared


def _take_line(check: ChainCheck, line: ChainLine) -> None:
    check.take(line.entry)
    check.take_subjects(line.entry, [subject.model_dump() for subject in line.subjects])


def _lines_of(file: Path) -> Iterator[tuple[Entry, list[dict[str, Any]] | None]]:
    """Yield the entries of a file, and whom they name where it was exported."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if not line.endswith("\n"):  # is being written
                return
            try:
                value = json.loads(line)
            except ValueError:
                value = {}
            if not isinstance(value, dict):
                value = {}
            exported = isinstance(value.get("entry"), dict)
            named = [each for each in value.get("subjects") or [] if isinstance(each, dict)]
            yield (value["entry"], named) if exported else (value, None)
