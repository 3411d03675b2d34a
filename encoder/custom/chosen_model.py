"""Which face network a setting or the store map means."""

from pathlib import Path

from contract.errors import ConfigurationError
from contract.stores.model_name import INSTALLED_MODEL
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
