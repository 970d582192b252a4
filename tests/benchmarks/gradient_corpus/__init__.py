"""Networks, right and wrong backward passes, and other libraries' checkers."""
