"""The setting that says which files scores and thresholds are made with."""

from pydantic import DirectoryPath, Field

from service.environment_settings import Settings


class ScoringSettings(Settings):
    """For shards and for `facegate evaluate`; the gateway makes no scores."""

    scoring: DirectoryPath | None = Field(
        default=None,
        description=(
            "folder with the `cohort.npy` and `scoring.json` that scores and thresholds are made"
            " with; default: those that come with facegate"
        ),
    )
