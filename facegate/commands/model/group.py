"""`facegate model`: the face networks of the user's own."""

import click

from facegate.commands.model.add import add
from facegate.commands.model.fit import fit
from facegate.commands.model.listing import list_models, remove, show


@click.group()
def model() -> None:
    """Use a face network of your own instead of dlib's.

    `facegate model add` takes one, FACEGATE_MODEL=NAME or `model: NAME` in stores.yaml uses it.
    """


for _command in (add, list_models, show, remove, fit):
    model.add_command(_command)
