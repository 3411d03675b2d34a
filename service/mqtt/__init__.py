"""A connection to an MQTT broker that is kept."""
