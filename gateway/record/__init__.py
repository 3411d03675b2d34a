"""The gateway's record in SQL: visits, persons, members, events. Nothing else here knows SQL."""
