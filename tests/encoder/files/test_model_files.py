"""dlib's files are known by their digests, and what is kept of them stands for them."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import ConfigurationError
from encoder.files import network_outline
from encoder.files.dlib_format import read_network
from encoder.files.file_cache import FileCache
from encoder.files.model_files import (
    CNN_DETECTOR,
    LANDMARKS_5,
    LANDMARKS_68,
    RESNET,
    NetworkFile,
    model_file,
)
from encoder.files.network_outline import outline_of


@pytest.mark.parametrize("name", [CNN_DETECTOR, LANDMARKS_5, LANDMARKS_68, RESNET])
def test_a_published_file_is_the_installed_one(name: str) -> None:
    assert NetworkFile.published(name) == NetworkFile.at(model_file(name))


def test_a_changed_file_is_not_taken_for_the_one_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "network.dat"
    path.write_bytes(b"a network")
    file = NetworkFile.at(path)
    assert file.contents() == b"a network"

    path.write_bytes(b"another")
    with pytest.raises(ConfigurationError, match=r"network\.dat is damaged"):
        file.contents()
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"network\.dat cannot be read: No such file"):
        file.contents()


@pytest.mark.parametrize("name", [CNN_DETECTOR, RESNET])
def test_an_outline_is_the_network_but_for_its_weights(name: str, tmp_path: Path) -> None:
    file, cache = NetworkFile.published(name), FileCache([tmp_path])
    network = read_network(file.contents())

    outline = outline_of(file, cache)

    assert outline._replace(layers=()) == network._replace(layers=())
    for plain, whole in zip(outline.layers, network.layers, strict=True):
        assert type(plain) is type(whole)
        for value, expected in zip(plain, whole, strict=True):
            if isinstance(expected, np.ndarray):
                assert isinstance(value, np.ndarray)
                assert (value.shape, value.dtype) == (expected.shape, expected.dtype)
                assert not value.any()
            else:
                assert value == expected
    (path,) = tmp_path.glob("*.json")
    assert path.stat().st_size < 20_000


def test_where_its_outline_is_kept_the_file_is_not_needed(tmp_path: Path) -> None:
    cache, path = FileCache([tmp_path / "kept"]), tmp_path / "network.dat"
    path.write_bytes(model_file(CNN_DETECTOR).read_bytes())
    file = NetworkFile.at(path)
    outline = network_outline.written(outline_of(file, cache))
    path.unlink()

    assert network_outline.written(outline_of(file, cache)) == outline
