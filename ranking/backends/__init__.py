"""Heavy implementations of the seams; only here may torch, sentence-transformers or faiss be imported."""
