"""What a search shows first, among ten thousand titles that come close."""
