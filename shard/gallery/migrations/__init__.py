"""Schema versions of a gallery, applied by Alembic when a shard starts."""
