"""The city as a model on a table: numbers in, meshes, pictures and rows for deck.gl out."""
