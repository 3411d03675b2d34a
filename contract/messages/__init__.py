"""The messages between cameras, gateway and shards, as JSON, by who speaks of what."""
