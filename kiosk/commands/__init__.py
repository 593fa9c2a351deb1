"""What does each command do? It takes what was asked and a clock, speaks through `kiosk.telling`, gives a status."""
