"""How pytest-xdist shares the tests out: those of a file on one worker, in the order of the files.

What they share is then made once. The groups of pytest-xdist 3.8 do not do it: it writes them into
an attribute that pytest 9.2 no longer reads.
"""

from xdist.scheduler import LoadScopeScheduling

_TOGETHER = ("tests/pages/",)
"""Folders whose tests share a browser and a cluster."""


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker whole files."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((folder for folder in _TOGETHER if file.startswith(folder)), file)
