"""Kernels dealt to packages that exchange what they share: by tensors, layers and experts."""
