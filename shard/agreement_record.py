"""Keeps in the gallery how often the store's two models agree."""

import asyncio
import logging

from contract.errors import FacegateError
from shard.service import Service

log = logging.getLogger(__name__)

_SECONDS = 5.0
"""The pause between two writes: so much is lost when the process is killed."""


class AgreementRecord:
    """Stores the counts of a service that writes its gallery."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def run(self) -> None:
        """Store what is new, again and again."""
        while True:
            await asyncio.sleep(_SECONDS)
            await self.write()

    async def write(self) -> None:
        """Store what was counted since the last time; what cannot be stored waits."""
        service, second = self._service, self._service.encoder.second
        gallery = service.gallery
        if second is None or gallery is None:
            return
        new = service.agreement.take()
        if not new.compared:
            return
        try:
            await service.threads.record(
                None, gallery.agreements.add, service.encoder.model, second.model, new
            )
        except FacegateError as error:
            log.warning("how often the models agree cannot be stored now: %s", error.detail)
            service.agreement.give_back(new)
