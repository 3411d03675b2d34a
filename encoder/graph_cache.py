"""The graphs of networks, kept on disk: a graph is built once a machine, not at every start.

An entry is named after the network file's digest and the version of what is written, and begins
with its own checksum: a damaged one counts as absent and is built again.
"""

import fcntl
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from contract.errors import ConfigurationError
from encoder.dlib_format import BadNetwork, read_network
from encoder.model_files import NetworkFile

GRAPH_VERSION = 1
"""Rises with every change of the graphs that are written."""
_CHECKSUM_BYTES = 32
_BUILD_SECONDS = 120
"""A build takes half a second; this is for a machine that swaps."""


def usual_folders() -> tuple[Path, ...]:
    """Return where graphs are kept: in the virtual environment, else in the user's cache.

    The first is what an installation prepares, and what an image has whose root is read-only.
    """
    home = Path.home() / ".cache" / "facegate"
    if sys.prefix == sys.base_prefix:
        return (home,)
    return (Path(sys.prefix) / "var" / "facegate", home)


class GraphCache:
    """Finds a graph in whichever folder has it, and keeps a new one in the first that it can write.

    Where it can write none, every process builds its own.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """Use these folders, or the usual ones."""
        self._folders = folders or usual_folders()

    def graph_of(self, file: NetworkFile) -> bytes:
        """Return the ONNX file of a network. Raises ConfigurationError when it is none."""
        name = f"{file.path.stem}-{file.digest[:16]}-{GRAPH_VERSION}.graph"
        if (graph := self._kept(name)) is not None:
            return graph
        with self._only_builder() as folder:
            if (graph := self._kept(name)) is not None:
                return graph  # another process was first
            graph = _built(file.path)
            if folder is not None:
                with suppress(OSError):  # a full disk: the next start builds again
                    _keep(folder / name, graph)
            return graph

    def _kept(self, name: str) -> bytes | None:
        for folder in self._folders:
            with suppress(OSError):
                entry = (folder / name).read_bytes()
                graph = entry[_CHECKSUM_BYTES:]
                if hashlib.sha256(graph).digest() == entry[:_CHECKSUM_BYTES]:
                    return graph
        return None

    @contextmanager
    def _only_builder(self) -> Iterator[Path | None]:
        """Let one process build at a time; gives the folder for what it builds, if there is one."""
        with ExitStack() as stack:
            for folder in self._folders:
                with suppress(OSError):
                    folder.mkdir(parents=True, exist_ok=True)
                    lock = stack.enter_context((folder / ".lock").open("w"))
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    break
            else:
                folder = None
            yield folder


def _built(path: Path) -> bytes:
    """Return the graph of a network file; a process of its own builds it.

    What that takes, the package onnx above all, does not stay in the memory of a worker.
    """
    try:
        read_network(path.read_bytes())
    except (OSError, BadNetwork) as error:
        raise ConfigurationError(f"{path} is not a network that can be loaded: {error}") from error
    build = subprocess.run(  # noqa: S603  (our own module)
        [sys.executable, "-m", "encoder.onnx_graph", path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    if build.returncode:
        raise ConfigurationError(f"{path}: no graph can be built; the reason is above")
    return build.stdout


def _keep(path: Path, graph: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(hashlib.sha256(graph).digest() + graph)
            file.flush()
            Path(file.name).chmod(0o644)  # an image builds as root and runs as somebody else
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
