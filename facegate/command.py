"""The `facegate` command. Exit codes: 0 done, 1 refused or wrong, 2 usage, 3 no gateway."""

from typing import Any

import click

from contract.errors import FacegateError
from facegate.client.api_error import ApiError, GatewayUnreachable
from facegate.commands.audit.audit import audit
from facegate.commands.calibrate import calibrate
from facegate.commands.camera.camera import camera
from facegate.commands.camera.cameras import cameras
from facegate.commands.check import check
from facegate.commands.demo import demo
from facegate.commands.enroll import enroll
from facegate.commands.evaluate import evaluate
from facegate.commands.frigate import frigate
from facegate.commands.galleries import group, rename_key, repair
from facegate.commands.import_pictures import import_pictures
from facegate.commands.index import index
from facegate.commands.keys.certs import certs
from facegate.commands.keys.keys import keys
from facegate.commands.members.erasures import erase
from facegate.commands.members.group import members
from facegate.commands.model.group import model
from facegate.commands.options import CommandError, NoAnswer
from facegate.commands.recognize import recognize
from facegate.commands.stores import faces, forget, rename, stores
from facegate.commands.traffic import traffic
from facegate.commands.up import up

_HINTS = {"KEY_REQUIRED": "; FACEGATE_KEY, or FACEGATE_KEY_FILE, says which key to bring"}
"""What a command can say to an error's code beside the gateway's own words."""


class _Commands(click.Group):
    """Turns what goes wrong into one line on standard error and the exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GatewayUnreachable as error:
            raise NoAnswer(str(error)) from error
        except ApiError as error:
            raise CommandError(f"{error} ({error.code}){_HINTS.get(error.code, '')}") from error
        except (FacegateError, PermissionError) as error:
            raise CommandError(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="facegate")
def main() -> None:
    """Recognise who walks in, in any store of the chain.

    Exit codes: 0 done; 1 refused, in whole or in part, or not confirmed everywhere yet; 2 wrong
    usage; 3 the gateway does not answer; 130 a demo that Ctrl-C ended.
    """


stores.add_command(rename_key)
stores.add_command(group)
stores.add_command(repair)
for _command in (
    up,
    demo,
    import_pictures,
    camera,
    cameras,
    frigate,
    recognize,
    enroll,
    stores,
    faces,
    forget,
    rename,
    members,
    erase,
    keys,
    certs,
    audit,
    traffic,
    check,
    calibrate,
    evaluate,
    model,
    index,
):
    main.add_command(_command)
