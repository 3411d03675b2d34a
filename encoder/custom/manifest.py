"""What is declared of a face network: how its input is made of a picture, and what it gives.

Nothing of it can be told safely from the file: a network fed with the wrong crop, order or scale
gives vectors all the same, and names nobody or everybody.
"""

import hashlib
import json
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
)

from contract.errors import ConfigurationError
from contract.stores.model_name import MODEL_NAME
from contract.text.first_fault import first_fault
from contract.text.strict_yaml import StrictYamlError, load_strict

Three = Annotated[
    tuple[FiniteFloat, FiniteFloat, FiniteFloat],
    BeforeValidator(lambda value: (value,) * 3 if isinstance(value, int | float) else value),
]
"""A number for each channel; one stands for all three."""
Name = Annotated[str, Field(pattern=f"^{MODEL_NAME.pattern}$")]
_NOT_INTERPRETED = {"name", "preset", "source"}
"""Fields that do not change the vectors."""


class YamlManifest(BaseModel):
    """What is declared of a network, kept as YAML."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def text(self) -> str:
        """Return the manifest as YAML."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False, allow_unicode=True)

    @classmethod
    def from_file(cls, contents: bytes, where: str) -> Self:
        """Return the manifest in YAML. Raises ConfigurationError, which begins with `where`."""
        try:
            return cls.model_validate(load_strict(contents))
        except StrictYamlError as error:
            raise ConfigurationError(f"{where}: {error}") from error
        except ValidationError as error:
            raise ConfigurationError(f"{where}: {first_fault(error)}") from error


class ModelManifest(YamlManifest):
    """How one network is used. `model` names what it makes."""

    name: Name
    preset: str | None = Field(default=None, description="what the other fields began as")
    source: str | None = Field(default=None, description="name of the file that was added")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the network's file")
    input: str = Field(min_length=1, description="name of the graph's input")
    output: str = Field(min_length=1, description="name of the graph's output with the vectors")
    layout: Literal["nchw", "nhwc"] = Field(description="order of the input's dimensions")
    size: int = Field(ge=16, le=1024, description="pixels of the side of the input")
    channels: Literal["rgb", "bgr"] = Field(description="order of the colours")
    mean: Three = Field(description="what is subtracted from 0..255, by channel of the input")
    std: Three = Field(description="what the rest is divided by, by channel of the input")
    whitened: bool = Field(
        default=False, description="each chip by its own mean and deviation instead"
    )
    alignment: Literal["arcface", "dlib", "box"] = Field(
        description=(
            "how the face is cut out: by ArcFace's five points, as dlib's chips, or the"
            " detector's box with a margin"
        )
    )
    margin: float = Field(
        default=0.0, ge=0, le=2, description="of the box's side, on each side; with box alone"
    )
    dimension: int = Field(ge=8, le=4096, description="numbers of a vector")
    batch: int | None = Field(
        default=None, ge=1, description="chips of one run; null: as many as there are"
    )
    mirror: bool = Field(default=True, description="describe the mirror image, too")

    @field_validator("std")
    @classmethod
    def _divides(cls, std: Three) -> Three:
        if min(std) <= 0:
            raise ValueError("each number has to be above 0")
        return std

    @property
    def model(self) -> str:
        """What its vectors are called: two files, or two ways to use one, never meet."""
        said = self.model_dump(mode="json", exclude=_NOT_INTERPRETED)
        text = json.dumps(said, sort_keys=True)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
