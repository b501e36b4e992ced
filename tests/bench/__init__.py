"""How fast the API is, beside the bare database doing the same work: `make bench`."""
