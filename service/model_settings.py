"""The settings that say which face network is used, and where those of the user's own are."""

from pathlib import Path

from pydantic import Field

from service.environment_settings import Settings


class ModelSettings(Settings):
    """For shards, and for the commands of `facegate` that encode."""

    models: Path = Field(
        default=Path("models"),
        description="folder of the face networks that `facegate model add` took",
    )
    model: str | None = Field(
        default=None,
        description=(
            "the name of a model in that folder, or a file of dlib's face recognition network;"
            " default: the installed one"
        ),
    )
