"""High-bandwidth flash: device and streams."""
