"""`facegate calibrate` says what a store's own scores say, with its doubts, and draws them."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from facegate.command import main
from tests.facegate.fake_gateway import FakeGateway


def run(gateway: FakeGateway, *arguments: str) -> Result:
    command = ["calibrate", *arguments, "--url", gateway.url]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_a_store_is_calibrated(gateway: FakeGateway, tmp_path: Path) -> None:
    plot = tmp_path / "scores.png"

    result = run(gateway, "门店 B", "--rate", "1%", "--plot", str(plot))

    assert result.exit_code == 0
    for text in (
        "门店 B: 40 people, 5 with two pictures or more",
        "strangers taken for somebody: 2.00% [1.00% 5.00%]",
        "members named: 90.00% [80.00% 100.00%]",
        "for 1.00% in this store, set threshold: 0.0041",
        "that are not joined to them: 6.10% [3.00% 9.00%]",
        "set missed_visits: 6.10%, confused_visitors: 2.00%",
        "but only 5 people have two pictures or more",
    ):
        assert text in result.stdout
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_it_speaks_json(gateway: FakeGateway, tmp_path: Path) -> None:
    result = run(gateway, "a", "--rate", "0.2", "--json", "--plot", str(tmp_path / "x.png"))

    assert json.loads(result.stdout)["rate"] == 0.2


def test_a_rate_that_is_none_is_wrong_usage(gateway: FakeGateway) -> None:
    result = run(gateway, "a", "--rate", "much")

    assert result.exit_code == 2
    assert "expected a share such as 1% or 0.01" in result.stderr
