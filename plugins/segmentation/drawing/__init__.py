"""Pictures: the hierarchy as a graph, charts, and the report as a PDF."""
