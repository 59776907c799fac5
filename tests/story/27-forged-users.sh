# Certificates for users that no tool would make, and a wildcard's CA.

forge_run users
