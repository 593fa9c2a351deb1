"""What is kept: the journal, the registers it adds up to, the station's lock, and the watched folders."""
