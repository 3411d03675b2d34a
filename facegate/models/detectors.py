"""Detectors of the user's own: whether one can be used."""

from pathlib import Path

from contract.errors import ConfigurationError
from encoder.custom.chosen_model import chosen_detector
from encoder.custom.detector_manifest import DetectorManifest
from encoder.custom.model_folder import read_declared, read_network
from service.files.replaced_folder import read_whole


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
