"""Kernels of the examples of fields."""

GEMV = "gemv m=256 k=2048"
IN_BANKS = "gemv m=4096 k=4096"  # so many weights that banks compute, and not their host
GEMM = "gemm m=64 n=512 k=512"
ATTENTION = "decode-attention heads=8 kv_heads=2 head_dim=128 context=256 batch=2"
PREFILL = "prefill-attention heads=4 kv_heads=2 head_dim=64 context=192"
SOFTMAX = "softmax rows=64 cols=512"
VECTORS = "elementwise function=add elements=4096 format=fp16"
