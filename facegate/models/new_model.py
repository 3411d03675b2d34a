"""A file becomes a model: read, declared, tried on people, and kept."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contract.errors import BadRequest, ConfigurationError
from encoder.admission.admission import DeclaredNetwork, declared_network, tried
from encoder.admission.trial import USUAL, Trial, TrialLimits
from encoder.admission.trial_faces import Progress, find_faces
from encoder.custom.model_folder import ModelFolder
from facegate.models.model_file import contents_of, name_of
from scoring.safe_scale import SafeScale
from service.files.replaced_folder import place_of


class NewModel:
    """One file on its way into the folder of the models."""

    def __init__(self, file: Path, models: Path, kind: str, given: Mapping[str, Any]) -> None:
        """Read the file; it is used by the preset `kind` and the fields of a manifest in `given`.

        Raises ConfigurationError when it is no network that can be used so, BadRequest when it
        cannot be read.
        """
        self._models = ModelFolder(models)
        fields = {"name": name_of(file), **given, "source": file.name}
        try:
            self.declared_network: DeclaredNetwork = declared_network(
                contents_of(file), kind, fields
            )
        except ConfigurationError as error:
            raise ConfigurationError(f"{file}: {error.detail}") from error

    def check_free(self) -> None:
        """Raise BadRequest when there is a model of its name."""
        name = self.declared_network.manifest.name
        if place_of(self._models.of(name)).exists():
            raise BadRequest(
                f"there is a model {name!r} in {self._models.path}: give --name OTHER, or --force"
                " to replace it"
            )

    def try_on(
        self,
        people: Mapping[str, Sequence[bytes]],
        progress: Progress,
        limits: TrialLimits = USUAL,
    ) -> Trial:
        """Return how it does on the pictures of people.

        Raises BadRequest when they are too few, ConfigurationError when it gives no vectors.
        """
        return tried(self.declared_network, find_faces(people, progress), limits)

    def keep(self, trial: Trial) -> Path:
        """Keep it with the safe scale that its trial tells, and return its folder.

        What had its name is replaced, and so is its scale. Raises BadRequest when it cannot be
        written.
        """
        manifest = self.declared_network.manifest
        folder = self._models.of(manifest.name)
        scale = SafeScale.of(manifest.model, trial.separation.others, trial.people)
        try:
            self._models.add(*self.declared_network, scale.save)
        except OSError as error:
            raise BadRequest(f"{folder} cannot be written: {error.strerror}") from error
        return folder
