"""What a demo shows when its cluster goes on serving: addresses of pages, files, and a call."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from contract.pictures.folder import pictures_in
from facegate.commands.options import output
from facegate.demo.scenario import DemoScenario


def show_where_to_look(url: str, scenario: DemoScenario, files: Mapping[str, Path]) -> None:
    """Print where to look at the cluster at `url`, and at its `files`."""
    picture = next(path for _, path in pictures_in(next(iter(scenario.galleries.values()))))
    camera = f"{url}/v1/stores/{quote(list(scenario.galleries)[-1])}/recognize"
    places = {
        "the web pages": f"{url}/",
        "who is here now": f"{url}/till/{quote(next(iter(scenario.galleries)))}",
        "footfall": f"{url}/traffic",
        "members": f"{url}/members",
        "try a picture": f"{url}/try",
        "the cluster's state": f"{url}/cluster",
        "the API, to try out": f"{url}/docs",
        **{what: _short(path) for what, path in files.items()},
        "a camera's call": f"curl --data-binary @{shlex.quote(_short(picture))} {camera}",
    }
    output().print("\n[bold]The cluster goes on serving.[/] Where to look next:")
    for what, place in places.items():
        output().print(f"  {what:24}{place}", markup=False, soft_wrap=True)


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
