"""What gateway and shard promise each other: store map, messages, vectors on the wire, errors."""
