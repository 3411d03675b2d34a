"""Who may do what: roles and keys."""
