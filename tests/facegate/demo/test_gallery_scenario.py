from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from contract.pictures.folder import pictures_in
from facegate.demo.gallery_scenario import gallery_scenario
from facegate.demo.scenario import DemoScenario


def gallery(folder: Path, **stores: list[str]) -> Path:
    for store, names in stores.items():
        for name in names:
            path = folder / "mine" / store / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.encode())
    return folder / "mine"


def scenario_of(tmp_path: Path, **stores: list[str]) -> DemoScenario:
    return gallery_scenario(gallery(tmp_path, **stores), tmp_path / "galleries")


def visits(scenario: DemoScenario) -> list[tuple[str, str, str]]:
    return [(visit.picture, visit.store, visit.match) for visit in scenario.visits]


def imported(scenario: DemoScenario, store: str) -> list[str]:
    return [str(relative) for relative, _ in pictures_in(scenario.galleries[store])]


def test_a_picture_of_people_with_several_is_held_out_and_posted_at_home_and_next_door(
    tmp_path: Path,
) -> None:
    scenario = scenario_of(tmp_path, a=["095_0.jpg", "095_1.jpg"], b=["李/1.jpg", "李/2.jpg"])

    assert visits(scenario) == [
        ("095_1.jpg", "a", "home"),
        ("095_1.jpg", "b", "roaming"),
        ("2.jpg", "b", "home"),
        ("2.jpg", "a", "roaming"),
    ]
    assert (imported(scenario, "a"), imported(scenario, "b")) == (["095_0.jpg"], ["李/1.jpg"])


def test_with_one_picture_a_person_the_same_one_is_posted(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, a=["1_0.jpg"], b=["2_0.jpg"])

    assert [match for _, _, match in visits(scenario)] == ["home", "roaming"] * 2
    assert (imported(scenario, "a"), imported(scenario, "b")) == (["1_0.jpg"], ["2_0.jpg"])


def test_one_of_three_people_is_left_out_and_comes_as_a_stranger(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, a=["1_0.jpg", "2_0.jpg", "3_0.jpg", "3_1.jpg"])

    assert visits(scenario) == [("3_1.jpg", "a", "home"), ("2_0.jpg", "a", "new")]
    assert imported(scenario, "a") == ["1_0.jpg", "3_0.jpg"]


def test_people_of_two_stores_neither_roam_nor_are_strangers(tmp_path: Path) -> None:
    both = ["1_0.jpg", "1_1.jpg", "2_0.jpg", "3_0.jpg"]

    scenario = scenario_of(tmp_path, a=both, b=both)

    assert [match for _, _, match in visits(scenario)] == ["home", "home"]


def test_a_large_gallery_gives_few_visits(tmp_path: Path) -> None:
    many = [f"{person}_{picture}.jpg" for person in range(40) for picture in range(3)]

    scenario = scenario_of(tmp_path, a=many, b=[f"b{name}" for name in many])

    assert len(scenario.visits) == 10
    assert len(imported(scenario, "a")) == 120 - 2 - 3


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
        scenario_of(tmp_path, **stores)
