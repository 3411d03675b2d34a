"""The audit trail: who looked at or changed whose data, when, and from where."""
