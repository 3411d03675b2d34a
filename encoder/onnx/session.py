"""ONNX Runtime: a graph that is loaded, for one thread at a time."""

import ctypes
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray


class OnnxSession:
    """Runs one graph on one core: the workers are as many as the cores."""

    def __init__(self, graph: Path | bytes) -> None:
        """Load a graph, from a file if possible: its bytes would be held twice."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False  # as fast, and a crowd's memory is given back
        options.log_severity_level = 3  # errors
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        _give_back_memory()
        (taken,), (given,) = self._session.get_inputs(), self._session.get_outputs()
        self._input: str = taken.name
        self.input_shape: list[int | str] = taken.shape
        self.output_rank = len(given.shape)

    def run(self, pictures: NDArray[Any]) -> NDArray[np.float32]:
        """Return what the graph gives for pictures of shape (n, rows, columns, 3)."""
        result: NDArray[np.float32] = self._session.run(None, {self._input: pictures})[0]
        return result


def _give_back_memory() -> None:
    """Return to the system what loading took, 45 MB, where the C library is glibc."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
