"""The kernel of the API: how every endpoint authenticates, reads, answers and refuses."""
