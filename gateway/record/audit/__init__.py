"""The audit trail in the record."""
