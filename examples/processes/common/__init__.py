"""What the peers of this chapter share; a package, so that nothing else is taken for it."""
