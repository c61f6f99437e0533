"""What the peers of this chapter share."""
