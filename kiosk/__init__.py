"""What people look at and type: the command line, the screens, and the wiring of a station."""
