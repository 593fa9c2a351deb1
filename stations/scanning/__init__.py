"""The scanning room: from key events to text, and from text to what that text is.

Pure but for one door, `scanner`, the only file that knows evdev. Nothing here knows people, tasks or
registers: whether a code is the right one is decided elsewhere.
"""
