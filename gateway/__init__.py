"""The gateway: cameras post pictures to it, and it knows which shards to ask."""
