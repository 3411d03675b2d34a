"""What a gallery knows of the pictures that were imported, refused or erased."""

from collections.abc import Collection

from contract.messages.faces import Source
from shard.gallery import meta_rows, pictures
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.imports import source_rows


class ImportHistory:
    """Pictures by their names and contents, each method in one transaction.

    They raise StorageFull or StorageUnavailable; then nothing was stored.
    """

    def __init__(self, file: GalleryFile) -> None:
        self._file = file

    def source(self, name: str) -> Source | None:
        """Return what came of the picture called `name`; None when it was never seen."""
        with self._file.transaction() as connection:
            return source_rows.read_source(connection, name)

    def sources(self, prefix: str) -> list[Source]:
        """Return the pictures whose name starts with `prefix`, in the order of their names."""
        with self._file.transaction() as connection:
            return source_rows.read_sources(connection, prefix)

    def incomplete(
        self, models: Collection[str], keep: bool, source: str | None = None
    ) -> set[str]:
        """Return the names of pictures that would give something if they came again.

        That is a template of one of `models`, or the file, if such are to be kept.
        """
        with self._file.transaction() as connection:
            return source_rows.incomplete(connection, models, keep, source)

    def record_refused(self, source: Source, digest: str) -> None:
        """Remember a picture that was refused, so that it is not encoded again until it changes.

        The template that an earlier content of it gave stays. `digest` is the picture's own.
        """
        with self._file.transaction() as connection:
            source_rows.write_source(connection, source)
            pictures.note(connection, source.face_id, digest)

    def forget_digests(self, model: str) -> int:
        """Let the pictures of which only other models made templates pass for changed.

        Return how many there are.

        The next import of the same pictures encodes them, and replaces those templates.
        """
        with self._file.transaction() as connection:
            return source_rows.forget_digests(connection, model)

    def is_erased(self, named: str, digest: str) -> bool:
        """Say whether a picture that comes for the FaceId `named` showed somebody erased."""
        with self._file.transaction() as connection:
            return pictures.is_erased(connection, named, digest)

    def erased_pictures(self) -> set[tuple[str, str]]:
        """Return the FaceIds and digests that pictures of erased people came with."""
        with self._file.transaction() as connection:
            return pictures.erased(connection)

    def is_complete(self) -> bool:
        """Say whether the store's folder was imported to its end."""
        with self._file.transaction() as connection:
            return meta_rows.is_imported(connection)

    def set_complete(self, complete: bool) -> None:
        """Remember whether the store's folder is imported to its end."""
        with self._file.transaction() as connection:
            meta_rows.set_imported(connection, complete)
