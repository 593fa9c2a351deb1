"""What text did a scanner send, and how does it type? Keys or bytes in, whole scans out; pure."""
