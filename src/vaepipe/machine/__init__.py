"""The processors of this machine."""
