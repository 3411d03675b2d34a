"""`facegate model prepare NAME`: stores get a second model, to change over to."""

from pathlib import Path

import click

from contract.stores.model_name import INSTALLED_MODEL
from facegate.commands.model.changing import (
    RESTARTS,
    EditedMap,
    change_overs,
    say,
    served_name,
    store_option,
)
from facegate.commands.model.options import models_option
from facegate.commands.options import CommandError, json_option, map_option, url_option
from facegate.commands.running_cluster import running_cluster


@click.command()
@click.argument("name")
@store_option
@map_option
@models_option
@url_option
@json_option
def prepare(
    *, name: str, named: tuple[str, ...], stores: Path, models: Path, url: str, as_json: bool
) -> None:
    """Make templates of the model NAME beside those that stores are served by.

    It becomes the `second_model` of all stores in the map, or of those that are named. They go on
    serving the model that they have; `facegate model progress` says how far they are. NAME may be
    `dlib`, the installed network.
    """
    from facegate.models.kept_models import unusable  # the encoder's packages: half a second
    from facegate.models.model_names import ModelNames
    from service.model_settings import ModelSettings

    if reason := unusable(models, name):
        raise CommandError(reason)
    edited, names = EditedMap(stores, named), ModelNames(models)
    known = change_overs(running_cluster(url))
    usual = ModelSettings().model or INSTALLED_MODEL
    serving = {
        store.id: served_name(store, known.get(store.id), names) or usual
        for store in edited.stores.values()
    }
    chosen = {
        store.id: store
        for store in edited.stores.values()
        if serving[store.id] != name or store.id in named
    }
    for store in chosen.values():
        if serving[store.id] == name:
            raise CommandError(f"{store.id} is served by {name!r} already")
        if store.second_model not in {None, name}:
            raise CommandError(
                f"{store.id} is changing over to {store.second_model!r}: facegate model forget ends"
                " that"
            )
    if not chosen:
        raise CommandError(f"every store of {stores} is served by {name!r} already")
    edited.change({store: {"second_model": name} for store in chosen})
    rows = [{"store": s, "serves": serving[s], "second_model": name} for s in chosen]
    lines = [f"{s}: serves {serving[s]}, and prepares {name}" for s in chosen]
    say(rows, [*lines, RESTARTS, "facegate model progress says how far they are"], as_json=as_json)
