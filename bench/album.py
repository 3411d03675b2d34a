"""Pictures with one face."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegate.evaluation.encoding import Portrait, Progress, encode, only, portraits_in
from facegate.evaluation.photographs import Photographs

MOST_PICTURES = 12
"""Of one person: some have hundreds, and nobody comes so often."""


@dataclass(frozen=True, eq=False)
class Album:
    """Encoded photographs and their files."""

    photographs: Photographs
    files: tuple[Path, ...]
    """Of each photograph."""


def open_album(
    folder: Path, progress: Progress, wanted: Callable[[str], bool], model: Path | None = None
) -> Album:
    """Return the pictures of the people `wanted` in `folder` that show one face.

    They are encoded by the network in the folder `model`; None: the installed one.
    Raises BadRequest where there are none.

    Each picture is encoded as if it were a person, so that it is known which ones show one face.
    """
    taken: dict[str, list[Portrait]] = {}
    for portrait in portraits_in(folder):
        if wanted(portrait.person):
            taken.setdefault(portrait.person, []).append(portrait)
    pictures = {
        f"{person}/{one.path.name}": one
        for person, portraits in taken.items()
        for one in portraits[:MOST_PICTURES]
    }
    encoded = encode(
        [Portrait(name, one.path) for name, one in pictures.items()], progress, only, model
    )
    found = encoded.photographs
    shown = [pictures[name] for name in found.people]
    people = tuple(sorted({one.person for one in shown}))
    number = {person: place for place, person in enumerate(people)}
    photographs = Photographs(
        people,
        np.array([number[one.person] for one in shown], np.intp),
        found.vectors,
        found.templates,
        found.plain,
        found.model,
    )
    return Album(photographs, tuple(one.path for one in shown))
