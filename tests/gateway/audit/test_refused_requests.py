"""A flood of refused requests fills no audit trail."""

from gateway.audit.refused_requests import RefusedRequests


def test_a_flood_from_many_addresses_is_told_in_few_entries() -> None:
    refused = RefusedRequests()
    for number in range(5000):
        refused.note("member.get", 401, who=None, address=f"10.0.{number}", now=number)

    told = refused.take()

    assert len(told) == 201
    assert sum(draft.details["requests"]["member.get"] for draft in told) == 5000
    assert (told[-1].address, told[-1].details["requests"]["member.get"]) == (None, 4800)
    assert refused.take() == []
