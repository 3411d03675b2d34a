"""What text may be: plain text, identifiers, moments, JSON, YAML and CSV."""
