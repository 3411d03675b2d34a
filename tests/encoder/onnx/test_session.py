"""ONNX Runtime is used as it was asked for, or says why not."""

import pytest

from contract.errors import ConfigurationError
from encoder.onnx.session import CPU, OnnxSession
from tests.encoder.custom.detectors import FACE, detector_graph


def test_a_provider_that_is_not_built_in_is_named_with_those_that_are() -> None:
    with pytest.raises(ConfigurationError, match=f"no provider 'MadeUpProvider'; it has .*{CPU}"):
        OnnxSession(detector_graph("yunet", [FACE]), providers=["MadeUpProvider", CPU])


def test_an_output_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ConfigurationError, match="no output 'vectors'; it has cls_8, "):
        OnnxSession(detector_graph("yunet", [FACE]), "vectors")
