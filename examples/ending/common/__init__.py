"""What the peers of this page share."""
