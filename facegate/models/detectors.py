"""The detectors that are kept in the folder of the models, sound or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from contract.errors import BadRequest, ConfigurationError
from encoder.custom.chosen_model import chosen_detector
from encoder.custom.detector_manifest import DETECTORS, DetectorManifest
from encoder.custom.model_folder import ModelFolder, read_declared, read_network
from service.files.replaced_folder import read_whole


class KeptDetector(NamedTuple):
    """A detector: what is declared of it, or what is wrong with it."""

    name: str
    folder: Path
    manifest: DetectorManifest | None
    problem: str | None

    @property
    def described(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        declared = {} if self.manifest is None else self.manifest.model_dump(mode="json")
        return {
            "kind": "detector",
            **declared,
            "name": self.name,
            "folder": str(self.folder),
            "problem": self.problem,
        }


def kept_detectors(models: Path) -> Iterator[KeptDetector]:
    """Yield every detector in the folder of the models, which need not exist."""
    for name in ModelFolder(models / DETECTORS).names():
        yield kept_detector(models, name)


def kept_detector(models: Path, name: str) -> KeptDetector:
    """Return a detector. Raises BadRequest when there is none of this name."""
    folder = _folder_with(models, name)
    return KeptDetector(name, folder.of(name), *read_whole(folder.of(name), _checked))


def remove_detector(models: Path, name: str) -> None:
    """Delete a detector. Raises BadRequest when there is none, or it cannot be done."""
    folder = _folder_with(models, name)
    try:
        folder.remove(name)
    except OSError as error:
        raise BadRequest(f"{folder.of(name)} cannot be removed: {error.strerror}") from error


def unusable_detector(models: Path, name: str) -> str | None:
    """Return why no shard could use the detector of that name; None when it could."""
    try:
        folder = chosen_detector(models, name)
    except ConfigurationError as error:
        return error.detail
    return None if folder is None else kept_detector(models, name).problem


def _checked(place: Path) -> tuple[DetectorManifest | None, str | None]:
    """Return what is declared at a place, and what is wrong there."""
    manifest = None
    try:
        manifest = read_declared(place, DetectorManifest.from_file)
        read_network(place, manifest)
    except ConfigurationError as error:
        return manifest, error.detail
    return manifest, None


def _folder_with(models: Path, name: str) -> ModelFolder:
    """Return the folder of the detectors. Raises BadRequest when none has this name."""
    folder = ModelFolder(models / DETECTORS)
    if name not in folder.names():
        known = ", ".join(folder.names()) or "none"
        raise BadRequest(f"there is no detector {name!r} in {models}; known are: {known}")
    return folder
