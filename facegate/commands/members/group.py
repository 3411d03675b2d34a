"""`facegate members`: who the chain's members are."""

import click

from facegate.commands.members.consent import give_consent, withdraw_consent
from facegate.commands.members.erasures import list_erasures
from facegate.commands.members.import_members import import_members
from facegate.commands.members.listing import export_members, list_members


@click.group()
def members() -> None:
    """List, import and export members, and note what they agree to."""


for _command in (
    list_members,
    export_members,
    import_members,
    give_consent,
    withdraw_consent,
    list_erasures,
):
    members.add_command(_command)
