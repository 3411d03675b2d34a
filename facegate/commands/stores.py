"""`facegate stores`, `facegate faces` and `facegate forget`: what the cluster holds."""

from collections import Counter

import click
from rich.markup import escape
from rich.table import Table

from contract.messages.erasures import FaceErasure
from contract.messages.faces import FaceRecord, TemplateRemoval
from facegate.commands.lazy_group import LazyGroup
from facegate.commands.options import SOME_REFUSED, gateway_client, json_option, output, url_option
from facegate.commands.printing import print_json
from facegate.output.plural import pluralize

_SUBCOMMANDS = {
    "group": "galleries:group",
    "rename": "galleries:rename_key",
    "repair": "galleries:repair",
}


@click.group(cls=LazyGroup, subcommands=_SUBCOMMANDS, invoke_without_command=True)
@url_option
@json_option
@click.pass_context
def stores(context: click.Context, url: str, as_json: bool) -> None:
    """List the stores of the map and how many faces each knows."""
    if context.invoked_subcommand is not None:
        return
    with gateway_client(url) as client:
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
@click.argument("face_id", required=False)
@url_option
@json_option
def faces(store: str, face_id: str | None, url: str, as_json: bool) -> None:
    """List the FaceIds of STORE, or the pictures of FACE_ID."""
    with gateway_client(url) as client:
        found = [client.face(store, face_id)] if face_id else list(client.faces(store))
    if as_json:
        print_json(found)
        return
    if face_id:
        output().print(_pictures(found[0]))
        return
    table = Table("FaceId", "kind", "member", "pictures", "since", title=f"Faces of {store}")
    for face in found:
        member = face.member.name or face.member.member_id if face.member else ""
        by_model = Counter(template.model for template in face.templates)
        pictures = max(by_model.values(), default=0)
        table.add_row(face.face_id, _kind(face), member, f"{pictures}", face.created_at)
    output().print(table)


@click.command()
@click.argument("store")
@click.argument("face_id")
@click.option(
    "--picture", type=int, help="This one alone; `facegate faces STORE FACE_ID` lists them."
)
@url_option
@json_option
@click.pass_context
def forget(
    context: click.Context,
    *,
    store: str,
    face_id: str,
    picture: int | None,
    url: str,
    as_json: bool,
) -> None:
    """Erase FACE_ID and all its vectors from STORE, or one picture of it.

    Exit code 1: a shard of the store has not confirmed yet; it will get the order.
    """
    with gateway_client(url) as client:
        if picture is not None:
            _say_removed(client.remove_picture(store, face_id, picture), as_json)
            return
        receipt = client.forget(store, face_id)
    if as_json:
        print_json(receipt)
    else:
        output().print(escape(_outcome(receipt)))
    if not receipt.complete:
        context.exit(SOME_REFUSED)


@click.command()
@click.argument("store")
@click.argument("face_id")
@click.argument("name")
@url_option
@json_option
def rename(store: str, face_id: str, name: str, url: str, as_json: bool) -> None:
    """Give FACE_ID of STORE the name NAME, in all that is known of it.

    Visits, members and merges go with it. Pictures of an imported folder are still named as they
    were: rename them before the next import of changed ones.
    """
    with gateway_client(url) as client:
        state = client.rename(store, face_id, name)
    if as_json:
        print_json(state)
        return
    later = "; its shard has not confirmed yet and will be told" if state.pending else ""
    output().print(escape(f"{state.former} is {state.face.face_id} in {state.face.store}{later}"))


def _outcome(receipt: FaceErasure) -> str:
    who = f"{receipt.face_id} from {receipt.store}"
    if receipt.complete:
        return f"erased {who}: {pluralize(receipt.templates, 'vector')}"
    waiting = "; ".join(part.waiting_for for part in receipt.stores if part.waiting_for)
    return (
        f"not erased everywhere yet: {who}. The gateway's record has forgotten it, and nobody is"
        f" recognised by it; confirmation is missing from {waiting}. The gateway goes on asking:"
        f" GET /v1/erasures/{receipt.erasure}"
    )


def _kind(face: FaceRecord) -> str:
    """Return what people call it: members have a profile, those who are enrolled may have none."""
    return "enrolled" if face.kind == "member" and face.member is None else face.kind


def _pictures(face: FaceRecord) -> Table:
    columns = ("picture", "source", "quality", "model", "since")
    table = Table(*columns, title=f"{face.face_id} in {face.store}")
    for each in face.templates:
        source = each.source or (each.learned_from and f"learned from visit {each.learned_from}")
        quality = f"{each.quality:.2f}"
        table.add_row(
            f"{each.template_id}", escape(source or ""), quality, each.model, each.created_at
        )
    return table


def _say_removed(removed: TemplateRemoval, as_json: bool) -> None:
    if as_json:
        print_json(removed)
        return
    who = f"{removed.face_id} in {removed.store}"
    output().print(
        escape(f"removed picture {removed.template_id} of {who}: {removed.templates} left")
    )
