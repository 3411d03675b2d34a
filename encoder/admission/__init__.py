"""Which networks of the user's own are taken: what their files state, and how they do on faces."""
