"""The whole behaviour of a station: an event and the registers go in, a new bench and what is to be done come out."""
