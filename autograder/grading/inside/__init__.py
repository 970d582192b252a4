"""What runs inside the fence: standard library and NumPy only, no answers, no seed."""
