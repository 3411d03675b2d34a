"""A change of model: pictures are encoded anew, and vectors without a picture are kept out.

What another model made stays in the record until a vector of the same picture replaces it: with the
former model it would be searched again.
"""

import logging

from shard.service import Service

log = logging.getLogger(__name__)


async def prepare(service: Service) -> None:
    """Let the next import take the pictures whose vectors another model made for changed."""
    gallery, model = service.collection.gallery, service.encoder.model
    pictures = await service.threads.record(None, gallery.imports.forget_digests, model)
    if pictures:
        log.warning("%d pictures are to be encoded anew, for model %s", pictures, model)


async def report(service: Service) -> None:
    """Say what is kept out now that the store's folder is imported."""
    gallery, models = service.collection.gallery, [each.model for each in service.models]
    left = await service.threads.record(None, gallery.foreign_templates, models)
    for other, count in left.items():
        log.warning(
            "%d vectors of model %s are kept out: their pictures are not in the store's folder."
            " Import or enrol them anew; strangers get new FaceIds",
            count,
            other,
        )
