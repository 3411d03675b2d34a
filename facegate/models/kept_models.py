"""The models that are kept in a folder, sound or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from contract.errors import BadRequest, ConfigurationError
from contract.messages.scale import ScaleStatus
from contract.stores.model_name import INSTALLED_MODEL
from encoder.custom.manifest import ModelManifest
from encoder.custom.model_folder import ModelFolder, read_manifest, read_network
from scoring.score_scale import ScoreScale
from service.files.replaced_folder import read_whole


class KeptModel(NamedTuple):
    """A model: what is declared of it, or what is wrong with it."""

    name: str
    folder: Path
    manifest: ModelManifest | None
    problem: str | None

    @property
    def scale(self) -> ScaleStatus | None:
        """What its scores are worth; None where nothing is declared, or the files are wrong."""
        if self.manifest is None:
            return None
        try:
            return ScoreScale.of_model(self.manifest.model, self.folder).status
        except ConfigurationError:
            return None

    @property
    def described(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        declared = {} if self.manifest is None else self.manifest.model_dump(mode="json")
        model = None if self.manifest is None else self.manifest.model
        return {
            "kind": "model",
            **declared,
            "name": self.name,
            "model": model,
            "folder": str(self.folder),
            "scale": self.scale and self.scale.model_dump(mode="json"),
            "problem": self.problem,
        }


def kept_models(models: Path) -> Iterator[KeptModel]:
    """Yield every model in the folder `models`, which need not exist."""
    for name in ModelFolder(models).names():
        yield kept_model(models, name)


def kept_model(models: Path, name: str) -> KeptModel:
    """Return a model. Raises BadRequest when there is none of this name."""
    folder = ModelFolder(models)
    if name not in folder.names():
        raise _unknown(folder, name)
    path = folder.of(name)
    return KeptModel(name, path, *read_whole(path, _checked))


def _checked(place: Path) -> tuple[ModelManifest | None, str | None]:
    """Return what is declared at a place, and what is wrong there."""
    manifest = None
    try:
        manifest = read_manifest(place)
        read_network(place, manifest)
        ScoreScale.of_model(manifest.model, place)
    except ConfigurationError as error:
        return manifest, error.detail
    return manifest, None


def unusable(models: Path, name: str) -> str | None:
    """Return why no shard on this machine can use the model of that name; None when one can."""
    if name == INSTALLED_MODEL:
        return None
    try:
        return kept_model(models, name).problem
    except BadRequest as error:
        return error.detail


def sound_model(models: Path, name: str) -> Path:
    """Return the folder of a model. Raises BadRequest when there is none, or it cannot be used."""
    model = kept_model(models, name)
    if model.problem is not None:
        raise BadRequest(model.problem)
    return model.folder


def remove_model(models: Path, name: str) -> None:
    """Delete a model. Raises BadRequest when there is none of this name, or it cannot be done."""
    folder = ModelFolder(models)
    if name not in folder.names():
        raise _unknown(folder, name)
    try:
        folder.remove(name)
    except OSError as error:
        raise BadRequest(f"{folder.of(name)} cannot be removed: {error.strerror}") from error


def _unknown(folder: ModelFolder, name: str) -> BadRequest:
    known = ", ".join(folder.names()) or "none"
    return BadRequest(f"there is no model {name!r} in {folder.path}; known are: {known}")
