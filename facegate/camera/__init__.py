"""The agent beside a camera: it watches the stream, and sends the gateway the best of each face."""
