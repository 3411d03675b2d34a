"""`python -m gateway.rename_store OLD NEW`: another key for a store, in the record alone.

A step of `facegate stores rename`; no gateway may run meanwhile.
"""

import argparse
import asyncio
import sys

from contract.errors import ConfigurationError, FacegateError
from gateway.record.database import Database
from gateway.record.store_rename import rename_store
from gateway.settings import GatewaySettings
from service.environment_settings import read_settings
from service.files.private_files import keep_files_private


def main() -> None:
    """Rename; exit with one line and 1 when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m gateway.rename_store", description=__doc__)
    parser.add_argument("--data", help="folder of the record (FACEGATE_DATA)")
    parser.add_argument("old")
    parser.add_argument("new")
    given = parser.parse_args()
    keep_files_private()
    try:
        settings = read_settings(GatewaySettings, data=given.data)
        asyncio.run(_rename(settings, given.old, given.new))
    except FacegateError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


async def _rename(settings: GatewaySettings, old: str, new: str) -> None:
    if settings.record_address is None and not (settings.data / "gateway.sqlite").exists():
        raise ConfigurationError(
            f"there is no record in {settings.data}: set FACEGATE_RECORD_URL where it is elsewhere;"
            " where there never was one, edit the map alone"
        )
    async with Database.at(settings.record_address, settings.data) as database:
        await database.write(None, rename_store, old, new)


if __name__ == "__main__":
    main()
