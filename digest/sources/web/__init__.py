"""Documents from the web: guarded, polite, remembered."""
