"""ONNX Runtime: a graph that is loaded, for one thread at a time."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from contract.errors import ConfigurationError

CPU = "CPUExecutionProvider"


class GraphTensor(NamedTuple):
    """What a graph takes or gives: its name, its shape as far as it is fixed, and its type."""

    name: str
    shape: list[int | str | None]
    type: str
    """As ONNX Runtime writes it: `tensor(float)` is float32."""


class GraphSignature(NamedTuple):
    """All that a graph takes, and all that it gives."""

    inputs: list[GraphTensor]
    outputs: list[GraphTensor]


class GraphFailed(Exception):
    """ONNX Runtime could not compute a graph; the message is its own."""


class OnnxSession:
    """Runs one graph on one core: the workers are as many as the cores."""

    def __init__(
        self,
        graph: Path | bytes,
        output: str | None = None,
        *,
        keeps_memory: bool = False,
        providers: Sequence[str] = (CPU,),
    ) -> None:
        """Load a graph, from a file if possible: its bytes would be held twice.

        `output` is the name of what is wanted of it, where it gives several things. With
        `keeps_memory` it keeps what a run takes for the next one: less than the gaps that are left
        in the C library's memory, where no run takes much more than others. `providers` are ONNX
        Runtime's names, the preferred one first, then what computes what it cannot. Raises
        ConfigurationError when ONNX Runtime cannot load it, when it takes more than one thing, or
        gives nothing of that name, or when a provider is absent.
        """
        _require(providers)
        self._session = _loaded(graph, keeps_memory=keeps_memory, providers=providers)
        unused = [name for name in providers if name not in self._session.get_providers()]
        if unused:  # ONNX Runtime goes on without it, in silence
            raise ConfigurationError(
                f"ONNX Runtime's provider {unused[0]} does not work on this machine: are its"
                " driver and libraries installed?"
            )
        _give_back_memory()
        taken, given = self._session.get_inputs(), self._session.get_outputs()
        if len(taken) != 1:
            names = ", ".join(each.name for each in taken)
            raise ConfigurationError(f"the network takes {len(taken)} inputs, not one: {names}")
        shapes = {each.name: each.shape for each in given}
        self.outputs: list[str] = list(shapes)
        self._output = output or self.outputs[0]
        if self._output not in shapes:
            raise ConfigurationError(
                f"the network has no output {self._output!r}; it has {', '.join(shapes)}"
            )
        self.input: str = taken[0].name
        self.input_shape: list[int | str | None] = taken[0].shape
        self.input_type: str = taken[0].type
        self.output_rank = len(shapes[self._output])

    def run(self, pictures: NDArray[Any]) -> NDArray[np.float32]:
        """Return what the graph gives for pictures, of the shape that it takes.

        Raises GraphFailed when it cannot be computed, because they are of another shape above all.
        """
        return self._run([self._output], pictures)[0]

    def run_all(self, pictures: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """Return all that the graph gives for pictures, by name. Raises GraphFailed."""
        return dict(zip(self.outputs, self._run(self.outputs, pictures), strict=True))

    def _run(self, outputs: list[str], pictures: NDArray[Any]) -> list[NDArray[np.float32]]:
        try:
            given: list[NDArray[np.float32]] = self._session.run(outputs, {self.input: pictures})
        except Exception as error:  # what it raises depends on the graph
            raise GraphFailed(str(error).partition("\n")[0]) from error
        return given


def read_signature(graph: bytes) -> GraphSignature:
    """Return what a graph takes and gives. Raises ConfigurationError when it cannot be loaded."""
    session = _loaded(graph, keeps_memory=False, providers=(CPU,))
    return GraphSignature(
        [GraphTensor(each.name, each.shape, each.type) for each in session.get_inputs()],
        [GraphTensor(each.name, each.shape, each.type) for each in session.get_outputs()],
    )


def _require(providers: Sequence[str]) -> None:
    """Raise ConfigurationError when this ONNX Runtime was built without one of the providers."""
    there = onnxruntime.get_available_providers()
    absent = [name for name in providers if name not in there]
    if absent:
        raise ConfigurationError(
            f"the installed ONNX Runtime has no provider {absent[0]!r}; it has {', '.join(there)}"
        )


def _loaded(graph: Path | bytes, *, keeps_memory: bool, providers: Sequence[str]) -> Any:
    """Return ONNX Runtime's session of a graph. Raises ConfigurationError."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = keeps_memory  # without it, a crowd's memory is given back
    options.enable_mem_pattern = not keeps_memory  # one more piece of memory for each batch size
    options.log_severity_level = 4  # what it cannot load it raises, too
    try:
        return onnxruntime.InferenceSession(graph, options, providers=list(providers))
    except Exception as error:  # what it raises depends on the file
        reason = str(error).partition("\n")[0]
        raise ConfigurationError(f"the network cannot be loaded: {reason}") from error


def _give_back_memory() -> None:
    """Return to the system what loading took, 45 MB, where the C library is glibc."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
