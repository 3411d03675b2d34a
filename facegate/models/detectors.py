"""Detectors of the user's own: a file becomes one, and whether one can be used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.errors import BadRequest, ConfigurationError
from encoder.admission.detector_declaration import declared_detector
from encoder.custom.chosen_model import chosen_detector
from encoder.custom.detector_manifest import DETECTORS, DetectorManifest, Kind
from encoder.custom.model_folder import ModelFolder, read_declared, read_network
from facegate.models.model_file import contents_of, name_of
from service.files.replaced_folder import place_of, read_whole


def keep_detector(
    file: Path, models: Path, kind: Kind, given: Mapping[str, Any], *, replace: bool
) -> DetectorManifest:
    """Keep a detector in the folder of the models; return what is declared of it.

    Raises ConfigurationError when the file is no detector of that kind, BadRequest when it cannot
    be read or kept, or when its name is taken and not to be replaced.
    """
    folder = ModelFolder(models / DETECTORS)
    fields = {"name": name_of(file), **given, "source": file.name}
    try:
        manifest, network = declared_detector(contents_of(file), kind, fields)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error.detail}") from error
    if place_of(folder.of(manifest.name)).exists() and not replace:
        raise BadRequest(
            f"there is a detector {manifest.name!r} in {models}: give --name OTHER, or --force to"
            " replace it"
        )
    try:
        folder.add(manifest, network)
    except OSError as error:
        raise BadRequest(f"{folder.path} cannot be written: {error.strerror}") from error
    return manifest


def unusable_detector(models: Path, name: str) -> str | None:
    """Return why no shard could use the detector of that name; None when it could."""
    try:
        folder = chosen_detector(models, name)
        if folder is not None:
            read_whole(folder, _check)
    except ConfigurationError as error:
        return error.detail
    return None


def _check(place: Path) -> None:
    read_network(place, read_declared(place, DetectorManifest.from_file))
