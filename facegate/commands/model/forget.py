"""`facegate model forget`: the end of a model that stores change over to, or have left."""

import time
from collections.abc import Mapping
from pathlib import Path

import click

from contract.messages.model_templates import ModelTemplates
from contract.stores.store_map import Store
from facegate.client.api_error import ClientError
from facegate.client.client import Client
from facegate.commands.model.changing import EditedMap, change_overs, say, store_option
from facegate.commands.model.options import models_option
from facegate.commands.options import (
    CommandError,
    gateway_client,
    json_option,
    map_option,
    url_option,
)
from facegate.output.plural import pluralize

_PAUSE_SECONDS = 0.5


@click.command()
@click.argument("name", required=False)
@store_option
@click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds that the shards have to start anew.",
)
@map_option
@models_option
@url_option
@json_option
def forget(
    *,
    name: str | None,
    named: tuple[str, ...],
    seconds: float,
    stores: Path,
    models: Path,
    url: str,
    as_json: bool,
) -> None:
    """Erase the templates of the stores' second model, and take it out of the map.

    These are all stores with a `second_model`, or those that are named. It is refused, and nothing
    has changed, where members have templates of it alone. Visitors who have no others are not known
    any more.

    With NAME, a model's or that of its vectors, also what is left of it in stores whose map does
    not name it any more: so a command that was interrupted is brought to its end.
    """
    edited = EditedMap(stores, named)
    chosen = {
        store.id: store
        for store in edited.stores.values()
        if name is not None or store.second_model is not None
    }
    if not chosen:
        raise CommandError(
            f"no store of {stores} has a second model; give NAME to erase what is left of one"
        )
    for store in chosen.values():
        if store.second_model not in {None, name or store.second_model}:
            raise CommandError(f"{store.id} is changing over to {store.second_model!r}")
    with gateway_client(url) as client:
        vectors = _vectors(client, chosen, name, models)
        _check(client, vectors)
        edited.change({s.id: {"second_model": None} for s in chosen.values() if s.second_model})
        forgotten = _forgotten(client, vectors, time.monotonic() + seconds)
    rows = [templates.model_dump(mode="json") for templates in forgotten]
    say(rows, [_line(templates) for templates in forgotten], as_json=as_json)


def _vectors(
    client: Client, chosen: Mapping[str, Store], name: str | None, models: Path
) -> dict[str, str]:
    """Return what the vectors are called that are to be erased, by store."""
    from facegate.models.model_names import ModelNames  # the encoder's packages: half a second

    names, known = ModelNames(models), change_overs(client.cluster())
    vectors = {}
    for store in chosen.values():
        of_map = name or store.second_model
        assert of_map is not None, "chosen so"
        second = known[store.id].second if store.id in known else None
        told = second.model if second is not None and store.second_model == of_map else None
        vectors[store.id] = told or names.vectors_of(of_map) or of_map
    return vectors


def _check(client: Client, vectors: Mapping[str, str]) -> None:
    """Raise CommandError where members would be lost."""
    lost = []
    for store, model in vectors.items():
        alone = client.model_templates(store, model).members_alone
        if alone:
            lost.append(f"{store}: {pluralize(alone, 'member')} would not be recognized")
    if lost:
        raise CommandError("; ".join(lost))


def _forgotten(client: Client, vectors: Mapping[str, str], until: float) -> list[ModelTemplates]:
    """Erase the templates in every store, once its shard has started without the model."""
    forgotten = []
    for store, model in vectors.items():
        while True:
            try:
                forgotten.append(client.forget_model(store, model))
                break
            except ClientError as error:
                if time.monotonic() > until:
                    raise CommandError(
                        f"{store}: {error}. It is out of the map; once the shards are started anew,"
                        f" run: facegate model forget {model} --store {store}"
                    ) from error
                time.sleep(_PAUSE_SECONDS)
    return forgotten


def _line(forgotten: ModelTemplates) -> str:
    lost = pluralize(forgotten.visitors_alone, "visitor")
    gone = f", and {lost} who had no others" if forgotten.visitors_alone else ""
    many = pluralize(forgotten.templates, "template")
    return f"{forgotten.store}: erased {many} of {forgotten.model}{gone}"
