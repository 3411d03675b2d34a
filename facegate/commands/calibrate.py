"""`facegate calibrate STORE`: does the threshold fit the people of this store?"""

from pathlib import Path

import click

from contract.messages.calibration import Calibration, Share
from contract.stores.rate import MOST_WRONG, parse_rate
from facegate.commands.options import gateway_client, json_option, output, remarks, url_option
from facegate.commands.printing import print_json
from facegate.output.terminal_chart import Line, histogram_chart


def _rate(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    try:
        return None if value is None else parse_rate(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("store")
@click.option(
    "--rate",
    callback=_rate,
    help="Strangers taken for somebody, such as 1%.  [default: the store's threshold]",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    default="calibration.png",
    show_default=True,
    help="Draw the scores into this PNG file.",
)
@url_option
@json_option
def calibrate(*, store: str, rate: float | None, plot: Path, url: str, as_json: bool) -> None:
    """Compare the faces of STORE: which threshold fits, and how wrongly would they be counted?

    Everybody in the store is taken for a stranger to all the others there. The vectors stay in the
    store; scores and shares alone are shown.
    """
    from facegate.output.plot import Point, save_histograms  # matplotlib: half a second

    with gateway_client(url) as client:
        calibration = client.calibration(store, rate)
    if as_json:
        print_json(calibration)
    else:
        _print(calibration)
    limits = [Point(f"asked for {calibration.rate:.2%}", calibration.threshold, 0)]
    if calibration.score is not None:
        limits.append(Point("measured", calibration.score.value, 0))
    # matplotlib's own font lacks many scripts, so the store's name is not in the picture
    title = f"scores of {calibration.faces} people of the store, each pair"
    save_histograms(plot, calibration.scores.edges, _lines(calibration), limits, title)
    remarks().print(f"the scores are drawn in {plot}", markup=False)


def _print(found: Calibration) -> None:
    lines = [
        f"{found.store}: {found.faces} people, {found.several} with two pictures or more",
        histogram_chart(found.scores.edges, _lines(found), "score"),
        f"for {found.rate:.2%} of strangers facegate asks a score of {found.threshold:.2f} here:",
    ]
    if found.strangers is not None:
        lines.append(f"  strangers taken for somebody: {_percent(found.strangers)}")
    if found.members is not None:
        lines.append(f"  members named: {_percent(found.members)}")
    if found.score is not None and found.recommended is not None:
        score = f"{found.score.value:.2f} [{found.score.low:.2f} {found.score.high:.2f}]"
        lines.append(f"the score that {found.rate:.2%} of these people reach: {score}")
        lines.append(_recommendation(found, found.score, found.recommended))
    if found.missed is not None and found.confused is not None:
        lines += _counted(found.missed, found.confused)
    lines += [f"but {doubt}" for doubt in found.doubts]
    for line in lines:
        output().print(line, markup=False)


def _counted(missed: Share, confused: Share) -> list[str]:
    """Return how wrongly these people would be counted, and how to make use of it."""
    return [
        "if they came as strangers, a picture a visit:",
        f"  visits of people known that are not joined to them: {_percent(missed)}",
        f"  people who vanish in somebody else's FaceId: {_percent(confused)}",
        "for estimates of visitors by these shares, set"
        f" missed_visits: {min(missed.value, MOST_WRONG):.2%},"
        f" confused_visitors: {min(confused.value, MOST_WRONG):.2%}",
    ]


def _recommendation(found: Calibration, score: Share, recommended: float) -> str:
    if score.low <= found.threshold <= score.high:
        return f"what facegate asks lies in that interval: keep threshold: {found.rate:.3g}"
    return f"for {found.rate:.2%} in this store, set threshold: {recommended:.3g}"


def _percent(share: Share) -> str:
    return f"{share.value:.2%} [{share.low:.2%} {share.high:.2%}]"


def _lines(found: Calibration) -> list[Line]:
    """Return the shares of the pairs in each bin."""
    pairs = {"same person": found.scores.genuine, "others": found.scores.impostor}
    return [
        Line(name, [count / max(1, sum(counts)) for count in counts])
        for name, counts in pairs.items()
    ]
