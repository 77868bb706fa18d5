"""Networks of routers as graphs: links, where nodes are joined to them, and where packets go."""
