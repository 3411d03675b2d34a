"""A file becomes a detector: read, declared, tried on pictures, and kept."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from contract.errors import BadRequest, ConfigurationError
from encoder.admission.admission import tried_detector
from encoder.admission.detector_declaration import DeclaredDetector, declared_detector
from encoder.admission.detector_trial import DetectorTrial
from encoder.admission.trial_faces import Progress
from encoder.custom.detector_manifest import DETECTORS, Kind
from encoder.custom.model_folder import ModelFolder
from facegate.models.model_file import contents_of, name_of
from service.files.replaced_folder import place_of

MOST_PICTURES = 60
"""A detector looks at each five times: a minute or two."""


class NewDetector:
    """One file on its way into the folder of the detectors."""

    def __init__(self, file: Path, models: Path, kind: Kind, given: Mapping[str, Any]) -> None:
        """Read the file; it is of that kind, with the fields of a manifest in `given`.

        Raises ConfigurationError when it is no such detector, BadRequest when it cannot be read.
        """
        self._models = models
        self._folder = ModelFolder(models / DETECTORS)
        fields = {"name": name_of(file), **given, "source": file.name}
        try:
            self.declared: DeclaredDetector = declared_detector(contents_of(file), kind, fields)
        except ConfigurationError as error:
            raise ConfigurationError(f"{file}: {error.detail}") from error

    def check_free(self) -> None:
        """Raise BadRequest when there is a detector of its name."""
        name = self.declared.manifest.name
        if place_of(self._folder.of(name)).exists():
            raise BadRequest(
                f"there is a detector {name!r} in {self._models}: give --name OTHER, or --force to"
                " replace it"
            )

    def try_on(self, people: Mapping[str, Sequence[bytes]], progress: Progress) -> DetectorTrial:
        """Return how it does on pictures of people, the first of each person first.

        Raises BadRequest when they show no faces, ConfigurationError when it does not run on them.
        """
        return tried_detector(self.declared, list(_pictures(people))[:MOST_PICTURES], progress)

    def keep(self) -> Path:
        """Keep it, and return its folder; what had its name is replaced.

        Raises BadRequest when it cannot be written.
        """
        folder = self._folder.of(self.declared.manifest.name)
        try:
            self._folder.add(*self.declared)
        except OSError as error:
            raise BadRequest(f"{folder} cannot be written: {error.strerror}") from error
        return folder


def _pictures(people: Mapping[str, Sequence[bytes]]) -> Iterator[bytes]:
    for number in range(max(map(len, people.values()), default=0)):
        yield from (pictures[number] for pictures in people.values() if number < len(pictures))
