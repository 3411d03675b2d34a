"""Costly work takes its share of the time, and no more."""

import pytest

from encoder.duty_budget import MOST_SAVED, DutyBudget


class Cpu:
    """Seconds that were computed, as the test says."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def spend(budget: DutyBudget, cpu: Cpu, seconds: float) -> None:
    with budget.spending():
        cpu.seconds += seconds


@pytest.fixture
def cpu() -> Cpu:
    return Cpu()


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_the_work_takes_its_share_however_often_it_is_asked_for(cpu: Cpu, share: float) -> None:
    budget = DutyBudget(share, cpu)

    for tenth in range(1000):
        if budget.allows(tenth / 10):
            spend(budget, cpu, 0.15)

    assert cpu.seconds <= MOST_SAVED + share * 100 + 0.15
    assert cpu.seconds >= min(share * 100, 150) * 0.95


def test_what_is_saved_up_is_bounded(cpu: Cpu) -> None:
    budget = DutyBudget(0.1, cpu)
    assert budget.allows(0)
    assert budget.allows(100_000)

    spend(budget, cpu, MOST_SAVED)

    assert not budget.allows(100_000)


def test_a_debt_is_waited_for(cpu: Cpu) -> None:
    budget = DutyBudget(0.1, cpu)
    assert budget.allows(0)
    spend(budget, cpu, MOST_SAVED + 1)

    assert not budget.allows(9.9)
    assert budget.allows(10.1)


def test_on_credit_it_is_allowed_early_and_paid_all_the_same(cpu: Cpu) -> None:
    budget = DutyBudget(0.1, cpu)
    spend(budget, cpu, MOST_SAVED + 0.1)
    assert not budget.allows(0)

    assert budget.allows(0, on_credit=True)
    spend(budget, cpu, MOST_SAVED)

    assert not budget.allows(0.1, on_credit=True)
    assert not budget.allows(3)
    assert budget.allows(3.6)


def test_no_share_is_no_work(cpu: Cpu) -> None:
    budget = DutyBudget(0, cpu)

    assert not budget.allows(0)
    assert not budget.allows(1000, on_credit=True)


def test_a_clock_that_goes_back_earns_nothing_and_takes_nothing(cpu: Cpu) -> None:
    budget = DutyBudget(0.1, cpu)
    assert budget.allows(1000)
    spend(budget, cpu, MOST_SAVED + 0.1)

    assert not budget.allows(0)
    assert budget.allows(1.1)


def test_work_that_fails_is_paid(cpu: Cpu) -> None:
    budget = DutyBudget(0.1, cpu)

    def fail() -> None:
        with budget.spending():
            cpu.seconds += 1
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()

    assert not budget.allows(0)
