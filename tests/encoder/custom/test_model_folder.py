"""A model is found whole while it is replaced, also where somebody was killed meanwhile."""

from pathlib import Path

import pytest

from encoder.custom.chosen_model import chosen_model
from encoder.custom.model_folder import ModelFolder
from encoder.load.encoder import EncoderChoice, load_encoder
from scoring.safe_scale import SafeScale
from scoring.score_scale import ScoreScale
from tests.encoder.custom.models import add_small_model, manifest_of, small_network


def moved_aside(folder: Path) -> None:
    """Leave a model as one does who is killed between the two renames of `replacing`."""
    folder.rename(folder.with_name(f".old-{folder.name}"))


def test_a_model_that_was_left_aside_is_used_and_found_by_its_name(tmp_path: Path) -> None:
    manifest = add_small_model(tmp_path)
    SafeScale(model=manifest.model, mean=0, deviation=0.15, people=3).save(tmp_path / "small")
    moved_aside(tmp_path / "small")
    folder = ModelFolder(tmp_path)

    assert folder.names() == ["small"]
    assert folder.read("small") == manifest
    chosen = chosen_model(folder, "small")
    assert chosen == tmp_path / "small"
    assert load_encoder(EncoderChoice(model=chosen)).model == manifest.model
    assert ScoreScale.of_model(manifest.model, chosen).kind == "safe"


def test_the_next_model_that_is_added_puts_it_back(tmp_path: Path) -> None:
    add_small_model(tmp_path)
    moved_aside(tmp_path / "small")

    add_small_model(tmp_path, "other")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "small"]


def test_a_model_whose_scale_cannot_be_written_leaves_the_one_of_before(tmp_path: Path) -> None:
    before = add_small_model(tmp_path)
    network = small_network(seed=1)

    def full_disk(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        ModelFolder(tmp_path).add(manifest_of(network), network, full_disk)

    assert ModelFolder(tmp_path).read("small") == before
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
