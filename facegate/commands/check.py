"""`facegate check`: whether a store map is valid, and what it would do."""

from pathlib import Path

import click

from contract.stores.map_parser import load_store_map
from contract.stores.store_map import StoreMap
from facegate.cluster.map_check import Finding
from facegate.cluster.map_check import check as findings_of
from facegate.commands.model.options import models_option
from facegate.commands.options import data_option, json_option, output, url_option
from facegate.commands.printing import print_json
from facegate.commands.running_cluster import running_cluster
from facegate.output.plural import pluralize


@click.command()
@click.argument("stores", type=click.Path(path_type=Path), default="stores.yaml")
@data_option
@models_option
@url_option
@json_option
def check(stores: Path, data: Path, models: Path, url: str, as_json: bool) -> None:
    """Validate the store map STORES, and say what it would do.

    It is compared with the cluster at --url, or, where none answers, with the galleries in --data
    alone. Exit codes: 0 the map is valid, whatever it would do; 1 it is not.
    """
    read = load_store_map(stores.absolute())
    running = running_cluster(url)
    found = [*findings_of(read, running, data), *_of_models(read, models)]
    if as_json:
        compared = None if running is None else url
        rows = [finding._asdict() for finding in found]
        print_json({"stores": list(read.stores), "compared_with": compared, "findings": rows})
        return
    show = output().print
    many = pluralize(len(read.stores), "store")
    show(f"{stores} is valid: {many}", markup=False, soft_wrap=True)
    if running is None:
        known = f"compared with {data} alone" if data.is_dir() else f"and there is no folder {data}"
        show(f"no cluster answers at {url}: {known}", markup=False, soft_wrap=True)
    for finding in found:
        show(f"{finding.kind:8} {finding.text}", markup=False, soft_wrap=True)
    if running is not None and not found:
        show("it changes nothing")


def _of_models(stores: StoreMap, models: Path) -> list[Finding]:
    """Return which stores could not start: their model or detector cannot be used."""
    named = {store.id: store.model for store in stores.stores.values()}
    second = {store.id: store.second_model for store in stores.stores.values()}
    own = {store.id: store.own_detector for store in stores.stores.values()}
    models_named = {*named.values(), *second.values()} - {None}
    if not models_named and not any(own.values()):
        return []
    from facegate.models.detectors import unusable_detector
    from facegate.models.kept_models import unusable  # the encoder's packages: half a second

    reasons = {model: unusable(models, model) for model in models_named if model}
    faults = {name: unusable_detector(models, name) for name in set(own.values()) if name}
    return [
        Finding(kind, store, f"{store}: its shards would not start: {reason}")
        for kind, of_stores, found in (
            ("model", named, reasons),
            ("model", second, reasons),
            ("detector", own, faults),
        )
        for store, name in of_stores.items()
        if name and (reason := found[name])
    ]
