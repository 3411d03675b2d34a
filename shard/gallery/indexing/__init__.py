"""What the index leaves in the record, and what is read of it beside the one who writes."""
