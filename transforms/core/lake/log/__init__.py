"""The commit protocol: staging, publication, recovery, manifest, and the store it needs."""
