"""What is shown: read models built purely, and renderers apart from them."""
