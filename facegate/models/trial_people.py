"""Whom a network is tried on: the sample people, or those in a folder of the user's own."""

import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from contract.errors import ConfigurationError
from facegate.demo.sample_pictures import SAMPLE_PEOPLE, sample_pictures
from facegate.evaluation.encoding import portraits_in

SAMPLES = Path(sys.prefix) / "demo-packages"
"""Where `make setup` downloads the packages with the sample photographs."""
MOST_PEOPLE, MOST_PICTURES = 60, 3
"""People of a folder, and pictures of each: a minute's work, and more would hardly say more."""


def people_in(folder: Path) -> Mapping[str, list[bytes]]:
    """Return pictures by person of a folder with a folder for each; with several pictures first.

    Raises BadRequest when there are none, OSError.
    """
    files = defaultdict[str, list[Path]](list)
    for portrait in portraits_in(folder):
        files[portrait.person].append(portrait.path)
    chosen = sorted(files, key=lambda person: len(files[person]) == 1)[:MOST_PEOPLE]
    return {
        person: [path.read_bytes() for path in files[person][:MOST_PICTURES]] for person in chosen
    }


def sample_people(packages: Path = SAMPLES) -> Mapping[str, list[bytes]]:
    """Return the pictures of the sample people. Raises ConfigurationError when they are absent."""
    try:
        pictures = sample_pictures(packages)
    except ConfigurationError as error:
        raise ConfigurationError(
            "the sample people that a network is tried on are not here: give --try FOLDER, with a"
            f" folder of pictures for each person ({error})"
        ) from error
    return {person: [pictures[name] for name in names] for person, names in SAMPLE_PEOPLE.items()}
