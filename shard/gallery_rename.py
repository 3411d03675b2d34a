"""`python -m shard.gallery_rename OLD NEW`: another key for a store, in its gallery alone.

A step of `facegate stores rename`; the store's shard may not run meanwhile.
"""

import argparse
import sys
from pathlib import Path

from contract.errors import FacegateError
from service.files.private_files import keep_files_private
from shard.gallery.store_key import rename_gallery


def main() -> None:
    """Rename; exit with one line and 1 when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m shard.gallery_rename", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("old")
    parser.add_argument("new")
    given = parser.parse_args()
    keep_files_private()
    try:
        rename_gallery(given.data, given.old, given.new)
    except FacegateError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
