"""What each command does. A command takes what was asked and a clock, speaks through `kiosk.telling`, gives a status."""
