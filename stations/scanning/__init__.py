"""The scanning room: from keys to text, and from text to what that text is.

`devices` are the doors to scanners, `decoding` makes texts of what they send, `codes` says what a text is, with `gs1`
and its neighbours for each kind. All but the doors is pure. Nothing here knows people, tasks or registers: whether a
code is the right one is decided elsewhere.
"""
