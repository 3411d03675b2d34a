"""Whom an evaluation may be made with: the people that the cohort was not made from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from contract.errors import BadRequest
from contract.shipped import shipped
from facegate.evaluation.encoding import Encoded, Portrait, Progress, encode, portraits_in
from facegate.evaluation.photographs import Photographs

_NOBODY = "nobody is left to test with"


class Tested(NamedTuple):
    """The people to test with."""

    left_out: int
    """How many people the cohort was made from."""
    encode: Callable[[Progress], Encoded]
    """Returns the photographs of the others. Raises BadRequest when they show no face."""

    @contextmanager
    def explained(self, folder: Path) -> Iterator[None]:
        """Say with an error whom the cohort was made from, and how to test with them."""
        try:
            yield
        except BadRequest as error:
            if not self.left_out:
                raise
            raise BadRequest(
                f"{error}; the cohort was made from {self.left_out} people of {folder}, who are"
                " left out. To test with half of them, make a cohort from the other half:"
                f" `python -m bench.accuracy cohort {folder} --half --to HALF`, then set"
                " FACEGATE_SCORING=HALF"
            ) from error


def tested(folder: Path, vectors: Path | None) -> Tested:
    """Return the people of `folder`, or of the file `vectors` where that is.

    Encoded photographs are kept in `vectors`. Raises BadRequest, ConfigurationError.
    """
    known = shipped().numbers.made_from
    if vectors is not None and vectors.exists():
        kept = _load(vectors)
        others = kept.where(lambda name: not known(name))
        return Tested(len(kept.people) - len(others.people), lambda _: _taken(others))
    portraits = portraits_in(folder)
    wanted = [one for one in portraits if not known(one.person)]
    people = {one.person for one in portraits}
    return Tested(sum(map(known, people)), lambda progress: _encoded(wanted, vectors, progress))


def _taken(kept: Photographs) -> Encoded:
    if not kept.people:
        raise BadRequest(_NOBODY)
    return Encoded(kept, without_face=0, refused=0)


def _encoded(wanted: list[Portrait], vectors: Path | None, progress: Progress) -> Encoded:
    if not wanted:
        raise BadRequest(_NOBODY)
    encoded = encode(wanted, progress)
    if vectors is not None:
        encoded.photographs.save(vectors)
    return encoded


def _load(vectors: Path) -> Photographs:
    try:
        return Photographs.load(vectors)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise BadRequest(f"{vectors} is not a file that --vectors wrote") from error
