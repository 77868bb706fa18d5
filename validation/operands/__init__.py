"""Claims about what the values of operands decide: formats, encodings, bit-serial elements."""
