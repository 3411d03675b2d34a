"""Which files and folders somebody else than their user may look into."""

from pathlib import Path


def open_below(folder: Path) -> dict[str, str]:
    """Return the modes of a folder, and of what is in it, that are not 0700 or 0600."""
    found = {
        str(path): f"{path.lstat().st_mode & 0o777:o}"
        for path in [folder, *folder.rglob("*")]
        if not path.is_symlink()
    }
    return {path: mode for path, mode in found.items() if mode not in {"700", "600"}}
