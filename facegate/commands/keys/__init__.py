"""`facegate keys …` and `facegate certs`: who may do what, and how services know each other."""
