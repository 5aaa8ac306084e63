"""Documents, typeset by Typst."""
