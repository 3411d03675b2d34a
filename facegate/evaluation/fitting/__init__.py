"""Makes a model's scale: cohort, threshold curve and limits, from photographs of people."""
