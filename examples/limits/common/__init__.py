"""What the page's Python programs share."""
