"""Imports of members as jobs, over HTTP."""

from typing import Annotated

from fastapi import Query, Request

from contract.errors import BadRequest, BodyTooLarge, Conflict, ImportEnded, ImportRunning, NotFound
from contract.messages.imports.import_job import ImportJob, ImportList
from contract.text.identifiers import Reference
from gateway.http.caller import caller_of
from gateway.http.parameters import RequestDeadline
from gateway.people.imports import examples
from gateway.people.imports.imports import Imports
from service.http.examples import example_of
from service.http.problems import problems
from service.http.routes import Routes

_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}
_More = Annotated[bool, Query(description="whether further parts of the table follow")]


def imports_routes(imports: Imports) -> Routes:
    """Return the routes of imports."""
    routes = Routes(prefix="/v1/imports", tags=["members"])

    @routes.post(
        "",
        status_code=202,
        openapi_extra=_BODY,
        responses=example_of(examples.IMPORT, 202)
        | problems(BadRequest, ImportRunning, BodyTooLarge),
    )
    async def begin_import(
        request: Request,
        deadline: RequestDeadline,
        partial: Annotated[
            bool, Query(description="whether lines that are right are taken where others are not")
        ] = False,
        more: _More = False,
    ) -> ImportJob:
        """Have a table of members written in the background: checked as a whole first.

        A long one comes in parts, cut anywhere; it is one import at a time.
        """
        key = caller_of(request).key_id
        body = await _part_of(request)
        return await imports.begin(body, partial=partial, more=more, key=key, deadline=deadline)

    @routes.post(
        "/{job}/parts",
        status_code=202,
        openapi_extra=_BODY,
        responses=example_of(examples.IMPORT, 202)
        | problems(BadRequest, NotFound, Conflict, ImportEnded, BodyTooLarge),
    )
    async def add_import_part(
        job: Reference,
        request: Request,
        deadline: RequestDeadline,
        part: Annotated[int, Query(ge=2, le=1_000_000, description="which one: 2, 3, …")],
        more: _More = False,
    ) -> ImportJob:
        """Send the next part of a table. One that is there already changes nothing."""
        body = await _part_of(request)
        return await imports.add(job, part, body, more=more, deadline=deadline)

    @routes.get("", responses=example_of(examples.IMPORTS))
    async def list_imports(deadline: RequestDeadline) -> ImportList:
        """List the imports of the last 30 days, the last first, at most 100."""
        return await imports.list(deadline)

    @routes.get("/{job}", responses=example_of(examples.IMPORT) | problems(NotFound))
    async def get_import(job: Reference, deadline: RequestDeadline) -> ImportJob:
        """Say how far an import is, and which lines are wrong."""
        return await imports.get(job, deadline)

    @routes.delete(
        "/{job}",
        status_code=202,
        responses=example_of(examples.IMPORT, 202) | problems(NotFound, ImportEnded),
    )
    async def cancel_import(job: Reference, deadline: RequestDeadline) -> ImportJob:
        """Cancel an import: what it has written is undone."""
        return await imports.cancel(job, deadline)

    return routes


async def _part_of(request: Request) -> bytes:
    """Return the part of a table that was sent. Raises BadRequest where there is none."""
    body = await request.body()
    if not body:
        raise BadRequest("there is nothing of a table in it")
    return body
