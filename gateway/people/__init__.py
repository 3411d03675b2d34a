"""Members and their FaceIds: enrolment, consent, merges, retention and erasure."""
