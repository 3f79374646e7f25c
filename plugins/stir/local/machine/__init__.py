"""This machine: folders, ports, processes and kept credentials."""
