"""Which scanners belong to a bench: how one is paired, found again, held and read."""
