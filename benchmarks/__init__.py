"""Speed and detection, run by hand: never part of the tests."""
