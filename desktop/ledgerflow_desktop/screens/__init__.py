"""The only part of the program that knows Qt: the window, its pages, and what every page shares."""
