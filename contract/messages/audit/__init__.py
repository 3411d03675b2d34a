"""The audit trail as JSON: as people search it, and as its chains are checked."""
