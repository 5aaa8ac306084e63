"""What every script stands on: files, failures, logs, locks."""
