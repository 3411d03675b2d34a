"""Routes that read JSON bodies strictly."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from contract.errors import BadText
from contract.text.strict_json import load_strict_json


class _StrictRequest(Request):
    async def json(self) -> Any:
        try:
            return load_strict_json(await self.body())
        except BadText as error:  # as what the framework takes for an invalid body
            raise json.JSONDecodeError(error.detail, "", 0) from error


class StrictJsonRoute(APIRoute):
    """A route whose body is JSON as `contract.text.strict_json` has it; other JSON answers 422."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, given a request that reads strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly
