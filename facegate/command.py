"""The `facegate` command. Exit codes: 0 done, 1 refused or wrong, 2 usage, 3 no gateway."""

from typing import Any

import click

from contract.errors import FacegateError
from facegate.client.api_error import ApiError, GatewayUnreachable
from facegate.commands.lazy_group import LazyGroup
from facegate.commands.options import CommandError, NoAnswer

_SUBCOMMANDS = {
    "audit": "audit.audit:audit",
    "calibrate": "calibrate:calibrate",
    "camera": "camera.camera:camera",
    "cameras": "camera.cameras:cameras",
    "certs": "keys.certs:certs",
    "check": "check:check",
    "demo": "demo:demo",
    "enroll": "enroll:enroll",
    "erase": "members.erasures:erase",
    "evaluate": "evaluate:evaluate",
    "faces": "stores:faces",
    "forget": "stores:forget",
    "frigate": "frigate:frigate",
    "import": "import_pictures:import_pictures",
    "index": "index:index",
    "keys": "keys.keys:keys",
    "members": "members.group:members",
    "model": "model.group:model",
    "recognize": "recognize:recognize",
    "rename": "stores:rename",
    "stores": "stores:stores",
    "traffic": "traffic:traffic",
    "up": "up:up",
}
"""Where the commands are in the folder of commands."""
_HINTS = {"KEY_REQUIRED": "; FACEGATE_KEY, or FACEGATE_KEY_FILE, says which key to bring"}
"""What a command can say to an error's code beside the gateway's own words."""


class _Commands(LazyGroup):
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


@click.group(
    cls=_Commands,
    subcommands=_SUBCOMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="facegate")
def main() -> None:
    """Recognise who walks in, in any store of the chain.

    Exit codes: 0 done; 1 refused, in whole or in part, or not confirmed everywhere yet; 2 wrong
    usage; 3 the gateway does not answer; 130 a demo that Ctrl-C ended.
    """
