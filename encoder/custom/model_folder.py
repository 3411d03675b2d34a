"""The folder of the user's models: for each a folder with its network and its manifest.

models/
  mobileface/
    network.onnx
    manifest.yaml
    safe.json                    a scale on the strict side
    cohort.npy, scoring.json     its own scale, when one was made

Readers find a model whole, as it was before a change or after it
(`service/files/replaced_folder.py`).
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from contract.errors import ConfigurationError
from encoder.custom.manifest import ModelManifest
from service.files.replaced_folder import (
    name_of,
    names_in,
    place_of,
    read_whole,
    remove_folder,
    replacing,
)

MANIFEST, NETWORK = "manifest.yaml", "network.onnx"
_Manifest = TypeVar("_Manifest", bound="Manifest")


class Manifest(Protocol):
    """What is declared of a network."""

    @property
    def name(self) -> str:
        """That of its folder."""

    @property
    def digest(self) -> str:
        """SHA-256 of the network's file, hexadecimal."""

    def text(self) -> str:
        """Return the manifest as YAML."""


class ModelFolder:
    """The models under one path, which need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """Return the names of the models that are there, sound or not, in their order."""
        folders = names_in(self.path)
        return [name for name in folders if (place_of(self.of(name)) / MANIFEST).exists()]

    def of(self, name: str) -> Path:
        """Return the folder of a model, which may not be there. Read it by `read_whole`."""
        return self.path / name

    def read(self, name: str) -> ModelManifest:
        """Return what is declared of a model. Raises ConfigurationError."""
        return read_whole(self.of(name), read_manifest)

    def add(
        self, manifest: Manifest, network: bytes, save_scale: Callable[[Path], None] | None = None
    ) -> None:
        """Keep a model, with what `save_scale` puts into its folder: whole, or not at all.

        What has its name is replaced. Raises OSError.
        """
        with replacing(self.of(manifest.name)) as draft:
            (draft / NETWORK).write_bytes(network)
            (draft / MANIFEST).write_text(manifest.text(), encoding="utf-8")
            if save_scale is not None:
                save_scale(draft)

    def remove(self, name: str) -> None:
        """Delete a model. Raises OSError, FileNotFoundError when there is none."""
        remove_folder(self.of(name))


def read_manifest(place: Path) -> ModelManifest:
    """Return what is declared of the model at this place. Raises ConfigurationError."""
    return read_declared(place, ModelManifest.from_file)


def read_declared(place: Path, read: Callable[[bytes, str], _Manifest]) -> _Manifest:
    """Return what the manifest at this place declares, as `read` reads it with where it is.

    Raises ConfigurationError.
    """
    path = place / MANIFEST
    try:
        contents = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    manifest = read(contents, str(path))
    if manifest.name != name_of(place):
        raise ConfigurationError(
            f"{path}: the model is called {manifest.name!r}, not as its folder"
        )
    return manifest


def read_network(place: Path, manifest: Manifest) -> bytes:
    """Return the file of the network. Raises ConfigurationError when it is not the declared one."""
    path = place / NETWORK
    try:
        network = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(network).hexdigest() != manifest.digest:
        raise ConfigurationError(f"{path} is not the file that {MANIFEST} declares: add it again")
    return network
