"""The areas of the API, one package each; every one comes in through an entry point."""
