"""`facegate demo`: a cluster with sample pictures, or a running one, and a table of who came in."""

import contextlib
import shlex
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import click
from rich.markup import escape
from rich.progress import Progress

from contract.pictures.folder import pictures_in
from contract.stores.address import Address
from facegate.client.client import Client
from facegate.cluster.cluster import LOOK_SECONDS, LocalCluster, check_free
from facegate.cluster.cluster_error import ClusterError
from facegate.commands.interrupt import ending_on_signals
from facegate.commands.options import (
    INTERRUPTED,
    OK,
    SOME_REFUSED,
    http_url,
    output,
    progress_bar,
    remarks,
)
from facegate.commands.start_progress import StartProgress
from facegate.demo.demo import (
    DemoResult,
    forget_strangers,
    fresh_folder,
    import_galleries,
    post_visits,
    recognizable_visits,
    refused_pictures,
    require_stores,
)
from facegate.demo.demo_traffic import DemoTraffic
from facegate.demo.gallery_scenario import gallery_scenario
from facegate.demo.sample_pictures import sample_pictures
from facegate.demo.scenario import DemoScenario, sample_scenario

USUAL_GATEWAY, USUAL_SHARD = 8000, 5001
HOST = "127.0.0.1"
MAX_REMARKS = 10
HISTORY_SECONDS = 120.0
"""A laptop under load may take its time to make up two weeks."""


@click.command()
@click.option(
    "--url", callback=http_url, help="Show it on this running cluster.  [default: start one here]"
)
@click.option(
    "--gallery",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Your own pictures: a folder for each store.  [default: sample photographs]",
)
@click.option("--once", is_flag=True, help="End after the table.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help=f"The gateway's port.  [default: {USUAL_GATEWAY}, or a free one]",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default="demo-data",
    show_default=True,
    help="The folder for the demo's files; emptied first.",
)
@click.pass_context
def demo(
    context: click.Context,
    *,
    url: str | None,
    gallery: Path | None,
    once: bool,
    port: int | None,
    data: Path,
) -> None:
    """Start stores with sample galleries, or your own, and show who their cameras see.

    Ends with 1 when a face was recognised wrongly. Ctrl-C stops what it has started; with --url
    it starts nothing and ends after the table.
    """
    with ending_on_signals():
        folder = fresh_folder(data)
        scenario = _scenario_of(gallery, folder / "galleries")
        result = _there(url, scenario) if url is not None else _here(scenario, folder, port, once)
        if once or url is not None:
            click.echo(result.summary)
        context.exit(SOME_REFUSED if result.mistakes else OK)
    context.exit(INTERRUPTED)


def _scenario_of(gallery: Path | None, folder: Path) -> DemoScenario:
    if gallery is not None:
        return gallery_scenario(gallery, folder)
    return sample_scenario(sample_pictures(Path(sys.prefix) / "demo-packages"), folder)


def _there(url: str, scenario: DemoScenario) -> DemoResult:
    """Show the demo on the running cluster at `url`."""
    with Client(url) as client:
        require_stores(client, scenario)
        forget_strangers(client, scenario.visits)
        with progress_bar(remarks()) as bar:
            import_galleries(client, scenario, lambda store: _import_task(bar, store))
        result = _recognize(client, scenario)
    _show_where_to_look(url, scenario, {})
    return result


def _import_task(bar: Progress, store: str) -> Callable[[int, int], None]:
    task = bar.add_task(f"importing into {store}", total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _here(scenario: DemoScenario, folder: Path, port: int | None, once: bool) -> DemoResult:
    """Show the demo on a cluster of this machine, and stop it on Ctrl-C, or when `once`."""
    gateway, *shards = _addresses(port, len(scenario.galleries))
    stores = folder / "stores.yaml"
    scenario.write_map(stores, dict(zip(scenario.galleries, shards, strict=True)))
    data = folder / "data"
    cluster = LocalCluster(
        stores, data, gateway, lambda text: remarks().print(text), demo=scenario.with_history
    )
    try:
        remarks().print(f"starting {len(shards)} shards and the gateway from {stores}")
        cluster.start()
        with progress_bar(remarks()) as bar:
            cluster.wait_ready(StartProgress(bar).show)
        with Client(cluster.url, timeout=HISTORY_SECONDS) as client:
            result = _recognize(client, scenario)
            if not once:
                output().print(result.summary)
                files = {"the store map, to edit": stores, "the logs": cluster.logs}
                _go_on(cluster, client, scenario, files)
        return result
    finally:
        remarks().print("stopping the cluster")
        cluster.stop()


def _recognize(client: Client, scenario: DemoScenario) -> DemoResult:
    visits, notes = recognizable_visits(client, scenario)
    notes += refused_pictures(client, scenario.galleries)
    with progress_bar(remarks()) as bar:
        result = post_visits(client, bar.track(visits, description="camera pictures"))
    output().print(result.table.table)
    more = [f"and {len(notes) - MAX_REMARKS} more"] if len(notes) > MAX_REMARKS else []
    for note in notes[:MAX_REMARKS] + more:
        output().print(f"[yellow]note[/] {escape(note)}")
    for mistake in result.mistakes:
        output().print(f"[bold red]wrong[/] {escape(mistake)}")
    return result


def _go_on(
    cluster: LocalCluster, client: Client, scenario: DemoScenario, files: Mapping[str, Path]
) -> None:
    """Serve until Ctrl-C; the samples keep walking in, before made-up days."""
    traffic = DemoTraffic(client, scenario.visits) if scenario.with_history else None
    if traffic is not None:
        with progress_bar(remarks()) as bar:
            bar.add_task("making up two weeks of visits, for the charts", total=None)
            made_up = traffic.make_history()
        output().print(f"{made_up} made-up visits, marked “demo” on every page and easy to remove")
    _show_where_to_look(cluster.url, scenario, files)
    output().print("Ctrl-C stops everything.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(LOOK_SECONDS)
            cluster.follow()
            if traffic is not None:
                traffic.post_next()


def _show_where_to_look(url: str, scenario: DemoScenario, files: Mapping[str, Path]) -> None:
    picture = next(path for _, path in pictures_in(next(iter(scenario.galleries.values()))))
    camera = f"{url}/v1/stores/{quote(list(scenario.galleries)[-1])}/recognize"
    places = {
        "the web pages": f"{url}/",
        "who is here now": f"{url}/till/{quote(next(iter(scenario.galleries)))}",
        "footfall": f"{url}/traffic",
        "members": f"{url}/members",
        "try a picture": f"{url}/try",
        "the cluster's state": f"{url}/cluster",
        "the API, to try out": f"{url}/docs",
        **{what: _short(path) for what, path in files.items()},
        "a camera's call": f"curl --data-binary @{shlex.quote(_short(picture))} {camera}",
    }
    output().print("\n[bold]The cluster goes on serving.[/] Where to look next:")
    for what, place in places.items():
        output().print(f"  {what:24}{place}", markup=False, soft_wrap=True)


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _addresses(port: int | None, shards: int) -> list[Address]:
    """Return where the gateway and the shards listen: the usual ports, or free ones instead."""
    chosen: list[Address] = [] if port is None else [Address(HOST, port)]
    usual = [USUAL_GATEWAY, *range(USUAL_SHARD, USUAL_SHARD + shards)]
    for wanted in usual[len(chosen) :]:
        address = Address(HOST, wanted)
        while address in chosen or not _is_free(address):
            address = Address(HOST, _free_port())
        chosen.append(address)
    return chosen


def _is_free(address: Address) -> bool:
    try:
        check_free("the demo", address)
    except ClusterError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
