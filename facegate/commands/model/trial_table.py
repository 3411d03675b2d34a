"""How a network or a detector did on faces, as a table."""

from rich.table import Table

from encoder.admission.detector_trial import TURN, DetectorTrial
from encoder.admission.trial import Trial
from facegate.output.plural import pluralize

_MANY = 10
"""People of whom chance decides little."""


def trial_table(trial: Trial) -> Table:
    """Return a table with a row for each thing that was tried."""
    found = trial.separation
    title = f"tried on {trial.pictures} pictures of {trial.people} people"
    few = "few people: --try FOLDER with more of them says more" if trial.people < _MANY else None
    table = Table("what", "found", "needed", title=title, caption=few)
    table.add_row("cosine of pairs of one person", f"{found.same.mean():.3f}", "")
    table.add_row("cosine of pairs of two people", f"{found.others.mean():.3f}", "")
    needed = f"at least {trial.limits.decidability:g}"
    table.add_row("between them, in deviations", f"{found.decidability:.1f}", needed)
    needed = f"at least {trial.limits.kept:.0%}"
    table.add_row("mirrored and turned faces that stay themselves", f"{trial.kept:.0%}", needed)
    needed = f"at least {trial.limits.batch:g}"
    table.add_row("cosine of a vector alone and beside others", f"{trial.batch:.4f}", needed)
    for other in trial.alternatives:
        table.add_row(f"with {other.what} {other.value}", f"{other.decidability:.1f}", "")
    return table


def detector_table(trial: DetectorTrial) -> Table:
    """Return a table with a row for each thing that was tried with a detector."""
    limits = trial.limits
    faces, pictures = pluralize(trial.faces, "face"), pluralize(trial.pictures, "picture")
    title = f"tried on {faces} in {pictures}"
    few = "few faces: --try FOLDER with more of them says more" if trial.faces < _MANY else None
    table = Table("what", "found", "needed", title=title, caption=few)
    for what, found, needed in (
        ("faces of dlib's detector that it finds", f"{trial.found:.0%}", limits.found),
        ("of its boxes and dlib's, what both share", f"{trial.overlap:.0%}", limits.overlap),
        (f"found again turned by {TURN:g} degrees", f"{trial.turned:.0%}", limits.turned),
    ):
        table.add_row(what, found, f"at least {needed:.0%}")
    table.add_row("faces found rightly, in all", f"{trial.right:.0%}", "")
    order = f"at most {limits.misplaced:.0%}"
    table.add_row("faces whose points are in another order", f"{trial.misplaced:.0%}", order)
    off = f"at most {limits.off:g}"
    table.add_row("points off dlib's, in distances of the eyes", f"{trial.off:.2f}", off)
    table.add_row("faces where nothing is", str(trial.on_blank), "0")
    for other in trial.others:
        what = f"faces found rightly with {other.what} {other.value}"
        table.add_row(what, f"{other.right:.0%}", "")
    return table
