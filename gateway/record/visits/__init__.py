"""Visits in the record: frames, visits, footfall, cards."""
