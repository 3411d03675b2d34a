"""Of pictures that a name puts together, those of the person whom most show."""

import itertools

import pytest

from scoring.majority import MOST_COMPARED, majority, sample, square


def scores(people: str) -> list[list[float]]:
    """Return scores of pictures, each of the person with its letter."""
    return [[9.0 if one == other else -6.0 for other in people] for one in people]


@pytest.mark.parametrize(
    ("people", "chosen"),
    [
        ("a", [0]),
        ("aa", [0, 1]),
        ("ab", []),
        ("aab", [0, 1]),
        ("abcdefgh", []),
        ("aabb", []),
        ("gggggggpp", [0, 1, 2, 3, 4, 5, 6]),
        ("pgpggpg", [1, 3, 4, 6]),
    ],
)
def test_the_person_is_whom_more_than_half_show(people: str, chosen: list[int]) -> None:
    assert majority(scores(people), -0.4) == chosen


def test_the_order_of_the_pictures_does_not_matter() -> None:
    for people in set(itertools.permutations("aaabc")):
        assert {people[n] for n in majority(scores("".join(people)), -0.4)} == {"a"}


def test_a_picture_that_is_unlike_one_of_its_person_but_like_most_is_theirs() -> None:
    alike = scores("aaaa")
    alike[0][3] = alike[3][0] = -2.0

    assert set(majority(alike, -0.4)) >= {1, 2}


def test_scores_with_those_before_are_scores_of_all_pairs() -> None:
    assert square([[], [3.0], [None, 4.0]]) == [[0, 3, -100], [3, 0, 4], [-100, 4, 0]]


def test_of_many_pictures_some_are_compared_from_all_over() -> None:
    many = list(range(1000))

    some = sample(many)

    assert len(some) == MOST_COMPARED
    assert (some[0], some[-1]) == (0, 958)
    assert sample(many[:5]) == many[:5]
