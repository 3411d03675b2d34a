"""Recognised faces as a table: one row a face."""

from rich.markup import escape
from rich.table import Table

from contract.messages.face import Candidate
from contract.messages.recognition import Coverage, RecognizeAnswer, RecognizedFace

COLOURS = {
    "home": "green",
    "roaming": "cyan",
    "new": "yellow",
    "pending": "yellow",
    "unknown": "magenta",
}


class RecognitionTable:
    """Collects answers; `table` is what Rich prints."""

    def __init__(self, title: str | None = None) -> None:
        self.table = Table(title=title)
        for name in ("picture", "store", "who", "member", "match"):
            self.table.add_column(name, overflow="fold")
        for name in ("score", "ms", "coverage"):
            self.table.add_column(name, justify="right")

    def add(self, picture: str, answer: RecognizeAnswer, remark: str = "") -> None:
        """Add the faces of one picture; `remark` goes with the first of them."""
        milliseconds, coverage = f"{answer.timing_ms.total:.0f}", coverage_text(answer.coverage)
        if not answer.faces:
            row = (picture, answer.store, "", "", "[dim]no face", "", milliseconds, coverage)
            self.table.add_row(*row)
        for index, face in enumerate(answer.faces):
            colour = COLOURS[face.match]
            self.table.add_row(
                escape(picture) if index == 0 else "",
                escape(answer.store) if index == 0 else "",
                escape(who(face, answer.store)),
                escape(member_text(face)),
                f"[{colour}]{face.match}[/]" + (f" [bold red]{escape(remark)}" if remark else ""),
                "" if face.score is None else f"{face.score:.2f}",
                milliseconds if index == 0 else "",
                coverage if index == 0 else "",
            )
            remark = ""
            for candidate in face.candidates or []:
                self._add_candidate(candidate, answer.store)

    def _add_candidate(self, candidate: Candidate, store: str) -> None:
        """Add one that was considered, passing or not."""
        name = f"· {known_as(candidate.face_id, candidate.store, store)}"
        passes = "[dim]passes" if candidate.passes else ""
        score = f"[dim]{candidate.score:.2f}"
        self.table.add_row("", "", f"[dim]{escape(name)}", "", passes, score, "", "")

    def add_error(self, picture: str, store: str, message: str) -> None:
        """Add a picture that was refused."""
        self.table.add_row(escape(picture), escape(store), f"[red]{escape(message)}")


def who(face: RecognizedFace, store: str) -> str:
    """Return the FaceId, with its store when that is not the one that was asked."""
    return "-" if face.face_id is None else known_as(face.face_id, face.store, store)


def known_as(face_id: str, home: str | None, store: str) -> str:
    """Return the FaceId of the store `home`, which is named unless it was the one asked."""
    return face_id if home in {None, store} else f"{face_id} of {home}"


def member_text(face: RecognizedFace) -> str:
    """Return the member's name, or else whether this is somebody enrolled or a visitor."""
    if face.member is not None:
        return face.member.name or face.member.member_id
    return "enrolled" if face.kind == "member" else face.kind or ""


def coverage_text(coverage: Coverage) -> str:
    """Return how many of the stores that were asked have answered, and who did not and why."""
    failed = "".join(f", {store}: {reason}" for store, reason in coverage.failed.items())
    unawaited = f", {len(coverage.unawaited)} not waited for" if coverage.unawaited else ""
    skipped = len(coverage.directory.skipped) if coverage.directory else 0
    unneeded = f", {skipped} not asked by the directory" if skipped else ""
    return escape(f"{coverage.answered}/{coverage.asked}{failed}{unawaited}{unneeded}")
