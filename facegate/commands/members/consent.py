"""`facegate members consent` and `withdraw`: what a member agrees to."""

from datetime import datetime

import click

from contract.messages.members import Member
from contract.text.moment import moment_of
from facegate.commands.options import gateway_client, json_option, url_option
from facegate.commands.printing import print_json


def _moment(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> datetime | None:
    return None if value is None else moment_of(value)


@click.command("consent")
@click.argument("member_id")
@click.argument("text")
@click.option("--by", "taken_by", help="Who took it.  [default: the key]")
@click.option("--at", callback=_moment, metavar="TIME", help="When, with a zone.  [default: now]")
@url_option
@json_option
def give_consent(
    *,
    member_id: str,
    text: str,
    taken_by: str | None,
    at: datetime | None,
    url: str,
    as_json: bool,
) -> None:
    """Note that MEMBER_ID agrees to TEXT: other stores may find them.

    TEXT says which wording it was, by its version for instance.
    """
    with gateway_client(url) as client:
        _print(client.give_consent(member_id, text, taken_by=taken_by, at=at), as_json)


@click.command("withdraw")
@click.argument("member_id")
@url_option
@json_option
def withdraw_consent(member_id: str, url: str, as_json: bool) -> None:
    """Note that MEMBER_ID does not agree, or no more: no other store finds them from now on."""
    with gateway_client(url) as client:
        _print(client.withdraw_consent(member_id), as_json)


def _print(member: Member, as_json: bool) -> None:
    if as_json:
        print_json(member)
        return
    may = "may" if member.consent.cross_store else "may not"
    waits = "; a store has yet to be told" if any(face.pending for face in member.faces) else ""
    click.echo(
        f"{member.member_id}: other stores {may} find them, since {member.consent.at}{waits}"
    )
