"""What a search of a whole chain costs: one shard a store, and several stores in one shard."""
