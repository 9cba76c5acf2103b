"""Every report on screen: looked through, drilled into, filtered, compared, printed and exported."""
