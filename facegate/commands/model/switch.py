"""`facegate model switch`: stores are served by their second model from now on, and back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from contract.stores.store_map import Store
from facegate.cluster.change_over import ChangeOver
from facegate.commands.model.changing import (
    RESTARTS,
    EditedMap,
    change_overs,
    say,
    served_name,
    store_option,
)
from facegate.commands.model.options import models_option
from facegate.commands.model.progress import progress_table
from facegate.commands.options import (
    CommandError,
    NoAnswer,
    json_option,
    map_option,
    remarks,
    url_option,
)
from facegate.commands.running_cluster import running_cluster

if TYPE_CHECKING:
    from facegate.models.model_names import ModelNames


@click.command()
@store_option
@click.option(
    "--force",
    is_flag=True,
    help="Also where members would not be recognized, or no gateway says whether they would.",
)
@map_option
@models_option
@url_option
@json_option
def switch(
    *,
    named: tuple[str, ...],
    force: bool,
    stores: Path,
    models: Path,
    url: str,
    as_json: bool,
) -> None:
    """Serve stores by their second model; the one that served becomes the second.

    These are all stores with a `second_model` in the map, or those that are named. The same command
    is the way back. It is refused where members would not be recognized.
    """
    from facegate.models.model_names import ModelNames  # the encoder's packages: half a second

    edited, names = EditedMap(stores, named), ModelNames(models)
    chosen = {s.id: s for s in edited.stores.values() if s.second_model is not None or named}
    for store in chosen.values():
        if store.second_model is None:
            raise CommandError(f"{store.id} has no second model: facegate model prepare NAME")
    if not chosen:
        raise CommandError(f"no store of {stores} has a second model: facegate model prepare NAME")
    cluster = running_cluster(url)
    if cluster is None and not force:
        raise NoAnswer(f"no gateway answers at {url}: nobody can say whether members would be lost")
    known = change_overs(cluster)
    remarks().print(progress_table(known[store] for store in chosen if store in known))
    obstacles = []
    for store in chosen.values():
        assert store.second_model is not None, "chosen so"
        if store.id not in known:
            obstacles.append(f"{store.id}: the gateway does not know it")
        elif reason := known[store.id].obstacle(names.vectors_of(store.second_model)):
            obstacles.append(f"{store.id}: {reason}")
    if obstacles and not force:
        raise CommandError(f"{'; '.join(obstacles)}. --force switches all the same")
    for obstacle in obstacles:
        click.echo(f"facegate: but {obstacle}", err=True)
    served = {store.id: _served(store, known.get(store.id), names) for store in chosen.values()}
    edited.change(
        {
            store.id: {"model": store.second_model, "second_model": served[store.id]}
            for store in chosen.values()
        }
    )
    rows = [
        {"store": store.id, "serves": store.second_model, "second_model": served[store.id]}
        for store in chosen.values()
    ]
    lines = [
        f"{store.id}: is to serve {store.second_model}, with {served[store.id]} beside it"
        for store in chosen.values()
    ]
    say(rows, [*lines, RESTARTS, "the same command switches back"], as_json=as_json)


def _served(store: Store, change_over: ChangeOver | None, names: "ModelNames") -> str:
    name = served_name(store, change_over, names)
    if name is None:
        raise CommandError(
            f"nobody says which model serves {store.id}: write it into the map, as `model`"
        )
    return name
