"""What does a GS1 symbol say? Application identifiers, dates, separators, web addresses; pure."""
