"""What an edit of stores.yaml would do is said before it is made."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from contract.messages.cluster import ClusterStatus
from contract.stores.map_parser import parse_store_map
from contract.stores.store_map import StoreMap
from facegate.cluster.map_check import check
from facegate.command import main
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from tests.encoder.custom.models import add_small_model

NOBODY = ["--url", "http://127.0.0.1:9"]


def map_of(text: str) -> StoreMap:
    return parse_store_map(text.encode(), Path("/etc/stores.yaml"))


def running(text: str) -> ClusterStatus:
    """Return what a gateway with this map says."""
    stores = map_of(text)
    rows: list[dict[str, Any]] = [
        {
            "store": store.id,
            "name": store.name,
            "cross_store": store.cross_store,
            "options": store.options,
            "cameras": store.camera_options,
            "healthy": False,
            "replicas": [
                {"address": str(a), "healthy": False, "in_flight": 0} for a in store.shards
            ],
        }
        for store in stores.stores.values()
    ]
    status_of_map = {"version": stores.version, "path": "stores.yaml", "loaded_at": "now"}
    return ClusterStatus.model_validate({"map": status_of_map, "stores": rows})


def store_gallery(data: Path, store: str, faces: int = 0) -> None:
    gallery = Gallery.open(data / store / "gallery.sqlite3", store)
    for number in range(faces):
        vector = np.eye(8, dtype=np.float32)[number]
        gallery.enroll(f"p{number}", NewTemplate(vector, "m", 1.0), None)
    gallery.close()


TWO = "west: 127.0.0.1:1\neast: 127.0.0.1:2\n"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (TWO, []),
        (TWO + "north: 127.0.0.1:3\n", ["north: is added, with an empty gallery"]),
        (
            "west: 127.0.0.1:1\n",
            ["east: is removed; its FaceIds stay on disk, and nobody recognises them"],
        ),
        (
            "west: 127.0.0.1:7\neast: [127.0.0.1:2, 127.0.0.1:3]\n",
            [
                "west: moves from 127.0.0.1:1 to 127.0.0.1:7",
                "east: moves from 127.0.0.1:2 to 127.0.0.1:2, 127.0.0.1:3",
            ],
        ),
        (
            "stores: {west: {shards: 127.0.0.1:1, threshold: 2%, name: W}, east: 127.0.0.1:2}",
            ["west: name changes from west to W", "west: threshold changes from 0.01 to 0.02"],
        ),
        (
            "occident: 127.0.0.1:1\neast: 127.0.0.1:2\n",
            [
                "occident: is added, with an empty gallery",
                "west: is removed; its FaceIds stay on disk, and nobody recognises them",
                "west looks renamed to occident: its faces would be unknown. Take the edit back and"
                " run: facegate stores rename west occident",
            ],
        ),
    ],
)
def test_an_edit_is_compared_with_what_runs(tmp_path: Path, edit: str, expected: list[str]) -> None:
    found = check(map_of(edit), running(TWO), tmp_path / "no data here")

    assert sorted(finding.text for finding in found) == sorted(expected)


def test_an_edit_of_cameras_is_told_camera_by_camera(tmp_path: Path) -> None:
    store = "stores: {west: {shards: 127.0.0.1:1, cameras: {%s}}}"
    before = store % "door: {rotate: 90}, till: {name: Till}, yard:"

    found = check(
        map_of(store % "door: {rotate: 270}, yard: , 'stairs': {source: 'rtsp://u:secret@h/1'}"),
        running(before),
        tmp_path / "no data here",
    )

    assert [finding.text for finding in found] == [
        "west: camera door changes from {'rotate': 90} to {'rotate': 270}",
        "west: camera till is no longer listed; it goes on working",
        "west: camera stairs is listed",
    ]


def test_without_a_cluster_it_is_compared_with_the_galleries(tmp_path: Path) -> None:
    store_gallery(tmp_path, "west", faces=3)
    store_gallery(tmp_path, "east")

    found = check(map_of("occident: 127.0.0.1:1\neast: 127.0.0.1:2\n"), None, tmp_path)

    assert [(finding.kind, finding.store) for finding in found] == [
        ("added", "occident"),
        ("orphan", "west"),
        ("renamed", "occident"),
    ]
    assert "3 FaceIds of store 'west'" in found[1].text


def test_an_invalid_map_is_named_and_ends_with_1(tmp_path: Path) -> None:
    path = tmp_path / "stores.yaml"
    path.write_text("a: nowhere\n", encoding="utf-8")

    result = CliRunner().invoke(main, ["check", str(path), *NOBODY])

    assert result.exit_code == 1
    assert f"{path}: a.shards: 'nowhere'" in result.output


def test_a_valid_map_is_told_to_people_and_programs(tmp_path: Path) -> None:
    path = tmp_path / "stores.yaml"
    path.write_text(TWO, encoding="utf-8")
    store_gallery(tmp_path / "data", "old", faces=2)
    arguments = ["check", str(path), "--data", str(tmp_path / "data"), *NOBODY]

    people = CliRunner().invoke(main, arguments)
    programs = CliRunner().invoke(main, [*arguments, "--json"])

    assert (people.exit_code, programs.exit_code) == (0, 0)
    assert f"{path} is valid: 2 stores" in people.output
    assert "2 FaceIds of store 'old', which the map does not name" in people.output
    told = json.loads(programs.output)
    assert (told["stores"], told["compared_with"]) == (["west", "east"], None)
    assert {finding["kind"] for finding in told["findings"]} == {"added", "orphan"}


def test_nothing_is_promised_of_a_map_where_there_is_nothing_to_compare_it_with(
    tmp_path: Path,
) -> None:
    path, absent = tmp_path / "stores.yaml", tmp_path / "absent"
    path.write_text("a: 127.0.0.1:5001\n", encoding="utf-8")

    told = CliRunner().invoke(main, ["check", str(path), "--data", str(absent), *NOBODY])

    assert f"{path} is valid: 1 store\n" in told.output
    assert f"there is no folder {absent}" in told.output
    assert "changes nothing" not in told.output


def test_a_model_that_is_not_there_is_told_before_a_shard_fails_to_start(tmp_path: Path) -> None:
    stores, models = tmp_path / "stores.yaml", tmp_path / "models"
    add_small_model(models)
    stores.write_text(
        "stores: {a: {shards: h:1, model: small}, b: {shards: h:2, model: smal},"
        " c: {shards: h:3, model: dlib}, d: h:4,"
        " e: {shards: h:5, second_model: small}, f: {shards: h:6, second_model: smell}}"
    )

    words = ["check", str(stores), "--data", str(tmp_path), "--models", str(models), "--json"]
    checked = CliRunner(catch_exceptions=False).invoke(main, [*words, *NOBODY])

    findings = [row for row in json.loads(checked.stdout)["findings"] if row["kind"] == "model"]
    assert [row["store"] for row in findings] == ["b", "f"]
    assert "there is no model 'smal'" in findings[0]["text"]
    assert "there is no model 'smell'" in findings[1]["text"]
