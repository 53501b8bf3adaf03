"""The ground floor: H3 cells of a city as arrays, and geometry on them."""
