//! Links with their kind, place, text and whether a reader can see them.
