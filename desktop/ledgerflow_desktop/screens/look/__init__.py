"""The design system: colours, spaces and type as values, and what is made of them for Qt."""
