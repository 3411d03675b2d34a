"""`facegate keys`: the keys of a gateway, and who has signed in to its pages."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import click
from rich.table import Table

from contract.messages.access.key import GRACE_SECONDS, LONGEST_GRACE, AccessKey, NewAccessKey
from contract.messages.access.role import Role
from facegate.commands.options import gateway_client, json_option, output, url_option
from facegate.commands.printing import print_json


@click.group()
def keys() -> None:
    """Say who may do what: the keys of a gateway that asks for them.

    They need the admin's key themselves: that of data/admin.key, FACEGATE_KEY or FACEGATE_KEY_FILE.
    """


@keys.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(get_args(Role)), required=True, help="What it may do.")
@click.option(
    "--store",
    "stores",
    multiple=True,
    help="For this store; may be given several times.  [default: all]",
)
@click.option("--no-names", is_flag=True, help="A camera is not told who somebody is.")
@click.option("--digest", is_flag=True, help="For a camera that knows digest authentication alone.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="It expires after these.")
@url_option
@json_option
def create_key(
    *,
    name: str,
    role: Role,
    stores: tuple[str, ...],
    no_names: bool,
    digest: bool,
    days: float | None,
    url: str,
    as_json: bool,
) -> None:
    """Make a key and print it, this once. NAME says for people who has it."""
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with gateway_client(url) as client:
        made = client.create_key(
            name,
            role,
            stores=stores or None,
            names=not no_names,
            digest=digest,
            expires_at=expires_at,
        )
    _show(made, as_json)


@keys.command("list")
@url_option
@json_option
def list_keys(url: str, as_json: bool) -> None:
    """List all keys, the newest first, those that do not work any more among them."""
    with gateway_client(url) as client:
        found = client.keys()
    if as_json:
        print_json(found)
        return
    table = Table("id", "name", "role", "stores", "state", "expires", "last used", title="Keys")
    for key in found:
        stores = "all" if key.stores is None else ", ".join(key.stores)
        kinds = (key.role, None if key.names else "no names", "digest" if key.digest else None)
        role = ", ".join(filter(None, kinds))
        when = (key.expires_at or "", key.last_used_at or "")
        table.add_row(key.id, key.name, role, stores, key.state, *when)
    output().print(table)


@keys.command("rotate")
@click.argument("key_id", metavar="ID")
@click.option(
    "--grace",
    "grace_seconds",
    type=click.IntRange(0, LONGEST_GRACE),
    metavar="SECONDS",
    default=GRACE_SECONDS,
    show_default=True,
    help="How long the old key still works.",
)
@url_option
@json_option
def rotate_key(key_id: str, grace_seconds: int, url: str, as_json: bool) -> None:
    """Make a key like the one called ID, and print it: both work for a while."""
    with gateway_client(url) as client:
        made = client.rotate_key(key_id, grace_seconds=grace_seconds)
    _show(made, as_json)


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
@url_option
@json_option
def revoke_key(key_id: str, url: str, as_json: bool) -> None:
    """Have the key called ID refused from now on, for good."""
    with gateway_client(url) as client:
        revoked = client.revoke_key(key_id)
    if as_json:
        print_json(revoked)
    else:
        click.echo(f"{revoked.id} ({revoked.name}) is revoked")


@keys.command("sessions")
@url_option
@json_option
def list_sessions(url: str, as_json: bool) -> None:
    """List who is signed in to the pages, the newest first."""
    with gateway_client(url) as client:
        found = client.sessions()
    if as_json:
        print_json(found)
        return
    columns = ("id", "name", "role", "stores", "from", "since", "last used", "until")
    table = Table(*columns, title="Who is signed in")
    for one in found:
        stores = "all" if one.stores is None else ", ".join(one.stores)
        when = (one.created_at, one.last_used_at or "", one.expires_at)
        table.add_row(one.id, one.name, one.role, stores, one.address or "", *when)
    output().print(table)


@keys.command("sign-out")
@click.argument("session_id", metavar="ID")
@url_option
@json_option
def sign_out(session_id: str, url: str, as_json: bool) -> None:
    """End the session called ID: whoever it is of has to sign in again."""
    with gateway_client(url) as client:
        ended = client.end_session(session_id)
    if as_json:
        print_json(ended)
    else:
        click.echo(f"{ended.name} is signed out of the session {ended.id}")


def _show(made: NewAccessKey, as_json: bool) -> None:
    """Print a key alone, for scripts and files; what it is for is a remark."""
    if as_json:
        print_json(made)
        return
    click.echo(_said(made), err=True)
    click.echo(made.key)


def _said(key: AccessKey) -> str:
    stores = "all stores" if key.stores is None else ", ".join(key.stores)
    expires = f", until {key.expires_at}" if key.expires_at else ""
    return f"{key.role} of {stores}{expires}; it is not shown again:"
