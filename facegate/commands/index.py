"""`facegate index STORE`: how a store's faces are searched, and how else they could be."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import click
from rich.table import Table

from contract.messages.cluster import ClusterStatus
from contract.messages.index_status import IndexComparison, IndexKind, IndexStatus
from contract.stores.store_map import Store
from facegate.commands.model.changing import EditedMap
from facegate.commands.model.options import models_option
from facegate.commands.options import (
    CommandError,
    data_option,
    json_option,
    map_option,
    output,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json
from facegate.commands.running_cluster import running_cluster
from facegate.output.plural import pluralize
from facegate.output.terminal_chart import bar_chart
from service.model_settings import ModelSettings

_TAKES_EFFECT = "facegate up starts the store's shards anew by itself; elsewhere start them anew"


@click.command()
@click.argument("store")
@click.option("--compare", is_flag=True, help="Measure each kind on the store's own vectors.")
@click.option(
    "--set", "kind", type=click.Choice(get_args(IndexKind)), help="Write this kind into the map."
)
@map_option
@data_option
@models_option
@url_option
@json_option
def index(
    *,
    store: str,
    compare: bool,
    kind: IndexKind | None,
    stores: Path,
    data: Path,
    models: Path,
    url: str,
    as_json: bool,
) -> None:
    """Show how the faces of STORE are searched: by the map, and by its shards.

    --compare reads the store's gallery in --data, whether or not its shard runs: size in memory,
    recall, how often the same is decided as by `flat`, and times of each kind, in minutes for
    hundreds of thousands of faces. It recommends one; --set writes it into the map.
    """
    if compare and kind is not None:
        raise click.UsageError("--compare and --set are two steps")
    edited = EditedMap(stores, [store])
    [chosen] = edited.stores.values()
    if kind is not None:
        edited.change({chosen.id: {"index": kind}})
        _say_set(chosen.id, kind, as_json=as_json)
    elif compare:
        with remarks().status(f"trying each kind with the faces of {chosen.id} …"):
            compared = _compared(chosen, data, models)
        _print_comparison(compared, as_json=as_json)
    else:
        _print_status(chosen, running_cluster(url), as_json=as_json)


def _say_set(store: str, kind: IndexKind, *, as_json: bool) -> None:
    if as_json:
        print_json({"store": store, "index": kind})
        return
    output().print(f"{store}: index {kind}; {_TAKES_EFFECT}", markup=False, soft_wrap=True)


def _compared(store: Store, data: Path, models: Path) -> IndexComparison:
    """Have the shard's own code compare. Raises CommandError."""
    model = store.model or ModelSettings().model
    named = [] if model is None else [f"--model={model}"]
    places = [f"--data={data}", f"--models={models}", f"--rate={store.threshold}"]
    done = subprocess.run(  # noqa: S603 - this very Python; the name comes after --
        [
            *(sys.executable, "-X", "utf8", "-P", "-m", "shard.index_comparison"),
            *(*places, *named, "--", store.id),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(done.stderr.strip().splitlines()[-1] if done.stderr else "no answer")
    return IndexComparison.model_validate_json(done.stdout)


def _print_comparison(compared: IndexComparison, *, as_json: bool) -> None:
    if as_json:
        print_json(compared)
        return
    show = output().print
    show(_comparison_table(compared))
    names = [trial.kind for trial in compared.kinds]
    show(bar_chart(names, [trial.p99_ms for trial in compared.kinds], "p99, ms"), markup=False)
    sizes = [_megabytes(trial.bytes_a_face, compared.faces) for trial in compared.kinds]
    show(bar_chart(names, sizes, "MB"), markup=False)
    show(f"recommended: {compared.recommended}: {compared.reason}", markup=False, soft_wrap=True)
    step = f"facegate index {compared.store} --set {compared.recommended}"
    show(f"{step} writes it into the map", markup=False, soft_wrap=True)


def _comparison_table(compared: IndexComparison) -> Table:
    probes = f"{pluralize(compared.held_out, 'picture')} kept out, {compared.simulated} simulated"
    table = Table(
        *("kind", "searched", "MB", "bytes a face", "recall@1", "same decision"),
        *("p50 ms", "p99 ms", "ms of 32", "made in s"),
        title=f"{compared.store}: {pluralize(compared.faces, 'face')}, {probes}",
    )
    for trial in compared.kinds:
        table.add_row(
            *(trial.kind, _searched(trial.searched)),
            *(f"{_megabytes(trial.bytes_a_face, compared.faces):.1f}", f"{trial.bytes_a_face}"),
            *(f"{trial.recall:.2%}", f"{trial.same_decision:.2%}"),
            *(f"{trial.p50_ms:.2f}", f"{trial.p99_ms:.2f}", f"{trial.together_ms:.2f}"),
            f"{trial.build_seconds:.1f}",
        )
    return table


def _megabytes(bytes_a_face: int, faces: int) -> float:
    return bytes_a_face * faces / 1e6


def _searched(status: IndexStatus) -> str:
    if status.lists:
        return f"{status.probed} of {status.lists} lists"
    return "every face, 8 bits" if status.kind == "sq8" else "every face"


def _print_status(store: Store, cluster: ClusterStatus | None, *, as_json: bool) -> None:
    rows = _status_rows(store, cluster)
    if as_json:
        print_json({"store": store.id, "index": store.index, "parts": rows})
        return
    show = output().print
    wanted = store.index or "no index: what FACEGATE_INDEX of its shards says, or flat"
    show(f"{store.id}: the map says {wanted}", markup=False, soft_wrap=True)
    if cluster is None:
        show("no gateway answers: nobody says how it is searched", markup=False)
        return
    table = Table("shard", "part", "kind", "faces", "searched")
    for row in rows:
        status = IndexStatus.model_validate(row["status"])
        table.add_row(row["shard"], row["part"], status.kind, f"{status.faces}", _searched(status))
    show(table)


def _status_rows(store: Store, cluster: ClusterStatus | None) -> Sequence[dict[str, Any]]:
    """Return a row for each part of each replica that answers."""
    known = [] if cluster is None else cluster.stores
    return [
        {"shard": replica.address, "part": part, "status": status.model_dump(mode="json")}
        for each in known
        if each.store == store.id
        for replica in each.replicas
        if replica.status is not None
        for part, status in replica.status.index.items()
    ]
