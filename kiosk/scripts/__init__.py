"""What a scan script says, what happens when it runs without a screen, and whether it is what was expected."""
