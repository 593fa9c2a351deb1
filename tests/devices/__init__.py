"""What does the kiosk do with real devices of the Linux kernel? Proofs in an emulated machine: `make test-devices`."""
