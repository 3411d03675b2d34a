"""The name in a setting or in the map means one network, or is refused with the known ones."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from encoder.custom.chosen_model import chosen_model
from encoder.custom.model_folder import ModelFolder
from tests.encoder.custom.models import manifest_of


@pytest.fixture
def models(tmp_path: Path) -> ModelFolder:
    folder = ModelFolder(tmp_path / "models")
    folder.add(manifest_of(b"network", name="mobile"), b"network")
    return folder


def test_a_name_is_the_folder_of_the_model(models: ModelFolder) -> None:
    assert chosen_model(models, "mobile") == models.path / "mobile"


@pytest.mark.parametrize("name", [None, "dlib"])
def test_the_installed_network_is_no_file_of_ones_own(models: ModelFolder, name: str) -> None:
    assert chosen_model(models, name) is None


def test_a_path_is_a_file_of_dlibs_network(models: ModelFolder, tmp_path: Path) -> None:
    file = tmp_path / "other.dat"
    file.write_bytes(b"weights")

    assert chosen_model(models, str(file)) == file


@pytest.mark.parametrize("name", ["mobil", "../models/mobile", "absent.dat", ""])
def test_a_name_that_is_not_there_is_refused_with_those_that_are(
    models: ModelFolder, name: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"known are dlib, mobile$"):
        chosen_model(models, name)
