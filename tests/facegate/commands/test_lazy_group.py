"""Each command is there, and what one of them needs keeps nobody waiting for another."""

import subprocess
import sys

import click
import pytest

from facegate.command import main
from facegate.commands.stores import stores


@pytest.mark.parametrize("group", [main, stores], ids=["facegate", "stores"])
def test_every_command_is_there_by_its_own_name(group: click.Group) -> None:
    context = click.Context(group)
    names = group.list_commands(context)

    found = [group.get_command(context, name) for name in names]

    assert [command and command.name for command in found] == names
    assert group.get_command(context, "none") is None


@pytest.mark.processes
def test_a_client_command_imports_no_service_and_no_encoder() -> None:
    code = (
        "import sys; from facegate.command import main;"
        "main(['faces', '--help'], standalone_mode=False); print(*sys.modules)"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], text=True)

    imported = set(printed.splitlines()[-1].split())
    assert "facegate.commands.stores" in imported
    assert not imported & {"fastapi", "cryptography", "sqlalchemy", "numpy", "dlib", "supervisor"}
