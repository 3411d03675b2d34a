"""People in the record: persons, members, FaceIds, merges, erasures."""
