"""What is declared of a face detector of the user's own: how it is fed, and what it gives."""

from typing import Literal

from pydantic import Field

from encoder.custom.manifest import Name, Three, YamlManifest

DETECTORS = "detectors"
"""The folder of the detectors, in that of the models."""
Kind = Literal["yunet", "scrfd"]


class DetectorManifest(YamlManifest):
    """How one detector is used."""

    kind: Literal["detector"] = "detector"
    name: Name
    preset: Kind = Field(description="how boxes and points are computed of the outputs")
    source: str | None = Field(default=None, description="name of the file that was added")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the network's file")
    input: str = Field(min_length=1, description="name of the graph's input")
    outputs: tuple[str, ...] = Field(
        description="names of the graph's outputs in the preset's order"
    )
    size: int = Field(
        ge=32, le=4096, multiple_of=32, description="pixels of the side of the square it is given"
    )
    channels: Literal["rgb", "bgr"] = Field(description="order of the colours")
    mean: Three = Field(description="what is subtracted from 0..255, by channel of the input")
    std: Three = Field(description="what the rest is divided by, by channel of the input")
    threshold: float = Field(gt=0, lt=1, description="least score of a face")
    overlap: float = Field(
        gt=0, lt=1, description="two boxes that share more than this part are of one face"
    )
