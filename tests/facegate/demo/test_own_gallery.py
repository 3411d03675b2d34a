from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from contract.pictures.folder import pictures_in
from facegate.demo.own_gallery import own_world
from facegate.demo.world import DemoWorld


def gallery(folder: Path, **stores: list[str]) -> Path:
    for store, names in stores.items():
        for name in names:
            path = folder / "mine" / store / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
    return folder / "mine"


def world_of(tmp_path: Path, **stores: list[str]) -> DemoWorld:
    return own_world(gallery(tmp_path, **stores), tmp_path / "galleries")


def visits(world: DemoWorld) -> list[tuple[str, str, str]]:
    return [(visit.picture, visit.store, visit.match) for visit in world.visits]


def imported(world: DemoWorld, store: str) -> list[str]:
    return [str(relative) for relative, _ in pictures_in(world.galleries[store])]


def test_a_picture_of_people_with_several_is_held_out_and_posted_at_home_and_next_door(
    tmp_path: Path,
) -> None:
    world = world_of(tmp_path, a=["095_0.jpg", "095_1.jpg"], b=["李/1.jpg", "李/2.jpg"])

    assert visits(world) == [
        ("095_1.jpg", "a", "home"),
        ("095_1.jpg", "b", "roaming"),
        ("2.jpg", "b", "home"),
        ("2.jpg", "a", "roaming"),
    ]
    assert (imported(world, "a"), imported(world, "b")) == (["095_0.jpg"], ["李/1.jpg"])


def test_with_one_picture_a_person_the_same_one_is_posted(tmp_path: Path) -> None:
    world = world_of(tmp_path, a=["1_0.jpg"], b=["2_0.jpg"])

    assert [match for _, _, match in visits(world)] == ["home", "roaming"] * 2
    assert (imported(world, "a"), imported(world, "b")) == (["1_0.jpg"], ["2_0.jpg"])


def test_one_of_three_people_is_left_out_and_comes_as_a_stranger(tmp_path: Path) -> None:
    world = world_of(tmp_path, a=["1_0.jpg", "2_0.jpg", "3_0.jpg", "3_1.jpg"])

    assert visits(world) == [("3_1.jpg", "a", "home"), ("2_0.jpg", "a", "new")]
    assert imported(world, "a") == ["1_0.jpg", "3_0.jpg"]


def test_people_of_two_stores_neither_roam_nor_are_strangers(tmp_path: Path) -> None:
    both = ["1_0.jpg", "1_1.jpg", "2_0.jpg", "3_0.jpg"]

    world = world_of(tmp_path, a=both, b=both)

    assert [match for _, _, match in visits(world)] == ["home", "home"]


def test_a_large_gallery_gives_few_visits(tmp_path: Path) -> None:
    many = [f"{person}_{picture}.jpg" for person in range(40) for picture in range(3)]

    world = world_of(tmp_path, a=many, b=[f"b{name}" for name in many])

    assert len(world.visits) == 10
    assert len(imported(world, "a")) == 120 - 2 - 3


@pytest.mark.parametrize(
    ("stores", "expected"),
    [
        ({}, "not a folder"),
        ({"a": ["readme.txt"]}, "no pictures that name a FaceId"),
        ({f"s{number}": ["1_0.jpg"] for number in range(9)}, "9 folders; the demo wants 1 to 8"),
    ],
)
def test_a_folder_that_is_no_gallery_is_refused(
    tmp_path: Path, stores: dict[str, list[str]], expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        world_of(tmp_path, **stores)
