"""Who may do what: which role each route needs, and whose key a request brings."""
