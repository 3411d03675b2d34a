"""What happens, published to an MQTT broker."""
