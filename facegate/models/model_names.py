"""What models are called in the map, and what their vectors are called."""

from pathlib import Path

from contract.errors import BadRequest
from contract.stores.model_name import INSTALLED_MODEL
from encoder.files.model_files import RESNET, NetworkFile
from facegate.models.kept_models import kept_model, kept_models


class ModelNames:
    """The models in the folder `models`, and the installed one."""

    def __init__(self, models: Path) -> None:
        self._models = models

    def vectors_of(self, name: str) -> str | None:
        """Return what the vectors of a model are called; None when that cannot be told here."""
        if name == INSTALLED_MODEL:
            return NetworkFile.published(RESNET).model
        try:
            manifest = kept_model(self._models, name).manifest
        except BadRequest:
            return None
        return None if manifest is None else manifest.model

    def name_of(self, vectors: str) -> str | None:
        """Return the name of the model that makes these vectors; None when none here does."""
        names = [INSTALLED_MODEL, *(model.name for model in kept_models(self._models))]
        return next((name for name in names if self.vectors_of(name) == vectors), None)
