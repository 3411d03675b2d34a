"""The gateway's routes as values, each with what users are told of it: the clients' methods."""
