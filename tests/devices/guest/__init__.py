"""What runs in the guest, under its own Python and with its standard library alone."""
