"""`facegate demo`: a cluster with sample pictures, or a running one, and a table of who came in."""

import contextlib
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from rich.markup import escape
from rich.progress import Progress

from facegate.client.client import Client
from facegate.cluster.cluster import POLL_SECONDS, LocalCluster
from facegate.commands.interrupt import ending_on_signals
from facegate.commands.options import (
    INTERRUPTED,
    OK,
    SOME_REFUSED,
    gateway_client,
    http_url,
    output,
    progress_bar,
    remarks,
)
from facegate.commands.start_progress import StartProgress
from facegate.commands.where_to_look import show_where_to_look
from facegate.demo.addresses import USUAL_GATEWAY, choose_addresses
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
from service.files.private_files import keep_files_private

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
    keep_files_private()
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
    with gateway_client(url) as client:
        require_stores(client, scenario)
        forget_strangers(client, scenario.visits)
        with progress_bar(remarks()) as bar:
            import_galleries(client, scenario, lambda store: _import_task(bar, store))
        result = _recognize(client, scenario)
    show_where_to_look(url, scenario, {})
    return result


def _import_task(bar: Progress, store: str) -> Callable[[int, int], None]:
    task = bar.add_task(f"importing into {store}", total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _here(scenario: DemoScenario, folder: Path, port: int | None, once: bool) -> DemoResult:
    """Show the demo on a cluster of this machine, and stop it on Ctrl-C, or when `once`."""
    gateway, *shards = choose_addresses(port, len(scenario.galleries))
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
        with Client(cluster.url, key=cluster.admin_key, timeout=HISTORY_SECONDS) as client:
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
    show_where_to_look(cluster.url, scenario, files)
    output().print("Ctrl-C stops everything.")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(POLL_SECONDS)
            cluster.follow()
            if traffic is not None:
                traffic.post_next()
