"""The special-function unit: softmax, norms, activations, rotary embedding."""
