"""Speed and memory of this source beside what one would use instead: `make bench`."""
