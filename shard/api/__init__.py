"""The shard's routes."""
