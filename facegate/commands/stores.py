"""`facegate stores`, `facegate faces` and `facegate forget`: what the cluster holds."""

import click
from rich.table import Table

from facegate.client import Client
from facegate.commands.options import json_option, output, url_option
from facegate.commands.printing import print_json


@click.command()
@url_option
@json_option
def stores(url: str, as_json: bool) -> None:
    """List the stores of the map and how many faces each knows."""
    with Client(url) as client:
        found = client.stores()
    if as_json:
        print_json(found)
        return
    table = Table("store", "name", "state", "faces", title=f"Stores of {url}")
    for store in found:
        state = "[green]up" if store.healthy else "[red]down"
        table.add_row(
            store.store, store.name, state, "" if store.faces is None else f"{store.faces}"
        )
    output().print(table)


@click.command()
@click.argument("store")
@url_option
@json_option
def faces(store: str, url: str, as_json: bool) -> None:
    """List the FaceIds of STORE."""
    with Client(url) as client:
        found = list(client.faces(store))
    if as_json:
        print_json(found)
        return
    table = Table("FaceId", "kind", "member", "pictures", "since", title=f"Faces of {store}")
    for face in found:
        member = face.member.name or face.member.member_id if face.member else ""
        table.add_row(face.face_id, face.kind, member, f"{len(face.templates)}", face.created_at)
    output().print(table)


@click.command()
@click.argument("store")
@click.argument("face_id")
@url_option
@json_option
def forget(store: str, face_id: str, url: str, as_json: bool) -> None:
    """Erase FACE_ID and all its vectors from STORE."""
    with Client(url) as client:
        erased = client.forget(store, face_id)
    if as_json:
        print_json(erased)
        return
    output().print(f"erased {erased.face_id} from {erased.store}: {erased.templates} vectors")
