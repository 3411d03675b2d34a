"""How a network did on faces, as a table."""

from rich.table import Table

from encoder.admission.trial import Trial

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
