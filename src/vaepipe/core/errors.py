"""The one exception whose message is meant for the user."""


class InputError(Exception):
    """Something the user gave is wrong: the message names the file, row or key and what to do."""
