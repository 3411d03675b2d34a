"""The folder of the user's models: for each a folder with its network and its manifest.

models/
  mobileface/
    network.onnx
    manifest.yaml
    cohort.npy, scoring.json     its own scale, when one was made
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from contract.errors import ConfigurationError
from encoder.custom.manifest import ModelManifest
from encoder.files.file_cache import write_whole

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
        return sorted(manifest.parent.name for manifest in self.path.glob(f"*/{MANIFEST}"))

    def of(self, name: str) -> Path:
        """Return the folder of a model, which may not be there."""
        return self.path / name

    def read(self, name: str) -> ModelManifest:
        """Return what is declared of a model. Raises ConfigurationError."""
        return read_manifest(self.of(name))

    def add(self, manifest: Manifest, network: bytes) -> None:
        """Keep a model: whole, or not at all. Raises OSError; what has its name is replaced."""
        self.path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.path, prefix=".new-") as draft:
            made = Path(draft, manifest.name)
            made.mkdir()
            write_whole(made / NETWORK, network)
            write_whole(made / MANIFEST, manifest.text().encode())
            self.remove(manifest.name)
            made.replace(self.of(manifest.name))

    def remove(self, name: str) -> bool:
        """Delete a model; tell whether it was there. Raises OSError."""
        folder = self.of(name)
        if not folder.is_dir():
            return False
        (folder / MANIFEST).unlink(missing_ok=True)  # first: what is half deleted is no model
        shutil.rmtree(folder)
        return True


def read_manifest(folder: Path) -> ModelManifest:
    """Return what is declared of the model in a folder. Raises ConfigurationError."""
    return read_declared(folder, ModelManifest.from_file)


def read_declared(folder: Path, read: Callable[[bytes, str], _Manifest]) -> _Manifest:
    """Return what the manifest in a folder declares, as `read` reads it with where it is.

    Raises ConfigurationError.
    """
    path = folder / MANIFEST
    try:
        contents = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    manifest = read(contents, str(path))
    if manifest.name != folder.name:
        raise ConfigurationError(
            f"{path}: the model is called {manifest.name!r}, not as its folder"
        )
    return manifest


def read_network(folder: Path, manifest: Manifest) -> bytes:
    """Return the file of the network. Raises ConfigurationError when it is not the declared one."""
    path = folder / NETWORK
    try:
        network = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(network).hexdigest() != manifest.digest:
        raise ConfigurationError(f"{path} is not the file that {MANIFEST} declares: add it again")
    return network
