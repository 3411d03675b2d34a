"""The options that say who comes to be counted."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from contract.messages.by_kind import ByKind
from contract.stores.rate import HIGHEST, LOWEST
from contract.stores.store_map import Store
from facegate.evaluation.counting.mix import Mix

_OPTIONS = (
    click.option(
        "--once",
        type=click.IntRange(min=0),
        default=500,
        show_default=True,
        help="People who come once, with --visits; like --often, as many as there are.",
    ),
    click.option(
        "--often",
        type=click.IntRange(min=0),
        default=250,
        show_default=True,
        help="People who come again.",
    ),
    click.option(
        "--times",
        type=(click.IntRange(min=1), click.IntRange(min=1)),
        default=(2, 8),
        show_default=True,
        help="The fewest and the most visits of each of these.",
    ),
    click.option(
        "--frames",
        type=click.IntRange(1, 5),
        default=1,
        show_default=True,
        help="Pictures of a visit.",
    ),
    click.option(
        "--members",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="How many of who come again are enrolled.",
    ),
    click.option("--stores", type=click.IntRange(1, 100), default=1, show_default=True),
    click.option(
        "--elsewhere",
        type=click.FloatRange(0, 1),
        default=0.2,
        show_default=True,
        help="The share of who come again who go to two stores, where there are several.",
    ),
    click.option(
        "--days",
        type=click.IntRange(1, 366),
        default=28,
        show_default=True,
        help="Over how many days the visits are spread.",
    ),
    click.option(
        "--threshold",
        type=click.FloatRange(LOWEST, HIGHEST),
        default=Store.model_fields["threshold"].default,
        show_default=True,
        help="The share of strangers who may be taken for a member.",
    ),
    click.option(
        "--same-visitor",
        type=click.FloatRange(LOWEST, HIGHEST),
        default=Store.model_fields["same_visitor"].default,
        show_default=True,
        help="The share of strangers who may be taken for a visitor.",
    ),
)


def mix_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of `--visits` to a command, which gets them as `mix` and `rates`."""

    @wraps(command)
    def with_mix(
        *,
        once: int,
        often: int,
        times: tuple[int, int],
        frames: int,
        members: int,
        stores: int,
        elsewhere: float,
        days: int,
        threshold: float,
        same_visitor: float,
        **options: Any,
    ) -> None:
        fewest, most = sorted(times)
        mix = Mix(once, often, (fewest, most), frames, members, stores, elsewhere, days)
        command(mix=mix, rates=ByKind(threshold, same_visitor), **options)

    for option in reversed(_OPTIONS):
        with_mix = option(with_mix)
    return with_mix
