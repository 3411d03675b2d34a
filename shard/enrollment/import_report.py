"""What becomes of the pictures of an import: counted and logged."""

import logging
from collections import Counter
from pathlib import PurePosixPath

from contract.messages.faces import EnrollAnswer

log = logging.getLogger(__name__)


class FolderImportReport:
    """Counts outcomes, and logs what the keeper of the folder should know.

    A picture is called `<prefix><path in the folder>`.
    """

    def __init__(self, prefix: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._prefix = prefix

    def source(self, name: PurePosixPath) -> str:
        """Return what the gallery calls a picture of the folder."""
        return f"{self._prefix}{name}"

    def unchanged(self, count: int) -> None:
        """Count pictures that are enrolled, or refused, as they are."""
        self.outcomes["unchanged"] += count

    def enrolled(self, name: PurePosixPath, answer: EnrollAnswer) -> None:
        """Count a picture that was enrolled."""
        self.outcomes[answer.outcome] += 1
        for warning in answer.warnings:
            log.warning("%s: %s", self.source(name), warning.detail)

    def refused(self, name: PurePosixPath, reason: Exception | str) -> None:
        """Count a picture that was refused."""
        self.outcomes["refused"] += 1
        log.warning("%s is left out: %s", self.source(name), reason)

    def skipped(self, name: PurePosixPath, reason: str) -> None:
        """Count a file that is no picture."""
        self.outcomes["passed over"] += 1
        log.info("%s is passed over: %s", self.source(name), reason)

    def removed(self, source: str) -> None:
        """Count a picture that is enrolled, but no longer in the folder."""
        self.outcomes["removed"] += 1
        log.warning("%s is no longer in the folder; its face is kept", source)
