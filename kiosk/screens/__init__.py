"""How does a view look? Painters make lines of words out of a view, one widget shows them; nothing here decides."""
