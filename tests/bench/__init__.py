"""How fast the API is, beside the bare database doing the same work in the same run: `make bench`."""
