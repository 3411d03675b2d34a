"""`facegate cameras`: watch every camera of the store map that has a source."""

import time
from pathlib import Path

import click

from contract.errors import StoreMapError
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from contract.stores.map_follower import MapFollower
from facegate.camera.fleet import CameraFleet, FleetPlan, watched_cameras
from facegate.camera.sources.credentials import CameraSettings
from facegate.client.known_key import known_key
from facegate.commands.camera.agent_options import agent_options, agent_writer, serve_metrics
from facegate.commands.interrupt import ending_on_signals
from service.environment_settings import read_settings
from service.files.private_files import close_to_others, keep_files_private

_LOOK_SECONDS = 0.5


@click.command()
@click.argument("stores", type=click.Path(path_type=Path), default="stores.yaml")
@agent_options
def cameras(
    *, stores: Path, url: str, spool: Path, spool_mb: int, metrics: str | None, as_json: bool
) -> None:
    """Watch every camera of the store map STORES that has a `source`, until Ctrl-C.

    One process watches them all; see `facegate camera` for what is done with each. An edit of the
    map takes effect at once.
    """
    keep_files_private()
    close_to_others(spool)
    follower = MapFollower(MapFile(stores.absolute()), LastGoodMap(stores, spool))
    write = agent_writer(as_json)
    settings = read_settings(CameraSettings)
    plan = FleetPlan(url, spool, spool_mb * 1_000_000, settings, as_json, known_key(url))
    fleet = CameraFleet(plan, write)
    serve_metrics(metrics, lambda: fleet.agents, lambda: fleet.left)
    if not watched_cameras(follower.first):
        click.echo(f"facegate: no camera in {stores} has a source yet", err=True)
    with ending_on_signals():
        try:
            fleet.follow(follower.first)
            while True:
                time.sleep(_LOOK_SECONDS)
                try:
                    news = follower.look()
                except StoreMapError as error:
                    click.echo(f"facegate: {error.detail}; the last good map stays", err=True)
                    continue
                if news is not None:
                    fleet.follow(news)
        finally:
            fleet.stop()
