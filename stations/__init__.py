"""What a station is, knows, decides and remembers. No screen, no paper."""
