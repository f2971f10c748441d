"""Long walks through a catalogue that changes underfoot."""
