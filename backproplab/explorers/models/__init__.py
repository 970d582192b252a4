"""The explorers' models: plain Python on the library, no widget and no browser."""
