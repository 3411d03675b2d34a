"""What shards have to be told of what was decided about people."""
