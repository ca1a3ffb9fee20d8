"""What moto 5.2.5 answers unlike AWS, mended: one module per service, each with an `apply()`."""
