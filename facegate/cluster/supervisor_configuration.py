"""The configuration file of Supervisor for the programs of a cluster."""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

START_SECONDS = 30
"""A process that ends sooner is seen as failed, and tried again after a pause that grows."""
STOP_SECONDS = 15
"""A process that does not end sooner is killed; services drain for at most 10 seconds."""
RUN = "run"
"""The folder, below the one where Supervisor runs, of its files and of the PID files."""
MANAGER = "supervisord"
"""What Supervisor's own PID file is called."""


class Program(NamedTuple):
    """What to keep running."""

    name: str
    command: tuple[str, ...]


def configuration(socket: Path, programs: Iterable[Program]) -> str:
    """Return supervisord.conf; the paths in it are relative to the folder where Supervisor runs."""
    fixed = {
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": "logs/supervisor.log",
            "pidfile": f"{RUN}/{MANAGER}.pid",
            "childlogdir": "logs",
        },
        "unix_http_server": {"file": _escaped(str(socket)), "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    sections = fixed | {f"program:{program.name}": _section(program) for program in programs}
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in options.items()), ""])
        for name, options in sections.items()
    )


def _section(program: Program) -> dict[str, str]:
    return {
        "command": _escaped(" ".join(_quoted(word) for word in program.command)),
        "autorestart": "true",
        "startsecs": str(START_SECONDS),
        "startretries": "1000000",
        "stopwaitsecs": str(STOP_SECONDS),
        "killasgroup": "true",  # a service's own workers end with it
        "redirect_stderr": "true",
        "stdout_logfile": f"logs/{program.name}.log",
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": "3",
    }


def _quoted(word: str) -> str:
    """Quote one word of a command for a shell, and keep Supervisor from seeing a comment in it.

    Supervisor cuts a line at a space that is followed by `;` or `#`, inside quotes too; closing and
    opening the quotes between the two changes nothing for the shell's syntax.
    """
    return re.sub(r"(\s)(?=[;#])", r"\1''", shlex.quote(word))


def _escaped(value: str) -> str:
    return value.replace("%", "%%")
