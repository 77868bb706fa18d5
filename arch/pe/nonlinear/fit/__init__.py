"""Tables and polynomials that approximate a function, and their errors in exact arithmetic."""
