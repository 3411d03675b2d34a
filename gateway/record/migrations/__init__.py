"""Schema versions of the gateway's record, applied by Alembic when a gateway starts."""
