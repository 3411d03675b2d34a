"""Whom an evaluation may be made with: the people that the cohort was not made from."""

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
    encode,
    largest,
    portraits_in,
)
from facegate.evaluation.photographs import Photographs
from scoring.scoring_data import ScoringData, load_scoring_data, read_scoring_data
from scoring.settings import ScoringSettings
from service.settings import read_settings

HALF = Path(__file__).parent / "half"
"""Made as the shipped files, from half of the people."""

_NOBODY = "nobody is left to test with"


class Subjects(NamedTuple):
    """The people to test with, and what they are tested with."""

    scoring: ScoringData
    """The files of this process, or those of `HALF`."""
    left_out: int
    """How many people the cohort was made from."""
    encode: Callable[[Progress], Encoded]
    """Returns the photographs of the others. Raises BadRequest when they show no face."""

    @property
    def by_half(self) -> bool:
        """Say whether those of `HALF` test, for the shipped ones were made from all of them."""
        return self.scoring is not load_scoring_data()

    @contextmanager
    def explaining_exclusions(self, folder: Path) -> Iterator[None]:
        """Say with an error whom the cohort was made from, and how to test with them."""
        try:
            yield
        except BadRequest as error:
            if not self.left_out:
                raise
            raise BadRequest(
                f"{error}; the cohort was made from {self.left_out} people of {folder}, who are"
                " left out. To test with them, make a cohort from others:"
                " `python -m bench.accuracy cohort OTHERS --to OTHER`, then set"
                " FACEGATE_SCORING=OTHER"
            ) from error


def choose_subjects(folder: Path, vectors: Path | None, choose: Choose = largest) -> Subjects:
    """Return the people of `folder`, or of the file `vectors` where that is.

    `choose` says which face of a picture is encoded. Encoded photographs are kept in `vectors`.
    Raises BadRequest, ConfigurationError.
    """
    if vectors is not None and vectors.exists():
        kept = _load(vectors)
        scoring = _scoring(kept.people)
        others = kept.where(lambda name: not scoring.parameters.made_from(name))
        return Subjects(scoring, len(kept.people) - len(others.people), lambda _: _taken(others))
    portraits = portraits_in(folder)
    people = {one.person for one in portraits}
    scoring = _scoring(people)
    known = scoring.parameters.made_from
    wanted = [one for one in portraits if not known(one.person)]
    left_out = sum(map(known, people))
    return Subjects(scoring, left_out, lambda progress: _encoded(wanted, vectors, progress, choose))


def _scoring(people: Iterable[str]) -> ScoringData:
    """Return the files of this process, or those of `HALF` where the shipped know all of them."""
    files = load_scoring_data()
    if read_settings(ScoringSettings).scoring is None and all(
        map(files.parameters.made_from, people)
    ):
        return read_scoring_data(HALF)
    return files


def _taken(kept: Photographs) -> Encoded:
    if not kept.people:
        raise BadRequest(_NOBODY)
    return Encoded(kept, without_face=0, refused=0)


def _encoded(
    wanted: list[Portrait], vectors: Path | None, progress: Progress, choose: Choose
) -> Encoded:
    if not wanted:
        raise BadRequest(_NOBODY)
    encoded = encode(wanted, progress, choose)
    if vectors is not None:
        encoded.photographs.save(vectors)
    return encoded


def _load(vectors: Path) -> Photographs:
    try:
        return Photographs.load(vectors)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise BadRequest(f"{vectors} is not a file that --vectors of this release wrote") from error
