"""Whom a network is tried on: many people with several pictures first, or the samples if there."""

from pathlib import Path

import pytest

from contract.errors import ConfigurationError
from facegate.models.trial_people import MOST_PEOPLE, MOST_PICTURES, people_in, sample_people


def test_people_with_several_pictures_come_first_and_a_large_folder_is_not_read_whole(
    tmp_path: Path,
) -> None:
    for number in range(MOST_PEOPLE + 5):
        person = tmp_path / f"{number:03}"
        person.mkdir()
        for picture in range(5 if number % 2 else 1):
            (person / f"{picture}.jpg").write_bytes(b"picture")

    people = people_in(tmp_path)

    several = [person for person, pictures in people.items() if len(pictures) == MOST_PICTURES]
    assert len(people) == MOST_PEOPLE
    assert several == [f"{number:03}" for number in range(1, MOST_PEOPLE + 5, 2)]
    assert list(people)[: len(several)] == several


def test_it_is_said_when_the_sample_people_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"sample people .* are not here: give --try FOLDER"
    ):
        sample_people(tmp_path)
