"""Which stores and shards there are, how they are, and how they are asked."""
