"""HTTP as both services speak it: one shape of errors, limits on requests, OpenAPI."""
