"""Stand-ins for the APIs outside: local servers that answer as their documentation says, with faults on demand."""
