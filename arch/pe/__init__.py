"""What cores are made of: units behind one contract."""
