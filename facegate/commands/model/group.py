"""`facegate model`: the face networks of the user's own."""

import click

from facegate.commands.model.add import add
from facegate.commands.model.fit import fit
from facegate.commands.model.forget import forget
from facegate.commands.model.listing import list_models, remove, show
from facegate.commands.model.prepare import prepare
from facegate.commands.model.progress import progress
from facegate.commands.model.switch import switch


@click.group()
def model() -> None:
    """Use a face network of your own instead of dlib's.

    `facegate model add` takes one, FACEGATE_MODEL=NAME or `model: NAME` in stores.yaml uses it. A
    chain that has faces changes over to it with prepare, progress, switch and forget.
    """


for _command in (add, list_models, show, remove, fit, prepare, progress, switch, forget):
    model.add_command(_command)
