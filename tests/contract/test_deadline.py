"""Deadlines travel as the time that is left."""

import pytest

from contract.deadline import HEADER, Deadline
from contract.errors import BadRequest, DeadlineExceeded


def test_what_is_left_is_handed_on() -> None:
    assert 900 < int(Deadline(1).header[HEADER]) <= 1000


@pytest.mark.parametrize(("header", "longest"), [("200", 0.2), (None, 3), ("9999999999999999", 3)])
def test_a_deadline_is_the_earlier_of_the_callers_and_ours(
    header: str | None, longest: float
) -> None:
    left = Deadline.from_header(header, limit=3).left

    assert longest - 0.1 < left <= longest


def test_a_passed_deadline_is_an_error() -> None:
    with pytest.raises(DeadlineExceeded):
        Deadline.from_header("0", limit=3).check()


@pytest.mark.parametrize("header", ["", "soon", "-5", "1.5", "٣"])
def test_a_header_that_is_no_number_is_refused(header: str) -> None:
    with pytest.raises(BadRequest, match="milliseconds"):
        Deadline.from_header(header, limit=3)
