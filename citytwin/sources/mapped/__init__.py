"""Sources whose columns the recipe maps to ours."""
