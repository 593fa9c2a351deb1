"""Which devices are there, and what do they send? The doors to input devices and serial lines."""
