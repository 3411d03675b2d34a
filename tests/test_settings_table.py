"""docs/settings.md names every setting with its default, and none that there is not."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from facegate.camera.sources.credentials import CameraSettings
from facegate.client.known_key import KeySettings
from facegate.cluster.programs import ClusterSettings
from gateway.settings import GatewaySettings
from scoring.settings import ScoringSettings
from service.environment_settings import PREFIX, Settings
from service.seal import SealSettings
from shard.settings import ShardSettings

PAGE = (Path(__file__).parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
ROW = re.compile(rf"^\| `({PREFIX}[A-Z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
OF_THE_COMMAND_LINE = {"FACEGATE_URL"}


def table(title: str) -> dict[str, str]:
    """Return the defaults by variable in the section whose title starts with `title`."""
    [section] = [text for text in PAGE.split("\n## ") if text.startswith(title)]
    return {variable: default for variable, default, _ in ROW.findall(section)}


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Gateway", [GatewaySettings, SealSettings]),
        ("Shard", [ShardSettings, ScoringSettings, SealSettings]),
        ("`facegate`", [ClusterSettings, ScoringSettings, CameraSettings, KeySettings]),
    ],
)
def test_every_setting_is_in_the_table_with_its_default(
    title: str, kinds: list[type[Settings]]
) -> None:
    documented = table(title)
    fields = {
        PREFIX + name.upper(): field for kind in kinds for name, field in kind.model_fields.items()
    }

    assert documented.keys() - OF_THE_COMMAND_LINE == fields.keys()
    for variable, field in fields.items():
        if field.default not in (None, PydanticUndefined):
            assert documented[variable] == f"`{field.default}`", variable


def test_no_other_page_or_file_names_a_setting_that_there_is_not() -> None:
    known = set(re.findall(rf"{PREFIX}[A-Z_]+", PAGE))
    root = Path(__file__).parents[1]
    files = [root / "README.md", root / "docker-compose.yml", *(root / "deploy").rglob("*.*")]
    named = {
        name
        for file in files
        if file.is_file() and file.suffix != ".pyc"
        for name in re.findall(rf"\b{PREFIX}[A-Z_]+", file.read_text(encoding="utf-8"))
    }

    assert named - known == set()
