"""How fast is a bench? The numbers of `make bench`: from the scanner's last key to the painted frame, and its parts."""
