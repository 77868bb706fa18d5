"""Who among the processors in the banks does what."""
