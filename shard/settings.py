"""The settings of a shard, from its command line and `FACEGATE_…` variables."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from contract.messages.index_status import IndexKind
from encoder.duty_budget import USUAL_SHARE
from service.model_settings import ModelSettings
from service.settings import ServiceSettings


def _texts(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class ShardSettings(ModelSettings, ServiceSettings):
    """How one shard runs. The command line wins over the environment."""

    store: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_texts)] = Field(
        description="the store of the map that this shard serves, or several with commas between"
    )
    stores: Path = Field(
        default=Path("stores.yaml"),
        description="the store map; without the file a shard alone runs with default options",
    )
    data: Path = Field(default=Path("data"), description="folder of the galleries, one per store")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="default: that of the store's first address"
    )
    shard_auth: Literal["off"] | None = Field(
        default=None,
        description=(
            "`off`: it may listen beyond loopback with neither a secret nor certificates, and"
            " answers whoever asks"
        ),
    )
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL of the gallery; default: SQLite under `data`"
    )
    read_only: bool = Field(
        default=False, description="a replica that follows the gallery which another shard writes"
    )
    second_model: str | None = Field(
        default=None,
        description=(
            "the name of the model that the store may change over to: its templates are made beside"
            " those of `model`"
        ),
    )
    encoder: Literal["onnx", "dlib", "face_recognition"] = Field(
        default="onnx", description="which code computes the vectors; all use the same network"
    )
    detector: str | None = Field(
        default=None,
        description=(
            "the name of a face detector in `models`, which looks for faces where HOG would;"
            " default: HOG"
        ),
    )
    cnn_share: float = Field(
        default=USUAL_SHARE,
        ge=0,
        le=1,
        description=(
            "the share of each encoder process's time that dlib's CNN may take where a store's"
            " detector is `auto`"
        ),
    )
    onnx_providers: str = Field(
        default="CPUExecutionProvider",
        description=(
            "what ONNX Runtime computes networks of your own with, the preferred one first,"
            " separated by commas"
        ),
    )
    index: IndexKind = Field(
        default="flat",
        description=(
            "how faces are searched: `flat`, every one; `ivf_flat`, by inverted lists where"
            " there are 20,000 and more; or `sq8`, every one in half the memory"
        ),
    )
    encoder_cache: Path | None = Field(
        default=None,
        description="folder for what is made once from the models; default: the installation's",
    )
    reencode: bool = Field(
        default=False,
        description=(
            "serve a gallery that another model made: encode the pictures of the store's folder"
            " anew, and keep the other vectors out"
        ),
    )
    keep_pictures: bool = Field(
        default=False,
        description=(
            "keep the files of pictures that are enrolled over HTTP, as the store's option"
            " `keep_pictures` does; kept ones are deleted at a start without both"
        ),
    )
    encoder_workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="encoder processes; default: the machine's cores",
    )
    encoder_queue: int = Field(
        default=16, ge=0, description="pictures that may wait for a worker; more are answered 503"
    )
    max_pixels: int = Field(default=50_000_000, ge=1, description="largest picture")
