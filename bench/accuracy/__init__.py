"""Makes the cohort and the threshold that are shipped, and measures what they are worth."""
