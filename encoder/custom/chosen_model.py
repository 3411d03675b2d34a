"""Which face network and which detector a setting or the store map means."""

from pathlib import Path

from contract.errors import ConfigurationError
from contract.stores.detection import BUILT_IN
from contract.stores.model_name import INSTALLED_MODEL
from encoder.custom.detector_manifest import DETECTORS
from encoder.custom.model_folder import ModelFolder


def chosen_model(models: ModelFolder, model: str | None) -> Path | None:
    """Return the folder of the model of that name, or the file at that path.

    None, and the name `dlib`, are the installed network: None. Raises ConfigurationError, which
    lists the models there are.
    """
    if model is None or model == INSTALLED_MODEL:
        return None
    if model in models.names():
        return models.of(model)
    if Path(model).is_file():
        return Path(model)
    known = ", ".join([INSTALLED_MODEL, *models.names()])
    raise ConfigurationError(f"there is no model {model!r} in {models.path}; known are {known}")


def chosen_detector(models: Path, detector: str | None) -> Path | None:
    """Return the folder of the detector of that name in the folder of the models; None is none.

    Raises ConfigurationError, which lists the detectors there are.
    """
    if detector is None:
        return None
    folder = ModelFolder(models / DETECTORS)
    if detector in folder.names():
        return folder.of(detector)
    known = ", ".join([*BUILT_IN, *folder.names()])
    raise ConfigurationError(f"there is no detector {detector!r} in {models}; known are {known}")
