"""Looks through the pages of a file of SQLite while others read it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service.files.sqlite_file import check_pages, open_file, storage_errors


class PageCheck:
    """Reads every page of a file once, on a thread and a connection of its own.

    SQLite lets Python go on meanwhile: a gigabyte takes two seconds of a core.
    """

    def __init__(self, path: Path) -> None:
        """Begin to look through the file, which is there."""
        executor = ThreadPoolExecutor(1, "page-check")
        self._check = executor.submit(_check, path)
        executor.shutdown(wait=False)  # the thread ends after the check

    def wait(self) -> None:
        """Return when all pages have been looked through.

        Raises StorageDamaged unless every page is sound, and StorageError where it cannot be read.
        """
        self._check.result()


def _check(path: Path) -> None:
    with storage_errors(path):
        connection = open_file(path, read_only=True)
        try:
            check_pages(connection, path)
        finally:
            connection.close()
