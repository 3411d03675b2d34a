"""Encrypts what a store keeps with the key that is used now, after another one or none."""

import asyncio
import logging

from contract.errors import Busy, NotReady, StorageError
from service.seal import own_seal
from shard.gallery.encryption.resealing import Resealing
from shard.service import Service

log = logging.getLogger(__name__)

_AT_ONCE = 500
"""Vectors of one transaction: some 10 ms."""
_REST_SECONDS, _PATIENCE_SECONDS = 0.02, 5.0
"""Pauses between two transactions, for others who write, and after one that failed."""


async def store_vectors_anew(service: Service) -> None:
    """Store all vectors as this process stores them; what cannot be stored is tried again."""
    file = service.complete_collection().gallery.file
    resealing = Resealing(file, own_seal())
    more = True
    while more:
        pause = _REST_SECONDS
        try:
            more = await service.threads.record(None, resealing.step, _AT_ONCE)
        except (Busy, NotReady):
            pause = _PATIENCE_SECONDS
        except StorageError as error:
            log.warning("vectors cannot be stored anew now: %s", error.detail)
            pause = _PATIENCE_SECONDS
        await asyncio.sleep(pause)
    if resealing.total:
        log.info("%d vectors of %s are stored anew", resealing.total, service.store.id)
