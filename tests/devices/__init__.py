"""The kiosk on devices of a real kernel, in a virtual machine: `make test-devices`."""
