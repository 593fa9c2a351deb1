"""What a label says, how it fits the paper, and how it gets there. Knows no kiosk, no station and no pharmacy."""
