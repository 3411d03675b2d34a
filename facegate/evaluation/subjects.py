"""Whom an evaluation may be made with: the people that the scale was not made from."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from contract.errors import BadRequest
from facegate.evaluation.encoding import (
    Choose,
    Encoded,
    Portrait,
    Progress,
    declared_model,
    encode,
    largest,
    portraits_in,
)
from facegate.evaluation.photographs import Photographs
from scoring.score_scale import ScoreScale
from scoring.scoring_data import DATA, read_scoring_data

HALF = Path(__file__).parent / "half"
"""Made as the shipped files, from half of the people."""

_NOBODY = "nobody is left to test with"


class Subjects(NamedTuple):
    """The people to test with, and what they are tested with."""

    scale: ScoreScale
    """That of the model, or that of `HALF`."""
    by_half: bool
    """Whether it is that of `HALF`, for the shipped one was made from all of them."""
    left_out: int
    """How many people the scale was made from."""
    encode: Callable[[Progress], Encoded]
    """Returns the photographs of the others. Raises BadRequest when they show no face."""

    @contextmanager
    def explaining_exclusions(self, folder: Path) -> Iterator[None]:
        """Say with an error whom the scale was made from, and how to test with them."""
        try:
            yield
        except BadRequest as error:
            if not self.left_out:
                raise
            raise BadRequest(
                f"{error}; the scale was made from {self.left_out} people of {folder}, who are"
                " left out. To test with them, make one from others: `facegate model fit NAME"
                " OTHERS` for a model of your own, else `python -m bench.accuracy cohort OTHERS"
                " --to OTHER`, then set FACEGATE_SCORING=OTHER"
            ) from error


def choose_subjects(
    folder: Path,
    vectors: Path | None,
    choose: Choose = largest,
    model: Path | None = None,
) -> Subjects:
    """Return the people of `folder`, or of the file `vectors` where that is.

    `choose` says which face of a picture is encoded. Encoded photographs are kept in `vectors`.
    `model` is the folder of the network that encodes; None: the installed one.
    Raises BadRequest, ConfigurationError.
    """
    kept = None if vectors is None or not vectors.exists() else load_vectors(vectors, model)
    portraits = portraits_in(folder) if kept is None else []
    people = {one.person for one in portraits} if kept is None else set(kept.people)
    scale, by_half = _scale(_model(model) if kept is None else kept.model, model, people)
    known = scale.parameters.made_from

    def encoded(progress: Progress) -> Encoded:
        if kept is not None:
            return _taken(kept.where(lambda person: not known(person)))
        wanted = [one for one in portraits if not known(one.person)]
        return _encoded(wanted, vectors, progress, choose, model)

    return Subjects(scale, by_half, sum(map(known, people)), encoded)


def load_vectors(vectors: Path, model: Path | None) -> Photographs:
    """Return what `--vectors` wrote. Raises BadRequest, also for those of another own model."""
    try:
        kept = Photographs.load(vectors)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise BadRequest(f"{vectors} is not a file that --vectors of this release wrote") from error
    if model is not None and kept.model != declared_model(model):
        raise BadRequest(
            f"{vectors} has vectors of {kept.model}, not of {declared_model(model)}: name another"
            " file"
        )
    return kept


def _model(folder: Path | None) -> str:
    """Return what the vectors of the network in a folder are called, or of the installed one."""
    return read_scoring_data(DATA).parameters.model if folder is None else declared_model(folder)


def _scale(model: str, folder: Path | None, people: Iterable[str]) -> tuple[ScoreScale, bool]:
    """Return the model's scale, or that of `HALF` where the shipped one knows all of them."""
    scale = ScoreScale.of_model(model, folder)
    if scale.is_shipped and all(map(scale.parameters.made_from, people)):
        return ScoreScale.measured(read_scoring_data(HALF)), True
    return scale, False


def _taken(kept: Photographs) -> Encoded:
    if not kept.people:
        raise BadRequest(_NOBODY)
    return Encoded(kept, without_face=0, refused=0)


def _encoded(
    wanted: list[Portrait],
    vectors: Path | None,
    progress: Progress,
    choose: Choose,
    model: Path | None,
) -> Encoded:
    if not wanted:
        raise BadRequest(_NOBODY)
    encoded = encode(wanted, progress, choose, model)
    if vectors is not None:
        encoded.photographs.save(vectors)
    return encoded
