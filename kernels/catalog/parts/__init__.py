"""What a layer is put together from: norms, heads, recurrences, feed-forward parts."""
